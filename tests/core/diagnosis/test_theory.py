"""Theory against numbers: finite differences, scikit-learn, and training itself."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression

from core.data.datasets import LINES, dataset
from core.diagnosis import theory
from core.experiment.experiment import Experiment
from core.methods.optimizers import UPDATE_RULES
from core.training.problems import problem
from core.training.train import train
from tests.cases import for_each

ARTICLE, FOUR_POINTS = Experiment(), Experiment(data="article-torch")
EVERY = [Experiment(data=name, standardize=scaled) for name in LINES for scaled in (False, True)]
every_line = for_each("experiment", EVERY)


def mean_square(experiment, parameters):
    task = problem(experiment)
    return np.mean((task.targets - parameters[0] * task.inputs[:, 0] - parameters[1]) ** 2)


def hessian_by_differences(experiment, at=(0.0, 0.0), h=1.0):
    """Second differences of the loss; exact but for rounding, because it is a quadratic."""
    at, e = np.asarray(at), h * np.eye(2)
    return np.array(
        [
            [
                (
                    mean_square(experiment, at + a + b)
                    - mean_square(experiment, at + a - b)
                    - mean_square(experiment, at - a + b)
                    + mean_square(experiment, at - a - b)
                )
                / (4 * h * h)
                for a in e
            ]
            for b in e
        ]
    )


def test_the_articles_hessians_are_whole_numbers():
    np.testing.assert_allclose(theory.landscape(ARTICLE).hessian, [[22, 6], [6, 2]], rtol=1e-15)
    np.testing.assert_allclose(theory.landscape(FOUR_POINTS).hessian, [[15, 5], [5, 2]], rtol=1e-15)


@pytest.mark.parametrize(
    ("experiment", "middle", "root", "digits"),
    [(ARTICLE, 12, 136, (0.33809621, 23.66190379)), (FOUR_POINTS, 8.5, 67.25, (0.29939027, 16.70060973))],
    ids=["five points", "four points"],
)
def test_the_articles_curvatures_are_those_of_the_table(experiment, middle, root, digits):
    exact = [middle - math.sqrt(root), middle + math.sqrt(root)]
    np.testing.assert_allclose(theory.curvatures(experiment), exact, rtol=1e-13)
    np.testing.assert_allclose(theory.curvatures(experiment), digits, atol=5e-9)


@pytest.mark.parametrize(
    ("experiment", "overshoot", "limit", "safest", "condition", "contraction"),
    [
        (ARTICLE, 0.04226203, 0.08452405, 1 / 12, 69.9857, 0.971825),
        (FOUR_POINTS, 0.05987805, 0.11975611, 2 / 17, 55.7821, 0.964778),
    ],
    ids=["five points", "four points"],
)
def test_the_articles_limits_are_those_of_the_table(experiment, overshoot, limit, safest, condition, contraction):
    assert theory.overshoot_limit(experiment) == pytest.approx(overshoot, abs=5e-9)
    assert theory.stability_limit(experiment) == pytest.approx(limit, abs=6e-9)
    assert theory.safest_rate(experiment) == pytest.approx(safest, rel=1e-14)
    low, high = theory.curvatures(experiment)
    assert high / low == pytest.approx(condition, abs=5e-5)
    assert np.abs(1 - theory.safest_rate(experiment) * np.array([low, high])) == pytest.approx(
        [contraction] * 2, abs=5e-7
    )


@every_line
def test_the_hessian_is_the_second_difference_of_the_loss(experiment):
    np.testing.assert_allclose(
        theory.landscape(experiment).hessian, hessian_by_differences(experiment), rtol=1e-7, atol=1e-7
    )


@every_line
def test_the_stability_limit_is_two_over_the_steepest_curvature(experiment):
    steepest = np.linalg.eigvalsh(hessian_by_differences(experiment))[-1]
    assert theory.stability_limit(experiment) == pytest.approx(2 / steepest, rel=1e-7)
    assert theory.overshoot_limit(experiment) == pytest.approx(1 / steepest, rel=1e-7)
    with_momentum = replace(experiment, momentum=0.9)
    assert theory.stability_limit(with_momentum) == pytest.approx(3.8 / steepest, rel=1e-7)


def limit_of_torch(**settings):
    """The largest rate at which torch.optim.SGD does not grow on x^2 / 2, by halving."""

    def grows(rate):
        x = torch.ones(1, dtype=torch.float64, requires_grad=True)
        optimizer, sizes = torch.optim.SGD([x], lr=rate, **settings), []
        for step in range(600):
            x.grad = x.detach().clone()
            optimizer.step()
            if step in (298, 299, 598, 599):
                sizes.append(abs(x.item()))
        return not math.isfinite(sizes[-1]) or max(sizes[2:]) > max(sizes[:2])

    low, high = 0.0, 100.0
    while high - low > 1e-4 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if grows(middle) else (middle, high)
    return high


# What each rule is while its preconditioner stands still: gradient descent with momentum, or with Adam's mean.
FROZEN = {
    ("sgd", 0.0): {},
    ("momentum", 0.5): {"momentum": 0.5},
    ("momentum", 0.9): {"momentum": 0.9},
    ("nesterov", 0.5): {"momentum": 0.5, "nesterov": True},
    ("nesterov", 0.9): {"momentum": 0.9, "nesterov": True},
    ("rmsprop", 0.0): {},
    ("rmsprop", 0.5): {"momentum": 0.5},
    ("adagrad", 0.0): {},
    ("adagrad", 0.9): {},
    ("adam", 0.0): {},
    ("adam", 0.5): {"momentum": 0.5, "dampening": 0.5},
    ("adam", 0.9): {"momentum": 0.9, "dampening": 0.9},
    ("adamw", 0.9): {"momentum": 0.9, "dampening": 0.9, "weight_decay": 0.0},
}


@for_each(("rule", "settings"), FROZEN.items())
def test_the_edge_of_every_rule_is_where_torch_begins_to_grow_on_a_quadratic(rule, settings):
    optimizer, momentum = rule
    experiment = Experiment(data="moons", hidden=(2,), optimizer=optimizer, momentum=momentum)
    assert theory.edge(experiment) == pytest.approx(limit_of_torch(**settings), rel=1e-3)


def test_a_rule_whose_line_is_not_known_is_refused_and_gets_no_other_rules_line():
    assert {rule for rule, _ in FROZEN} == set(UPDATE_RULES)
    for slip in ("adma", "SGD", "", None):
        with pytest.raises(ValueError, match=f"^optimizer must be one of sgd, momentum, .*, got {slip!r}: "):
            theory.stability_line(slip, 0.9)


def test_every_rule_has_its_edge_measured():
    assert {optimizer for optimizer, _ in FROZEN} == set(UPDATE_RULES)


@every_line
@for_each("optimizer", ["momentum", "nesterov"])
@for_each("momentum", [0.3, 0.9])
def test_with_momentum_a_line_settles_just_below_the_stability_limit_and_grows_just_above(
    experiment, optimizer, momentum
):
    run = replace(experiment, optimizer=optimizer, momentum=momentum, epochs=4000)
    limit = theory.stability_limit(run)
    vector = np.linalg.eigh(hessian_by_differences(experiment))[1][:, -1]
    best = np.array(theory.minimum(experiment)[0])
    history = train(replace(run, start=tuple(best + vector), learning_rates=(0.997 * limit, 1.003 * limit)))
    along = np.abs((history.parameters - best) @ vector)
    assert along[0, -1] < 0.1 * along[0, 0]
    assert not along[1, -1] < 10 * along[1, 0]  # nan where it overflowed


@for_each(
    "fields", [{"optimizer": "adam"}, {"optimizer": "adagrad"}, {"optimizer": "rmsprop"}, {"schedule": "warm-up"}]
)
@for_each("limit", [theory.stability_limit, theory.overshoot_limit])
def test_where_no_limit_is_known_beforehand_an_error_says_what_is_needed_and_what_to_do(fields, limit):
    with pytest.raises(ValueError, match=r"needs optimizer sgd, momentum or nesterov and a constant schedule.*measure"):
        limit(Experiment(**fields))
    assert not theory.predictable(Experiment(**fields))
    assert theory.predictable(ARTICLE)


@every_line
def test_curvatures_keep_the_digits_of_the_smallest(experiment):
    # det H = lmin lmax, and of a line it is 4 var(x): no eigenvalues needed.
    low, high = theory.curvatures(experiment)
    assert low * high == pytest.approx(4 * np.var(problem(experiment).inputs[:, 0]), rel=1e-9)


@every_line
def test_the_minimum_is_what_scikit_learn_finds(experiment):
    task = problem(experiment)
    model = LinearRegression().fit(task.inputs[:, :1], task.targets)
    best, floor = theory.minimum(experiment)
    np.testing.assert_allclose(best, [model.coef_[0], model.intercept_], rtol=1e-8, atol=1e-10)
    residual = np.mean((model.predict(task.inputs[:, :1]) - task.targets) ** 2)
    assert floor == pytest.approx(residual, rel=1e-9, abs=1e-20)


@every_line
def test_the_baseline_is_the_loss_of_the_best_constant(experiment):
    y = dataset(experiment.data).y
    assert theory.baseline(experiment) == pytest.approx(np.mean((y - y.mean()) ** 2), rel=1e-12)


@pytest.mark.parametrize("name", LINES)
def test_standardizing_turns_the_hessian_into_twice_the_identity(name):
    experiment = Experiment(data=name, standardize=True)
    np.testing.assert_allclose(theory.landscape(experiment).hessian, 2 * np.eye(2), atol=1e-12)
    assert theory.stability_limit(experiment) == pytest.approx(1.0, rel=1e-12)


@every_line
@settings(max_examples=20)
@given(w=st.floats(-100, 100), b=st.floats(-100, 100))
def test_loss_at_is_the_mean_of_squares_there(experiment, w, b):
    expected = mean_square(experiment, (w, b))
    tiny = 1e-9 * mean_square(experiment, (100.0, 100.0))
    assert theory.landscape(experiment).loss(np.array([w, b])) == pytest.approx(expected, rel=1e-9, abs=tiny)


def test_loss_at_takes_grids():
    grid = np.random.default_rng(0).normal(size=(3, 4, 2))
    losses = theory.landscape(ARTICLE).loss(grid)
    assert losses.shape == (3, 4)
    assert losses[2, 1] == pytest.approx(mean_square(ARTICLE, grid[2, 1]), rel=1e-9)


@every_line
@for_each("part", [0.01, 0.3, 0.9, 1.02])
def test_loss_after_is_what_training_gives(experiment, part):
    rate = part * theory.stability_limit(experiment)
    loss = train(replace(experiment, learning_rates=(rate,), epochs=400)).loss[0]
    for epoch in (0, 1, 2, 17, 100, 400):
        expected = theory.loss_after(experiment, rate, epoch)
        assert loss[epoch] == pytest.approx(expected, rel=1e-7, abs=1e-14 * loss[0])


def test_loss_after_no_epochs_is_the_first_loss_at_every_rate():
    # 1 - lr * curvature is exactly 0 where lr is 1 over a curvature, and 0^0 is 1.
    for experiment in EVERY:
        first = mean_square(experiment, (0.0, 0.0))
        for rate in (*1 / np.linalg.eigvalsh(theory.landscape(experiment).hessian), 0.5, 1e-12):
            assert theory.loss_after(experiment, rate, 0) == pytest.approx(first, rel=1e-9)


@pytest.mark.parametrize("curvature", [0, 1])
def test_loss_after_a_rate_of_one_over_a_curvature_is_finite(curvature):
    rate = 1 / np.linalg.eigvalsh(theory.landscape(ARTICLE).hessian)[curvature]
    assert np.isfinite(theory.loss_after(ARTICLE, float(rate), 1))


def test_loss_after_too_many_unstable_epochs_is_infinite():
    assert theory.loss_after(ARTICLE, 1.0, 10_000) == math.inf


# First epoch with a loss of at most 1e-6, x = 1..5.
EPOCHS_TO_A_MILLIONTH = {
    1e-6: 15_946_231,
    0.001: 15_944,
    0.01: 1592,
    1 / (12 + math.sqrt(136)): 375,
    0.08: 197,
    0.082: 192,
    1 / 12: 308,
    0.0845: 15_457,
}


@for_each(("rate", "epochs"), EPOCHS_TO_A_MILLIONTH.items())
def test_epochs_to_a_millionth_are_those_of_the_table(rate, epochs):
    assert theory.epochs_to(ARTICLE, rate, 1e-6) == epochs


@for_each("rate", [rate for rate in EPOCHS_TO_A_MILLIONTH if rate > 1e-4])
def test_epochs_to_is_where_training_gets_there(rate):
    epochs = theory.epochs_to(ARTICLE, rate, 1e-6)
    loss = train(replace(ARTICLE, learning_rates=(rate,), epochs=epochs + 5)).loss[0]
    assert int((loss <= 1e-6).argmax()) == epochs


@pytest.mark.parametrize("experiment", EVERY[4:], ids=lambda e: f"{e.data}-{e.standardize}")
def test_epochs_to_a_level_above_the_floor_is_where_training_gets_there(experiment):
    task = problem(experiment)
    best = np.linalg.lstsq(task.inputs, task.targets, rcond=None)[0]
    floor, first = mean_square(experiment, best), mean_square(experiment, (0.0, 0.0))
    rate = 0.3 * theory.stability_limit(experiment)
    loss = train(replace(experiment, learning_rates=(rate,), epochs=60)).loss[0]
    level = float(loss[20:22].mean()) if loss[21] < loss[20] * (1 - 1e-9) else (floor + first) / 2
    assert theory.epochs_to(experiment, rate, level) == int((loss <= level).argmax())


def test_no_rate_reaches_a_millionth_sooner_than_192_epochs():
    rates = np.linspace(0.0800, 0.0830, 301)
    epochs = [theory.epochs_to(ARTICLE, float(rate), 1e-6) for rate in rates]
    assert min(epochs) == 192
    fastest = rates[np.array(epochs) == 192]
    assert 0.0819 < fastest.min() < 0.0820 and 0.0823 < fastest.max() < 0.0825
    assert theory.epochs_to(ARTICLE, 0.0819, 1e-6) == 193


def test_what_is_never_reached_is_none_and_what_is_there_already_is_0():
    assert theory.epochs_to(ARTICLE, 0.09, 1e-6) is None
    assert theory.epochs_to(ARTICLE, 0.01, -1.0) is None
    assert theory.epochs_to(Experiment(data="noisy-line"), 0.01, 1e-3) is None
    assert theory.epochs_to(ARTICLE, 0.01, 44.0) == 0
    assert theory.epochs_to(ARTICLE, 0.01, 1000.0) == 0


def test_one_step_is_enough_for_a_standardized_line_at_one_half():
    assert theory.epochs_to(Experiment(standardize=True), 0.5, 1e-6) == 1


@pytest.mark.parametrize("rate", [1e-9, 1e-12])
def test_epochs_to_keeps_its_digits_at_the_smallest_rates(rate):
    # Gradient flow is exact here: the epochs are in proportion to 1 / lr.
    expected = 15_946_231 * 1e-6 / rate
    assert theory.epochs_to(ARTICLE, rate, 1e-6) == pytest.approx(expected, rel=2e-6)


@pytest.mark.parametrize(("budget", "best"), [(1, 0.0423), (10, 0.0653), (100, 0.0811), (1000, 0.0831)])
def test_the_best_rate_depends_on_the_budget(budget, best):
    rates = np.linspace(0.03, 0.0845, 1091)
    losses = [theory.loss_after(ARTICLE, float(rate), budget) for rate in rates]
    assert rates[int(np.argmin(losses))] == pytest.approx(best, abs=8e-5)


@pytest.mark.parametrize(("name", "limit"), [("article", 0.08452405), ("article-torch", 0.11975611)])
@pytest.mark.parametrize("times", [1.01, 1.5, 12.0])
def test_one_diverging_run_reveals_the_limit(name, limit, times):
    rate = times * limit
    loss = train(Experiment(data=name, learning_rates=(rate,), epochs=600)).loss[0]
    assert theory.limit_from_run(rate, loss) == pytest.approx(limit, rel=1e-7)


def test_a_run_with_fewer_than_two_finite_losses_reveals_nothing():
    assert math.isnan(theory.limit_from_run(1.0, np.array([44.0])))
    assert math.isnan(theory.limit_from_run(1.0, np.array([44.0, np.inf, np.nan])))
    assert math.isnan(theory.limit_from_run(1.0, np.array([np.nan, np.nan])))


def test_the_textbook_trio_of_a_run_that_three_rates_could_not_afford_is_shorter():
    long = Experiment(learning_rates=(0.01, 0.02), epochs=2_000_000)
    trio = theory.textbook_trio(long)
    assert len(trio.learning_rates) == 3
    assert trio.epochs == trio.largest_epochs() < long.epochs


def test_the_textbook_trio_is_a_hundredth_of_the_safest_the_safest_and_just_above_the_limit():
    trio = theory.textbook_trio(Experiment(data="penguins", epochs=7))
    low, high = np.linalg.eigvalsh(hessian_by_differences(trio))
    safest = 2 / (low + high)
    assert trio.learning_rates == pytest.approx((safest / 100, safest, 1.05 * 2 / high), rel=1e-7)
    assert (trio.data, trio.epochs) == ("penguins", 7)


@pytest.mark.parametrize("optimizer", ["momentum", "nesterov"])
@pytest.mark.parametrize("momentum", [0.0, 0.25, 0.9])
def test_below_the_overshoot_limit_w_never_crosses_its_minimum_and_above_it_does(momentum, optimizer):
    # Seen along the steepest direction, started on it.
    vector = np.linalg.eigh(theory.landscape(ARTICLE).hessian)[1][:, -1]
    best = np.array([2.0, 0.0])
    experiment = Experiment(optimizer=optimizer, momentum=momentum, start=tuple(best + vector), epochs=400)
    limit = theory.overshoot_limit(experiment)
    history = train(replace(experiment, learning_rates=(0.98 * limit, 1.5 * limit)))
    along = (history.parameters - best) @ vector
    assert (along[0][np.abs(along[0]) > 1e-9] > 0).all()
    assert along[1].min() < -1e-6


def test_the_diabetes_limits_are_those_known():
    data = load_diabetes(scaled=False)

    def hessian(x):
        design = np.column_stack([x, np.ones(len(x))])
        return 2 / len(x) * design.T @ design

    standardized = (data.data - data.data.mean(axis=0)) / data.data.std(axis=0)
    low_to_high = np.linalg.eigvalsh(hessian(standardized))
    assert 2 / low_to_high[-1] == pytest.approx(0.248496, abs=5e-7)
    assert low_to_high[-1] / low_to_high[0] == pytest.approx(470, abs=0.5)
    assert 2 / np.linalg.eigvalsh(hessian(data.data))[-1] == pytest.approx(1.359e-5, abs=5e-9)
