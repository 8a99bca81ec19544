"""Console lines of many tools come out with their right values; a wrong reading would be worse than none."""

from __future__ import annotations

import numpy as np
import pytest

from core.instruments.log.run import Run
from core.instruments.log.training_log import read_log
from tests.cases import for_each

LOSSES = [round(2.3 * 0.86**k, 4) for k in range(12)]
HELD = [round(loss + 0.1, 4) for loss in LOSSES]


def lines(form: str) -> str:
    """The form for each of twelve steps: k counts from 0, n from 1, h in hundreds; a is its loss, b the other."""
    return "".join(form.format(k=k, n=k + 1, h=100 * k + 100, a=LOSSES[k], b=HELD[k]) for k in range(12))


def run_of(text: str, name: str = "run") -> Run:
    (run,) = read_log(text, name).runs
    return run


MIXED = {
    "[rank0] step {k} loss {a}\n[rank1] step {k} loss {b}\n": ["rank 0", "rank 1"],
    "INFO rank=0 step={k} loss={a}\nINFO rank=1 step={k} loss={b}\n": ["rank 0", "rank 1"],
    "[0]: step {k} loss {a}\n[1]: step {k} loss {b}\n": ["rank 0", "rank 1"],
    "[default0]:step {k} loss {a}\n[default1]:step {k} loss {b}\n": ["process 0", "process 1"],
    "[default0]:[2023-01-01 10:00:00,1] step={k} loss={a}\n[default7]:[2023-01-01 10:00:00,1] step={k} loss={b}\n": [
        "process 0",
        "process 7",
    ],
    "R0: step {k} loss {a}\nR1: step {k} loss {b}\n": ["rank 0", "rank 1"],
    "process_index=0, epoch={k}, loss={a}\nprocess_index=1, epoch={k}, loss={b}\n": ["process 0", "process 1"],
    "[xla:0](30) Loss={a} Step={k}\n[xla:1](30) Loss={b} Step={k}\n": ["process 0", "process 1"],
    "0|step={k}|loss={a}\n1|step={k}|loss={b}\n": ["rank 0", "rank 1"],
    "step {k} loss {a} (rank 0)\nstep {k} loss {b} (rank 1)\n": ["rank 0", "rank 1"],
    "0: epoch {k} loss: {a}\n1: epoch {k} loss: {b}\n": ["rank 0", "rank 1"],
    "worker 3 | iter {k} | loss {a}\nworker 4 | iter {k} | loss {b}\n": ["worker 3", "worker 4"],
    "[GPU0] Epoch {k} | Loss: {a}\n[GPU1] Epoch {k} | Loss: {b}\n": ["process 0", "process 1"],
    "(Worker pid=2001) epoch: {k}, loss: {a}\n(Worker pid=2002) epoch: {k}, loss: {b}\n": [
        "process 2001",
        "process 2002",
    ],
    "2024-01-01 10:00:00,123 - [Rank 0] - Step: {k} - Loss: {a}\n"
    "2024-01-01 10:00:00,124 - [Rank 1] - Step: {k} - Loss: {b}\n": ["rank 0", "rank 1"],
    "[rank0]: {{'loss': {a}, 'step': {k}}}\n[rank1]: {{'loss': {b}, 'step': {k}}}\n": ["rank 0", "rank 1"],
    '{{"rank": 0, "step": {k}, "loss": {a}}}\n{{"rank": 1, "step": {k}, "loss": {b}}}\n': ["rank 0", "rank 1"],
}


@for_each("form", MIXED)
def test_lines_of_several_processes_are_runs_apart(form):
    log = read_log(lines(form))
    assert [run.name for run in log.runs] == MIXED[form]
    assert [run.loss.tolist() for run in log.runs] == [LOSSES, HELD]
    assert form.startswith("{{") or "Lines of 2 processes are mixed: each is read as a run." in log.notes


@pytest.mark.parametrize(
    "form", ["[rank0] step {k} loss {a}\n", "[{k}] train loss {a}\n", "{n}: loss {a} gpu 3.{k} step {k}\n"]
)
def test_one_process_is_one_run_and_what_counts_is_no_process(form):
    assert run_of(lines(form)).loss.tolist() == LOSSES


def test_a_value_that_is_called_as_a_process_is_tells_no_runs_apart():
    for value in ("GPU: {} GB,", "mean rank {}"):
        text = "".join(f"Epoch {k} {value.format(k % 3)} loss: {loss}\n" for k, loss in enumerate(LOSSES))
        assert run_of(text).loss.tolist() == LOSSES


def test_a_validation_line_that_names_no_process_is_that_of_the_first():
    first, second = read_log(lines("[rank0] step {k} loss {a}\n[rank1] step {k} loss {b}\nval loss: {b}\n")).runs
    assert (first.validation.tolist(), second.validation) == (HELD, None)


ABOUT = [
    "val loss: {b}\nEpoch {n}: train loss {a}\n",
    "Epoch {n}: val loss: {b}\nEpoch {n}: train loss {a}\n",
    "Epoch {n}: train loss {a}\nval loss: {b}\n",
    "train loss: {a}\nval loss: {b}\nfinished epoch {n}\n",
    "Epoch {n}/12\ntrain loss: {a}\nval loss: {b}\n",
    "Epoch {n}, train/val loss: {a}/{b}\n",
    "After {n} epochs the training loss is {a} and the validation loss is {b}\n",
]


@for_each("form", ABOUT)
def test_validation_joins_the_epoch_it_is_of_wherever_the_count_stands(form):
    log = read_log(lines(form))
    (run,) = log.runs
    assert run.axis == "epoch"
    assert run.steps.tolist() == run.validation_steps.tolist() == list(range(1, 13))
    assert (run.loss.tolist(), run.validation.tolist()) == (LOSSES, HELD)
    assert not any("assumed" in note for note in log.notes)


def test_validation_losses_below_all_the_training_losses_are_of_the_same_run():
    run = run_of(lines("Epoch {n} train loss {a}\n") + lines("Epoch {n} val loss {b}\n"))
    assert (run.loss.tolist(), run.validation.tolist()) == (LOSSES, HELD)
    assert run.validation_steps.tolist() == run.steps.tolist()


def test_where_the_epoch_of_a_validation_loss_can_not_be_known_that_is_said():
    cut = lines("val loss: {b}\nEpoch {n}: train loss {a}\n").replace("Epoch ", "Epoch 2")
    assert "Each loss is read as of the epoch in the line below it: that is assumed." in read_log(cut).notes
    log = read_log("val loss: 9.5\n" + lines("Epoch {n}: train loss {a}\nval loss: {b}\n"))
    assert log.runs[0].validation_steps.tolist() == list(range(13))
    assert "The validation loss above the first epoch is read as of epoch 0: assumed." in log.notes


@for_each(
    ("form", "rate"),
    [
        ("Iter {k} Loss {a} L.r. 3e-4\n", 3e-4),
        ("Iter {k} Loss {a} lr: 3e-4\n", 3e-4),
        ("Adjusting learning rate of group 0 to 1.0000e-03.\nepoch {k}: loss {a}\n", 1e-3),
        ("Epoch {k} | Loss {a} | Learning Rate = 3.00E-04 |\n", 3e-4),
        ("[batch={n}/1000]:\n\t Train loss/train/total: {a}\n\t Train lr-AdamW/group0: 3e-4\n", 3e-4),
        ("Epoch {k} base_lr: 2.0000e-02 lr: 1.0e-02 loss: {a}\n", 1e-2),
    ],
)
def test_the_rate_is_read_as_it_is_printed(form, rate):
    run = run_of(lines(form))
    assert (run.loss.tolist(), run.rate) == (LOSSES, pytest.approx(rate))


def test_thousands_are_one_number_in_lines_and_quoted_between_commas():
    assert run_of(lines("step: {n},000 | loss: {a}\n")).steps.tolist() == [1000.0 * n for n in range(1, 13)]
    run = run_of(lines("Step {n},250,000 loss {a} lr 1e-3\n"))
    assert (run.steps[0], run.rate) == (1_250_000, 1e-3)
    assert run_of('step,loss\n0,"1,900"\n1,"1,500"\n').loss.tolist() == [1900, 1500]
    assert run_of('step,loss\n"1,000",0.9\n"2,000",0.5\n').steps.tolist() == [1000, 2000]


def test_among_decimal_commas_a_number_with_a_point_is_none():
    assert run_of("step;loss\n0;0,9\n1;0,5\n2;0.25\n3;0,2\n").loss.tolist() == [0.9, 0.5, 0.2]


def test_two_kinds_of_line_that_tell_a_loss_of_the_same_steps_are_not_mixed():
    log = read_log(lines("loss = {a}, step = {h}\nSaving dict for global step {h}: global_step = {h}, loss = {b}\n"))
    assert log.runs[0].loss.tolist() == LOSSES
    assert "Two kinds of line tell a loss of the same steps: the first kind is read." in log.notes


# Of each tool: its lines, whether they have validation, the learning rate.
TOOLS: dict[str, tuple[str, bool, float | None]] = {
    "fairseq": (
        '2023-01-01 00:00:01 | INFO | train_inner | {{"epoch": 1, "update": 0.{k}, "loss": "{a}", "ppl": "4.1", '
        '"lr": "0.0005", "num_updates": "{h}", "gnorm": "1.2"}}\n',
        False,
        5e-4,
    ),
    "paddle": (
        "[2023-05-01 10:00:00,123] [    INFO] - global step {h}, epoch: 1, batch: {h}, loss: {a}, speed: 3.2 step/s\n",
        False,
        None,
    ),
    "stable-baselines": (
        "-----------\n| time/           |       |\n|    total_timesteps   | {h}  |\n| train/     |       |\n"
        "|    learning_rate | 0.0003 |\n|    loss    | {a} |\n|    value_loss  | 5.1  |\n-----------\n",
        False,
        3e-4,
    ),
    "DeepSpeed": (
        "[2023-05-01 10:00:00,123] [INFO] [logging.py:96:log_dist] [Rank 0] step={h}, skipped=0, lr=[9.65e-06, 9e-06], "
        "mom=[(0.9, 0.95), (0.9, 0.95)]\nstep: {h} loss: {a} iter time (s): 0.5 samples/sec: 30.1\n",
        False,
        9.65e-6,
    ),
    "openpose": (
        "I0501 10:00:00.1 99 solver.cpp:228] Iteration {h}, loss = {a}\nI0501 10:00:00.1 99 solver.cpp:244]     Train "
        "net output #0: loss_stage1 = 3.1 (* 1 = 3.1 loss)\nI0501 10:00:00.1 99 sgd_solver.cpp:106] Iteration {h}, "
        "lr = 4e-05\n",
        False,
        4e-5,
    ),
    "marian": (
        "[2023-01-01 10:00:00] Ep. 1 : Up. {h} : Sen. 2,011 : Cost {a} * 812,333 @ 1,024 after 12,511,000 : Time 9.1s "
        ": 8200.1 words/s : gNorm 1.1 : L.r. 3.0000e-04\n",
        False,
        3e-4,
    ),
    "keras": (
        "Epoch {h}/1200\n\x1b[1m100/100\x1b[0m \x1b[32m━━━\x1b[0m \x1b[1m1s\x1b[0m 3ms/step - accuracy: 0.5 - loss: {a}"
        " - val_accuracy: 0.5 - val_loss: {b} - learning_rate: 0.0010\n",
        True,
        1e-3,
    ),
    "flax": (
        "I0501 10:00:00.123456 140 train.py:299] train epoch: {h}, loss: {a}, accuracy: 91.2\n"
        "I0501 10:00:00.123456 140 train.py:299] eval epoch: {h}, loss: {b}, accuracy: 90.2\n",
        True,
        None,
    ),
    "torchvision": (
        "Epoch: [{h}]  [   0/1000]  eta: 0:10:00  lr: 0.1  loss: {a} ({a})  acc1: 0.1 (0.1)\n"
        "Test:  [  0/10]  eta: 0:00:01  loss: {b} ({b})  acc1: 0.5 (0.5)\nTest:  Acc@1 10.1 Acc@5 20.1\n",
        True,
        0.1,
    ),
    "nnU-Net": (
        "2023-01-01 00:00:00.1: Epoch {h}\n2023-01-01 00:00:00.1: Current learning rate: 0.01\n2023-01-01 00:00:01.1: "
        "train_loss {a}\n2023-01-01 00:00:01.1: val_loss {b}\n2023-01-01 00:00:01.1: Epoch time: 100.1 s\n",
        True,
        0.01,
    ),
}


@for_each("tool", TOOLS)
def test_the_lines_of_a_tool_come_out_with_its_steps_losses_and_rate(tool):
    form, held, rate = TOOLS[tool]
    run = run_of(lines(form))
    np.testing.assert_array_equal(run.loss, LOSSES)
    assert run.steps.tolist() == [100 * n for n in range(1, 13)]
    assert (None if run.validation is None else run.validation.tolist()) == (HELD if held else None)
    assert run.rate == (rate and pytest.approx(rate))
