"""watch: what the lab measures of its own models, measured of yours, a torch.nn.Module, at several learning rates.

It runs the code of whoever calls it, so it is for notebooks and scripts; no page offers it.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy import ndarray as Array

from ...diagnosis.rules import Diagnosis, diagnose_curve, sharpness_words
from ...diagnosis.theory import stability_line
from ...experiment.experiment import RATE_LIMITS
from ...experiment.fields import Field
from ...training.history import spread_epochs, thin
from ...training.recorder import meter
from ...training.sharpness import lanczos
from .torch_copies import (
    Loss,
    check_can_be_copied,
    copied,
    counted,
    is_stateless,
    kept_rng_state,
    rng_state,
    set_rng_state,
    set_seed,
)
from .watch_rates import RateRemarks

MakeOptimizer = Callable[[list[torch.nn.Parameter], float], torch.optim.Optimizer]
MakeScheduler = Callable[[torch.optim.Optimizer], torch.optim.lr_scheduler.LRScheduler]

_MOST = 1_000_000  # epochs, and epochs at which the sharpness is measured: beyond it is a slip of the keyboard
_FIRST, _LATER = 40, 4  # products of the first sharpness of a run, and at least of those after it, which start near
_START = 20_240_615  # draws the vector the first one starts from
_EACH_BATCH = (torch.optim.lr_scheduler.OneCycleLR, torch.optim.lr_scheduler.CyclicLR)
_KEEP = "keep it as a buffer or an attribute of the model, so that each copy has its own"


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
    edge: where learning rate x sharpness becomes unstable: 2 (1 + m) of SGD with momentum m; None of other rules, and
        where the rate in force was not always the lane's own.
    diverged_at (R,): first epoch whose loss is not finite, -1 if none.
    group_rates (R, epochs, G): the rate in force in the first step of each epoch, of each group of parameters that the
        optimizer has; None is the lane's own throughout.
    remarks: of each lane, what there is to say of rates in force that were not its own or reached no parameter.
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
    group_rates: Array | None = None
    remarks: tuple[RateRemarks, ...] = ()

    def frame(self, points: int | None = 200) -> pd.DataFrame:
        """A tidy table: lane, learning_rate, epoch, loss, gradient_norm, meter; test_loss where there is one.

        rate_in_force is there where it was not always the lane's own.

        points: about how many epochs of each lane to keep, as in History.frame (None: all).
        """
        return pd.concat([self._lane_frame(lane, points) for lane in range(len(self.loss))], ignore_index=True)

    def rates(self, epochs: Array) -> Array:
        """(R, K) the rate in force in the first step after each of these epochs (K,); after the last, of the last step.

        nan where groups of parameters have rates of their own.
        """
        if self.group_rates is None:
            return np.tile(np.array(self.learning_rates)[:, None], len(epochs))
        found = self.group_rates[:, np.minimum(epochs, self.group_rates.shape[1] - 1)]
        return np.where((found == found[..., :1]).all(axis=-1), found[..., 0], np.nan)

    def rate_times_sharpness(self) -> Array:
        """(R, M) rate in force x sharpness at each of `sharpness_epochs`; what is unstable above `edge`.

        Raises ValueError where the sharpness was not measured.
        """
        if self.sharpness is None or self.sharpness_epochs is None:
            raise ValueError("sharpness must be measured, got a run with sharpness=0: pass sharpness=20, say")
        return np.asarray(self.rates(self.sharpness_epochs) * self.sharpness)

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
        if self.remarks:
            found = self.remarks[lane].said_in(found)
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
        if self.group_rates is not None:
            table["rate_in_force"] = self.rates(epochs)[lane]
        return pd.DataFrame(table)


def watch(
    model: torch.nn.Module,
    loss_fn: Loss,
    data: Sequence[torch.Tensor],
    learning_rates: Sequence[float] | Array,
    *,
    epochs: int = 100,
    batch_size: int | None = None,
    drop_last: bool = False,
    optimizer: MakeOptimizer | None = None,
    scheduler: MakeScheduler | None = None,
    held_out: Sequence[torch.Tensor] | None = None,
    seed: int = 0,
    sharpness: int = 0,
    progress: Callable[[float], object] | None = None,
) -> Watched:
    """Train a copy of the model at each learning rate and return what happened.

    loss_fn(model(x), y): one number, the mean over rows.  data: (x, y) tensors with a row for each example; a model
    of several inputs takes (x1, x2, ..., y).  held_out: the same, only looked at.
    batch_size: rows in a step, drawn anew each epoch from the seed (None: all rows, in their order).
    drop_last: leave out an epoch's last batch where it has fewer rows, as a DataLoader does.
    optimizer(parameters, learning_rate): torch.optim.Adam, or a function that makes one; None is torch.optim.SGD.
    scheduler(optimizer): a schedule of torch.optim.lr_scheduler. It is stepped as PyTorch's pages step it: after each
        batch for OneCycleLR and CyclicLR, else after each epoch, with the loss (of `held_out` where it is given) for
        ReduceLROnPlateau. The rate in force is recorded.
    sharpness: at about how many epochs to measure it; each measurement takes 4 to 40 backward passes over all rows,
    memory for 40 times the weights in float64, and a model that can be differentiated twice.
    progress: called with the fraction done, from 0 to 1; what it raises stops the run.

    Fair: every copy begins with the model's weights, sees the same rows in the same order and has the same dropout
    masks. Nothing is clipped and nothing stops early. What is looked at is a copy of the copy, so buffers, counters and
    teachers go on as in a plain loop of torch.optim, to the last bit.
    The mode the model comes in is the mode it is trained in, module by module: train() for dropout and batch norm at
    work, eval() for none, frozen parts as they are. Losses are looked at in that mode as well, because it is the loss
    the steps descend, with the same dropout masks at each look; held-out rows are looked at in eval mode. Only
    parameters with requires_grad are trained; tied ones count once.
    The model itself is left as it was, and so are PyTorch's random numbers. A small model is far faster after
    torch.set_num_threads(1).

    Raises ValueError naming the argument, what it must be and what to do. Refused are data that are no tensors (a
    DataLoader), an optimizer that asks for many gradients a step (LBFGS), a loss_fn or optimizer that reaches for the
    model itself, where a copy is trained, a model that can't be copied, a last batch of one row that BatchNorm can't
    take, and code that counts its calls outside the model. What else the model and PyTorch raise comes through.
    """
    rates = _rates(learning_rates)
    epochs, seed = _whole("epochs", epochs, 1, _MOST), _whole("seed", seed, 0, 2**32 - 1)
    sharpness = _whole("sharpness", sharpness, 0, _MOST)
    rows = _tensors("data", data)
    tested = None if held_out is None else _tensors("held_out", held_out, like=len(rows))
    batch_size = None if batch_size is None else _whole("batch_size", batch_size, 1, len(rows[-1]))
    _check_model(model, loss_fn)
    check_can_be_copied(model, loss_fn)
    made = _Setting(model, loss_fn, rows, tested, optimizer or _sgd, scheduler)
    record = _Record(rates, epochs, tested is not None, sharpness)
    # A caller's inference_mode or no_grad would leave nothing to train by: this ends both.
    with torch.inference_mode(False), kept_rng_state(), np.errstate(all="ignore"):
        set_seed(seed)
        start = rng_state()
        first = made.checked(rates[0])
        for lane, rate in enumerate(rates):
            set_rng_state(start)
            one = _Lane(made, rate)
            for epoch, batches in enumerate(_minibatches(len(rows[-1]), epochs, batch_size, seed, drop_last)):
                loss = record.look(lane, epoch, one)
                if epoch:
                    one.end_epoch(loss)
                else:
                    made.check_again(first, record.first_loss(lane))
                record.steps(lane, epoch, one, batches)
                if progress:
                    progress((lane + (epoch + 1) / epochs) / len(rates))
            record.look(lane, epochs, one)
            record.end(lane, one)
        set_rng_state(start)
        made.check_again(first, _Lane(made, rates[0]).look()[0])
    return record.watched()


@dataclass(frozen=True, slots=True)
class _Setting:
    """What all lanes share."""

    model: torch.nn.Module
    loss_fn: Loss
    rows: list[torch.Tensor]
    tested: list[torch.Tensor] | None
    optimizer: MakeOptimizer
    scheduler: MakeScheduler | None

    def checked(self, rate: float) -> float:
        """The loss at the start. Raises ValueError where a step from it could not be what a plain loop makes."""
        outside, data = counted(self.model, self.loss_fn), [each._version for each in self.rows]
        first = _Lane(self, rate).check_loss(self.model)
        if data != [each._version for each in self.rows]:
            raise ValueError("model must leave its inputs as they are, got one that changes them in place: clone them")
        now = counted(self.model, self.loss_fn)
        if changed := [name for name, value in outside.items() if now.get(name) != value]:
            raise ValueError(f"model and loss_fn must count nothing outside of them, got {changed[0]!r}: {_KEEP}")
        return first

    def check_again(self, first: float, again: float) -> None:
        """Raises ValueError unless the start has the loss it had at first: else lanes could not be compared."""
        exact = 16 * torch.finfo(self._dtype()).eps if self.rows[0].device.type == "cpu" else 1e-4
        if not (math.isclose(first, again, rel_tol=exact) or (math.isnan(first) and math.isnan(again))):
            raise ValueError(
                f"model and loss_fn must give the same rows the same loss, got {first:.9g} and then {again:.9g} at the "
                f"same weights: {_KEEP}"
            )

    def _dtype(self) -> torch.dtype:
        return next(each.dtype for each in self.model.parameters() if each.requires_grad)


@dataclass(frozen=True, slots=True)
class _Copy:
    """A model and its loss as they are trained, or a copy of them to look at."""

    model: torch.nn.Module
    loss_fn: Loss
    stateless: bool

    @property
    def trained(self) -> list[torch.nn.Parameter]:
        """The parameters that have a gradient; the same in each copy, in order."""
        return [each for each in self.model.parameters() if each.requires_grad]

    def apart(self) -> "_Copy":
        """A copy that a look may change; itself where no look changes anything."""
        return self if self.stateless else _Copy(*copied(self.model, self.loss_fn), False)

    def follow(self, other: "_Copy") -> None:
        """Take over the parameters that the other's step was about."""
        for mine, theirs in zip(self.trained, other.trained, strict=True):
            if mine is not theirs and theirs.grad is not None:
                mine.copy_(theirs)

    def loss(self, rows: list[torch.Tensor]) -> torch.Tensor:
        """The loss over these rows."""
        *inputs, targets = rows
        outputs = self.model(*inputs)
        try:
            return self.loss_fn(outputs, targets)
        except RuntimeError:
            # BCELoss refuses what is no number. That is a divergence to be recorded, and nan its loss.
            if not isinstance(outputs, torch.Tensor) or bool(outputs.isfinite().all()):
                raise
            return torch.stack([each.sum() for each in self.trained]).sum() * torch.nan


class _Lane:
    """One copy of the model, at one rate."""

    def __init__(self, made: _Setting, rate: float) -> None:
        self.rate, self._rows, self._tested = rate, made.rows, made.tested
        self._now = _Copy(*copied(made.model, made.loss_fn), is_stateless(made.model, made.loss_fn))
        given = self._now.trained
        self._optimizer = made.optimizer(list(given), rate)
        _check_optimizer(self._optimizer, given)
        self._scheduler = None if made.scheduler is None else _scheduler(made.scheduler, self._optimizer)
        self._trained = self._now.trained
        self._first_rng_state = rng_state()
        self._given = given
        size = sum(each.numel() for each in self._trained)
        start = np.random.default_rng(_START).normal(size=(1, size))
        self._vector, self._products = start / np.linalg.norm(start), _FIRST
        targets = self._rows[-1]
        # Of class numbers 1, as of rows of probabilities.
        self._y_squared = float(targets.double().square().mean()) if targets.is_floating_point() else 1.0
        self._rounding = torch.finfo(self._trained[0].dtype).eps

    def look(self) -> tuple[float, float]:
        """(loss, length of its gradient) over all training rows; nothing is changed by it."""
        with kept_rng_state(self._first_rng_state):
            one = self._now.apart()
            loss = one.loss(self._rows)
            gradient = _flat(torch.autograd.grad(loss, one.trained, materialize_grads=True))
        return loss.item(), float(gradient.norm())

    def test_loss(self) -> float:
        """The loss over the rows held out, in eval mode; to be asked only where there are some."""
        assert self._tested is not None
        one = self._now.apart()
        modes = [module.training for module in one.model.modules()]
        with kept_rng_state(self._first_rng_state), torch.no_grad():
            one.model.eval()
            loss = one.loss(self._tested).item()
        for module, mode in zip(one.model.modules(), modes, strict=True):
            module.training = mode
        return loss

    def step(self, batch: Array | None) -> tuple[float, float, float]:
        """One update from the rows of a batch (None: all): how much their loss fell, how much the gradient promised,
        and how large the loss was.
        """
        rows = self._rows if batch is None else [each[torch.from_numpy(batch)] for each in self._rows]
        # The decrease of the very loss the step is made from has its dropout masks, and what the model keeps before it.
        state, again = rng_state(), self._now.apart()
        self._optimizer.zero_grad()
        loss = _of_batch(self._now, rows)
        loss.backward()  # type: ignore[no-untyped-call]
        # Copies, as an optimizer may change both.
        gradient = _flat([torch.zeros_like(each) if each.grad is None else each.grad for each in self._trained])
        start = _flat(self._trained)
        self._optimizer.step()
        predicted = float(gradient @ (start - _flat(self._trained)))
        with kept_rng_state(state), torch.no_grad():
            again.follow(self._now)
            after = again.loss(rows).item()
        if isinstance(self._scheduler, _EACH_BATCH):
            self._scheduler.step()
        before = loss.item()
        return before - after, predicted, max(before, after)

    def end_epoch(self, loss: float) -> None:
        """Step a schedule that goes by epochs; loss: what one that goes by the loss is told."""
        if isinstance(self._scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
            self._scheduler.step(loss)
        elif self._scheduler is not None and not isinstance(self._scheduler, _EACH_BATCH):
            self._scheduler.step()

    def rates(self) -> list[float]:
        """The rate now in force, of each group of parameters; nan where a group has none."""
        return [float(group.get("lr", math.nan)) for group in self._optimizer.param_groups]

    def remarks(self, group_rates: Array) -> RateRemarks:
        """What there is to say of the rates (epochs, G) that were in force."""
        groups = self._optimizer.param_groups
        reached = {id(each) for group in groups for each in group["params"] if each.requires_grad}
        return RateRemarks(
            rate=self.rate,
            group_rates=group_rates,
            left=sum(each.numel() for each in self._given if id(each) not in reached),
            given=sum(each.numel() for each in self._given),
            unstepped=self._scheduler is None and any("initial_lr" in group for group in groups),
        )

    def meter(self, actual: float, predicted: float, scale: float) -> float:
        """That of the lab's own runs: `meter` of core/training/recorder.py."""
        fell, promised, loss = np.array([actual, predicted, scale])[:, None]
        return float(meter(fell, promised, loss, self._y_squared, self._rounding)[0])

    def sharpness(self) -> float:
        """The largest eigenvalue of the Hessian of what `look` looks at, in the model's own precision."""
        if not all(bool(each.isfinite().all()) for each in self._trained):
            return np.nan
        try:
            with kept_rng_state(self._first_rng_state):
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

    def check_loss(self, model: torch.nn.Module) -> float:
        """The loss; ValueError unless it is one number made from the copy's weights and not from the model's."""
        with kept_rng_state(self._first_rng_state):
            one = self._now.apart()
            loss = one.loss(self._rows)
            one.apart()  # what it keeps of a pass must be something that can be copied, too
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
        return loss.item()

    def _hessian(self) -> Callable[[Array], Array]:
        """The function (1, P) -> (1, P) that multiplies with the Hessian; one graph of the gradient serves it."""
        one = self._now.apart()
        gradients = torch.autograd.grad(one.loss(self._rows), one.trained, create_graph=True, materialize_grads=True)
        gradient = torch.cat([each.flatten() for each in gradients])

        def product(vectors: Array) -> Array:
            if not gradient.requires_grad:  # a loss without any curvature
                return np.zeros_like(vectors)
            vector = torch.as_tensor(vectors[0]).to(gradient)
            along = torch.autograd.grad(gradient, one.trained, vector, retain_graph=True, materialize_grads=True)
            return _flat(along).cpu().numpy()[None]

        return product


class _Record:
    """The arrays of a Watched while they fill."""

    def __init__(self, rates: tuple[float, ...], epochs: int, tested: bool, sharpness: int) -> None:
        self._rates, lanes = rates, len(rates)
        self._loss = np.full((lanes, epochs + 1), np.nan)
        self._gradient_norm, self._meter = np.full((2, lanes, epochs), np.nan)
        self._test_loss = np.full((lanes, epochs + 1), np.nan) if tested else None
        self._moments = spread_epochs(epochs, sharpness)
        self._sharpness = np.full((lanes, len(self._moments)), np.nan) if sharpness else None
        self._group_rates: list[list[list[float]]] = [[] for _ in rates]
        self._remarks: list[RateRemarks] = []
        self._edges: set[float | None] = set()

    def look(self, lane: int, epoch: int, one: _Lane) -> float:
        """Write down where an epoch begins; one after the last is where the run ended.

        Returns the loss a schedule may go by: of the rows held out, where there are some.
        """
        self._loss[lane, epoch], norm = one.look()
        if epoch < self._gradient_norm.shape[1]:
            self._gradient_norm[lane, epoch] = norm
        if self._test_loss is not None:
            self._test_loss[lane, epoch] = one.test_loss()
        if self._sharpness is not None and epoch in self._moments:
            self._sharpness[lane, self._moments == epoch] = one.sharpness()
        return float((self._loss if self._test_loss is None else self._test_loss)[lane, epoch])

    def first_loss(self, lane: int) -> float:
        """Where a lane began."""
        return float(self._loss[lane, 0])

    def steps(self, lane: int, epoch: int, one: _Lane, batches: list[Array | None]) -> None:
        """Make an epoch's steps and write down what they did together, and the rate of the first of them."""
        self._group_rates[lane].append(one.rates())
        actual, predicted, scale = np.sum([one.step(batch) for batch in batches], axis=0)
        self._meter[lane, epoch] = one.meter(actual, predicted, scale)

    def end(self, lane: int, one: _Lane) -> None:
        """Write down what is known of a lane's rates when it is done."""
        self._edges.add(one.edge())
        self._remarks.append(one.remarks(np.array(self._group_rates[lane])))

    def _by_group(self) -> Array:
        """(R, epochs, G) the rates in force; where an optimizer has fewer groups its last one comes again."""
        most = max(len(each) for lane in self._group_rates for each in lane)
        return np.array([[each + each[-1:] * (most - len(each)) for each in lane] for lane in self._group_rates])

    def watched(self) -> Watched:
        """What was written down, now read-only, with where each run diverged: -1 where it did not."""
        bad = ~np.isfinite(self._loss)
        own = all(each.own_throughout for each in self._remarks)
        arrays = {
            "loss": self._loss,
            "gradient_norm": self._gradient_norm,
            "meter": self._meter,
            "diverged_at": np.where(bad.any(axis=1), bad.argmax(axis=1), -1),
            "test_loss": self._test_loss,
            "sharpness": self._sharpness,
            "sharpness_epochs": self._moments if self._sharpness is not None else None,
            "group_rates": None if own else self._by_group(),
        }
        for array in arrays.values():
            if array is not None:
                array.flags.writeable = False
        return Watched(
            learning_rates=self._rates,
            edge=self._edges.pop() if own and len(self._edges) == 1 else None,
            remarks=tuple(self._remarks),
            **arrays,  # type: ignore[arg-type]
        )


def _of_batch(now: _Copy, rows: list[torch.Tensor]) -> torch.Tensor:
    """The loss of a step's rows; ValueError where BatchNorm is left with one of them."""
    try:
        return now.loss(rows)
    except ValueError as error:
        if len(rows[-1]) == 1 and "more than 1 value per channel" in str(error):
            raise ValueError(
                "batch_size must leave no batch of one row to a model with BatchNorm, got a batch of 1: take another "
                "batch_size, or drop_last=True"
            ) from error
        raise


def _scheduler(make: MakeScheduler, optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler:
    """The schedule of an optimizer; ValueError where it is none, or another's."""
    made = make(optimizer)
    if not isinstance(made, torch.optim.lr_scheduler.LRScheduler):
        raise ValueError(
            "scheduler must make a schedule of torch.optim.lr_scheduler from the optimizer, got "
            f"{type(made).__name__}: write lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, 30)"
        )
    if made.optimizer is not optimizer:
        raise ValueError("scheduler must use the optimizer it is given, which is a copy's, got one of another")
    return made


def _sgd(parameters: list[torch.nn.Parameter], rate: float) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=rate)


def _flat(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """(P,) a copy of all parts, one after the other, in float64; a sparse gradient is filled up."""
    return torch.cat([each.detach().to_dense().flatten().double() for each in parts])


def _minibatches(
    rows: int, epochs: int, batch_size: int | None, seed: int, drop_last: bool
) -> Iterator[list[Array | None]]:
    """For each epoch the rows of each step, in the order in which the lab's own runs have them; None is all."""
    order = np.random.default_rng(seed)
    for _ in range(epochs):
        if batch_size is None or batch_size == rows:
            yield [None]
        else:
            drawn = order.permutation(rows)
            ends = rows - batch_size + 1 if drop_last else rows
            yield [drawn[first : first + batch_size] for first in range(0, ends, batch_size)]


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
    if not any(each.requires_grad for each in trained):
        raise ValueError("optimizer must leave a parameter to train, got one that froze them all")
    ours = {id(each) for each in trained}
    if any(id(each) not in ours for group in made.param_groups for each in group["params"]):
        raise ValueError(
            "optimizer must use the parameters it is given, which are a copy's, got others:"
            " write lambda parameters, lr: torch.optim.Adam(parameters, lr=lr)"
        )
