"""The same training by PyTorch: autograd for the gradient, torch.optim for the update.

The parameters are one tensor (R, P), so autograd runs once for all R learning rates; torch.optim sees
R parameter groups, each a row of that tensor with its own rate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.experiment import Experiment
from core.problems import Problem
from core.torch_objective import Layer, layers, objective

Array = NDArray[Any]


class TorchTrainer:
    """Trains R learning rates at once; the same methods as NumpyTrainer, NumPy arrays at its edge."""

    def __init__(self, experiment: Experiment, problem: Problem) -> None:
        kind, self._network = getattr(torch, experiment.precision), problem.network
        # Of a network points come last: products and activations then run along memory.
        turned = problem.network is not None
        self._inputs, self._targets = _tensors(problem.inputs, problem.targets, kind, turned)
        if problem.test_inputs is not None and problem.test_targets is not None:
            self._test = _tensors(problem.test_inputs, problem.test_targets, kind, turned)
        theta = torch.tensor(problem.start, dtype=kind).repeat(len(experiment.learning_rates), 1)
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
        self._learning_rates, self._optimizer = experiment.learning_rates, _optimizer(experiment, groups)
        # Views: torch writes, NumPy reads, nothing is copied.
        self.parameters: Array = theta.detach().numpy()
        self._gradient: Array = theta.grad.numpy()

    def loss(self, rows: Array | None = None) -> Array:
        """(R,) what is minimised, over `rows` of the data (None: all)."""
        with torch.no_grad():
            return np.asarray(self._forward(*self._look_at(rows)))

    def test_loss(self) -> Array:
        """(R,) the same over the rows held out; to be asked only where the problem has some."""
        with torch.no_grad():
            return np.asarray(self._forward(*self._test))

    def backward(self, rows: Array | None = None) -> tuple[Array, Array]:
        """(loss (R,), gradient (R, P)) over `rows` of the data: zero_grad, forward, backward."""
        self._zero_grad()
        loss = self._forward(*self._look_at(rows))
        # The rates don't touch each other, so the sum gives each its own gradient.
        loss.sum().backward()  # type: ignore[no-untyped-call]
        if self._network is not None:
            self._gather()
        return loss.detach().numpy(), self._gradient

    def step(self, multiplier: float = 1.0) -> None:
        """One update from the last gradient, at multiplier x the learning rate."""
        for group, rate in zip(self._optimizer.param_groups, self._learning_rates, strict=True):
            group["lr"] = rate * multiplier
        self._optimizer.step()

    def preconditioner(self) -> Array | None:
        """(R, P) by what Adam's last step divided each gradient; None before the first, and for other rules."""
        if not isinstance(self._optimizer, torch.optim.Adam) or not self._optimizer.state:
            return None
        return np.stack([_adam_divides_by(self._optimizer, group) for group in self._optimizer.param_groups])

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

    def _look_at(self, rows: Array | None) -> tuple[torch.Tensor, torch.Tensor]:
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


def _tensors(inputs: Array, targets: Array, kind: torch.dtype, turned: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """As a line takes them, with the column of ones; or turned, and without it, as a network does."""
    if turned:
        inputs, targets = inputs[:, :-1].T.copy(), targets.T.copy()
    return torch.tensor(inputs, dtype=kind), torch.tensor(targets, dtype=kind)


def _optimizer(experiment: Experiment, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    # foreach=False: one tensor a group, where batching over tensors would only add overhead.
    if experiment.optimizer == "adam":
        return torch.optim.Adam(groups, betas=(experiment.momentum, 0.999), foreach=False)
    return torch.optim.SGD(groups, momentum=experiment.momentum, foreach=False)


def _adam_divides_by(optimizer: torch.optim.Optimizer, group: dict[str, Any]) -> Array:
    """(P,) (sqrt(v / (1 - beta2^k)) + eps) (1 - beta1^k) after k steps; see optimizers.adam_preconditioner."""
    (row,) = group["params"]
    state, (beta1, beta2) = optimizer.state[row], group["betas"]
    k = float(state["step"])
    divisor = (state["exp_avg_sq"] / (1 - beta2**k)).sqrt() + group["eps"]
    return np.asarray(divisor * (1 - beta1**k))


def use_one_thread() -> None:
    """Let PyTorch use one thread in this process: two are 20 to 60 times slower on models this small."""
    torch.set_num_threads(1)


def _row(theta: torch.Tensor, r: int) -> torch.Tensor:
    """Row r of theta as a tensor of its own for torch.optim: the same memory, the same gradient."""
    assert theta.grad is not None
    row = theta.detach()[r]
    row.grad = theta.grad[r]
    return row
