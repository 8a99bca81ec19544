"""The trainer from scratch, on problems built by hand: its gradient, its steps, and where it diverges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.data.datasets import LINES
from core.experiment.experiment import Experiment
from core.methods.network import Network
from core.training.numpy_trainer import NumpyTrainer
from core.training.problems import Problem, problem
from tests.cases import for_each

NUMBERS = st.floats(-10, 10)


def hand_built(inputs, targets, start):
    inputs = np.asarray(inputs, float)
    names = tuple("abcdefgh"[: inputs.shape[1]])
    return Problem(inputs=inputs, targets=np.asarray(targets, float), start=np.asarray(start, float), names=names)


def trainer(rates, task, **fields):
    return NumpyTrainer(Experiment(learning_rates=tuple(rates), **fields), task)


def run(machine, steps):
    """(steps + 1, R) losses."""
    losses = []
    for _ in range(steps):
        losses.append(machine.backward()[0].copy())
        machine.step()
    return np.array([*losses, machine.loss()])


def mean_square(task, parameters, rows=slice(None)):
    """The loss in one line of its own."""
    return np.mean((task.targets[rows] - task.inputs[rows] @ parameters) ** 2)


def slope(function, at, h=1e-6):
    """Central finite differences of a function of a vector."""
    return np.array([(function(at + h * e) - function(at - h * e)) / (2 * h) for e in np.eye(len(at))])


# The one-step example: x = 2, y = 10, w = 1, loss (y - w x)^2.
ONE_STEP = hand_built([[2.0]], [10.0], [1.0])


def test_the_gradient_of_the_one_step_example_is_minus_32():
    assert trainer((0.1,), ONE_STEP).backward()[1].tolist() == [[-32.0]]


@pytest.mark.parametrize(("rate", "w"), [(0.1, 4.2), (0.125, 5.0), (0.25, 9.0), (0.26, 9.32)])
def test_one_step_lands_where_the_hand_computes(rate, w):
    machine = trainer((rate,), ONE_STEP)
    run(machine, 1)
    assert machine.parameters[0, 0] == pytest.approx(w, rel=1e-15)
    if rate == 0.1:
        assert 2 * machine.parameters[0, 0] == pytest.approx(8.4, rel=1e-15)


def test_at_its_limit_the_one_step_example_bounces_1_9_1_9_for_ever():
    machine = trainer((0.25,), ONE_STEP)
    places = []
    for _ in range(100):
        places.append(machine.parameters[0, 0])
        run(machine, 1)
    assert places == [1.0, 9.0] * 50


def test_just_above_its_limit_the_one_step_example_diverges():
    losses = run(trainer((0.26,), ONE_STEP), 200)[:, 0]
    assert (np.diff(losses) > 0).all() and losses[-1] > 1e12


@for_each("name", LINES)
@for_each("standardize", [False, True])
def test_the_gradient_is_the_slope_of_the_loss(name, standardize):
    experiment = Experiment(data=name, standardize=standardize, learning_rates=(0.1, 0.2), start=(0.7, -0.3))
    task = problem(experiment)
    machine = NumpyTrainer(experiment, task)
    loss, gradient = machine.backward()
    expected = slope(lambda p: mean_square(task, p), task.start, h=1e-3)
    for r in range(2):
        assert loss[r] == pytest.approx(mean_square(task, task.start), rel=1e-12)
        np.testing.assert_allclose(gradient[r], expected, rtol=1e-7)


def test_the_gradient_of_a_mini_batch_is_the_slope_over_its_rows():
    task = problem(Experiment(data="noisy-line", start=(1.0, -2.0)))
    machine = trainer((0.1, 0.2), task)
    rows = np.array([3, 17, 4])
    loss, gradient = machine.backward(rows)
    assert loss == pytest.approx(np.full(2, mean_square(task, task.start, rows)), rel=1e-12)
    np.testing.assert_allclose(gradient, [slope(lambda p: mean_square(task, p, rows), task.start, 1e-3)] * 2, rtol=1e-8)


@given(
    arrays(float, st.tuples(st.integers(1, 8), st.integers(1, 5)), elements=NUMBERS),
    st.integers(0, 2**32 - 1),
)
def test_the_gradient_is_right_for_any_data_and_any_number_of_parameters(inputs, seed):
    draw = np.random.default_rng(seed)
    task = hand_built(inputs, draw.normal(size=len(inputs)), draw.normal(size=inputs.shape[1]))
    gradient = trainer((0.1,), task).backward()[1][0]
    expected = slope(lambda p: mean_square(task, p), task.start, 1e-3)
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-6)


@st.composite
def bowls(draw):
    """A random quadratic with its minimum at zero, and a start with a share along the steepest direction."""
    shape = (draw(st.integers(1, 8)), draw(st.integers(1, 4)))
    inputs = draw(arrays(float, shape, elements=NUMBERS))
    eigenvalues, vectors = np.linalg.eigh(2 / len(inputs) * inputs.T @ inputs)
    assume(eigenvalues[-1] > 1e-3)
    along = [draw(st.floats(-3, 3)) for _ in eigenvalues[1:]] + [draw(st.floats(1, 3))]
    task = hand_built(inputs, np.zeros(len(inputs)), vectors @ along)
    return task, eigenvalues[-1], vectors[:, -1]


@settings(max_examples=30)
@given(bowls())
def test_two_over_lambda_max_alone_decides_whether_gradient_descent_diverges(bowl):
    task, steepest, direction = bowl
    limit = 2 / steepest
    assume(2e-12 < limit < 5e5)
    machine = trainer((limit * (1 - 1e-3), limit * (1 + 1e-3)), task)
    losses = run(machine, 3000)
    below, above = losses.T
    assert (np.diff(below)[below[:-1] > 1e-20 * below[0]] <= 0).all()
    # Along the steepest direction the error shrinks or grows by 1.998 - 1 or 2.002 - 1 a step.
    ends = np.abs(machine.parameters @ direction) / np.abs(task.start @ direction)
    assert ends[0] == pytest.approx(0.998**3000, rel=1e-3)
    assert ends[1] == pytest.approx(1.002**3000, rel=1e-3)
    assert above[-1] > above[0]


@settings(max_examples=20)
@given(bowls(), st.floats(0.05, 0.9))
def test_with_momentum_the_limit_is_2_times_1_plus_b_over_lambda_max(bowl, momentum):
    task, steepest, direction = bowl
    limit = 2 * (1 + momentum) / steepest
    assume(2e-12 < limit < 5e5)
    machine = trainer((limit * (1 - 1e-3), limit * (1 + 1e-3)), task, momentum=momentum)
    run(machine, 4000)
    first, (below, above) = np.abs(task.start @ direction), np.abs(machine.parameters @ direction)
    assert below < 1e-2 * first
    assert above > 1e2 * first


@settings(max_examples=30)
@given(bowls(), st.floats(0.01, 0.95))
def test_below_the_limit_the_loss_falls_every_epoch_and_above_it_rises_in_the_end(bowl, part):
    task, steepest, _ = bowl
    limit = 2 / steepest
    assume(1e-9 < limit < 1e5)
    below, above = run(trainer((part * limit, (1 + part) * limit), task), 300).T
    below = below[below > 1e-20 * below[0]]  # further down it is rounding that wanders
    assert (np.diff(below) <= 1e-12 * below[:-1]).all()
    late = above[150:]
    assert (np.diff(late[np.isfinite(late)]) > 0).all()


def test_rates_do_not_touch_each_other():
    task = problem(Experiment())
    rates = (0.01, 1e6, 0.05, 1e-12)
    with np.errstate(all="ignore"):
        together = run(trainer(rates, task), 300)
        alone = np.column_stack([run(trainer((rate,), task), 300) for rate in rates])
    np.testing.assert_allclose(together, alone, rtol=1e-10)
    assert np.isnan(together[-1, 1]) and np.isfinite(together[:, [0, 2, 3]]).all()


def test_single_precision_stays_single_and_rounds_as_single_does():
    task = problem(Experiment(data="noisy-line"))
    machine = trainer((0.05,), task, precision="float32")
    losses = run(machine, 50)
    assert machine.parameters.dtype == losses.dtype == np.float32
    exact = run(trainer((0.05,), task), 50)
    error = np.abs(losses / exact - 1).max()
    assert 1e-9 < error < 1e-4


def test_nothing_is_clipped_on_the_way_to_infinity():
    with np.errstate(all="ignore"):
        losses = run(trainer((1.0,), problem(Experiment())), 230)[:, 0]
    growth = losses[51:110] / losses[50:109]
    np.testing.assert_allclose(growth, (1 - 23.66190379) ** 2, rtol=1e-7)
    assert np.isfinite(losses[:113]).all() and np.isinf(losses[113]) and losses[112] > 1e300


def test_a_start_far_away_is_a_start_like_any_other():
    task = replace(problem(Experiment()), start=np.array([1e9, -1e9]))
    assert trainer((0.01,), task).loss()[0] == pytest.approx(mean_square(task, task.start), rel=1e-14)


NETWORK = Network(widths=(2, 4, 3, 1), loss="cross-entropy", l2=0.01)
RULES = {
    "sgd": (0.0, lambda parameters, rate: torch.optim.SGD(parameters, lr=rate)),
    "momentum": (0.9, lambda parameters, rate: torch.optim.SGD(parameters, lr=rate, momentum=0.9)),
    "nesterov": (0.9, lambda parameters, rate: torch.optim.SGD(parameters, lr=rate, momentum=0.9, nesterov=True)),
    "adagrad": (0.0, lambda parameters, rate: torch.optim.Adagrad(parameters, lr=rate)),
    "rmsprop": (0.5, lambda parameters, rate: torch.optim.RMSprop(parameters, lr=rate, momentum=0.5)),
    "adam": (0.8, lambda parameters, rate: torch.optim.Adam(parameters, lr=rate, betas=(0.8, 0.999))),
    "adamw": (0.8, lambda parameters, rate: torch.optim.AdamW(parameters, lr=rate, betas=(0.8, 0.999))),
}
BATCHES = {"full batch": [None], "mini-batches": [np.array([4, 1, 9, 0]), np.array([2, 3, 5, 6]), np.array([8, 7])]}


def network_task(test_points=0):
    """Ten points in the plane, and some held out, for the network above."""
    draw = np.random.default_rng(7)
    points = draw.normal(size=(10 + test_points, 2))
    inputs = np.column_stack([points, np.ones(len(points))])
    targets = (points[:, :1] * points[:, 1:] > 0).astype(float)
    held_out = {"test_inputs": inputs[10:], "test_targets": targets[10:]} if test_points else {}
    return Problem(
        inputs=inputs[:10], targets=targets[:10], start=NETWORK.start(3), names=(), network=NETWORK, **held_out
    )


def torch_objective(parameters, task, rows=None, inputs=None, targets=None):
    """The loss of the network above in torch's words, from a packed row."""
    inputs = task.inputs if inputs is None else inputs
    targets = task.targets if targets is None else targets
    x, y = (torch.tensor(part if rows is None else part[rows]) for part in (inputs[:, :-1], targets))
    first, second, last = (
        torch.split(part, [inputs * outputs, outputs])
        for part, (inputs, outputs) in zip(torch.split(parameters, [12, 15, 4]), [(2, 4), (4, 3), (3, 1)], strict=True)
    )
    x = torch.tanh(x @ first[0].reshape(2, 4) + first[1])
    x = torch.tanh(x @ second[0].reshape(4, 3) + second[1])
    x = x @ last[0].reshape(3, 1) + last[1]
    weights = torch.cat([first[0], second[0], last[0]])
    return torch.nn.BCEWithLogitsLoss()(x, y) + NETWORK.l2 * (weights**2).sum()


@for_each("batches", BATCHES.values())
@for_each("rule", RULES)
def test_a_network_trained_25_epochs_ends_where_a_plain_torch_loop_ends(rule, batches):
    task, rates, (momentum, optimizer) = network_task(), (0.003, 0.03), RULES[rule]
    machine = trainer(rates, task, optimizer=rule, momentum=momentum)
    for _ in range(25):
        for rows in batches:
            machine.backward(rows)
            machine.step()
    for r, rate in enumerate(rates):
        parameters = torch.tensor(task.start, requires_grad=True)
        theirs = optimizer([parameters], rate)
        for _ in range(25):
            for rows in batches:
                theirs.zero_grad()
                torch_objective(parameters, task, rows).backward()
                theirs.step()
        np.testing.assert_allclose(machine.parameters[r], parameters.detach().numpy(), rtol=1e-9, atol=1e-12)
        assert machine.loss()[r] == pytest.approx(torch_objective(parameters, task).item(), rel=1e-12)


def test_the_test_loss_of_a_network_is_the_loss_on_the_points_held_out():
    task = network_task(test_points=5)
    machine = trainer((0.1, 1.0), task)
    run(machine, 3)
    for r in range(2):
        parameters = torch.tensor(machine.parameters[r])
        expected = torch_objective(parameters, task, inputs=task.test_inputs, targets=task.test_targets).item()
        assert machine.test_loss()[r] == pytest.approx(expected, rel=1e-13)
        assert machine.test_loss()[r] != pytest.approx(machine.loss()[r], rel=1e-3)


def test_the_test_loss_of_a_line_is_the_mean_square_on_the_points_held_out():
    task = replace(ONE_STEP, test_inputs=np.array([[1.0], [3.0]]), test_targets=np.array([4.0, 3.0]))
    machine = trainer((0.125,), task)
    run(machine, 1)  # lands on w = 5
    assert machine.test_loss().tolist() == [((5 - 4) ** 2 + (15 - 3) ** 2) / 2]


@pytest.mark.parametrize("rule", ["sgd", "momentum", "nesterov"])
def test_a_rule_that_divides_by_nothing_has_no_preconditioner(rule):
    machine = trainer((0.1,), network_task(), optimizer=rule, momentum=0.5)
    run(machine, 2)
    assert machine.preconditioner() is None


def test_adams_preconditioner_tells_its_next_step_once_the_momentum_is_known():
    task = network_task()
    machine = trainer((0.1, 1.0), task, optimizer="adam", momentum=0.9)
    assert machine.preconditioner() is None
    velocity = 0.0
    for _ in range(5):
        before = machine.parameters
        velocity = 0.9 * velocity + 0.1 * machine.backward()[1]
        machine.step()
        moved = -np.array([[0.1], [1.0]]) * velocity / machine.preconditioner()
        np.testing.assert_allclose(machine.parameters - before, moved, rtol=1e-10, atol=1e-13)


@for_each("rule", RULES)
def test_a_multiplied_step_is_torchs_under_a_schedule(rule):
    task, (momentum, optimizer) = network_task(), RULES[rule]
    machine = trainer((0.03,), task, optimizer=rule, momentum=momentum)
    parameters = torch.tensor(task.start, requires_grad=True)
    theirs = optimizer([parameters], 0.03)
    schedule = torch.optim.lr_scheduler.LambdaLR(theirs, lambda k: 1 / (k + 1))
    for k in range(20):
        machine.backward()
        machine.step(1 / (k + 1))
        theirs.zero_grad()
        torch_objective(parameters, task).backward()
        theirs.step()
        schedule.step()
    np.testing.assert_allclose(machine.parameters[0], parameters.detach().numpy(), rtol=1e-11, atol=1e-14)


def test_a_network_in_single_precision_stays_single():
    machine = trainer((0.1,), network_task(test_points=3), precision="float32", optimizer="adam", momentum=0.9)
    losses = run(machine, 20)
    kept = (losses, machine.parameters, machine.test_loss(), machine.preconditioner())
    assert all(array.dtype == np.float32 for array in kept)
    exact = run(trainer((0.1,), network_task(), optimizer="adam", momentum=0.9), 20)
    np.testing.assert_allclose(losses, exact, rtol=1e-4)


def test_a_network_that_diverges_leaves_its_neighbours_alone():
    task = replace(network_task(), network=replace(NETWORK, activation="relu", loss="mse", l2=0.0))
    with np.errstate(all="ignore"):
        together = run(trainer((0.05, 1e6), task), 60)
        alone = run(trainer((0.05,), task), 60)
    np.testing.assert_allclose(together[:, 0], alone[:, 0], rtol=1e-12)
    assert not np.isfinite(together[-1, 1])
