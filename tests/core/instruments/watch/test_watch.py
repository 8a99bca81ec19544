"""watch against the lab's own runs, against loops written out, and against whole Hessians; what it leaves alone."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from core.experiment.experiment import Experiment
from core.instruments.watch.watch import Watched, watch
from core.training.history import History
from core.training.problems import problem
from core.training.train import train
from tests.cases import for_each

ROOT = Path(__file__).parents[4]
MEASURED = ("loss", "gradient_norm", "meter")
BENDS = {"tanh": nn.Tanh, "relu": nn.ReLU}


def draw(*shape: int, seed: int = 5) -> torch.Tensor:
    return torch.tensor(np.random.default_rng(seed).normal(size=shape))


def small_data(rows: int = 20, inputs: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    """x (rows, inputs), y (rows, 1) of no pattern, in float64."""
    return draw(rows, inputs), draw(rows, 1, seed=6)


def small_model(*parts: nn.Module) -> nn.Sequential:
    """3-4-1, with whatever comes between its layers, from weights that are always the same."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), *parts, nn.Linear(4, 1)).double()


def as_module(experiment: Experiment) -> tuple[nn.Sequential, list[torch.Tensor], list[torch.Tensor] | None]:
    """(the model an experiment trains, its data, its rows held out) as anybody would build them in PyTorch."""
    task = problem(experiment)
    parts: list[nn.Module] = []
    if task.network is None:
        shapes = [(task.start[:1, None], task.start[1:])]
    else:
        shapes = [(layer.weights[0], layer.biases[0, 0]) for layer in task.network.layers(task.start[None])]
    for weights, biases in shapes:
        layer = nn.Linear(*weights.shape).double()
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(weights.T.copy()))
            layer.bias.copy_(torch.tensor(biases.copy()))
        parts += [layer, BENDS[experiment.activation]()]

    def rows(inputs: np.ndarray, targets: np.ndarray) -> list[torch.Tensor]:
        return [torch.tensor(inputs[:, :-1]), torch.tensor(targets.reshape(len(targets), -1))]

    tested = None if task.test_inputs is None else rows(task.test_inputs, task.test_targets)
    return nn.Sequential(*parts[:-1]), rows(task.inputs, task.targets), tested


def watched_experiment(experiment: Experiment, loss_fn: nn.Module, optimizer=None) -> Watched:
    model, data, tested = as_module(experiment)
    return watch(
        model,
        loss_fn,
        data,
        experiment.learning_rates,
        epochs=experiment.epochs,
        batch_size=experiment.batch_size,
        optimizer=optimizer,
        held_out=tested,
        seed=experiment.seed,
        sharpness=experiment.sharpness,
    )


def check_same(watched: Watched, history: History, names=("loss", "gradient_norm")) -> None:
    for name in names:
        np.testing.assert_allclose(getattr(watched, name), getattr(history, name), rtol=1e-9, atol=1e-12, err_msg=name)
    np.testing.assert_array_equal(watched.diverged_at, history.diverged_at)


def check_meters(watched: Watched, history: History) -> None:
    """The meter is one minus a quotient of small differences: it keeps fewer digits than what it is made of."""
    np.testing.assert_allclose(watched.meter, history.meter, rtol=1e-6, atol=1e-7)


def momentum(parameters, rate):
    return torch.optim.SGD(parameters, lr=rate, momentum=0.8)


def adam(parameters, rate):
    return torch.optim.Adam(parameters, lr=rate)


@pytest.mark.parametrize("engine", ["torch", "numpy"])
@pytest.mark.parametrize("batch_size", [None, 2])
def test_a_line_is_trained_as_the_lab_trains_it_until_it_overflows(engine, batch_size):
    experiment = Experiment(learning_rates=(1e-6, 0.01, 0.05, 1.0), epochs=120, batch_size=batch_size, engine=engine)
    check_same(watched_experiment(experiment, nn.MSELoss()), train(experiment))
    stable = Experiment(learning_rates=(1e-6, 0.01, 0.05), epochs=40, batch_size=batch_size, engine=engine)
    check_meters(watched_experiment(stable, nn.MSELoss()), train(stable))


NETWORKS = [
    ({"data": "moons", "hidden": (6, 5), "loss": "mse", "sharpness": 8, "test_share": 0.2}, nn.MSELoss(), None),
    ({"data": "moons", "hidden": (5,), "batch_size": 32, "test_share": 0.2}, nn.BCEWithLogitsLoss(), None),
    ({"data": "penguins-species", "hidden": (5,), "batch_size": 60, "seed": 3}, nn.CrossEntropyLoss(), None),
    ({"data": "plane", "hidden": (5,), "optimizer": "momentum", "momentum": 0.8}, nn.MSELoss(), momentum),
    (
        {"data": "moons", "hidden": (5,), "optimizer": "adam", "momentum": 0.9, "batch_size": 50},
        nn.BCEWithLogitsLoss(),
        adam,
    ),
]


@pytest.mark.parametrize(("fields", "loss_fn", "optimizer"), NETWORKS)
def test_a_network_is_trained_as_the_lab_trains_it(fields, loss_fn, optimizer):
    experiment = Experiment(standardize=True, learning_rates=(0.003, 0.1), epochs=20, engine="torch", **fields)
    watched, history = watched_experiment(experiment, loss_fn, optimizer), train(experiment)
    check_same(watched, history)
    check_meters(watched, history)
    if experiment.test_share:
        check_same(watched, history, ("test_loss",))
    if experiment.sharpness:
        np.testing.assert_array_equal(watched.sharpness_epochs, history.sharpness_epochs)
        np.testing.assert_allclose(watched.sharpness, history.sharpness, rtol=1e-6)


def plain_loop(model, loss_fn, data, optimizer, epochs, batch_size, seed):
    """(2, epochs + 1) the loss over all rows by the loop everybody writes: in the mode the model is in, and in eval.

    Each look is at a copy, with PyTorch's random numbers as they were when the run began.
    """
    model = copy.deepcopy(model)
    made = optimizer(model.parameters())
    order = np.random.default_rng(seed)

    def look():
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(seed)
            modes = copy.deepcopy(model), copy.deepcopy(model).eval()
            return [loss_fn(each(*data[:-1]), data[-1]).item() for each in modes]

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        losses = [look()]
        for _ in range(epochs):
            rows = order.permutation(len(data[-1]))
            for first in range(0, len(rows), batch_size):
                *inputs, targets = [each[rows[first : first + batch_size]] for each in data]
                made.zero_grad()
                loss_fn(model(*inputs), targets).backward()
                made.step()
            losses.append(look())
    return np.array(losses).T


def test_the_meter_has_no_value_where_rounding_would_decide_it_as_the_labs_own():
    experiment = Experiment(learning_rates=(0.01, 0.08), epochs=1000, engine="torch")
    ours, theirs = (np.isnan(each.meter) for each in (watched_experiment(experiment, nn.MSELoss()), train(experiment)))
    assert 100 < theirs.sum() < 1900
    assert (ours != theirs).sum() < 20  # near the boundary the last digits of a loss decide


def test_a_small_conv_net_by_adam_in_mini_batches_is_the_plain_loop():
    images, labels = draw(30, 1, 6, 6).float(), torch.arange(30) % 3
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3))
    rates = (0.001, 0.05)
    watched = watch(
        model,
        nn.CrossEntropyLoss(),
        (images, labels),
        rates,
        epochs=5,
        batch_size=8,
        optimizer=torch.optim.Adam,
        seed=4,
    )
    for lane, rate in enumerate(rates):
        by_hand = plain_loop(
            model,
            nn.CrossEntropyLoss(),
            (images, labels),
            lambda parameters, rate=rate: torch.optim.Adam(parameters, lr=rate),
            epochs=5,
            batch_size=8,
            seed=4,
        )
        np.testing.assert_array_equal(watched.loss[lane], by_hand[0])


class TwoInputs(nn.Module):
    """Says w . x1 + v . x2, with dropout on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.drop = nn.Linear(3, 4), nn.Linear(2, 4), nn.Dropout(0.5)
        self.norm, self.last = nn.BatchNorm1d(4), nn.Linear(4, 1)

    def forward(self, x1, x2):
        return self.last(self.drop(self.norm(self.first(x1) + self.second(x2))))


@pytest.mark.parametrize("mode", ["train", "eval", "only the norm at rest"])
def test_dropout_batch_norm_and_two_inputs_are_the_plain_loop_in_the_mode_the_model_comes_in(mode):
    model = TwoInputs().double().train(mode != "eval")
    if mode == "only the norm at rest":
        model.norm.eval()
    data = (draw(24, 3), draw(24, 2, seed=8), draw(24, 1, seed=9))
    watched = watch(model, nn.MSELoss(), data, (0.02,), epochs=6, batch_size=8, held_out=data, seed=2)

    def optimizer(parameters):
        return torch.optim.SGD(parameters, lr=0.02)

    by_hand = plain_loop(model, nn.MSELoss(), data, optimizer, epochs=6, batch_size=8, seed=2)
    np.testing.assert_allclose(watched.loss[0], by_hand[0], rtol=1e-12)
    np.testing.assert_allclose(watched.test_loss[0], by_hand[1], rtol=1e-12)


def test_rows_held_out_are_looked_at_in_eval_mode():
    model, data = small_model(nn.Dropout(0.5)), small_data()
    watched = watch(model, nn.MSELoss(), data, (1e-9,), epochs=1, held_out=data)
    x, y = data
    assert watched.test_loss[0, 0] == nn.MSELoss()(copy.deepcopy(model).eval()(x), y).item()
    assert watched.test_loss[0, 0] != watched.loss[0, 0]


def test_with_dropout_a_loss_without_a_step_stays_the_same_and_the_meter_is_that_of_the_masked_loss():
    model, data = small_model(nn.Dropout(0.5)), small_data()
    watched = watch(model, nn.MSELoss(), data, (1e-12,), epochs=4)
    np.testing.assert_allclose(watched.loss[0], watched.loss[0, 0], rtol=1e-9)
    # mean (said + b - y)^2 has curvature 2 in b, whatever the mask.
    model.requires_grad_(False)
    model[-1].bias.requires_grad_(True)
    for batch_size in (None, 7):
        meters = watch(model, nn.MSELoss(), data, (0.01, 0.2), epochs=4, batch_size=batch_size).meter
        np.testing.assert_allclose(meters, np.tile([[0.02], [0.4]], 4), rtol=1e-6)


def test_on_a_quadratic_the_meter_is_the_rate_times_the_curvature():
    model, x = nn.Linear(1, 1, bias=False).double(), draw(10, 1)
    curvature = 2 * float((x**2).mean())
    rates = np.array([0.1, 0.9, 1.9, 2.5]) / curvature
    watched = watch(model, nn.MSELoss(), (x, 3 * x), rates, epochs=5, sharpness=2)
    np.testing.assert_allclose(watched.meter, np.tile(rates[:, None] * curvature, 5), rtol=1e-6)
    np.testing.assert_allclose(watched.sharpness, curvature, rtol=1e-9)
    np.testing.assert_allclose(watched.rate_times_sharpness()[:, 0], rates * curvature, rtol=1e-9)
    assert watched.edge == 2.0
    assert [each.role for each in watched.diagnose()][-1] == "high"


class Tied(nn.Module):
    """The same layer twice, then one that is frozen."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.again, self.last = nn.Linear(3, 3), None, nn.Linear(3, 1)
        self.again = self.layer
        self.last.requires_grad_(False)

    def forward(self, x):
        return self.last(torch.tanh(self.again(torch.tanh(self.layer(x)))))


def test_tied_parameters_count_once_frozen_ones_not_at_all_and_the_sharpness_is_that_of_the_whole_hessian():
    model, (x, y) = Tied().double(), small_data()
    watched = watch(model, nn.MSELoss(), (x, y), (0.3,), epochs=1, sharpness=1)

    def loss(weight, bias):
        named = {"layer.weight": weight, "layer.bias": bias}
        return nn.functional.mse_loss(torch.func.functional_call(model, named, (x,)), y)

    at = (model.layer.weight.detach(), model.layer.bias.detach())
    slopes = torch.func.grad(loss, argnums=(0, 1))(*at)
    gradient = torch.cat([each.flatten() for each in slopes])
    blocks = torch.autograd.functional.hessian(loss, at)
    whole = torch.cat(
        [torch.cat([b.reshape(p.numel(), -1) for b in row], 1) for p, row in zip(at, blocks, strict=True)]
    )
    assert watched.gradient_norm[0, 0] == pytest.approx(gradient.norm().item(), rel=1e-12)
    assert watched.sharpness[0, 0] == pytest.approx(torch.linalg.eigvalsh(whole)[-1].item(), rel=1e-7)
    stepped = [old - 0.3 * slope for old, slope in zip(at, slopes, strict=True)]
    assert watched.loss[0, 1] == pytest.approx(loss(*stepped).item(), rel=1e-12)


def state_of(model: nn.Module) -> dict[str, torch.Tensor]:
    gradients = {f"grad {name}": each.grad for name, each in model.named_parameters() if each.grad is not None}
    return {name: each.detach().clone() for name, each in (model.state_dict() | gradients).items()}


@pytest.mark.parametrize("around", [torch.enable_grad, torch.no_grad, torch.inference_mode])
def test_the_model_its_gradients_its_mode_and_the_random_numbers_are_left_as_they_were(around):
    model, (x, y) = small_model(nn.BatchNorm1d(4).double(), nn.Dropout(0.2)), small_data()
    nn.MSELoss()(model(x), y).backward()
    model[2].eval()
    before, modes, rng_state = state_of(model), [m.training for m in model.modules()], torch.get_rng_state()
    leaves = [id(each) for each in model.parameters()]
    with around():
        grad_mode = torch.is_grad_enabled()
        watch(model, nn.MSELoss(), (x, y), (0.1, 1e5), epochs=3, batch_size=7, held_out=(x, y), sharpness=2)
        assert torch.is_grad_enabled() == grad_mode
    after = state_of(model)
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert [m.training for m in model.modules()] == modes and [id(each) for each in model.parameters()] == leaves
    assert torch.equal(torch.get_rng_state(), rng_state)


def test_a_run_stopped_by_its_progress_puts_the_random_numbers_back_too():
    def stop(fraction):
        raise KeyboardInterrupt

    rng_state = torch.get_rng_state()
    with pytest.raises(KeyboardInterrupt):
        watch(small_model(nn.Dropout(0.5)), nn.MSELoss(), small_data(), (0.1,), progress=stop)
    assert torch.equal(torch.get_rng_state(), rng_state)


def test_a_lane_does_not_depend_on_the_others_and_progress_goes_to_one():
    told: list[float] = []
    model, data = small_model(nn.Dropout(0.5)), small_data()
    both = watch(model, nn.MSELoss(), data, (0.01, 0.2), epochs=5, batch_size=6, sharpness=2, progress=told.append)
    (alone,) = watch(model, nn.MSELoss(), data, (0.2,), epochs=5, batch_size=6, sharpness=2).loss
    np.testing.assert_array_equal(both.loss[1], alone)
    assert both.loss[0, 0] == both.loss[1, 0]
    assert told == sorted(told) and len(told) == 10 and told[-1] == 1.0


def test_a_divergence_is_recorded_also_where_the_loss_refuses_what_is_no_number():
    model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid()).double()
    nn.init.zeros_(model[0].weight)
    x, y = torch.tensor([[1.0, 1.0], [1.0, -1.0]]).double(), torch.tensor([[1.0], [0.0]]).double()
    with pytest.raises(RuntimeError, match="between 0 and 1"):
        nn.BCELoss()(torch.full_like(y, torch.nan), y)
    bad = watch(model, nn.BCELoss(), (1e200 * x, y), (0.1, 1.0), epochs=8)  # infinity minus infinity
    assert (bad.diverged_at == 1).all() and np.isfinite(bad.loss[:, 0]).all()
    assert np.isnan(bad.loss[:, 1:]).all()
    assert bad.diagnose()[1].label == "diverged"


def test_float32_is_trained_in_float32_and_recorded_in_float64():
    model, (x, y) = small_model().float(), small_data()
    watched = watch(model, nn.MSELoss(), (x.float(), y.float()), (0.05,), epochs=3, sharpness=1)
    exact = watch(model.double(), nn.MSELoss(), (x, y), (0.05,), epochs=3, sharpness=1)
    np.testing.assert_allclose(watched.loss, exact.loss, rtol=1e-5)
    np.testing.assert_allclose(watched.sharpness, exact.sharpness, rtol=1e-3)
    assert watched.loss.dtype == watched.meter.dtype == float


def test_embeddings_with_sparse_gradients_and_parameters_without_any_are_trained():
    class Words(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table, self.unused, self.last = nn.Embedding(5, 3, sparse=True), nn.Linear(2, 2), nn.Linear(3, 1)

        def forward(self, words):
            return self.last(self.table(words)).squeeze(1)

    watched = watch(Words(), nn.MSELoss(), (torch.arange(20) % 5, torch.arange(20) / 20.0), (0.1,), epochs=20)
    assert watched.loss[0, -1] < watched.loss[0, 0]
    with pytest.raises(ValueError, match=r"^sharpness must be 0 for a model that can't be differentiated twice: "):
        watch(Words(), nn.MSELoss(), (torch.arange(20) % 5, torch.arange(20) / 20.0), (0.1,), epochs=1, sharpness=1)


def test_the_table_and_the_arrays_have_the_names_and_shapes_of_a_history():
    experiment = Experiment(
        data="moons", hidden=(3,), learning_rates=(0.1, 0.3), epochs=30, sharpness=4, test_share=0.2
    )
    watched, history = watched_experiment(experiment, nn.BCEWithLogitsLoss()), train(experiment)
    for name in (*MEASURED, "diverged_at", "test_loss", "sharpness", "sharpness_epochs"):
        assert getattr(watched, name).shape == getattr(history, name).shape
        assert not getattr(watched, name).flags.writeable
    ours, theirs = watched.frame(points=12), history.frame(points=12)
    assert list(ours.columns) == list(theirs.columns)
    assert ours["epoch"].tolist() == theirs["epoch"].tolist()
    np.testing.assert_allclose(ours.to_numpy(), theirs.to_numpy(), rtol=1e-5, atol=1e-7)
    assert len(watched.frame(points=None)) == 2 * 31


def test_verdicts_tell_too_slow_good_and_too_high_with_the_sharpness_beside_its_line():
    experiment = Experiment(learning_rates=(1e-6, 0.01, 1.0), epochs=100)
    model, data, _ = as_module(experiment)
    watched = watch(model, nn.MSELoss(), data, experiment.learning_rates, sharpness=2)
    slow, good, high = watched.diagnose(floor=0.0)
    assert (slow.label, good.label, high.role) == ("too_slow", "good", "high")
    assert "rate × sharpness went from 0.2366 to 0.2366, the line is 2" in good.evidence


def test_a_run_thrown_above_its_start_is_too_high_however_calm_it_ends():
    loss = np.append(1.0, np.full(99, 5.0))
    calm = Watched(
        learning_rates=(1.0,),
        loss=loss[None],
        gradient_norm=np.ones((1, 99)),
        meter=np.zeros((1, 99)),
        diverged_at=np.array([-1]),
    )
    (found,) = calm.diagnose()
    assert found.role == "high" and "the steps are too large" in found.reason
    with pytest.raises(ValueError, match="sharpness must be measured"):
        calm.rate_times_sharpness()


@pytest.mark.parametrize(
    ("optimizer", "edge"),
    [
        (momentum, 3.6),
        (lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.5, nesterov=True), 1.5),
        (lambda p, lr: torch.optim.SGD(p, lr=lr, weight_decay=0.1), None),
        (adam, None),
    ],
)
def test_the_line_of_the_sharpness_is_told_where_the_update_rule_has_one(optimizer, edge):
    watched = watch(small_model(), nn.MSELoss(), small_data(), (0.01,), epochs=1, optimizer=optimizer)
    assert watched.edge == pytest.approx(edge)


X, Y = small_data()
OTHER_MODEL = small_model()
REFUSED = [
    ({"learning_rates": (0.1, -0.1)}, "learning_rates must be > 0, got -0.1"),
    ({"learning_rates": ()}, "learning_rates must hold at least one rate, got none"),
    ({"learning_rates": 0.1}, "learning_rates must be a sequence of numbers, got 0.1"),
    ({"learning_rates": (float("nan"),)}, "learning_rates must be from 1e-12 to 1e+06, got nan"),
    ({"epochs": 0}, "epochs must be from 1 to 1e+06, got 0"),
    ({"epochs": 1.5}, "epochs must be a whole number, got 1.5"),
    ({"batch_size": 21}, "batch_size must be from 1 to 20, got 21"),
    ({"batch_size": 0}, "batch_size must be from 1 to 20, got 0"),
    ({"sharpness": -1}, "sharpness must be from 0 to 1e+06, got -1"),
    ({"seed": -1}, "seed must be from 0 to 4.29497e+09, got -1"),
    ({"data": X}, "data must be tensors (x, y), or (x1, x2, ..., y), got Tensor: use torch.as_tensor"),
    ({"data": (X.numpy(), Y)}, "data must be tensors (x, y), or (x1, x2, ..., y), got (ndarray, Tensor)"),
    ({"data": (X,)}, "data must be tensors (x, y), or (x1, x2, ..., y), got 1 of them"),
    ({"data": (X, Y[:3])}, "data must have equally many rows, at least 1, got 20, 3"),
    ({"data": (X[:0], Y[:0])}, "data must have equally many rows, at least 1, got 0, 0"),
    ({"held_out": (X, X, Y)}, "held_out must be tensors (x, y), or (x1, x2, ..., y), got 3 of them: data has 2"),
    ({"model": nn.Linear}, "model must be a torch.nn.Module, got type"),
    ({"model": small_model().requires_grad_(False)}, "model must have a parameter to train, got none"),
    ({"model": nn.LazyLinear(1)}, "model must have all its weights, got a lazy one: run it once"),
    ({"model": nn.Linear(3, 1, dtype=torch.complex64)}, "model must have real parameters, got complex ones"),
    ({"loss_fn": 3}, "loss_fn must be a function of (model(x), y), got int"),
    ({"loss_fn": nn.MSELoss(reduction="none")}, "loss_fn must return one number, a tensor, got shape (20, 1)"),
    ({"loss_fn": lambda said, y: 3.0}, "loss_fn must return one number, a tensor, got 3.0"),
    ({"loss_fn": lambda said, y: y.mean()}, "loss_fn must depend on what the model says"),
    ({"loss_fn": nn.Bilinear(1, 1, 1)}, "loss_fn must have nothing to train, got parameters"),
    (
        {"loss_fn": lambda said, y: (said - y).square().mean() + OTHER_MODEL[0].weight.square().sum()},
        "loss_fn must use only what it is given, got one that reads the model's own weights",
    ),
    ({"optimizer": lambda p, lr: None}, "optimizer must make a torch.optim.Optimizer"),
    ({"optimizer": torch.optim.LBFGS}, "optimizer must make one step from one gradient, got LBFGS"),
    (
        {"optimizer": lambda p, lr: torch.optim.SGD(OTHER_MODEL.parameters(), lr=lr)},
        "optimizer must use the parameters it is given, which are a copy's, got others",
    ),
]


@for_each(("changed", "words"), REFUSED)
@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")
def test_what_cannot_be_is_refused_in_words_that_name_it(changed, words):
    asked = {
        "model": OTHER_MODEL,
        "loss_fn": nn.MSELoss(),
        "data": (X, Y),
        "learning_rates": (0.1,),
        "epochs": 2,
    } | changed
    before = state_of(OTHER_MODEL)
    with pytest.raises(ValueError, match="^" + re.escape(words)):
        watch(**asked)
    assert all(torch.equal(each, before[name]) for name, each in state_of(OTHER_MODEL).items())


def test_an_error_of_the_model_itself_comes_through():
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        watch(small_model(), nn.MSELoss(), small_data(inputs=2), (0.1,))


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300
    )


def test_core_gives_watch_when_asked_and_says_how_to_install_what_it_needs():
    code = (
        "import sys, core\nassert 'torch' not in sys.modules\nassert core.watch.__name__ == 'watch'\n"
        "from core import watch\nassert watch is core.watch\n"
    )
    assert python(code).returncode == 0
    without = python("import sys\nsys.modules['torch'] = None\nfrom core import *\nfrom core import watch")
    assert "ModuleNotFoundError: PyTorch is not installed. Install it with: pip install" in without.stderr
    assert "has no attribute 'wacth'" in python("import core\ncore.wacth").stderr


@pytest.mark.slow
def test_the_example_of_the_readme_runs_and_tells_its_three_rates_apart():
    blocks = re.findall(r"```py\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    (code,) = (block for block in blocks if "watch(" in block)
    done = python(code)
    assert done.returncode == 0, done.stderr
    slow, good, high = done.stdout.splitlines()
    assert slow.startswith("1e-05 Too slow") and good.startswith("0.003 Good") and "Too high" in high
