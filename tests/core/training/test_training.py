"""train: the tables of the article's line, both engines against each other, and what a History must be."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from core.data.datasets import LINES
from core.experiment.experiment import Experiment
from core.training.numpy_trainer import NumpyTrainer
from core.training.problems import minibatches, problem
from core.training.train import train
from tests.cases import for_each

ROOT = Path(__file__).parents[3]

# Loss after 1, 10, 100 and 1000 updates on x = 1..5, y = 2x, from w = b = 0.
TABLE = {
    1e-6: (43.99792002, 43.97920467, 43.79248894, 41.96842527),
    0.01: (25.6608, 0.2435452642, 0.02447442685, 5.511055188e-5),
    0.08: (35.0912, 4.593907453, 2.000786697e-4, None),
    1 / 12: (41.55555556, 24.8437322, 0.1449086478, None),
    0.0845: (43.947272, 43.48121335, 39.22206149, 14.07655201),
    0.085: (44.9928, 55.01250586, 412.7616619, 2.345310586e11),
    0.1: (82.08, 22552.86764, 5.561876918e28, 4.628306014e272),
    1.0: (22572, 5.60924851e28, 5.037964921e272, None),
}


def plain_loop(rate, epochs, x=range(1, 6), momentum=0.0):
    """(epochs + 1,) losses in Python floats alone: the article's loop, no arrays."""
    points = [(float(v), 2.0 * v) for v in x]
    w = b = speed_w = speed_b = 0.0
    losses = []
    for _ in range(epochs + 1):
        errors = [(v, w * v + b - y) for v, y in points]
        losses.append(sum(e * e for _, e in errors) / len(points))
        dw = 2 * sum(e * v for v, e in errors) / len(points)
        db = 2 * sum(e for _, e in errors) / len(points)
        speed_w, speed_b = momentum * speed_w + dw, momentum * speed_b + db
        w, b = w - rate * speed_w, b - rate * speed_b
    return np.array(losses)


def exact_losses(experiment, rate, epochs):
    """Loss after each number of epochs from the eigenvectors of the Hessian: no step is made."""
    task = problem(experiment)
    best = np.linalg.lstsq(task.inputs, task.targets, rcond=None)[0]
    floor = np.mean((task.inputs @ best - task.targets) ** 2)
    eigenvalues, vectors = np.linalg.eigh(2 / len(task.inputs) * task.inputs.T @ task.inputs)
    along = vectors.T @ (task.start - best)
    return np.array([floor + np.sum(eigenvalues * along**2 * (1 - rate * eigenvalues) ** (2 * k)) / 2 for k in epochs])


def test_the_loss_before_training_is_44_and_30():
    assert train(Experiment()).loss[:, 0].tolist() == [44, 44, 44]
    assert train(Experiment(data="article-torch")).loss[:, 0].tolist() == [30, 30, 30]


@pytest.mark.parametrize("engine", ["numpy", "torch"])
def test_the_losses_of_the_article_are_those_of_the_table(engine):
    table = TABLE if engine == "numpy" else {rate: TABLE[rate] for rate in (0.01, 0.08, 1.0)}
    history = train(Experiment(learning_rates=tuple(table), engine=engine))
    for row, expected in zip(history.loss, table.values(), strict=True):
        for epoch, loss in zip((1, 10, 100, 1000), expected, strict=True):
            if loss is not None:
                assert row[epoch] == pytest.approx(loss, rel=1e-9)
    last = dict(zip(table, history.loss[:, 1000], strict=True))
    assert np.isnan(last[1.0])
    assert last[0.08] < 1e-20 and last.get(1 / 12, 0.0) < 1e-20  # 7.33e-26 and 6.60e-24, in rounding


def test_the_exact_formula_gives_the_table_too():
    for rate in (0.01, 0.08, 1 / 12, 0.0845, 0.085, 0.1):
        expected = [loss for loss in TABLE[rate] if loss is not None]
        np.testing.assert_allclose(
            exact_losses(Experiment(), rate, (1, 10, 100, 1000))[: len(expected)], expected, rtol=1e-8
        )
    assert exact_losses(Experiment(), 0.08, [1000])[0] == pytest.approx(7.33e-26, rel=0.01)
    assert exact_losses(Experiment(), 1 / 12, [1000])[0] == pytest.approx(6.60e-24, rel=0.01)


@pytest.mark.parametrize("rate", [0.01, 0.1, 1.0])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_every_loss_is_that_of_a_plain_loop_up_to_its_overflow(rate, momentum):
    loss = train(Experiment(learning_rates=(rate,), momentum=momentum, epochs=300)).loss[0]
    expected = plain_loop(rate, 300, momentum=momentum)
    assert np.array_equal(np.isfinite(loss), np.isfinite(expected))
    finite = np.isfinite(expected)
    np.testing.assert_allclose(loss[finite], expected[finite], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("engine", ["numpy", "torch"])
def test_overflow_and_nan_come_at_the_epochs_of_the_table(engine):
    history = train(Experiment(learning_rates=(0.1, 1.0), epochs=2300, engine=engine))
    assert history.diverged_at.tolist() == [1129, 113]
    assert np.isinf(history.loss[0, 1129]) and np.isinf(history.loss[1, 113])
    nan = np.isnan(history.loss)
    if engine == "numpy":  # how long inf lasts before inf - inf comes up depends on the order of sums
        assert nan.argmax(axis=1).tolist() == [2262, 228]
    assert (nan.argmax(axis=1) >= [2262, 228]).all()
    assert nan[:, -1].all()


def test_a_rate_just_above_the_limit_overflows_after_31450_epochs():
    history = train(Experiment(learning_rates=(0.085,), epochs=63_000))
    assert history.diverged_at.tolist() == [31450]
    assert np.isnan(history.loss[0]).argmax() == 62963


# Of each line a different half of the ways to train it.
WAYS = [
    (name, *way)
    for k, name in enumerate(LINES)
    for place, way in enumerate(product([False, True], [None, 3], [0.0, 0.9]))
    if place % 4 in (k % 4, 3 - k % 4)
]


@for_each("name, standardize, batch, momentum", WAYS, slow=product(LINES, [False, True], [None, 3], [0.0, 0.9]))
def test_both_engines_agree_to_a_billionth_on_stable_rates(name, standardize, batch, momentum):
    base = Experiment(data=name, standardize=standardize, momentum=momentum, start=(0.5, -0.25))
    x = problem(base).inputs
    steepest = np.linalg.eigvalsh(2 / len(x) * x.T @ x)[-1]
    limit = 2 / steepest if batch is None else 0.5 * (1 - momentum) / steepest
    rates = tuple(limit * part for part in (0.001, 0.1, 0.5, 0.95))
    base = replace(base, learning_rates=rates, epochs=12 if batch else 60, batch_size=batch)
    by_hand, by_torch = (train(replace(base, engine=engine)) for engine in ("numpy", "torch"))
    first = by_hand.loss[:, :1]
    np.testing.assert_allclose(
        by_torch.loss / np.maximum(by_hand.loss, 1e-10 * first),
        by_hand.loss / np.maximum(by_hand.loss, 1e-10 * first),
        rtol=1e-9,
        atol=1e-9,
    )
    size = np.abs(by_hand.parameters).max(axis=(0, 1))
    np.testing.assert_allclose(by_torch.parameters / size, by_hand.parameters / size, rtol=1e-9, atol=1e-9)
    assert (by_torch.diverged_at == by_hand.diverged_at).all()


@for_each(
    "name, precision, momentum",
    zip(LINES, ("float64", "float32", "float64", "float32", "float64"), (0.0, 0.9, 0.9, 0.0, 0.0), strict=True),
    slow=product(LINES, ["float64", "float32"], [0.0, 0.9]),
)
def test_both_engines_overflow_at_the_same_epoch(name, precision, momentum):
    x = problem(Experiment(data=name)).inputs
    limit = 2 * (1 + momentum) / np.linalg.eigvalsh(2 / len(x) * x.T @ x)[-1]
    rates = tuple(limit * times for times in (1.5, 3, 30))
    base = Experiment(data=name, precision=precision, momentum=momentum, learning_rates=rates, epochs=600)
    by_hand, by_torch = (train(replace(base, engine=engine)) for engine in ("numpy", "torch"))
    assert (by_hand.diverged_at > 0).all()
    assert by_hand.diverged_at.tolist() == by_torch.diverged_at.tolist()


def test_loss_rises_every_epoch_above_two_over_lambda_max_and_falls_every_epoch_below():
    steepest = 12 + np.sqrt(136)
    above, below = (train(Experiment(learning_rates=(part * 2 / steepest,), epochs=2000)) for part in (1.01, 0.99))
    loss = above.loss[0]
    assert (np.diff(loss[np.isfinite(loss)][400:]) > 0).all()
    # Rounding lets the loss wander once it is 1e-25 of the first.
    loss = below.loss[0]
    assert (np.diff(loss[loss > 1e-20]) < 0).all()


def test_above_the_limit_it_is_w_that_jumps_from_side_to_side():
    w = train(Experiment(learning_rates=(1.0,), epochs=50)).parameters[0, :, 0]
    side = np.sign(w - 2)
    assert (side[1:] == -side[:-1]).all()


def test_the_look_alikes_differ_by_less_than_six_in_ten_thousand_over_100_epochs():
    history = train(Experiment(learning_rates=(0.0845, 2.4311e-5), epochs=100))
    at_limit, too_slow = history.loss
    assert np.abs(at_limit / too_slow - 1).max() < 6e-4
    assert history.meter[0] == pytest.approx(np.full(100, 1.9994), abs=1e-4)
    assert history.meter[1] == pytest.approx(np.full(100, 0.0006), abs=5e-5)


@pytest.mark.parametrize("engine", ["numpy", "torch"])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_the_meter_is_twice_one_minus_actual_over_predicted_decrease(engine, momentum):
    history = train(
        Experiment(data="noisy-line", learning_rates=(0.001, 0.02), epochs=200, engine=engine, momentum=momentum)
    )
    task = problem(history.experiment)
    for lane in range(2):
        places = history.parameters[lane]
        slopes = 2 / len(task.inputs) * (places[:-1] @ task.inputs.T - task.targets) @ task.inputs
        losses = np.mean((places @ task.inputs.T - task.targets) ** 2, axis=1)
        moves = np.diff(places, axis=0)
        expected = 2 * (1 + np.diff(losses) / -np.sum(slopes * moves, axis=1))
        read = np.isfinite(history.meter[lane])
        assert read[:20].all()
        clear = read & (np.abs(np.diff(losses)) > 1e-6 * losses[1:])
        assert clear.sum() > 20
        np.testing.assert_allclose(history.meter[lane][clear], expected[clear], rtol=1e-5, atol=1e-5)


def test_on_a_line_the_meter_is_the_rate_times_the_curvature_along_the_step():
    rate = 0.05
    history = train(Experiment(learning_rates=(rate,), epochs=150))
    hessian = np.array([[22.0, 6.0], [6.0, 2.0]])
    moves = np.diff(history.parameters[0], axis=0)
    along = np.einsum("ei,ij,ej->e", moves, hessian, moves) / np.sum(moves**2, axis=1)
    np.testing.assert_allclose(history.meter[0], rate * along, rtol=1e-6)


def test_the_meter_is_silent_where_rounding_would_decide_it():
    low, high = 12 - np.sqrt(136), 12 + np.sqrt(136)
    for precision in ("float64", "float32"):
        history = train(Experiment(learning_rates=(0.05,), precision=precision, epochs=3000))
        readable = history.meter[0][np.isfinite(history.meter[0])]
        assert readable.size > 100
        assert (readable > 0.05 * low - 0.06).all() and (readable < 0.05 * high + 0.06).all()


def test_the_meter_of_mini_batches_sums_the_decreases_of_the_batch_losses():
    experiment = Experiment(data="noisy-line", learning_rates=(0.01,), batch_size=15, epochs=3, seed=2)
    history = train(experiment)
    task = problem(experiment)
    place, expected = task.start.copy(), []
    for batches in minibatches(experiment, 40):
        actual = predicted = 0.0
        for rows in batches:
            x, y = task.inputs[rows], task.targets[rows]
            slope = 2 / len(rows) * x.T @ (x @ place - y)
            new = place - 0.01 * slope
            actual += np.mean((x @ place - y) ** 2) - np.mean((x @ new - y) ** 2)
            predicted += slope @ (place - new)
            place = new
        expected.append(2 * (1 - actual / predicted))
    np.testing.assert_allclose(history.meter[0], expected, rtol=1e-9)
    np.testing.assert_allclose(history.parameters[0, -1], place, rtol=1e-12)


def test_standardizing_lets_a_rate_of_one_half_solve_the_line_in_one_step():
    for name in LINES:
        experiment = Experiment(data=name, standardize=True, learning_rates=(0.5,), epochs=1)
        task = problem(experiment)
        best = np.linalg.lstsq(task.inputs, task.targets, rcond=None)[0]
        np.testing.assert_allclose(train(experiment).parameters[0, 1], best, rtol=1e-12, atol=1e-12)


def test_two_exact_steps_solve_the_line_though_the_second_is_35_times_over_the_limit():
    low, high = 12 - np.sqrt(136), 12 + np.sqrt(136)
    assert (1 / low) / (2 / high) == pytest.approx(35, abs=0.01)
    first = train(Experiment(learning_rates=(1 / high,), epochs=1)).parameters[0, 1]
    second = train(Experiment(learning_rates=(1 / low,), start=tuple(first), epochs=1)).loss[0, 1]
    assert second < 1e-25


def test_momentum_makes_the_loss_rise_48_times_in_100_epochs():
    loss = train(Experiment(optimizer="momentum", momentum=0.9, learning_rates=(0.01,), epochs=100)).loss[0]
    assert (np.diff(loss) > 0).sum() == 48
    assert (np.diff(plain_loop(0.01, 100, momentum=0.9)) > 0).sum() == 48


def test_polyaks_optimum_takes_56_steps_with_4_rises_and_a_peak_of_9_7_times_the_start():
    low, high = 12 - np.sqrt(136), 12 + np.sqrt(136)
    rate = 4 / (np.sqrt(high) + np.sqrt(low)) ** 2
    momentum = ((np.sqrt(high) - np.sqrt(low)) / (np.sqrt(high) + np.sqrt(low))) ** 2
    assert (round(rate, 6), round(momentum, 6)) == (0.134876, 0.618513)
    loss = train(Experiment(momentum=momentum, learning_rates=(rate,), epochs=100)).loss[0]
    steps = int((loss <= 1e-6).argmax())
    assert steps == 56
    assert (np.diff(loss[: steps + 1]) > 0).sum() == 4
    assert loss.max() / loss[0] == pytest.approx(9.7, abs=0.005)


@for_each("fields", [{}, {"batch_size": 2}, {"engine": "torch"}, {"precision": "float32"}])
@for_each("epochs", [1, 63, 64, 65, 130])
def test_a_history_has_the_shapes_that_are_promised(fields, epochs):
    rates = (1e-6, 0.01, 0.02, 1.0)
    history = train(Experiment(learning_rates=rates, epochs=epochs, **fields))
    assert history.loss.shape == (4, epochs + 1)
    assert history.gradient_norm.shape == history.meter.shape == (4, epochs)
    assert history.parameters.shape == (4, epochs + 1, 2)
    assert history.diverged_at.shape == (4,)
    arrays = (history.loss, history.gradient_norm, history.meter, history.parameters)
    assert all(array.dtype == np.float64 for array in arrays)
    assert history.test_loss is None and history.sharpness is None and history.snapshots is None


@pytest.mark.parametrize("fields", [{}, {"batch_size": 2}, {"momentum": 0.5, "engine": "torch"}], ids=str)
def test_every_column_of_a_history_belongs_to_its_epoch(fields):
    history = train(Experiment(data="noisy-line", learning_rates=(0.001, 0.01), epochs=200, **fields))
    task = problem(history.experiment)
    errors = history.parameters @ task.inputs.T - task.targets
    np.testing.assert_allclose(history.loss, np.mean(errors**2, axis=2), rtol=1e-12)
    slopes = 2 / len(task.inputs) * errors @ task.inputs
    expected = np.linalg.norm(slopes, axis=2)[:, :-1]
    np.testing.assert_allclose(history.gradient_norm, expected, rtol=1e-9, atol=1e-12)
    assert np.array_equal(history.parameters[:, 0], np.zeros((2, 2)))


def test_diverged_at_is_the_first_loss_that_is_not_finite_or_minus_one():
    history = train(Experiment(learning_rates=(0.01, 1.0, 10.0), epochs=300))
    for loss, epoch in zip(history.loss, history.diverged_at, strict=True):
        bad = np.flatnonzero(~np.isfinite(loss))
        assert epoch == (bad[0] if bad.size else -1)


def test_a_history_is_shared_so_nobody_can_write_into_it():
    history = train(Experiment(epochs=3))
    for array in (history.loss, history.parameters, history.meter, history.gradient_norm, history.diverged_at):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize(
    "fields", [{}, {"data": "noisy-line", "batch_size": 4}, {"momentum": 0.9}, {"engine": "torch"}], ids=str
)
def test_a_lane_is_the_same_whatever_rates_stand_beside_it(fields):
    base = Experiment(epochs=300, **fields)
    alone = train(replace(base, learning_rates=(0.01,)))
    beside = train(replace(base, learning_rates=(1e6, 0.01, 1e-12, 1.0)))
    np.testing.assert_allclose(beside.loss[1], alone.loss[0], rtol=1e-9, atol=1e-18)
    np.testing.assert_allclose(beside.parameters[1], alone.parameters[0], rtol=1e-9, atol=1e-12)


def test_the_same_experiment_gives_the_very_same_history():
    experiment = Experiment(data="noisy-line", batch_size=7, learning_rates=(0.01, 0.05), epochs=50, seed=9)
    assert np.array_equal(train(experiment).loss, train(experiment).loss)
    assert not np.array_equal(train(experiment).loss, train(replace(experiment, seed=10)).loss)


@pytest.mark.parametrize(
    "fields", [{"epochs": 60_000}, {"epochs": 1500, "data": "penguins", "batch_size": 40}], ids=str
)
def test_progress_is_told_in_rising_parts_of_one(fields):
    told = []
    train(Experiment(learning_rates=(1e-6,), **fields), told.append)
    assert len(told) > 3
    assert told == sorted(told)
    assert all(0 <= part <= 1 for part in told)
    assert told[-1] > 0.5


@pytest.mark.parametrize("fields", [{"epochs": 200_000}, {"epochs": 20_000, "batch_size": 1}], ids=str)
def test_what_progress_raises_stops_the_run_at_once(fields, monkeypatch):
    class Stopped(Exception):
        pass

    steps, plain_step = [], NumpyTrainer.step

    def step(self, multiplier=1.0):
        steps.append(1)
        plain_step(self, multiplier)

    def stop(part):
        if part > 0:
            raise Stopped

    monkeypatch.setattr(NumpyTrainer, "step", step)
    experiment = Experiment(learning_rates=(0.01,), **fields)
    with pytest.raises(Stopped):
        train(experiment, stop)
    assert len(steps) < experiment.epochs * experiment.steps_per_epoch / 4


WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
from core import Experiment, diagnose, train
print(len(diagnose(train(Experiment()))))
print(train(Experiment(data="moons", hidden=(4,), learning_rates=(0.1,), epochs=9, sharpness=3)).sharpness.min() > 0)
try:
    train(Experiment(engine="torch"))
except ModuleNotFoundError as missing:
    print(missing)
"""


def test_without_torch_numpy_trains_and_the_message_says_how_to_install_it():
    done = subprocess.run([sys.executable, "-c", WITHOUT_TORCH], cwd=ROOT, capture_output=True, text=True)
    lanes, sharp, message = done.stdout.splitlines()
    assert (lanes, sharp) == ("3", "True")
    assert message.startswith("PyTorch is not installed.")
    pinned = re.search(r"^torch==\S+", (ROOT / "requirements.txt").read_text(), re.M).group()
    assert f"pip install {pinned}" in message
