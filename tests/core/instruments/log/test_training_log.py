"""Logs as tools write them are read to the number; what can't be read gets one sentence."""

from __future__ import annotations

import io
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import Experiment, train
from core.export.tables import to_csv
from core.instruments.log.columns import column, rate_in
from core.instruments.log.examples import EXAMPLES
from core.instruments.log.text import UnreadableLog
from core.instruments.log.training_log import read_log
from tests.cases import for_each

KERAS = "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.41,1.83,0.47,1.61\n1,0.55,1.42,0.52,1.49\n2,NA,1.2,NA,NA\n"
TENSORBOARD = "Wall time,Step,Value\n1700000000.1,0,2.302\n1700000003.4,100,1.875\n1700000006.9,200,NaN\n"
WANDB = (
    '"Step","calm-sun-1 - train/loss","calm-sun-1 - train/loss__MIN","calm-sun-1 - train/loss__MAX",'
    '"lr=3e-4 - train/loss","lr=3e-4 - train/loss__MIN","lr=3e-4 - train/loss__MAX"\n'
    '"0","2.3","2.3","2.3","","",""\n'
    '"10","2.1","2.0","2.2","2.25","2.25","2.25"\n'
    '"20","","","","1.5","1.4","1.6"\n'
)
LIGHTNING = (
    "epoch,lr-AdamW,step,train_loss,val_loss\n"
    ",0.001,0,,\n0,,49,1.5,\n0,,99,1.2,\n0,,99,,1.3\n,0.0005,100,,\n1,,149,1.0,\n1,,199,0.9,\n1,,199,,1.1\n"
)
TRAINER = (
    "loss,grad_norm,learning_rate,epoch,step,eval_loss,eval_runtime,train_runtime,train_loss\n"
    "2.9,4.1,5e-05,0.5,500,,,,\n2.1,3.2,3e-05,1.0,1000,,,,\n,,,1.0,1000,2.0,12.1,,\n1.7,2.8,1e-05,1.5,1500,,,,\n"
    ",,,1.5,1500,1.9,12.0,,\n,,,1.5,1500,,,300.2,2.23\n"
)


def run_of(content: bytes | str):
    """The log's only run."""
    (run,) = read_log(content).runs
    return run


def sentence(content: bytes | str) -> str:
    """What is said of a log that can't be read."""
    with pytest.raises(UnreadableLog) as refused:
        read_log(content)
    words = str(refused.value)
    assert "\n" not in words
    assert words[0].isupper()
    assert words.endswith(".")
    return words


def test_keras_is_read_by_epoch_with_its_validation_loss():
    run = run_of(KERAS)
    assert run.axis == "epoch"
    assert run.steps.tolist() == [0, 1, 2]
    assert run.loss.tolist() == [1.83, 1.42, 1.2]
    assert (run.validation_steps.tolist(), run.validation.tolist()) == ([0, 1], [1.61, 1.49])
    assert run.learning_rate is None


def test_tensorboard_is_read_by_step_and_its_nan_is_kept():
    run = run_of(TENSORBOARD)
    assert run.axis == "step"
    assert run.steps.tolist() == [0, 100, 200]
    np.testing.assert_array_equal(run.loss, [2.302, 1.875, np.nan])


def test_weights_and_biases_has_a_run_a_column_without_its_minima_and_the_rate_of_a_name():
    calm, named = read_log(WANDB).runs
    assert (calm.name, calm.steps.tolist(), calm.loss.tolist()) == ("calm-sun-1", [0, 10], [2.3, 2.1])
    assert (named.name, named.steps.tolist(), named.loss.tolist()) == ("lr=3e-4", [10, 20], [2.25, 1.5])
    assert (calm.rate, named.rate) == (None, 3e-4)


def test_lightnings_rows_of_rate_loss_and_validation_become_one_run():
    run = run_of(LIGHTNING)
    assert run.steps.tolist() == [49, 99, 149, 199]
    assert run.loss.tolist() == [1.5, 1.2, 1.0, 0.9]
    assert run.learning_rate.tolist() == [0.001, 0.001, 0.0005, 0.0005]
    assert (run.validation_steps.tolist(), run.validation.tolist()) == ([99, 199], [1.3, 1.1])


def test_a_trainers_history_is_read_from_its_step_losses_and_not_from_its_summary():
    log = read_log(TRAINER)
    (run,) = log.runs
    assert (run.steps.tolist(), run.loss.tolist()) == ([500, 1000, 1500], [2.9, 2.1, 1.7])
    assert run.learning_rate.tolist() == [5e-5, 3e-5, 1e-5]
    assert run.validation.tolist() == [2.0, 1.9]
    assert any("Of 2 columns named as a loss, loss is read" in note for note in log.notes)


def test_our_own_csv_comes_back_to_the_last_digit():
    history = train(Experiment(epochs=150))
    runs = read_log(to_csv(history)).runs
    assert [run.name for run in runs] == ["lane 0", "lane 1", "lane 2"]
    for lane, run in enumerate(runs):
        there = ~np.isnan(history.loss[lane])
        np.testing.assert_array_equal(run.loss, history.loss[lane, there])
        assert run.rate == history.experiment.learning_rates[lane]


SEPARATORS = [",", ";", "\t"]
STEPS = ["step", "Global Step", "iteration", "batch", "trainer/global_step", "_step"]
LOSSES = ["loss", "Training Loss", "train/loss", "trainLoss", "train_loss", "Loss (train)"]
HELD_OUT = ["val_loss", "Validation Loss", "eval/loss", "test_loss", "valloss", "loss/valid"]
RATES = ["Learning Rate", "lr", "learningrate", "learning_rate", "lr-Adam", "train/learning_rate"]
# Every spelling with each separator, beside others each time.
SPELLINGS = [
    (separator, STEPS[k], LOSSES[k - turn], HELD_OUT[k - 2 * turn], RATES[k - 3 * turn])
    for turn, separator in enumerate(SEPARATORS)
    for k in range(6)
]


@for_each("separator, step, loss, held, rate", SPELLINGS, slow=product(SEPARATORS, STEPS, LOSSES, HELD_OUT, RATES[:1]))
def test_many_spellings_mean_the_same(separator, step, loss, held, rate):
    rows = [[step, loss, held, rate], ["0", "2", "2.5", "0.1"], ["5", "1", "1.5", "0.1"]]
    run = run_of("\r\n".join(separator.join(row) for row in rows))
    assert (run.steps.tolist(), run.loss.tolist(), run.validation.tolist()) == ([0, 5], [2, 1], [2.5, 1.5])
    assert run.rate == 0.1


@pytest.mark.parametrize("rate", ["lr", "LR", "learning_rate", "learningRate", "learningrate", "lr-AdamW", "train/lr"])
def test_many_spellings_of_the_rate_mean_the_same(rate):
    assert run_of(f"step,loss,{rate}\n0,2,0.1\n5,1,0.1\n").rate == 0.1


def test_without_names_one_column_is_losses_and_two_are_step_and_loss():
    alone, two = run_of("2.5\n1.5\n1e-3\n"), run_of("10,2.5\n20,1.5\n")
    assert (alone.axis, alone.steps.tolist(), alone.loss.tolist()) == ("record", [0, 1, 2], [2.5, 1.5, 1e-3])
    assert (two.axis, two.steps.tolist(), two.loss.tolist()) == ("step", [10, 20], [2.5, 1.5])


def test_a_column_of_names_and_one_of_rates_tell_runs_apart():
    named = read_log("run,step,loss\na,0,3\nb,0,5\na,1,2\nb,1,4\n").runs
    assert [(run.name, run.loss.tolist()) for run in named] == [("a", [3, 2]), ("b", [5, 4])]
    rated = read_log("step,lr,loss\n0,.1,3\n1,.1,2\n0,.2,3\n1,.2,1\n").runs
    assert [(run.rate, run.loss.tolist()) for run in rated] == [(0.1, [3, 2]), (0.2, [3, 1])]


def test_columns_named_by_their_rate_are_runs():
    runs = read_log("step,lr=0.1,lr=0.01\n0,3,4\n1,2,3\n").runs
    assert [(run.rate, run.loss.tolist()) for run in runs] == [(0.1, [3, 2]), (0.01, [4, 3])]


def test_a_number_is_never_the_name_of_a_column_and_so_never_a_rate():
    assert "names and the number 0.1" in sentence("step,0.1,lr=0.01\n0,3,4\n1,2,3\n")


@pytest.mark.parametrize(
    ("text", "losses"),
    [
        ("step;loss\n0;0,693\n1;1.234,5", [0.693, 1234.5]),
        ("loss\n0,5\n0,25", [0.5, 0.25]),
        ("0,693\n0,512\n0,4", [0.693, 0.512, 0.4]),
        ('step,loss\n0,"0,5"\n1,"0,4"', [0.5, 0.4]),
    ],
)
def test_decimal_commas_are_read_and_said(text, losses):
    log = read_log(text)
    assert log.runs[0].loss.tolist() == losses
    assert "Commas in numbers were read as decimal commas." in " ".join(log.notes)


def test_commas_of_thousands_are_no_decimal_commas():
    assert run_of('step,loss\n"1,000","1,234.5"\n"2,000",0.5').steps.tolist() == [1000, 2000]


def test_unsorted_steps_are_sorted_and_of_equal_ones_the_last_counts_and_both_are_said():
    log = read_log("step,loss\n3,1\n1,9\n1,8\n2,7\n5,2\n5,3\n")
    assert log.runs[0].steps.tolist() == [1, 2, 3, 5]
    assert log.runs[0].loss.tolist() == [8, 7, 1, 3]
    assert "The steps were out of order, and have been sorted." in log.notes
    assert any(note.startswith("2 rows repeat a step: the last one") for note in log.notes)


def test_an_epoch_of_many_rows_loses_none_of_them():
    log = read_log("epoch,batch,loss\n0,0,4\n0,1,3\n1,0,2\n1,1,1\n")
    assert (log.runs[0].axis, log.runs[0].loss.tolist()) == ("record", [4, 3, 2, 1])
    assert any("rows are counted" in note for note in log.notes)


def test_inf_and_nan_are_kept_and_empty_cells_are_not():
    run = run_of("step,loss\n0,1\n1,\n2,inf\n3,-inf\n4,NaN\n")
    assert run.steps.tolist() == [0, 2, 3, 4]
    np.testing.assert_array_equal(run.loss, [1, np.inf, -np.inf, np.nan])


def test_a_nan_written_into_a_row_of_validation_is_a_gap():
    run = run_of("step,loss,val_loss\n0,3,nan\n0,nan,3.1\n1,2,nan\n2,nan,nan\n1,nan,2.9\n")
    np.testing.assert_array_equal(run.loss, [3, 2, np.nan])
    assert run.validation.tolist() == [3.1, 2.9]


def test_a_nan_beside_a_validation_loss_counts_where_rows_hold_both():
    np.testing.assert_array_equal(run_of("epoch,loss,val_loss\n0,3,3.1\n1,nan,3.5\n").loss, [3, np.nan])


def test_cells_that_are_no_numbers_are_left_out_and_counted():
    log = read_log("step,loss\n0,2\n1,=1+1\n2,+cmd|' /C calc'!A0\n3,1\n")
    assert log.runs[0].loss.tolist() == [2, 1]
    assert "2 cells of the column loss hold no number: left out." in log.notes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_read_in_utf_8_and_with_its_mark_in_utf_16(encoding):
    assert run_of("run,step,loss\né,0,2\né,1,1\n".encode(encoding)).loss.tolist() == [2, 1]


@for_each(
    ("content", "says"),
    [
        ("", "empty"),
        (" \n\n", "empty"),
        ("step,loss\n0,é".encode("latin-1"), "byte 0xE9 at place 12 is not UTF-8"),
        (b"PK\x03\x04\x14\x00\x00\x00", "This workbook is damaged"),
        (b"\x00\x01\x02loss", "no text"),
        ("step,loss\n", "Only a first line"),
        ("hello\nworld\n", "No numbers with names were found in it; it begins with 'hello'"),
        ("step,loss\na,b\nc,d\n", "no number in it"),
        ("step,loss\n0,nan\n1,nan\n", "2 losses and none is a finite number"),
        ("=1+1,+cmd|' /C calc'!A0\n1,2\n2,3\n", "No column is named as a loss"),
        ("epoch,accuracy,auc\n0,0.5,0.6\n", "Found: epoch, accuracy, auc"),
        ("1,2,3\n4,5,6\n", "3 columns without names"),
        ("step,loss\n0,0,5\n1,0,4\n", "2 cells and another has 3"),
        ('step,loss\n0,"1\n1,2\n', "quotation mark"),
        ("step,loss\n" + "0,1\n" * 200 + "0,1,2,3\n", "in line 202"),
        ("c," * 10_001 + "\n", "10,002 columns; 10,000 are allowed"),
        ("1\n" * 2_000_200, "2,000,201 lines; 2,000,000 are allowed"),
        ("1" * 20_000_001, "20.0 MB; 20 are allowed"),
        ("run,step,loss\n" + "".join(f"r{k},0,1\nr{k},1,1\n" for k in range(1001)), "1,001 runs; 1,000 are allowed"),
    ],
)
def test_what_cannot_be_read_gets_one_sentence_that_names_it(content, says):
    assert says in sentence(content)


def test_ten_thousand_columns_are_read_for_the_one_that_counts():
    head, row = ",".join(["loss", *["c"] * 9_999]), ",".join(["1.5"] * 10_000)
    assert run_of(f"{head}\n{row}\n{row}\n").loss.tolist() == [1.5, 1.5]
    assert "and 9,995 more" in sentence(",".join(["c"] * 10_000) + "\n" + row)


@pytest.mark.parametrize("rows", [120_000, pytest.param(1_200_000, marks=pytest.mark.slow)])
def test_a_million_rows_are_all_there(rows):
    loss = np.random.default_rng(0).random(rows).round(4)
    table = pd.DataFrame({"step": np.arange(len(loss)), "loss": loss})
    np.testing.assert_array_equal(run_of(table.to_csv(index=False)).loss, loss)


def test_names_are_shortened_and_printable():
    (run,) = read_log("run,step,loss\n" + "x" * 500 + "\x07,0,1\n" + "y,1,2\n").runs
    assert run.name == "run"  # two rows, two names: no run has a curve, so the column is not one of runs
    long = read_log("run,step,loss\n" + f"{'x' * 500},0,1\n{'x' * 500},1,1\nb\x07,0,1\nb\x07,1,1\n").runs
    assert all(len(run.name) < 50 and run.name.isprintable() for run in long)


@pytest.mark.parametrize("title", EXAMPLES)
def test_every_example_is_read_without_a_number_lost(title):
    text = EXAMPLES[title]()
    cells = pd.read_csv(io.StringIO(text))  # the oracle: pandas by itself
    losses = [name for name in cells if name.endswith(("loss", "train_loss")) and "val" not in name]
    for run, name in zip(read_log(text).runs, losses, strict=True):
        np.testing.assert_array_equal(run.loss, cells[name].dropna())


@pytest.mark.parametrize(
    ("name", "rate"),
    [("lr=0.1", 0.1), ("sweep lr_3e-4 b32", 3e-4), ("learning rate 0.01", 0.01), ("LR-1e-3", 1e-3), ("lr 0", None)],
)
def test_a_rate_is_found_in_a_name(name, rate):
    assert rate_in(name) == rate


@pytest.mark.parametrize("name", ["color 3", "run 12", "mlr3", "lr", "lr=nan", "lr=1e999"])
def test_a_name_without_a_rate_has_none(name):
    assert rate_in(name) is None


@pytest.mark.parametrize("name", ["loss_scale", "eval_samples_per_second", "eval_runtime", "batch_size", "Wall time"])
def test_what_only_looks_like_a_loss_or_a_step_is_none(name):
    assert column(0, name).kind == "other"


WORDS = st.sampled_from(
    ["loss", "step", "run", "lr", "val_loss", "nan", "inf", "0", "1,5", "2.5", "-", "a - loss", "=1+1"]
)
CELLS = st.one_of(WORDS, st.text(max_size=4), st.floats().map(str), st.integers(-(10**400), 10**400).map(str))
TABLES = st.tuples(st.lists(st.lists(CELLS, max_size=4), max_size=6), st.sampled_from([",", ";", "\t", " "])).map(
    lambda both: "\n".join(both[1].join(row) for row in both[0])
)


@settings(max_examples=300)
@given(content=st.one_of(st.text(), st.binary(), TABLES))
def test_anything_at_all_is_read_or_refused_in_a_sentence(content):
    try:
        log = read_log(content)
    except UnreadableLog as refused:
        assert "\n" not in str(refused)
        assert str(refused).endswith(".")
        return
    for run in log.runs:
        assert len(run.steps) == len(run.loss) > 0
        assert (np.diff(run.steps) > 0).all()
        assert run.learning_rate is None or len(run.learning_rate) == len(run.loss)


@settings(max_examples=100)
@given(st.lists(st.floats(allow_subnormal=False), min_size=1, max_size=40))
def test_every_loss_that_is_written_is_read(losses):
    text = "step,loss\n" + "".join(f"{step},{loss!r}\n" for step, loss in enumerate(losses))
    if np.isfinite(losses).any():
        np.testing.assert_allclose(run_of(text).loss, losses, rtol=1e-14)
    else:
        assert "finite" in sentence(text)
