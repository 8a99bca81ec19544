"""The same training by PyTorch: autograd for the gradient, torch.optim for the update.

The parameters are one tensor (R, P), so autograd runs once for all R learning rates; torch.optim sees
R parameter groups, each a row of that tensor with its own rate.
"""

from typing import Any

import numpy as np
import torch
from numpy import ndarray as Array

from ..experiment.experiment import Experiment
from ..methods.network_hessian import Product
from .problems import Problem
from .torch_objective import Layer, hessian_product, layers, objective


class TorchTrainer:
    """Trains R learning rates at once; the same methods as NumpyTrainer, NumPy arrays at its edge."""

    def __init__(self, experiment: Experiment, problem: Problem) -> None:
        dtype, self._problem, self._network = getattr(torch, experiment.precision), problem, problem.network
        self._experiment = experiment
        # Of a network points come last: products and activations then run along memory.
        transposed = problem.network is not None
        self._inputs, self._targets = _tensors(problem.inputs, problem.targets, dtype, transposed)
        if problem.test_inputs is not None and problem.test_targets is not None:
            self._test = _tensors(problem.test_inputs, problem.test_targets, dtype, transposed)
        theta = torch.tensor(problem.start, dtype=dtype).repeat(len(experiment.learning_rates), 1)
        theta.grad = torch.zeros_like(theta)
        self._theta = theta
        # What autograd differentiates by: the whole tensor of a line, weights and biases layer by layer of a network.
        self._leaves = (
            [theta] if self._network is None else [part for layer in layers(self._network, theta) for part in layer]
        )
        for leaf in self._leaves:
            leaf.requires_grad_()
        rows = [_row(theta, r) for r in range(len(theta))]
        groups = [{"params": [row], "lr": lr} for row, lr in zip(rows, experiment.learning_rates, strict=True)]
        self._learning_rates, self._optimizer = np.array(experiment.learning_rates), _optimizer(experiment, groups)
        self._stepped = False
        # Views: torch writes, NumPy reads, nothing is copied.
        self.parameters: Array = theta.detach().numpy()
        self._gradient: Array = theta.grad.numpy()

    def __getstate__(self) -> dict[str, Any]:
        """What a copy is made from: most tensors are views of one, which a pickle would take apart."""
        optimizer = self._optimizer.state_dict()
        state = {"parameters": self.parameters, "rates": self._learning_rates, "stepped": self._stepped}
        return {"made": (self._experiment, self._problem), "optimizer": optimizer, **state}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(*state["made"])  # type: ignore[misc]
        self.parameters[:] = state["parameters"]
        self._optimizer.load_state_dict(state["optimizer"])
        self._learning_rates, self._stepped = state["rates"], state["stepped"]

    def loss(self, rows: Array | None = None) -> Array:
        """(R,) what is minimised, over `rows` of the data (None: all)."""
        with torch.no_grad():
            return np.asarray(self._forward(*self._select(rows)))

    def test_loss(self) -> Array:
        """(R,) the same over the rows held out; to be asked only where the problem has some."""
        with torch.no_grad():
            return np.asarray(self._forward(*self._test))

    def backward(self, rows: Array | None = None) -> tuple[Array, Array]:
        """(loss (R,), gradient (R, P)) over `rows` of the data: zero_grad, forward, backward."""
        self._zero_grad()
        loss = self._forward(*self._select(rows))
        # The rates don't touch each other, so the sum gives each its own gradient.
        loss.sum().backward()  # type: ignore[no-untyped-call]
        if self._network is not None:
            self._gather()
        return loss.detach().numpy(), self._gradient

    def step(self, multiplier: float | Array = 1.0) -> None:
        """One update from the last gradient, at multiplier (one, or (R,)) x the learning rate."""
        rates = (self._learning_rates * np.asarray(multiplier)).tolist()
        for group, rate in zip(self._optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        self._optimizer.step()
        self._stepped = True

    def set_rate(self, lane: int, learning_rate: float) -> None:
        """Give one of the rates another value from the next step on."""
        self._learning_rates[lane] = learning_rate

    def preconditioner(self) -> Array | None:
        """(R, P) what an adaptive rule's last step divided each gradient by; None before it, and for other rules."""
        if isinstance(self._optimizer, torch.optim.SGD) or not self._stepped:
            return None
        return np.stack([_divides_by(self._optimizer, group) for group in self._optimizer.param_groups])

    def hessian(self, parameters: Array) -> Product:
        """What multiplies vectors (R, P) with the Hessian at parameters (R, P), in float64; of a network only."""
        assert self._network is not None
        return hessian_product(self._network, parameters, self._problem.inputs[:, :-1], self._problem.targets)

    def _zero_grad(self) -> None:
        # What optimizer.zero_grad does, for tensors the optimizer knows by their rows only.
        if self._network is None:
            assert self._theta.grad is not None
            self._theta.grad.zero_()  # kept and not set to None: the groups' gradients are its rows
        else:
            for leaf in self._leaves:
                leaf.grad = None

    def _gather(self) -> None:
        """Put the gradients of weights and biases into the rows that the optimizer sees."""
        assert self._theta.grad is not None
        parts = [leaf.grad.flatten(1) for leaf in self._leaves if leaf.grad is not None]
        torch.cat(parts, dim=1, out=self._theta.grad)

    def _select(self, rows: Array | None) -> tuple[torch.Tensor, torch.Tensor]:
        if rows is None:
            return self._inputs, self._targets
        if self._network is None:
            return self._inputs[rows], self._targets[rows]
        return self._inputs[:, rows], self._targets[:, rows]

    def _forward(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        if self._network is None:
            error = self._theta @ inputs.T - targets
            return (error * error).mean(dim=1)
        pairs = zip(self._leaves[::2], self._leaves[1::2], strict=True)
        return objective(self._network, [Layer(*pair) for pair in pairs], inputs, targets)


def _tensors(inputs: Array, targets: Array, dtype: torch.dtype, transposed: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """As a line takes them, with the column of ones; or turned, and without it, as a network does."""
    if transposed:
        inputs, targets = inputs[:, :-1].T.copy(), targets.T.copy()
    return torch.tensor(inputs, dtype=dtype), torch.tensor(targets, dtype=dtype)


def _optimizer(experiment: Experiment, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    """The optimizer of torch.optim, at its own defaults where optimizers.py names no other value."""
    momentum = experiment.momentum
    # foreach=False: one tensor a group, where batching over tensors would only add overhead.
    match experiment.optimizer:
        case "sgd" | "momentum":
            return torch.optim.SGD(groups, momentum=momentum, foreach=False)
        case "nesterov":  # without momentum it is plain, and torch refuses the word
            return torch.optim.SGD(groups, momentum=momentum, nesterov=momentum > 0, foreach=False)
        case "adam":
            return torch.optim.Adam(groups, betas=(momentum, 0.999), foreach=False)
        case "adamw":
            return torch.optim.AdamW(groups, betas=(momentum, 0.999), foreach=False)
        case "rmsprop":
            return torch.optim.RMSprop(groups, momentum=momentum, foreach=False)
        case "adagrad":
            return torch.optim.Adagrad(groups, foreach=False)
    raise ValueError(f"optimizer must be a rule this trainer knows, got {experiment.optimizer!r}: take engine='numpy'")


def _divides_by(optimizer: torch.optim.Optimizer, group: dict[str, Any]) -> Array:
    """(P,) what the last step divided each gradient by; the formulas are those of the rules in optimizers.py."""
    (row,) = group["params"]
    state, epsilon = optimizer.state[row], group["eps"]
    if isinstance(optimizer, torch.optim.Adagrad):
        return np.asarray(state["sum"].sqrt() + epsilon)
    if isinstance(optimizer, torch.optim.RMSprop):
        return np.asarray(state["square_avg"].sqrt() + epsilon)
    (beta1, beta2), k = group["betas"], float(state["step"])  # Adam, and AdamW, which is one
    return np.asarray(((state["exp_avg_sq"] / (1 - beta2**k)).sqrt() + epsilon) * (1 - beta1**k))


def use_one_thread() -> None:
    """Let PyTorch use one thread in this process: two are 20 to 60 times slower on models this small."""
    torch.set_num_threads(1)


def _row(theta: torch.Tensor, r: int) -> torch.Tensor:
    """Row r of theta as a tensor of its own for torch.optim: the same memory, the same gradient."""
    assert theta.grad is not None
    row = theta.detach()[r]
    row.grad = theta.grad[r]
    return row
