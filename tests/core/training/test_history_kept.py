"""A run kept in a file comes back to the last bit; and what a run, an experiment and a diagnosis say of themselves."""

from __future__ import annotations

import re
from dataclasses import fields, replace

import numpy as np
import pytest

from core import Experiment, History, diagnose, sweep, train
from core.data.datasets import upload
from core.experiment.presets import NETWORK_PRESETS, PRESETS

NETWORK = Experiment(data="moons", hidden=(4,), learning_rates=(0.1, 3.0), epochs=12, test_share=0.2, sharpness=4)
RUNS = {
    "line": Experiment(epochs=150),
    "network": replace(NETWORK, changes=("A_3_lr_0.5",)),
    "by its loss": replace(NETWORK, schedule="plateau", precision="float32"),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_saved_run_comes_back_to_the_last_bit(name, tmp_path):
    history = train(RUNS[name])
    history.save(tmp_path / "run")
    back = History.load(tmp_path / "run")
    assert back.experiment == history.experiment
    for field in fields(History):
        if field.name != "experiment":
            np.testing.assert_array_equal(getattr(back, field.name), getattr(history, field.name))
    assert [each.title for each in diagnose(back)] == [each.title for each in diagnose(history)]


def test_a_light_run_comes_back_too(tmp_path):
    light = train(Experiment(epochs=5000)).light(200)
    light.save(tmp_path / "run.npz")
    np.testing.assert_array_equal(History.load(tmp_path / "run.npz").epochs, light.epochs)


def test_another_file_is_refused_in_a_sentence(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(3))
    np.savez(tmp_path / "b.npz", loss=np.arange(3))
    (tmp_path / "c.txt").write_text("loss 3")
    for path in tmp_path.iterdir():
        with pytest.raises(ValueError, match=r"is no saved history: write one with history\.save\(path\)"):
            History.load(path)


def test_a_run_on_an_upload_is_not_saved(tmp_path):
    words = {"title": "t", "x_name": "x", "y_name": "y", "x_units": "", "y_units": "", "source": "s"}
    data = upload(x=np.arange(4.0)[:, None], y=np.arange(4.0), **words)
    with pytest.raises(ValueError, match="must not be an upload"):
        train(Experiment(data=data.name, epochs=2)).save(tmp_path / "run")


@pytest.mark.parametrize("experiment", [*PRESETS.values(), *(preset.experiment for preset in NETWORK_PRESETS.values())])
def test_an_experiments_repr_is_one_line_that_makes_it_again(experiment):
    assert "\n" not in repr(experiment)
    assert eval(repr(experiment)) == experiment


def test_a_runs_repr_is_one_line():
    said = "3 learning rates, 150 epochs, last loss 43.69, 0.01744, inf"
    assert repr(train(Experiment(epochs=150))) == f"<History of {said}>"


def test_a_notebook_shows_a_lines_run_as_the_stage_and_of_a_network_the_line_of_text():
    shown = train(Experiment(epochs=150))._repr_html_()
    assert shown.startswith("<iframe") and "height: 700px" in shown
    assert train(NETWORK)._repr_html_() is None
    assert train(replace(NETWORK, hidden=(), data="article", test_share=0.0, sharpness=0, epochs=10))._repr_html_()


def test_a_notebook_shows_settings_and_verdicts_as_text_that_is_escaped():
    assert "<th>epochs</th><td>150</td>" in Experiment(epochs=150)._repr_html_()
    (found,) = diagnose(train(Experiment(learning_rates=(1.0,), epochs=150)))
    assert found._repr_html_().startswith("<b>Diverged.</b> ")
    assert "<script" not in replace(found, reason="<script>")._repr_html_()


@pytest.mark.parametrize(
    "made",
    [
        lambda: train(Experiment(epochs=20_000), progress=True),
        lambda: sweep(Experiment(epochs=50), np.geomspace(1e-4, 1, 20), seeds=(0, 1), progress=True),
    ],
    ids=["run", "sweep"],
)
def test_progress_is_told_on_stderr_in_one_line(made, capsys):
    made()
    out, err = capsys.readouterr()
    assert out == "" and err.endswith("\rTraining: 100%\n") and err.count("\n") == 1
    told = [int(done) for done in re.findall(r"(\d+)%", err)]
    assert told == sorted(told)
