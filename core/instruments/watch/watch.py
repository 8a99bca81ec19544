"""watch: what the lab measures of its own models, measured of yours, a torch.nn.Module, at several learning rates.

It runs the code of whoever calls it, so it is for notebooks and scripts; no page offers it.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy import ndarray as Array

from ...diagnosis.rules import Diagnosis, above_the_start, diagnose_curve, sharpness_words
from ...diagnosis.theory import stability_line
from ...experiment.experiment import RATE_LIMITS
from ...experiment.fields import Field
from ...training.history import spread_epochs, thin
from ...training.recorder import meter
from ...training.sharpness import lanczos

Loss = Callable[[Any, torch.Tensor], torch.Tensor]
MakeOptimizer = Callable[[list[torch.nn.Parameter], float], torch.optim.Optimizer]

_MOST = 1_000_000  # epochs, and epochs at which the sharpness is measured: beyond it is a slip of the keyboard
_FIRST, _LATER = 40, 4  # products of the first sharpness of a run, and at least of those after it, which start near
_START = 20_240_615  # draws the vector the first one starts from


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Watched:
    """A model of your own at R learning rates: the names and shapes of a History, column k after k epochs.

    It is no History, because that names the Experiment which makes it again, and your model can't be written into a
    link. So what rests on one (theory, floors, pictures of the data) is not here; what a curve and its meter tell is.

    loss (R, epochs + 1): of all training rows, inf and nan as they came.  test_loss: of the rows held out, or None.
    gradient_norm (R, epochs): length of the gradient of `loss` where the epoch begins.
    meter (R, epochs): learning rate x curvature along the step, 2 (1 - actual / predicted decrease), both decreases
        of the losses the steps were made from, summed over the epoch; nan where rounding would decide it.
    sharpness (R, M): the largest eigenvalue of the Hessian of `loss` at sharpness_epochs (M,), or None. It is the
        plain one: of Adam and its like, whose limit is about another, it tells less.
    edge: where learning rate x sharpness becomes unstable: 2 (1 + m) of SGD with momentum m; None of other rules.
    diverged_at (R,): first epoch whose loss is not finite, -1 if none.
    All float64 and read-only.
    """

    learning_rates: tuple[float, ...]
    loss: Array
    gradient_norm: Array
    meter: Array
    diverged_at: Array
    test_loss: Array | None = None
    sharpness: Array | None = None
    sharpness_epochs: Array | None = None
    edge: float | None = None

    def frame(self, points: int | None = 200) -> pd.DataFrame:
        """A tidy table: lane, learning_rate, epoch, loss, gradient_norm, meter; test_loss where there is one.

        points: about how many epochs of each lane to keep, as in History.frame (None: all).
        """
        return pd.concat([self._lane_frame(lane, points) for lane in range(len(self.loss))], ignore_index=True)

    def rate_times_sharpness(self) -> Array:
        """(R, M) learning rate x sharpness at each of `sharpness_epochs`; what is unstable above `edge`.

        Raises ValueError where the sharpness was not measured.
        """
        if self.sharpness is None:
            raise ValueError("sharpness must be measured, got a run with sharpness=0: pass sharpness=20, say")
        return np.asarray(np.array(self.learning_rates)[:, None] * self.sharpness)

    def diagnose(self, *, floor: float | None = None, baseline: float | None = None) -> tuple[Diagnosis, ...]:
        """One Diagnosis a lane, as `diagnose_curve` reads its loss and its meter, with the sharpness where measured.

        floor: the best loss the model can reach, baseline: the loss of the best constant prediction, where you know
        them; they tell what has converged from what has stopped.
        """
        found = (
            diagnose_curve(loss, meter=meter, floor=floor, baseline=baseline)
            for loss, meter in zip(self.loss, self.meter, strict=True)
        )
        return tuple(self._completed(each, lane) for lane, each in enumerate(found))

    def _completed(self, found: Diagnosis, lane: int) -> Diagnosis:
        """With what a curve alone does not say: that it was thrown above its start, and how its sharpness went."""
        found = above_the_start(found, self.loss[lane])
        if self.sharpness is None or self.diverged_at[lane] >= 0:
            return found
        return found.adding(*sharpness_words(self.rate_times_sharpness()[lane], self.edge))

    def _lane_frame(self, lane: int, points: int | None) -> pd.DataFrame:
        loss = self.loss[lane]
        epochs = np.arange(len(loss)) if points is None else thin(loss, points)
        table = {
            "lane": lane,
            "learning_rate": self.learning_rates[lane],
            "epoch": epochs,
            "loss": loss[epochs],
            "gradient_norm": np.append(self.gradient_norm[lane], np.nan)[epochs],
            "meter": np.append(self.meter[lane], np.nan)[epochs],
        }
        if self.test_loss is not None:
            table["test_loss"] = self.test_loss[lane, epochs]
        return pd.DataFrame(table)


def watch(
    model: torch.nn.Module,
    loss_fn: Loss,
    data: Sequence[torch.Tensor],
    learning_rates: Sequence[float],
    *,
    epochs: int = 100,
    batch_size: int | None = None,
    optimizer: MakeOptimizer | None = None,
    held_out: Sequence[torch.Tensor] | None = None,
    seed: int = 0,
    sharpness: int = 0,
    progress: Callable[[float], object] | None = None,
) -> Watched:
    """Train a copy of the model at each learning rate and return what happened.

    loss_fn(model(x), y): one number, the mean over rows.  data: (x, y) tensors with a row for each example; a model
    of several inputs takes (x1, x2, ..., y).  held_out: the same, only looked at.
    batch_size: rows in a step, drawn anew each epoch from the seed (None: all rows, in their order).
    optimizer(parameters, learning_rate): torch.optim.Adam, or a function that makes one; None is torch.optim.SGD.
    sharpness: at about how many epochs to measure it; each measurement takes 4 to 40 backward passes over all rows,
    memory for 40 times the weights in float64, and a model that can be differentiated twice.
    progress: called with the fraction done, from 0 to 1; what it raises stops the run.

    Fair: every copy begins with the model's weights, sees the same rows in the same order and has the same dropout
    masks. Nothing is clipped and nothing stops early.
    The mode the model comes in is the mode it is trained in, module by module: train() for dropout and batch norm at
    work, eval() for none, frozen parts as they are. Losses are looked at in that mode as well, because it is the loss
    the steps descend, with the same dropout masks at each look; held-out rows are looked at in eval mode. Looking
    changes no buffer. Only parameters with requires_grad are trained; tied ones count once.
    The model itself is left as it was, and so are PyTorch's random numbers. A small model is far faster after
    torch.set_num_threads(1).

    Raises ValueError naming the argument, what it must be and what to do. Refused are data that are no tensors (a
    DataLoader), an optimizer that asks for many gradients a step (LBFGS), and a loss_fn or optimizer that reaches for
    the model itself, where a copy is trained. What the model and PyTorch raise comes through.
    """
    rates = _rates(learning_rates)
    epochs, seed = _whole("epochs", epochs, 1, _MOST), _whole("seed", seed, 0, 2**32 - 1)
    sharpness = _whole("sharpness", sharpness, 0, _MOST)
    rows = _tensors("data", data)
    tested = None if held_out is None else _tensors("held_out", held_out, like=len(rows))
    batch_size = None if batch_size is None else _whole("batch_size", batch_size, 1, len(rows[-1]))
    _check_model(model, loss_fn)
    record = _Record(len(rates), epochs, tested is not None, sharpness)
    # A caller's inference_mode or no_grad would leave nothing to train by: this ends both.
    with torch.inference_mode(False), _kept_rng_state(), np.errstate(all="ignore"):
        for lane, rate in enumerate(rates):
            _set_seed(seed)
            one = _Lane(model, loss_fn, rows, tested, optimizer or _sgd, rate)
            if lane == 0:
                one.check_loss(model)
            for epoch, batches in enumerate(_minibatches(len(rows[-1]), epochs, batch_size, seed)):
                record.look(lane, epoch, one)
                record.steps(lane, epoch, one, batches)
                if progress:
                    progress((lane + (epoch + 1) / epochs) / len(rates))
            record.look(lane, epochs, one)
    return record.watched(rates, one.edge())


class _Lane:
    """One copy of the model, at one rate."""

    def __init__(
        self,
        model: torch.nn.Module,
        loss_fn: Loss,
        rows: list[torch.Tensor],
        tested: list[torch.Tensor] | None,
        optimizer: MakeOptimizer,
        rate: float,
    ) -> None:
        self._model, self._loss_fn = copy.deepcopy(model), loss_fn
        self._rows, self._tested, self._first_rng_state = rows, tested, _rng_state()
        self._trained = [each for each in self._model.parameters() if each.requires_grad]
        self._optimizer = optimizer(list(self._trained), rate)
        _check_optimizer(self._optimizer, self._trained)
        size = sum(each.numel() for each in self._trained)
        start = np.random.default_rng(_START).normal(size=(1, size))
        self._vector, self._products = start / np.linalg.norm(start), _FIRST
        targets = rows[-1]
        # Of class numbers 1, as of rows of probabilities.
        self._y_squared = float(targets.double().square().mean()) if targets.is_floating_point() else 1.0
        self._rounding = torch.finfo(self._trained[0].dtype).eps

    def look(self) -> tuple[float, float]:
        """(loss, length of its gradient) over all training rows; nothing is changed by it."""
        with self._unchanged():
            loss = self._loss(self._rows)
            gradient = _flat(torch.autograd.grad(loss, self._trained, materialize_grads=True))
        return loss.item(), float(gradient.norm())

    def test_loss(self) -> float:
        """The loss over the rows held out, in eval mode; to be asked only where there are some."""
        assert self._tested is not None
        modes = [module.training for module in self._model.modules()]
        with self._unchanged(), torch.no_grad():
            self._model.eval()
            loss = self._loss(self._tested).item()
        for module, mode in zip(self._model.modules(), modes, strict=True):
            module.training = mode
        return loss

    def step(self, batch: Array | None) -> tuple[float, float, float]:
        """One update from the rows of a batch (None: all): how much their loss fell, how much the gradient promised,
        and how large the loss was.
        """
        rows = self._rows if batch is None else [each[torch.from_numpy(batch)] for each in self._rows]
        rng_state = _rng_state()
        self._optimizer.zero_grad()
        loss = self._loss(rows)
        loss.backward()  # type: ignore[no-untyped-call]
        # Copies, as an optimizer may change both.
        gradient = _flat([torch.zeros_like(each) if each.grad is None else each.grad for each in self._trained])
        start = _flat(self._trained)
        self._optimizer.step()
        predicted = float(gradient @ (start - _flat(self._trained)))
        with self._unchanged(), torch.no_grad():
            _set_rng_state(rng_state)  # the decrease of the very loss the step was made from has its dropout masks
            after = self._loss(rows).item()
        before = loss.item()
        return before - after, predicted, max(before, after)

    def meter(self, actual: float, predicted: float, scale: float) -> float:
        """That of the lab's own runs: `meter` of core/training/recorder.py."""
        fell, promised, loss = np.array([actual, predicted, scale])[:, None]
        return float(meter(fell, promised, loss, self._y_squared, self._rounding)[0])

    def sharpness(self) -> float:
        """The largest eigenvalue of the Hessian of what `look` looks at, in the model's own precision."""
        if not all(bool(each.isfinite().all()) for each in self._trained):
            return np.nan
        try:
            with self._unchanged():
                (found,), vector = lanczos(self._hessian(), self._vector, self._products)
        except RuntimeError as error:
            raise ValueError(
                f"sharpness must be 0 for a model that can't be differentiated twice: {str(error).splitlines()[0]}"
            ) from error
        if np.isfinite(vector).all():
            self._vector, self._products = vector, _LATER
        return float(found)

    def edge(self) -> float | None:
        """Where learning rate x sharpness becomes unstable, of plain SGD and its momentum; None of all else."""
        rules = {
            (group["momentum"], group["nesterov"])
            for group in self._optimizer.param_groups
            if type(self._optimizer) is torch.optim.SGD and not group["dampening"] and not group["weight_decay"]
        }
        if len(rules) != 1:
            return None
        ((momentum, nesterov),) = rules
        return stability_line("nesterov" if nesterov else "momentum", float(momentum))

    def check_loss(self, model: torch.nn.Module) -> None:
        """Raises ValueError unless the loss is one number made from the copy's weights and not from the model's."""
        with self._unchanged():
            loss = self._loss(self._rows)
            if not isinstance(loss, torch.Tensor) or loss.numel() != 1:
                shape = f"shape {tuple(loss.shape)}" if isinstance(loss, torch.Tensor) else repr(loss)
                raise ValueError(f"loss_fn must return one number, a tensor, got {shape}: take the mean over rows")
            if not loss.requires_grad:
                raise ValueError("loss_fn must depend on what the model says, got a loss without a gradient")
            own = [each for each in model.parameters() if each.requires_grad]
            reached = torch.autograd.grad(loss, own, allow_unused=True)
        if any(each is not None for each in reached):
            raise ValueError(
                "loss_fn must use only what it is given, got one that reads the model's own weights: copies are"
                " trained, so put a penalty into the optimizer (weight_decay) or into the model"
            )

    def _loss(self, rows: list[torch.Tensor]) -> torch.Tensor:
        *inputs, targets = rows
        outputs = self._model(*inputs)
        try:
            return self._loss_fn(outputs, targets)
        except RuntimeError:
            # BCELoss refuses what is no number. That is a divergence to be recorded, and nan its loss.
            if not isinstance(outputs, torch.Tensor) or bool(outputs.isfinite().all()):
                raise
            return torch.stack([each.sum() for each in self._trained]).sum() * torch.nan

    def _hessian(self) -> Callable[[Array], Array]:
        """The function (1, P) -> (1, P) that multiplies with the Hessian; one graph of the gradient serves it."""
        gradients = torch.autograd.grad(
            self._loss(self._rows), self._trained, create_graph=True, materialize_grads=True
        )
        gradient = torch.cat([each.flatten() for each in gradients])

        def product(vectors: Array) -> Array:
            if not gradient.requires_grad:  # a loss without any curvature
                return np.zeros_like(vectors)
            vector = torch.as_tensor(vectors[0]).to(gradient)
            along = torch.autograd.grad(gradient, self._trained, vector, retain_graph=True, materialize_grads=True)
            return _flat(along).cpu().numpy()[None]

        return product

    @contextmanager
    def _unchanged(self) -> Iterator[None]:
        """Inside, random numbers are as they were first; after it, they and all buffers are as they were before."""
        before = [each.clone() for each in self._model.buffers()]
        with _kept_rng_state():
            _set_rng_state(self._first_rng_state)
            yield
        with torch.no_grad():
            for each, value in zip(self._model.buffers(), before, strict=True):
                each.copy_(value)


class _Record:
    """The arrays of a Watched while they fill."""

    def __init__(self, rates: int, epochs: int, tested: bool, sharpness: int) -> None:
        self._loss = np.full((rates, epochs + 1), np.nan)
        self._gradient_norm, self._meter = np.full((2, rates, epochs), np.nan)
        self._test_loss = np.full((rates, epochs + 1), np.nan) if tested else None
        self._moments = spread_epochs(epochs, sharpness)
        self._sharpness = np.full((rates, len(self._moments)), np.nan) if sharpness else None

    def look(self, lane: int, epoch: int, one: _Lane) -> None:
        """Write down where an epoch begins; one after the last is where the run ended."""
        self._loss[lane, epoch], norm = one.look()
        if epoch < self._gradient_norm.shape[1]:
            self._gradient_norm[lane, epoch] = norm
        if self._test_loss is not None:
            self._test_loss[lane, epoch] = one.test_loss()
        if self._sharpness is not None and epoch in self._moments:
            self._sharpness[lane, self._moments == epoch] = one.sharpness()

    def steps(self, lane: int, epoch: int, one: _Lane, batches: list[Array | None]) -> None:
        """Make an epoch's steps and write down what they did together."""
        actual, predicted, scale = np.sum([one.step(batch) for batch in batches], axis=0)
        self._meter[lane, epoch] = one.meter(actual, predicted, scale)

    def watched(self, rates: tuple[float, ...], edge: float | None) -> Watched:
        """What was written down, now read-only, with where each run diverged: -1 where it did not."""
        bad = ~np.isfinite(self._loss)
        arrays = {
            "loss": self._loss,
            "gradient_norm": self._gradient_norm,
            "meter": self._meter,
            "diverged_at": np.where(bad.any(axis=1), bad.argmax(axis=1), -1),
            "test_loss": self._test_loss,
            "sharpness": self._sharpness,
            "sharpness_epochs": self._moments if self._sharpness is not None else None,
        }
        for array in arrays.values():
            if array is not None:
                array.flags.writeable = False
        return Watched(learning_rates=rates, edge=edge, **arrays)  # type: ignore[arg-type]


def _sgd(parameters: list[torch.nn.Parameter], rate: float) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=rate)


def _flat(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """(P,) a copy of all parts, one after the other, in float64; a sparse gradient is filled up."""
    return torch.cat([each.detach().to_dense().flatten().double() for each in parts])


def _minibatches(rows: int, epochs: int, batch_size: int | None, seed: int) -> Iterator[list[Array | None]]:
    """For each epoch the rows of each step, in the order in which the lab's own runs have them; None is all."""
    order = np.random.default_rng(seed)
    for _ in range(epochs):
        if batch_size is None or batch_size == rows:
            yield [None]
        else:
            drawn = order.permutation(rows)
            yield [drawn[first : first + batch_size] for first in range(0, rows, batch_size)]


RngState = tuple[torch.Tensor, list[torch.Tensor]]


def _rng_state() -> RngState:
    """The states of PyTorch's random numbers, of the processor and of each GPU."""
    return torch.get_rng_state(), torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []


def _set_rng_state(rng_state: RngState) -> None:
    torch.set_rng_state(rng_state[0])
    if rng_state[1]:
        torch.cuda.set_rng_state_all(rng_state[1])


def _set_seed(seed: int) -> None:
    # Not torch.manual_seed: where no GPU is in use it keeps a note of every call, with the stack it came by.
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(seed)


@contextmanager
def _kept_rng_state() -> Iterator[None]:
    """Whatever is drawn inside, PyTorch's random numbers go on after it as if nothing had been."""
    rng_state = _rng_state()
    try:
        yield
    finally:
        _set_rng_state(rng_state)


def _rates(given: Any) -> tuple[float, ...]:
    """The learning rates; ValueError, in the words of an Experiment, where there is none or one is not legal."""
    low, high = RATE_LIMITS
    rates: tuple[float, ...] = Field(
        name="learning_rates", kind=float, default=(), low=low, high=high, most=_MOST
    ).check(given)
    if not rates:
        raise ValueError("learning_rates must hold at least one rate, got none")
    return rates


def _whole(name: str, given: Any, low: int, high: int) -> int:
    """A whole number; ValueError where it is none, or out of its range."""
    number: int = Field(name=name, kind=int, default=low, low=low, high=high).check(given)
    return number


def _tensors(name: str, given: Any, like: int = 0) -> list[torch.Tensor]:
    """Inputs and targets, cut off from any graph; ValueError unless they are tensors of equally many rows."""
    wanted = f"{name} must be tensors (x, y), or (x1, x2, ..., y)"
    if not isinstance(given, (tuple, list)) or not all(isinstance(each, torch.Tensor) for each in given):
        found = ", ".join(type(each).__name__ for each in given) if isinstance(given, (tuple, list)) else None
        got = f"({found})" if found is not None else type(given).__name__
        raise ValueError(f"{wanted}, got {got}: use torch.as_tensor, or a TensorDataset's .tensors")
    if len(given) < 2 or (like and len(given) != like):
        raise ValueError(f"{wanted}, got {len(given)} of them" + (f": data has {like}" if like else ""))
    lengths = [each.shape[0] if each.ndim else 0 for each in given]
    if len(set(lengths)) > 1 or not lengths[0]:
        raise ValueError(f"{name} must have equally many rows, at least 1, got {', '.join(map(str, lengths))}")
    return [each.detach() for each in given]


def _check_model(model: Any, loss_fn: Any) -> None:
    if not isinstance(model, torch.nn.Module):
        raise ValueError(f"model must be a torch.nn.Module, got {type(model).__name__}")
    if any(torch.nn.parameter.is_lazy(each) for each in model.parameters()):
        raise ValueError("model must have all its weights, got a lazy one: run it once on a few rows first")
    trained = [each for each in model.parameters() if each.requires_grad]
    if not trained:
        raise ValueError("model must have a parameter to train, got none with requires_grad")
    if any(each.is_complex() for each in trained):
        raise ValueError("model must have real parameters, got complex ones: the meter is not defined for them")
    if not callable(loss_fn):
        raise ValueError(f"loss_fn must be a function of (model(x), y), got {type(loss_fn).__name__}")
    if isinstance(loss_fn, torch.nn.Module) and any(each.requires_grad for each in loss_fn.parameters()):
        raise ValueError("loss_fn must have nothing to train, got parameters: put them into the model")


def _check_optimizer(made: Any, trained: list[torch.nn.Parameter]) -> None:
    if not isinstance(made, torch.optim.Optimizer):
        raise ValueError(
            f"optimizer must make a torch.optim.Optimizer from (parameters, learning_rate), got {type(made).__name__}"
        )
    if isinstance(made, torch.optim.LBFGS):
        raise ValueError("optimizer must make one step from one gradient, got LBFGS: it asks for many")
    ours = {id(each) for each in trained}
    if any(id(each) not in ours for group in made.param_groups for each in group["params"]):
        raise ValueError(
            "optimizer must use the parameters it is given, which are a copy's, got others:"
            " write lambda parameters, lr: torch.optim.Adam(parameters, lr=lr)"
        )
