"""watch against a plain loop of torch.optim, of models that keep something: what it trains, and what it refuses."""

from __future__ import annotations

import copy
import itertools
import random
import threading
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from core import diagnose_curve
from core.instruments.watch.watch import watch
from tests.cases import for_each

RATES = (0.05, 0.3)


def plain_loop(model, loss_fn, data, optimizer, epochs, batch_size=None, seed=0, drop_last=False):
    """(the model trained, the losses over all rows by the loop everybody writes), each look at a deep copy."""
    torch.manual_seed(seed)
    model, loss_fn = copy.deepcopy((model, loss_fn))
    made, order, losses = optimizer(model.parameters()), np.random.default_rng(seed), []
    for epoch in range(epochs + 1):
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(seed)
            seen, of_it = copy.deepcopy((model, loss_fn))
            losses.append(of_it(seen(data[0]), data[1]).item())
        rows = len(data[1])
        drawn = order.permutation(rows) if batch_size else slice(None)
        ends = rows - batch_size + 1 if batch_size and drop_last else rows
        for first in range(0, ends if epoch < epochs else 0, batch_size or rows):
            x, y = (each[drawn[first : first + batch_size] if batch_size else drawn] for each in data)
            made.zero_grad()
            loss_fn(model(x), y).backward()
            made.step()
    return losses


def data_of(rows=20):
    drawn = np.random.default_rng(5)
    return tuple(torch.tensor(drawn.normal(size=(rows, k)), dtype=torch.float32) for k in (3, 1))


class Net(nn.Module):
    """3-4-1, and whatever a model below keeps beside."""

    def __init__(self):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(1)
            self.first, self.last = nn.Linear(3, 4), nn.Linear(4, 1)

    def forward(self, x):
        return self.last(torch.tanh(self.first(x)))


class BufferOfNone(Net):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", None)

    def forward(self, x):
        now = x.mean(0)
        self.mean = now if self.mean is None else 0.9 * self.mean + 0.1 * now
        return super().forward(x - self.mean)


class Queue(Net):
    def __init__(self):
        super().__init__()
        self.register_buffer("queue", torch.zeros(1, 3))

    def forward(self, x):
        self.queue = torch.cat([self.queue, x.detach()])[-50:]
        return super().forward(x - self.queue.mean(0))


class Resized(Net):
    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.zeros(0))

    def forward(self, x):
        self.seen.resize_(len(self.seen) + 1).fill_(len(self.seen))
        return super().forward(x) * (1 + self.seen.sum() / 1000)


class Counts(Net):
    calls = 0

    def forward(self, x):
        self.calls += 1
        return super().forward(x) / (1 + 0.1 * self.calls)


class Teacher(Net):
    """Is pulled towards the moving average of itself, which forward updates; hidden in a list where it is asked to."""

    def __init__(self, hidden=False, frozen=True):
        super().__init__()
        teacher = Net().requires_grad_(not frozen)
        self.teacher = [teacher] if hidden else teacher

    def forward(self, x):
        teacher = self.teacher[0] if isinstance(self.teacher, list) else self.teacher
        with torch.no_grad():
            for old, new in zip(teacher.parameters(), (*self.first.parameters(), *self.last.parameters()), strict=True):
                old.mul_(0.9).add_(new, alpha=0.1)
            target = teacher(x)
        said = super().forward(x)
        return said + 0.3 * (said - target)


class OwnRandomness(Net):
    """Drops a layer now and then, by Python's and NumPy's random numbers."""

    def forward(self, x):
        x = x if random.random() < 0.5 else 2 * x
        return super().forward(x * np.random.random())  # noqa: NPY002 - as models have it


class CountingLoss:
    def __init__(self):
        self.calls = 0

    def __call__(self, said, y):
        self.calls += 1
        return (said - y).square().mean() * (1 + 0.1 * self.calls)


def hooked():
    model = Net()
    model.calls = 0

    def count(module, inputs):
        module.calls = getattr(module, "calls", 0) + 1
        return (inputs[0] * module.calls,)

    model.first.register_forward_pre_hook(count)
    return model


def normed(kind):
    return nn.Sequential(nn.Linear(3, 4), kind, nn.Tanh(), nn.Linear(4, 1))


KEEP = {
    "a buffer of None": (BufferOfNone, nn.MSELoss),
    "a queue": (Queue, nn.MSELoss),
    "a buffer resized in place": (Resized, nn.MSELoss),
    "calls of forward": (Counts, nn.MSELoss),
    "calls of the loss": (Net, CountingLoss),
    "calls by a hook": (hooked, nn.MSELoss),
    "a teacher": (Teacher, nn.MSELoss),
    "a teacher in a list": (lambda: Teacher(hidden=True), nn.MSELoss),
    "a teacher that could be trained": (lambda: Teacher(frozen=False), nn.MSELoss),
    "batch norm": (lambda: normed(nn.BatchNorm1d(4)), nn.MSELoss),
    "parametrized": (lambda: nn.Sequential(nn.utils.parametrizations.spectral_norm(nn.Linear(3, 1))), nn.MSELoss),
    "dropout": (lambda: normed(nn.Dropout(0.5)), nn.MSELoss),
}


@for_each(("what", "batch_size"), [(what, size) for what in KEEP for size in (None, 8)])
def test_a_model_that_keeps_something_is_trained_as_by_the_plain_loop_to_the_last_bit(what, batch_size):
    make, loss = KEEP[what]
    torch.manual_seed(3)
    model, loss_fn, data = make(), loss(), data_of()
    watched = watch(model, loss_fn, data, (RATES[0], *RATES), epochs=4, batch_size=batch_size, held_out=data)
    for lane, rate in enumerate((RATES[0], *RATES)):
        by_hand = plain_loop(model, loss_fn, data, lambda p, rate=rate: torch.optim.SGD(p, lr=rate), 4, batch_size)
        assert watched.loss[lane].tolist() == by_hand, lane
    assert not np.array_equal(watched.loss[0], watched.loss[2])


def test_random_numbers_of_numpy_and_python_are_the_plain_loops_in_every_lane():
    random.seed(2)
    np.random.seed(2)  # noqa: NPY002
    before = random.getstate()
    watched = watch(OwnRandomness(), nn.MSELoss(), data_of(), (0.05, 0.05), epochs=5)
    assert random.getstate() == before
    drawn = [(random.random(), np.random.random()) for _ in range(5)]  # noqa: NPY002
    model, (x, y) = Net(), data_of()
    made = torch.optim.SGD(model.parameters(), lr=0.05)
    for epoch, (coin, factor) in enumerate(drawn):
        fixed = x * (1 if drawn[0][0] < 0.5 else 2) * drawn[0][1]  # what each look draws
        expected = nn.functional.mse_loss(model(fixed), y).item()
        assert watched.loss[0, epoch] == watched.loss[1, epoch] == pytest.approx(expected, rel=1e-6)
        made.zero_grad()
        nn.functional.mse_loss(model(x * (1 if coin < 0.5 else 2) * factor), y).backward()
        made.step()


def with_old(norm):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), norm(nn.Linear(4, 1)))


class Keeps(Net):
    def forward(self, x):
        self.kept = self.first(x)
        return self.last(torch.tanh(self.kept))


class KeepsMany(Net):
    def forward(self, x):
        self.kept = {"first": [self.first(x)]}
        return self.last(torch.tanh(self.kept["first"][0]))


class Locked(Net):
    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()


def scripted():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.script(nn.Linear(3, 1))


class LossWithALock:
    def __init__(self):
        self.lock = threading.Lock()

    def __call__(self, said, y):
        return (said - y).square().mean()


CALLS, COUNTER, LAST = [0], itertools.count(), Net()


def counted_in_a_list(said, y):
    CALLS[0] += 1
    return (said - y).square().mean() * (1 if CALLS[0] < 1000 else 2)


def counted_by_itertools(said, y):
    return (said - y).square().mean() * (1 if next(COUNTER) < 1000 else 2)


def teacher_outside(said, y):
    with torch.no_grad():
        LAST.last.bias += 0.1
    return (said - y).square().mean() + LAST.last.bias.detach().sum()


class CountsInItsClass(Net):
    calls = 0

    def forward(self, x):
        CountsInItsClass.calls += 1
        return super().forward(x)


class ChangesItsInput(Net):
    def forward(self, x):
        return super().forward(x.mul_(1.5))


def square(said, y):
    return (said - y).square().mean()


REFUSED = {
    "weight_norm": (
        lambda: with_old(nn.utils.weight_norm),
        square,
        "its module '2', a Linear, under torch.nn.utils.weight_norm: take torch.nn.utils.parametrizations.weight_norm",
    ),
    "spectral_norm": (
        lambda: with_old(nn.utils.spectral_norm),
        square,
        "its module '2', a Linear, under torch.nn.utils.spectral_norm: take torch.nn.utils.parametrizations",
    ),
    "activations": (
        lambda: nn.Sequential(Keeps()),
        square,
        "its module '0', a Keeps, whose .kept is a result of its forward pass: keep it by .detach()",
    ),
    "many activations": (KeepsMany, square, "a KeepsMany, whose .kept is a result of its forward pass"),
    "a lock": (lambda: nn.Sequential(Locked()), square, "its module '0', a Locked, whose .lock is a lock: make it"),
    "a script": (scripted, square, "a Linear, made by torch.jit: hand over the module that it was made from"),
    "a script within": (lambda: nn.Sequential(scripted()), square, "its module '0', a Linear, made by torch.jit"),
    "a loss with a lock": (Net, LossWithALock(), "loss_fn must be one that can be copied, got a LossWithALock"),
    "a list that counts": (Net, counted_in_a_list, "must count nothing outside of them, got 'CALLS[0]': keep it"),
    "a count": (Net, counted_by_itertools, "must count nothing outside of them, got 'COUNTER'"),
    "a class that counts": (
        CountsInItsClass,
        square,
        "must count nothing outside of them, got 'CountsInItsClass.calls'",
    ),
    "a teacher outside": (Net, teacher_outside, "must give the same rows the same loss, got"),
    "inputs changed": (ChangesItsInput, square, "model must leave its inputs as they are"),
}


@for_each("what", REFUSED)
def test_what_cannot_be_trained_as_the_plain_loop_does_is_refused_in_one_sentence(what):
    make, loss_fn, says = REFUSED[what]
    with pytest.raises(ValueError) as refusal:
        watch(make(), loss_fn, data_of(), (0.1,), epochs=2)
    said = str(refusal.value)
    assert says in said
    assert len(said) < 250 and "\n" not in said


def test_a_loss_that_counts_without_telling_is_refused_by_its_loss():
    class Hidden:
        calls = 0

    def loss_fn(said, y):
        Hidden.calls += 1
        return (said - y).square().mean() + (0 if Hidden.calls < 6 else 1)

    with pytest.raises(ValueError, match="must give the same rows the same loss"):
        watch(Net(), loss_fn, data_of(), (0.1,), epochs=3)


def test_a_last_batch_of_one_is_refused_for_batch_norm_and_left_out_when_asked():
    model, data = normed(nn.BatchNorm1d(4)), data_of(21)
    with pytest.raises(ValueError, match=r"^batch_size must leave no batch of one row .* or drop_last=True$"):
        watch(model, nn.MSELoss(), data, (0.1,), epochs=2, batch_size=5)
    watched = watch(model, nn.MSELoss(), data, (0.1,), epochs=3, batch_size=5, drop_last=True)
    by_hand = plain_loop(
        model, nn.MSELoss(), data, lambda p: torch.optim.SGD(p, lr=0.1), 3, batch_size=5, drop_last=True
    )
    assert watched.loss[0].tolist() == by_hand


def test_a_log_of_losses_that_are_tensors_with_gradients_is_diagnosed():
    losses = [torch.tensor(2.0 * 0.9**k, requires_grad=True) for k in range(40)]
    bare = diagnose_curve([2.0 * 0.9**k for k in range(40)])
    assert diagnose_curve(losses).label == diagnose_curve(torch.stack(losses)).label == bare.label
