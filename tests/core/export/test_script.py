"""An exported script runs where the lab is not, finds the losses the lab found, and would not find others."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import cycle

import numpy as np
import pytest

from core.data.datasets import DATASETS, upload
from core.diagnosis.verdicts import diagnose
from core.experiment.experiment import Experiment
from core.experiment.presets import NETWORK_PRESETS, PRESETS, SWEEP_PRESETS
from core.export.script import SCRIPT_NAME, files, script
from core.export.script_checks import checks
from core.export.script_data import OWN
from core.methods.network import ACTIVATIONS
from core.methods.optimizers import UPDATE_RULES
from core.methods.schedules import TITLES
from core.training.train import train

slow_by_torch = pytest.mark.parametrize("engine", ["numpy", pytest.param("torch", marks=pytest.mark.slow)])

ALL_PRESETS = {
    **{f"line {name}": experiment for name, experiment in PRESETS.items()},
    **{f"network {name}": preset.experiment for name, preset in NETWORK_PRESETS.items()},
    **{f"sweep {name}": experiment for name, experiment in SWEEP_PRESETS.items()},
}

LINE = Experiment(data="noisy-line", learning_rates=(0.003, 0.05), epochs=25)
NETWORK = Experiment(data="moons", hidden=(4, 3), learning_rates=(0.03, 0.2), epochs=25)
BATCHES = replace(NETWORK, batch_size=64, epochs=7)  # 28 steps: a tenth of them is no whole number
WITHOUT_HIDDEN = Experiment(data="penguins-species", standardize=True, learning_rates=(0.01, 0.1), epochs=15)


def grid() -> dict[str, Experiment]:
    """Experiments that between them need every line a script can have."""
    made = {}
    for rule in UPDATE_RULES:
        for momentum, name, base in (
            (0.0, "line", LINE),
            (0.9, "line", LINE),
            (0.9, "network", NETWORK),
            (0.0, "batches", BATCHES),
            (0.9, "flat", WITHOUT_HIDDEN),
        ):
            made[f"{rule} {momentum} {name}"] = replace(base, optimizer=rule, momentum=momentum)
    for schedule in TITLES:
        made[f"{schedule} batches"] = replace(BATCHES, schedule=schedule)
        made[f"{schedule} short"] = replace(LINE, schedule=schedule, epochs=3)
        made[f"{schedule} long"] = replace(LINE, schedule=schedule, epochs=200, batch_size=20)
    for data in DATASETS:
        made[f"{data} as it is"] = Experiment(data=data, learning_rates=(1e-5, 0.01), epochs=9)
        made[f"{data} held out"] = Experiment(
            data=data, test_share=0.3, standardize=True, learning_rates=(0.1,), epochs=9, hidden=(3,), seed=5
        )
        made[f"{data} squares"] = Experiment(data=data, loss="mse", standardize=True, learning_rates=(0.01,), epochs=9)
    for activation in ACTIVATIONS:
        made[f"{activation}"] = replace(NETWORK, activation=activation, hidden=(5,), gain=1.5)
    for features in (("x",), ("x", "y", "x2", "y2", "xy", "sinx", "siny")):
        for loss in ("auto", "mse"):
            made[f"{len(features)} features {loss}"] = replace(NETWORK, hidden=(), features=features, loss=loss)
    for name, base in (("line", LINE), ("network", NETWORK), ("flat", WITHOUT_HIDDEN), ("batches", BATCHES)):
        made[f"float32 {name}"] = replace(base, precision="float32", test_share=0.2)
        made[f"l1 {name}"] = replace(base, l1=0.01)
        made[f"both penalties {name}"] = replace(base, l1=0.003, l2=0.02, test_share=0.2)
        made[f"much too high {name}"] = replace(base, learning_rates=(1e6,), loss="mse", epochs=60)
    return made | {
        "a start": replace(LINE, start=(1.5, -2.0)),
        "a start in float32": replace(LINE, start=(0.1, -2.0), precision="float32"),
        "zero": Experiment(start=(2.0, 0.0), epochs=9),
        "near zero": Experiment(learning_rates=(0.08,)),
        "one point": Experiment(test_share=0.9, standardize=True, epochs=5),
        "deep": replace(NETWORK, hidden=(3,) * 6, activation="relu"),
        "one batch": replace(LINE, batch_size=40, test_share=0.0),
        "all weights zero": replace(NETWORK, gain=0.0),
        "changed by hand": replace(NETWORK, changes=("A_5_lr_0.3", "A_6_p1_0.5", "B_6_p12_-0.2", "B_9_p17_2.0")),
        "changed by hand flat": replace(WITHOUT_HIDDEN, changes=("B_4_p1_0.5", "A_5_p8_0.1", "A_9_lr_0.1")),
        "changed by hand batches": replace(
            BATCHES,
            learning_rates=(0.1, 0.1),
            precision="float32",
            test_share=0.2,
            changes=("B_3_lr_0.3", "A_2_p0_1.0"),
        ),
        "changed by hand straight": replace(NETWORK, activation="identity", changes=("B_4_p16_0.5",)),
        "twice the same rate": replace(LINE, learning_rates=(0.01, 0.01)),
    }


GRID = grid()


def few() -> dict[str, Experiment]:
    """For PyTorch, which takes five times as long: every update rule, schedule and option at least once."""
    rules = cycle(UPDATE_RULES)
    made = {
        f"{rule} {schedule}": replace(base, optimizer=rule, momentum=0.9, schedule=schedule)
        for base, schedules in ((LINE, list(TITLES)[::2]), (BATCHES, list(TITLES)[1::2]))
        for rule, schedule in zip(rules, schedules, strict=False)
    }
    options = """adam 0.0 line, rmsprop 0.0 batches, digits squares, deep, relu, sigmoid, identity, 1 features auto,
        7 features mse, float32 line, float32 network, float32 flat, l1 line, l1 flat, both penalties line,
        both penalties batches, much too high network, near zero, one point, warm-up batches, step short,
        cyclical short, restarts short, stable-decay short, warm-up-cosine short, warm-up-stable-decay short,
        changed by hand, changed by hand flat,
        changed by hand batches, changed by hand straight"""
    options = re.split(r",\s+", options)
    made |= {name: GRID[name] for name in options} | {"digits": replace(ALL_PRESETS["network digits"], epochs=2)}
    return made | {"to infinity": replace(ALL_PRESETS["sweep A noisy line, mini-batches"], epochs=20)}


FEW = few()


def exported(experiments, engine):
    return {name: files(experiment, engine) for name, experiment in experiments.items()}


def failures(said):
    return {name: text for name, text in said.items() if not text.endswith("found.\ndone\n")}


def ruff(folder, *what):
    """What ruff has to say of every script below a folder; "" for nothing."""
    scripts = [str(path) for path in folder.glob(f"*/{SCRIPT_NAME}")]
    command = [sys.executable, "-m", "ruff", *what, "--isolated", "--quiet", *scripts]
    return subprocess.run(command, capture_output=True, text=True).stdout


@slow_by_torch
def test_every_preset_proves_itself_where_the_lab_is_not(engine, run_alone, tmp_path):
    # Cut short, as every epoch runs the same lines; and by PyTorch a step costs several times as much.
    most = 60 if engine == "torch" else 120
    shortened = {name: replace(e, epochs=min(e.epochs, most)) for name, e in ALL_PRESETS.items()}
    assert not failures(run_alone(engine, exported(shortened, engine)))
    assert not ruff(tmp_path, "format", "--diff", "--line-length", "120")


@pytest.mark.parametrize(
    ("engine", "experiments"),
    [("numpy", GRID), ("torch", FEW), pytest.param("torch", GRID, marks=pytest.mark.slow)],
    ids=["numpy", "torch", "all by torch"],
)
def test_every_rule_schedule_data_and_option_proves_itself(engine, experiments, run_alone, tmp_path):
    made = exported(experiments, engine)
    assert not failures(run_alone(engine, made))
    assert not ruff(tmp_path, "format", "--diff", "--line-length", "120")
    assert not ruff(tmp_path, "check", "--select", "F")  # nothing is imported or named that is not used


@pytest.mark.slow
def test_the_quick_scripts_have_every_line_of_all_but_for_its_numbers():
    def lines(experiments, engine):
        texts = [script(replace(e, epochs=min(e.epochs, 20)), engine) for e in experiments.values()]
        code = [line.strip() for text in texts for line in text.splitlines() if not line.startswith("#")]
        return {re.sub(r"(-?\d[\d.]*(e-?\d+)?,? ?)+", "0", line) for line in code}

    assert lines(GRID | ALL_PRESETS, "torch") - lines(FEW, "torch") - lines(GRID, "numpy") == set()


def own_data():
    """Uploads, a name each; who holds them keeps them."""
    draw = np.random.default_rng(2)
    x = draw.normal(size=(40, 3)) * [1, 20, 0.1] + [0, 5, 0]
    y = x @ [1.0, 0.1, -2.0] + draw.normal(size=40)
    words = {"title": "Mine", "x_name": "x", "y_name": "y", "x_units": "", "y_units": "", "source": "drawn"}
    columns = ("x1", "x2", "x3")
    return {
        "line": upload(x=x[:, :1], y=y, **words),
        "regression": upload(x=x, y=y, task="regression", columns=columns, **words),
        "classes": upload(
            x=x, y=np.arange(40) % 3.0, task="classes", classes=("<a>", "b", "c"), columns=columns, **words
        ),
    }


@slow_by_torch
def test_own_data_goes_along_as_numbers_or_as_a_file(engine, run_alone, tmp_path):
    held = own_data()
    runs = {"points": Experiment(data="points:1,2;2,3.5;0.1,-4", learning_rates=(0.01, 0.1), epochs=20)}
    for name, data in held.items():
        for hidden in ((), (3,)):
            runs[f"{name} {len(hidden)}"] = Experiment(
                data=data.name, standardize=True, test_share=0.2, hidden=hidden, learning_rates=(0.01, 0.1), epochs=20
            )
    made = exported(runs, engine)
    assert set(made["points"]) == {SCRIPT_NAME}
    assert all(set(made[name]) == {SCRIPT_NAME, OWN} for name in runs if name != "points")
    assert not any(data.name.encode() in made[f"{name} 0"][SCRIPT_NAME] for name, data in held.items())
    assert not failures(run_alone(engine, made))
    assert not ruff(tmp_path, "check", "--select", "F")


@slow_by_torch
def test_a_wrong_digit_in_any_expected_loss_is_found(engine, run_alone):
    wrong = {}
    for name in ("line article", "network circles", "network linear", "line momentum"):
        text = script(replace(ALL_PRESETS[name], epochs=20), engine)
        for k, known in enumerate(re.finditer(r": \((?:\d+, )?(\S+), (1e-?\d+)[,)]", text)):
            loss = float(known[1]) * (1 + 1.5 * float(known[2]))
            changed = text[: known.start(1)] + repr(loss) + text[known.end(1) :]
            wrong[f"{name} {k}"] = {SCRIPT_NAME: changed.encode()}
    said = run_alone(engine, wrong)
    assert len(said) > 9
    for text in said.values():
        assert text.count("  different\n") == 1
        assert "Not the run of the lab" in text


@slow_by_torch
def test_a_step_of_another_length_is_found(engine, run_alone):
    wrong = {}
    for name in ("line article", "network circles", "line momentum"):
        experiment = ALL_PRESETS[name]
        for rate in experiment.learning_rates:
            text = script(replace(experiment, epochs=60, learning_rates=(rate,)), engine)
            # Everywhere but in the link: where it is trained, and where its loss is looked up.
            changed = text.replace(f"[{rate!r}]", f"[{rate * 1.001!r}]").replace(
                f"    {rate!r}:", f"    {rate * 1.001!r}:"
            )
            wrong[f"{name} {rate}"] = {SCRIPT_NAME: changed.encode()}
    for text in run_alone(engine, wrong).values():
        assert "  different\n" in text and "Not the run of the lab" in text


@slow_by_torch
def test_what_somebody_changed_is_not_compared_and_said_to_be(engine, run_alone):
    text = script(replace(NETWORK, batch_size=64, test_share=0.2), engine)
    line = script(Experiment(), engine)
    changes = {
        "rate": line.replace("[1e-06, 0.01, 1.0]", "[1e-06, 0.02, 90.0]"),
        "epochs": line.replace("epochs = 1000", "epochs = 7"),
        "batches": text.replace("batch_size = 64", "batch_size = 32"),
        "seed": text.replace("seed = 0", "seed = 1"),
    }
    said = run_alone(engine, {name: {SCRIPT_NAME: changed.encode()} for name, changed in changes.items()})
    assert [text.count("not compared, you changed it") for text in said.values()] == [2, 3, 2, 2]
    assert said["rate"].count("same at epoch 1,000") == 1
    for text in said.values():
        assert "different" not in text and "the lab found" not in text and text.endswith("done\n")


@slow_by_torch
def test_of_another_run_it_says_whether_its_beginning_or_its_steps_were_changed(engine, run_alone):
    line = script(Experiment(epochs=20), engine)
    step = "w = w - lr * dw" if engine == "numpy" else "optimizer.step()"
    again = f"{step}\n        {step}" if engine == "numpy" else "optimizer.step(); optimizer.step()"
    changes = {
        "data": line.replace("y = 2 * x", "y = 3 * x"),
        "start": line.replace("w, b = 0.0, 0.0", "w, b = 1.0, 0.0").replace("weight, 0.0", "weight, 1.0"),
        "steps": line.replace(step, again),
    }
    said = run_alone(engine, {name: {SCRIPT_NAME: changed.encode()} for name, changed in changes.items()})
    assert all("  different\n" in text and text.endswith("done\n") for text in said.values())
    begins = {name: "Its first loss differs: data, start or loss was changed." in text for name, text in said.items()}
    assert begins == {"data": True, "start": True, "steps": False}
    assert "It begins at the same loss: the steps were changed." in said["steps"]


def test_weights_and_biases_have_a_draw_each_and_the_inputs_no_slope():
    text = script(NETWORK)
    assert text.count("draw.uniform(") == 2 + text.partition("widths = ")[0].count("draw.uniform(")
    assert "if k > 0:\n                error = " in text
    adam = script(replace(NETWORK, optimizer="adam", momentum=0.9))
    for line in ("beta1 = 0.9", "beta2 = 0.999", "epsilon = 1e-8", "# Bias correction: both means begin at 0"):
        assert line in adam


def test_a_chaotic_rate_is_said_to_be_and_compared_only_where_its_digits_are_sure(run_alone):
    told = run_alone("numpy", {"circles": files(ALL_PRESETS["network circles"])})["circles"]
    row = next(line for line in told.splitlines() if line.startswith("      30 "))
    assert re.search(r"same at epoch \d\d, then chaotic", row)
    assert "Every" not in told


def test_what_is_refused_is_refused(run_alone):
    others = ("core", "pages", "pandas", "altair", "streamlit", "torch", "pyarrow", "PIL")
    said = run_alone("numpy", {name: {SCRIPT_NAME: f"import {name}".encode()} for name in others})
    assert all(f"refused: {name}" in said[name] for name in others)


@slow_by_torch
def test_a_script_is_short(engine):
    def code(text):
        text, _, _ = text.partition("# What the Learning-Rate Lab found.")
        return [line for line in text.splitlines() if line and line[0] != "#" and not re.fullmatch(r"[\d. ]+", line)]

    assert len(code(script(Experiment(), engine))) <= 40
    for name in ("network circles", "network edge", "network adam"):
        assert len(code(script(replace(ALL_PRESETS[name], epochs=20), engine))) <= 70
    for experiment in ALL_PRESETS.values():
        text = script(replace(experiment, epochs=20), engine)
        assert all(len(line) <= 120 for line in text.splitlines() if not line.startswith("# data="))


def test_only_what_a_run_needs_appears():
    line = script(Experiment(epochs=20))
    assert line.count("def ") == 1, "the loss, which is asked for twice"
    for word in ("momentum", "schedule", "seed", "batch", "test", "float32"):
        assert word not in "\n".join(row for row in line.splitlines() if not row.startswith("#"))
    assert "momentum = 0.9" in script(Experiment(optimizer="momentum", momentum=0.9, epochs=20))
    assert "seterr" in script(Experiment(learning_rates=(0.01,))), "who raises the rate must see no warning"


def test_the_head_says_what_ran_how_to_run_it_and_its_link():
    experiment = replace(NETWORK, sharpness=4)
    head = [line for line in script(experiment, "torch").splitlines() if line.startswith("# ")]
    assert head[0].startswith("# A network 2–4–3–1 (tanh) on 200 points of Two moons")
    assert "# Run it with: python learning_rate_run.py    (needs numpy, torch; --plot draws the losses)" in head
    link = next(line for line in head if line.startswith("# data="))
    assert Experiment.from_query(link[2:]) == (replace(experiment, engine="torch"), ())
    assert "# data=article&lr=1e-6,0.01,1" in script(Experiment()).splitlines()


def test_the_engine_is_the_experiments_own_unless_another_is_asked_for():
    assert "torch" not in script(LINE)
    assert script(replace(LINE, engine="torch")) == script(LINE, "torch")
    assert script(replace(LINE, engine="torch"), "numpy") == script(LINE)


def test_the_digits_come_in_a_file_and_a_script_without_it_says_so(run_alone):
    experiment = replace(ALL_PRESETS["network digits"], epochs=2)
    whole = files(experiment)
    assert sorted(whole) == ["digits.csv", SCRIPT_NAME]
    assert list(files(LINE)) == [SCRIPT_NAME]
    said = run_alone("numpy", {"whole": whole, "alone": {SCRIPT_NAME: whole[SCRIPT_NAME]}})
    assert said["whole"].endswith("done\n")
    assert "digits.csv is missing: put it beside this script" in said["alone"]


def test_a_run_that_overflows_does_so_at_the_epoch_that_the_page_names(run_alone):
    experiments = {"article": Experiment(), "float32": Experiment(precision="float32", learning_rates=(0.2, 1.0))}
    experiments["network"] = GRID["much too high network"]
    for name, text in run_alone("numpy", exported(experiments, "numpy")).items():
        told = " ".join(each.evidence for each in diagnose(train(experiments[name])))
        on_page = re.findall(r"overflowed at epoch ([\d,]+)", told)
        assert on_page and re.findall(r"then overflows at epoch ([\d,]+)", text) == on_page, name


def test_how_sure_a_loss_is_follows_the_run():
    calm = checks(Experiment())
    assert [check.ending for check in calm.losses] == ["sure", "sure", "overflowed"]
    assert [check.tolerance for check in calm.losses] == [1e-9] * 3
    (near,) = checks(GRID["near zero"]).losses
    assert near.ending == "near zero" and near.loss < 1e-14
    wild = checks(ALL_PRESETS["network circles"]).losses[2]
    assert wild.ending == "unsure" and wild.epoch < 100
    assert checks(GRID["float32 line"]).losses[0].tolerance == 1e-3


@pytest.mark.parametrize("experiment", [Experiment(), GRID["changed by hand"], Experiment(start=(2.0, 0.0), epochs=20)])
def test_the_script_draws_its_losses_when_asked_to_and_into_a_file_without_a_display(experiment, ink, tmp_path):
    (tmp_path / "run.py").write_text(script(experiment))
    command = [sys.executable, "-W", "error", "run.py", "--plot"]
    alone = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert done.stdout.endswith("No window can be opened here: the picture is in losses.png.\n")
    png = (tmp_path / "losses.png").read_bytes()
    if experiment == Experiment():  # the second falls from left to right, the third leaves soon, and is seen to
        assert [span > 0.6 for span in ink(png, "#ff7f0e")] == [True, True]
        assert ink(png, "#2ca02c")[1] > 0.1
