"""How long one gradient step takes in PyTorch, measured here and now, from ten parameters to ten million."""

import time
from collections.abc import Callable

import torch
from torch import nn

from .without_gradients import EXAMPLES, Timing

_SECONDS = 0.15  # of repeats for each size and each thing timed
_LEAST, _MOST = 3, 50  # repeats


def network(hidden: int) -> nn.Sequential:
    """1 - hidden - hidden - 1 with tanh: hidden^2 + 4 hidden + 1 parameters."""
    return nn.Sequential(nn.Linear(1, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 1))


def timing(hidden: int, minute: int) -> Timing:
    """The time of one gradient step, and of one evaluation of the loss, at this width.

    minute: only a name for when; who asks in the same minute may share a measurement.
    """
    model = network(hidden)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)
    x = torch.linspace(-1, 1, EXAMPLES)[:, None]
    y = x**2

    def evaluate() -> torch.Tensor:
        return nn.functional.mse_loss(model(x), y)

    def step() -> None:
        optimizer.zero_grad()
        evaluate().backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    def only_evaluate() -> None:
        with torch.no_grad():
            evaluate()

    parameters = sum(each.numel() for each in model.parameters())
    return Timing(
        hidden=hidden,
        parameters=parameters,
        step=fastest(step),
        evaluation=fastest(only_evaluate),
        threads=torch.get_num_threads(),  # the server sets one
    )


def fastest(work: Callable[[], object]) -> float:
    """Seconds of one run of `work`: the least of a few, as what else the machine does only ever adds."""
    work()  # the first run warms up
    taken: list[float] = []
    while len(taken) < _LEAST or (len(taken) < _MOST and sum(taken) < _SECONDS):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken)
