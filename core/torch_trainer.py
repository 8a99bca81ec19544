"""The same training by PyTorch: autograd for the gradient, torch.optim for the update.

The only module that imports torch. The parameters are one tensor (R, P), so autograd
runs once for all R learning rates; torch.optim sees R parameter groups, each a row of
that tensor with its own rate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.experiment import Experiment
from core.problems import Problem

Array = NDArray[Any]


class TorchTrainer:
    """Trains R learning rates at once; the same methods as NumpyTrainer, NumPy arrays at its edge."""

    def __init__(self, experiment: Experiment, problem: Problem) -> None:
        kind = getattr(torch, experiment.precision)
        self.x = torch.tensor(problem.inputs, dtype=kind)
        self.y = torch.tensor(problem.targets, dtype=kind)
        start = torch.tensor(problem.start, dtype=kind).repeat(len(experiment.learning_rates), 1)
        self._theta = start.requires_grad_()
        self._theta.grad = torch.zeros_like(start)
        self._optimizer = torch.optim.SGD(
            [
                {"params": [_row(self._theta, r)], "lr": learning_rate}
                for r, learning_rate in enumerate(experiment.learning_rates)
            ],
            momentum=experiment.momentum,
            foreach=False,  # one tensor a group: batching over tensors would only add overhead
        )
        # Views: torch writes, NumPy reads, nothing is copied.
        self.parameters: Array = self._theta.detach().numpy()
        self._gradient: Array = self._theta.grad.numpy()

    def loss(self, rows: Array | None = None) -> Array:
        """(R,) mean of squares over `rows` of the data (None: all)."""
        with torch.no_grad():
            return np.asarray(self._forward(rows))

    def backward(self, rows: Array | None = None) -> tuple[Array, Array]:
        """(loss (R,), gradient (R, P)) over `rows` of the data: zero_grad, forward, backward."""
        self._zero_grad()
        loss = self._forward(rows)
        # The rows don't touch each other, so the sum gives each its own gradient.
        loss.sum().backward()  # type: ignore[no-untyped-call]
        return loss.detach().numpy(), self._gradient

    def step(self) -> None:
        """One update from the last gradient."""
        self._optimizer.step()

    def _zero_grad(self) -> None:
        # What optimizer.zero_grad(set_to_none=False) does, in one call: the groups' gradients are
        # rows of this tensor. Setting them to None would cut that tie.
        assert self._theta.grad is not None
        self._theta.grad.zero_()

    def _forward(self, rows: Array | None) -> torch.Tensor:
        x, y = (self.x, self.y) if rows is None else (self.x[rows], self.y[rows])
        error = self._theta @ x.T - y
        return (error * error).mean(dim=1)


def use_one_thread() -> None:
    """Let PyTorch use one thread in this process: two are 20 to 60 times slower on models this small."""
    torch.set_num_threads(1)


def _row(theta: torch.Tensor, r: int) -> torch.Tensor:
    """Row r of theta as a tensor of its own for torch.optim: the same memory, the same gradient."""
    assert theta.grad is not None
    row = theta.detach()[r]
    row.grad = theta.grad[r]
    return row
