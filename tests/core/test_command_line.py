"""python -m core: what it prints, what it refuses, and what a terminal does to it."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from PIL import Image

from core.__main__ import main
from core.command_words import asked_for
from core.diagnosis.theory import stability_limit
from core.diagnosis.verdicts import diagnose
from core.experiment.experiment import FIELDS, Experiment
from core.export.experiment_json import from_json
from core.export.network_drawings import drawings
from core.export.notebook import notebook
from core.export.script import script
from core.export.stage_report import stage_report
from core.export.tables import to_csv
from core.instruments.network.scene import trained_network_scene
from core.instruments.sweep.sweep import sweep
from core.methods.optimizers import UPDATE_RULES
from core.training.train import train
from core.words import number, typed
from tests.cases import for_each

ROOT = Path(__file__).parents[2]
LONG = "epochs=130000 data=penguins"  # by estimate a little more than a second
# As `python -m core`, with Ctrl-C at work also where whoever started the tests has switched it off.
INTERRUPTIBLE = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    " runpy.run_module('core', run_name='__main__', alter_sys=True)"
)


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "core", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        env=os.environ | environment,
    )


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What `main` prints, where it succeeds."""
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line on stderr that says why not, without its head."""
    try:
        code = main(arguments)
    except SystemExit as leaving:  # argparse's way
        code = leaving.code
    out, err = capsys.readouterr()
    assert code == 2 and out == ""
    assert err.startswith("error: ") and err.count("\n") == 1 and err.endswith("\n")
    return err.removeprefix("error: ").rstrip()


def experiment_of(words: list[str]) -> Experiment:
    return asked_for(words).experiment


def test_a_link_says_what_ran_its_limit_a_table_and_a_verdict_in_words():
    done = command("lr=0.01&lr=0.1&data=penguins&standardize=on")
    assert done.returncode == 0 and done.stderr == ""
    experiment = Experiment(data="penguins", standardize=True, learning_rates=(0.01, 0.1))
    head, table, words = done.stdout.split("\n\n")
    assert "on 342 points" in head and "1,000 epochs by NumPy" in " ".join(head.split())
    assert "Stability limit: 1." in head and stability_limit(experiment) == pytest.approx(1.0)
    names, *rows = table.splitlines()
    assert names.split("  ")[0] == "lane" and len(rows) == 2
    for row, found, letter in zip(rows, diagnose(train(experiment)), "AB", strict=True):
        assert row.startswith(letter) and row.endswith(found.title)
        said = f"{letter} {found.title}. {found.reason} {found.evidence} {found.advice}"
        assert typed(said) in " ".join(words.split())  # whatever lines it is broken into
    assert all(len(line) <= 100 for line in done.stdout.splitlines())


WHOLE = Experiment(data="moons", hidden=(4, 3), learning_rates=(0.1, 3.0), epochs=7, test_share=0.25, batch_size=20)


@pytest.mark.parametrize(
    "words",
    [
        ["https://lab.example/network?" + urlencode(WHOLE.to_query(), doseq=True) + "#top"],
        ["?" + urlencode(WHOLE.to_query(), doseq=True)],
        ["data=moons&hidden=4x3&lr=0.1&lr=3&epochs=7&test=0.25&batch_size=20"],
        ["data=moons", "hidden=4,3", "lr=0.1", "lr=3", "epochs=7", "test=0.25", "batch_size=20"],
        ["data=moons hidden=4&hidden=3 lr=0.1&lr=3", "epochs=7&test=0.25&&batch_size=20&"],
    ],
)
def test_a_link_what_follows_its_question_mark_and_single_settings_ask_for_the_same(words):
    assert experiment_of(words) == WHOLE


def test_without_a_setting_it_is_the_articles_experiment():
    assert experiment_of([]) == experiment_of([""]) == experiment_of(["?"]) == Experiment()


def test_the_table_of_a_network_has_what_was_held_out_and_no_limit(capsys):
    out = printed(capsys, "data=moons", "hidden=4", "test=0.25", "epochs=5", "lr=0.1")
    assert "held-out loss" in out and "Stability limit" not in out
    batches = printed(capsys, "batch_size=2", "epochs=5", "lr=0.01")
    assert "Stability limit: 0.08452; mini-batches can be unstable below it." in batches


def refuse_constants(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def test_json_is_strict_and_tells_inf_and_nan_in_a_note(capsys):
    out = printed(capsys, "--json", "lr=0.01", "lr=0.085", "lr=1", "epochs=150")
    told = json.loads(out, parse_constant=refuse_constants)
    experiment = Experiment(learning_rates=(0.01, 0.085, 1.0), epochs=150)
    history = train(experiment)
    assert from_json(json.dumps(told["experiment"])) == experiment
    assert experiment_of([told["query"]]) == experiment
    assert told["stability_limit"] == stability_limit(experiment)
    good, exploding, diverged = told["lanes"]
    assert [lane["learning_rate"] for lane in told["lanes"]] == list(experiment.learning_rates)
    assert good["final_loss"] == good["best_loss"] == history.loss[0, -1] and good["best_epoch"] == 150
    assert exploding["best_loss"] == 44.0 and exploding["best_epoch"] == 0 and exploding["note"] == ""
    assert good["diverged_at"] is None and diverged["diverged_at"] == 113
    assert diverged["final_loss"] is None and diverged["note"] == "final_loss is inf"
    for lane, found in zip(told["lanes"], diagnose(history), strict=True):
        assert [lane[name] for name in ("label", "reason", "evidence", "advice")] == [
            *(found.label, found.reason, found.evidence, found.advice)
        ]


def test_json_of_a_network_has_its_held_out_loss_and_no_limit(capsys):
    told = json.loads(printed(capsys, "--json", "data=moons&hidden=4&test=0.25&epochs=5&lr=0.1"))
    assert told["stability_limit"] is None
    assert told["lanes"][0]["test_loss"] > 0


def test_more_rates_than_a_page_shows_are_trained_and_each_has_a_name(capsys):
    rates = [f"lr={place / 1000}" for place in range(1, 29)]
    names = [line.split()[0] for line in printed(capsys, "epochs=2", *rates).split("\n\n")[1].splitlines()[1:]]
    assert names[:9] == list("ABCDEFGHI") and names[-3:] == ["Z", "AA", "AB"]


def test_csv_is_the_one_that_pages_offer(capsys):
    out = printed(capsys, "lr=0.01", "--csv", "lr=1", "epochs=120")
    assert out == to_csv(train(Experiment(learning_rates=(0.01, 1.0), epochs=120)))
    table = pd.read_csv(io.StringIO(out))
    assert len(table) == 2 * 121 and np.isinf(table["loss"].iloc[-1])


BAD = [
    ("lr=-1", "lr=-1: it must be from 1e-12 to 1e+06; write lr=1e-12"),
    ("lr=fast&lr=1", "lr=fast: it is not a number, from 1e-12 to 1e+06; leave it out"),
    ("lr=nan", "lr=nan: none of its values is a number, from 1e-12 to 1e+06; write lr=1e-06,0.01,1.0"),
    ("lr=inf", "lr=inf: it must be from 1e-12 to 1e+06; write lr=1000000.0"),
    ("lr=", "lr must hold at least one value, got none: write lr=1e-06"),
    ("&".join(["lr=1"] * 513), "lr=(513 values): a link holds at most 512 of them; keep the first 512"),
    ("learning_rate=3", "learning_rate: no setting has this name; did you mean lr?"),
    ("epoch=3", "epoch: no setting has this name; did you mean epochs?"),
    ("gate=0", "gate: no setting has this name; they are data, noise, test, "),
    ("epochs=2.5", "epochs=2.5: it must be a whole number, from 1 to 1e+15; write epochs=2"),
    ("epochs=99999999", "epochs=99999999: at most 1,333,333 fit these rates; write epochs=1333333"),
    ("epochs=5&epochs=6", "epochs takes one value, got 5, 6: write it once"),
    ("batch_size=7", "batch_size=7: this data has 5 points; write batch_size=full"),
    ("data=cats", "data=cats: it is one of article, article-torch, "),
    ("standardize=maybe", "standardize=maybe: it is on or off; write standardize=off"),
    ("hidden=8x99", "hidden=99: it must be from 1 to 64; write hidden=8,64"),
    ("lr=0.01,5e7", "lr=5e7: it must be from 1e-12 to 1e+06; write lr=0.01,1000000.0"),
    ("data=pengins", "data=pengins: it is one of article, article-torch, "),
    ("optimizer=Adam", f"optimizer=Adam: it is one of {', '.join(UPDATE_RULES)}; write optimizer=adam"),
    ("optimizer=lion", f"optimizer=lion: it is one of {', '.join(UPDATE_RULES)}"),
    ("start=1", "start=1.0: it takes two numbers, w and then b; leave it out"),
    ("v=2", "v=2: this lab reads links of version 1; write v=1"),
    ("lr=-1&lr=-2", "lr=-1: it must be from 1e-12 to 1e+06; write lr=1e-12,1e-12 (1 more like this)"),
    ("nonsense", "a setting is written name=value, got nonsense: write lr=0.01, for example"),
    ("http://lab.example/network", "this link holds no settings, got http://lab.example/network: take the one"),
    ("zz\x1b[31m\u202e=1", "zz?[31m?: no setting has this name; they are data, "),
    ("\x1b[31mlr", "a setting is written name=value, got ?[31mlr: write lr=0.01, for example"),
    ("--jsn", "unrecognized arguments: --jsn"),
]


@for_each(("word", "reason"), BAD)
def test_what_a_page_would_repair_is_refused_in_one_line_with_its_remedy(capsys, word, reason):
    told = refused(capsys, word)
    assert told.startswith(reason) if reason.endswith((", ", "one")) else told == reason
    assert told.isprintable()


@for_each("word", [word for word, reason in BAD if "; write " in reason and "more like" not in reason])
def test_the_remedy_is_taken_when_it_is_followed(capsys, word):
    remedy = refused(capsys, word).rpartition("; write ")[2]
    assert isinstance(experiment_of([remedy]), Experiment)


def test_a_name_that_is_nearly_right_is_named(capsys):
    assert refused(capsys, "data=pengins").endswith("; write data=penguins")


def test_several_rates_may_stand_behind_one_sign():
    assert experiment_of(["lr=0.01,0.1&start=1,-2"]) == Experiment(learning_rates=(0.01, 0.1), start=(1.0, -2.0))
    many = ",".join(map(str, range(1, 101)))
    assert experiment_of([f"lr={many}"]).learning_rates == tuple(map(float, range(1, 101)))


def test_a_rules_usual_momentum_is_taken_and_said_and_a_link_runs_as_its_page_does(capsys):
    assert main(["optimizer=adam", "lr=0.01", "epochs=5"]) == 0
    out, err = capsys.readouterr()
    assert "beta1 0.9" in " ".join(out.split())
    assert err == "momentum=0.9 is taken, as is usual with adam; write momentum=0 for none\n"
    assert asked_for(["optimizer=momentum"]).experiment.momentum == 0.9
    for words in ("?optimizer=adam", "optimizer=adam&momentum=0", "optimizer=sgd", "optimizer=rmsprop"):
        assert asked_for([words]) == (Experiment(optimizer=words.split("=")[1].split("&")[0]), None, ())


def test_words_of_a_lecture_and_of_other_pages_are_named_and_not_used():
    asked = asked_for(["https://lab.example/compare?lr=0.02&present=1&lock=lr&pin=lr%3D0.1&v=1"])
    assert asked == (Experiment(learning_rates=(0.02,)), None, ("not used, of a page: present, lock, pin",))


def test_a_sweeps_link_runs_the_sweep(capsys):
    link = "https://lab.example/sweep?lr=0.0001&lr=1&epochs=30&rates=20&seeds=2&map=0&gate=1"
    assert main([link]) == 0
    out, err = capsys.readouterr()
    assert err == "not used, of a page: map, gate\n"
    head, table, checks = out.split("\n\n")
    assert "20 learning rates, the median of 2 seeds." in head and len(table.splitlines()) == 21
    best = next(line for line in table.splitlines() if line.endswith("<"))
    swept = sweep(Experiment(epochs=30), np.geomspace(1e-4, 1, 20), (0, 1))
    assert best.split()[0] == number(swept.learning_rates[np.nanargmin(swept.final_loss[0])])
    assert checks.count("ok") + checks.count("note") >= 4
    rows = pd.read_csv(io.StringIO(printed(capsys, "lr=0.0001,1", "rates=20", "seeds=2", "epochs=30", "--csv")))
    pd.testing.assert_frame_equal(rows, swept.frame())
    assert refused(capsys, "rates=5").endswith("; write rates=20")
    assert refused(capsys, "rates=30", "lr=1").startswith("a sweep goes from one learning rate to another")


def test_settings_are_read_from_a_pipe(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("lr=0.02&epochs=7\n"))
    assert asked_for(["-", "seed=3"]).experiment == Experiment(learning_rates=(0.02,), epochs=7, seed=3)


def test_json_and_csv_exclude_each_other(capsys):
    assert "not allowed with argument" in refused(capsys, "--json", "--csv")


def test_a_refusal_of_the_command_is_one_line_and_code_2():
    done = command("lr=0.01", "flavour=mint")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: flavour: no setting has this name") and done.stderr.count("\n") == 1


def test_without_pytorch_its_engine_is_refused_in_one_line(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert refused(capsys, "engine=torch").startswith("PyTorch is not installed. Install it with: pip install torch")


def test_the_sharpness_and_pytorchs_engine_run(capsys):
    out = printed(capsys, "data=moons&hidden=3&epochs=9&sharpness=3&engine=torch&lr=0.1")
    assert "by PyTorch in float64" in " ".join(out.split()) and "the line is 2" in " ".join(out.split())


def test_help_names_every_setting_with_what_it_may_be(capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["--help"])
    told = capsys.readouterr().out
    for field in FIELDS:
        (found,) = re.findall(rf"^  {field.in_link} +(.+)\n(?: {{15}}.*\n)*? {{15}}.*Default:\s+(\S+)$", told, re.M)
        assert field.means and found[0] == field.means
        default = ",".join(field.write(field.default)) or "none"
        assert found[1] == default
    assert "one of sgd, momentum, nesterov" in told and "python -m core lr=0.01 lr=0.1" in told


def run_as(form: str, *words: str) -> bytes:
    """What the command prints to a file."""
    done = subprocess.run([sys.executable, "-m", "core", *words, form], cwd=ROOT, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


SHORT = Experiment(learning_rates=(0.01, 1.0), epochs=20)
NETWORK = Experiment(data="moons", hidden=(3,), learning_rates=(0.1,), epochs=5)


def test_script_and_notebook_are_those_of_the_pages():
    assert run_as("--script", "lr=0.01,1", "epochs=20").decode() == script(SHORT)
    assert run_as("--notebook", "lr=0.01,1", "epochs=20").decode() == notebook(SHORT)


@pytest.mark.parametrize("data", ["penguins", "digits"])
def test_a_script_of_real_data_runs_where_it_was_written(data, tmp_path):
    words = [f"data={data}", "epochs=2", *(["hidden=2"] if data == "digits" else [])]
    where = {"cwd": tmp_path, "env": os.environ | {"PYTHONPATH": str(ROOT)}, "capture_output": True, "timeout": 300}
    command = [sys.executable, "-m", "core", *words, "--script"]
    for _ in range(2):  # the second time the file is there already
        done = subprocess.run(command, **where)
        assert done.returncode == 0, done.stderr
    (tmp_path / "run.py").write_bytes(done.stdout)
    ran = subprocess.run([sys.executable, "run.py"], **where)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count(b"same at epoch 2") == 3
    (tmp_path / f"{data}.csv").write_text("mine")
    refused = subprocess.run(command, **where)
    assert refused.returncode == 2
    assert "this folder has another file of that name" in refused.stderr.decode()
    assert (tmp_path / f"{data}.csv").read_text() == "mine"


def test_a_report_is_the_one_of_the_page_of_a_line_and_of_a_network():
    assert run_as("--report", "lr=0.01,1", "epochs=20").decode() == stage_report(SHORT)
    told = run_as("--report", "data=moons&hidden=3&lr=0.1&epochs=5").decode()
    scene = trained_network_scene(NETWORK)
    assert told.count("chart-") >= len(drawings(scene)) and "Two moons" in told


def test_a_picture_goes_to_a_file_and_never_to_a_terminal(capsys, monkeypatch):
    assert Image.open(io.BytesIO(run_as("--png", "epochs=20"))).width == 1440
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert refused(capsys, "--png", "epochs=5").startswith("a picture is no text")


def test_a_zip_of_everything_is_written_where_asked(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("core.export.everything.of_run", lambda run, progress: repr(run).encode())  # slow tests look in
    file = tmp_path / "run.zip"
    told = printed(capsys, "--zip", str(file), "lr=0.01,1", "epochs=20")
    assert told.startswith(f"Written: {file}, ")
    assert file.read_text() == repr(SHORT)
    missing = tmp_path / "nowhere" / "run.zip"
    assert f"--zip {missing} can't be written: No such file" in refused(capsys, "--zip", str(missing), "epochs=5")


def test_plot_shows_the_losses_and_says_what_to_install_where_it_can_not(capsys, monkeypatch):
    shown: list[int] = []
    monkeypatch.setattr(pyplot, "show", lambda: shown.append(len(pyplot.gca().lines)))
    pyplot.switch_backend("agg")
    assert refused(capsys, "--plot", "epochs=5") == "--plot: no window can be opened here; write --png > losses.png"
    monkeypatch.setattr(pyplot, "get_backend", lambda: "tkagg")
    assert "Diverged" in printed(capsys, "--plot", "epochs=120")
    pyplot.close("all")
    assert shown == [4]  # three curves, and a mark where one left
    monkeypatch.setattr("core.export.loss_lines.find_spec", lambda name: None)
    assert refused(capsys, "--plot", "epochs=5").startswith("--plot needs matplotlib: pip install matplotlib")


def test_a_sweep_has_no_file_of_a_run(capsys):
    assert refused(capsys, "--script", "rates=20", "lr=0.1,1").startswith("--script is of a run, and this is a sweep")


def examples(text: str) -> list[list[str]]:
    """The words of each line that is a command with settings."""
    lines = re.findall(r"^ +python -m core (.*=.*)$", text, re.M)
    return [shlex.split(line.partition(">")[0]) for line in lines]


def test_the_examples_of_the_readme_and_of_the_help_are_legal(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    found = examples((ROOT / "README.md").read_text()) + examples(capsys.readouterr().out)
    assert len(found) == 5
    for words in found:
        asked_for([word for word in words if not word.startswith("--")])


def test_a_terminal_that_knows_ascii_only_is_no_reason_to_fail():
    done = command("epochs=5", PYTHONIOENCODING="ascii")
    assert done.returncode == 0 and "y = w?x + b" in done.stdout


def test_a_reader_that_has_seen_enough_is_no_error():
    with subprocess.Popen(
        [sys.executable, "-m", "core", "--csv", "epochs=30000"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout.readline().startswith("lane,learning_rate,")
        run.stdout.close()
        assert run.stderr.read() == ""
        assert run.wait(timeout=120) == 141


def run_at_a_terminal(until: str, then: int | None) -> tuple[int, str]:
    """(exit code, what was written to stderr) of a long run whose stderr is a terminal, sent a signal when it has
    written `until`.
    """
    ours, terminal = os.openpty()
    told = b""
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *LONG.split()], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=terminal
    ) as run:
        os.close(terminal)
        sent = False
        while True:
            try:
                got = os.read(ours, 4096)
            except OSError:  # how Linux says that the other end is closed
                break
            if not got:
                break
            told += got
            if then is not None and not sent and until.encode() in told:
                run.send_signal(then)
                sent = True
        code = run.wait(timeout=120)
    os.close(ours)
    return code, told.decode()


def test_a_run_of_seconds_tells_its_progress_at_a_terminal_and_clears_it_away():
    code, told = run_at_a_terminal("", None)
    assert code == 0
    assert told.startswith("\rTraining: 0%\r") and told.endswith("\r\x1b[K")
    shown = [int(text.rstrip("%")) for text in told.removesuffix("\r\x1b[K").split("\rTraining: ")[1:]]
    assert shown == sorted(shown) and max(shown) > 50


def test_ctrl_c_stops_it_at_once_without_a_word_and_with_code_130():
    code, told = run_at_a_terminal("Training: ", signal.SIGINT)
    assert code == 130
    assert "Traceback" not in told and told.endswith("\r\x1b[K")


def test_where_stderr_is_no_terminal_nothing_is_told(capsys):
    assert printed(capsys, *LONG.split(), "--json")


def test_logs_are_read_and_each_run_has_its_verdict(capsys, tmp_path):
    (tmp_path / "one.log").write_text("".join(f"step {k}: loss {2 * 0.9**k:.5f}, lr 0.1\n" for k in range(60)))
    (tmp_path / "two.csv").write_text("step,loss,lr\n" + "".join(f"{k},{2 * 1.2**k:.5f},0.9\n" for k in range(60)))
    assert main(["log", str(tmp_path / "one.log"), str(tmp_path / "two.csv")]) == 0
    out = capsys.readouterr().out
    assert "one: 60 losses, learning rate 0.1. Good." in out
    assert "two: 60 losses, learning rate 0.9. Exploding." in out


def test_a_piped_log_is_read():
    log = "".join(f"step {k}: loss {2 / (k + 1)}\n" for k in range(9))
    done = subprocess.run(
        [sys.executable, "-m", "core", "log", "-"], cwd=ROOT, input=log, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and "run: 9 losses" in done.stdout, done.stderr


def test_papers_are_rerun_and_their_numbers_stand_beside_their_ranges(capsys):
    assert main(["papers", "polyak", "schedules-by-theory"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"steps to a loss of 10⁻⁶ +56 +56 +inside", said)
    assert "arXiv 2501.18965" in said and "outside" not in said
    assert "and not cold-fusion" in refused(capsys, "papers", "cold-fusion")


def test_a_log_that_cannot_be_read_is_refused_in_one_line_that_names_it(capsys, tmp_path):
    (tmp_path / "prose.txt").write_text("To be or not to be\n")
    assert "prose.txt: No numbers with names were found" in refused(capsys, "log", str(tmp_path / "prose.txt"))
    assert "No such file" in refused(capsys, "log", str(tmp_path / "missing.log"))
    assert "name the files of the logs" in refused(capsys, "log")
