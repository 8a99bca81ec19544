"""Logs in the forms that tools print and people paste come out with their right values, by one reader.

`cases/` holds them and expected.json their values: of each run how many losses, the first, the last, how many of
validation and the last of them, the first learning rate; or that it is refused.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.instruments.log.run import Log
from core.instruments.log.training_log import read_log
from tests.cases import for_each

CASES = Path(__file__).parent / "cases"
EXPECTED = json.loads((CASES / "expected.json").read_text())


def read(name: str) -> Log:
    path = CASES / name
    return read_log(path.read_bytes(), path.stem)


@for_each("name", EXPECTED)
def test_every_case_has_its_right_values(name):
    if EXPECTED[name] == "refuse":
        with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
            read(name)
        return
    runs = read(name).runs
    assert len(runs) == len(EXPECTED[name])
    for run, right in zip(runs, EXPECTED[name], strict=True):
        held = np.array([]) if run.validation is None else run.validation
        assert len(run.loss) == right["n"]
        if "first" in right:
            assert run.loss[0] == pytest.approx(right["first"], rel=1e-3)
        if "last" in right:
            assert run.loss[-1] == pytest.approx(right["last"], rel=1e-3)
        if "validation" in right:
            assert len(held) == right["validation"]
        if "validation_last" in right:
            assert held[-1] == pytest.approx(right["validation_last"], rel=1e-3)
        assert (run.learning_rate is not None) == ("rate" in right) or not name.startswith("made-")
        if "rate" in right:
            assert run.learning_rate[0] == pytest.approx(right["rate"], rel=1e-3)


def test_the_total_comes_before_its_parts_and_is_named():
    log = read("detectron2_metrics_as.csv")
    assert log.chosen["loss"] == "total_loss"
    assert "Of 4 columns named as a loss, total_loss is read." in log.notes


def test_a_part_of_a_loss_is_called_one_and_validation_that_is_no_number_is_said():
    log = read("yolov8_results.csv")
    assert any("train/box_loss is read, a part of the loss" in note for note in log.notes)
    assert any("The validation loss is nan from epoch 8 on" in note for note in log.notes)
    assert len(log.notes) <= 3


def test_a_head_that_comes_again_begins_another_run_and_neither_is_said_to_overfit():
    log = read("fastai_csvlogger_append_header.csv")
    assert [len(run.loss) for run in log.runs] == [12, 5]
    goes_on = "epoch,loss\n0,3\n1,2\nepoch,loss\n2,1.5\n3,1\n"
    assert [run.loss.tolist() for run in read_log(goes_on).runs] == [[3, 2, 1.5, 1]]


def test_old_lightnings_validation_at_step_0_keeps_all_its_losses():
    (run,) = read("lightning_old_val_step0.csv").runs
    assert (len(run.loss), len(run.validation)) == (20, 10)
    assert run.validation_steps.tolist() == [19, 39, 59, 79, 99, 119, 139, 159, 179, 199]


def test_tensorboards_long_table_has_two_runs_and_accuracy_is_no_loss():
    assert [(len(run.loss), run.loss[0]) for run in read("tb_long_run_tag_step_value.csv").runs] == [
        (12, 2.3),
        (12, 2.53),
    ]


def test_a_file_whose_name_says_accuracy_is_refused():
    with pytest.raises(ValueError, match=r"The values are of 'epoch_accuracy', by the file's name"):
        read("run_train-tag-epoch_accuracy.csv")
    content = (CASES / "run_train-tag-epoch_accuracy.csv").read_bytes()
    assert len(read_log(content, "run_train-tag-epoch_loss").runs[0].loss) > 30


def test_two_columns_of_losses_without_names_are_never_steps():
    (run,) = read("headerless_train_val.csv").runs
    assert (run.axis, len(run.loss), len(run.validation)) == ("record", 12, 12)


def test_validation_that_is_no_number_is_kept_and_a_gap_written_as_nan_is_not():
    (run,) = read("curve-val_only_nan.csv").runs
    assert np.isnan(run.validation[9:]).all() and len(run.validation) == 40
    sparse = "epoch,loss,val_loss\n" + "".join(f"{k},{9 - k},{9 - k if k % 3 == 0 else 'nan'}\n" for k in range(9))
    assert read_log(sparse).runs[0].validation.tolist() == [9, 6, 3]
