"""Lesson 5's last part: the article's program in PyTorch, shown as it ran, with what it printed."""

import inspect
import io
import textwrap
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy import ndarray as Array

from ..drawing.axes import Axis
from ..drawing.picture import Picture
from ..words import many, number

MOST = 1000  # epochs, the article's
_IMPORTS = "import torch\nfrom torch import nn\n\n"


def program(epochs: int) -> tuple[torch.nn.Module, list[float]]:
    """The article's program: y = 2x at x = 1, 2, 3, 4, one linear unit, mean squared error, rate 0.01."""
    nn = torch.nn
    torch.manual_seed(0)  # the same first weight and bias each time
    x = torch.tensor([[1.0], [2.0], [3.0], [4.0]])
    y = 2 * x

    model = nn.Linear(1, 1)  # y = w x + b; w and b begin at random
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    losses = []
    for _ in range(epochs):
        y_pred = model(x)  # forward
        loss = criterion(y_pred, y)
        losses.append(loss.item())

        optimizer.zero_grad()
        loss.backward()  # autograd finds the gradients
        optimizer.step()  # gradient descent uses them

    print(f"loss {losses[0]:.4f} at first, {losses[-1]:.6f} at last")
    for name, value in model.named_parameters():
        print(name, value.data)
    return model, losses


def text(epochs: int) -> str:
    """The program as one runs it: its imports, then the body of `program`, word for word."""
    body = textwrap.dedent("\n".join(inspect.getsource(program).splitlines()[3:-1]))
    return f"{_IMPORTS}epochs = {epochs}\n{body}\n"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ran:
    """A run of the text. printed: what it printed.  losses (epochs,): each before its step.  w, b: in the end."""

    code: str
    printed: str
    losses: Array
    w: float
    b: float

    @property
    def words(self) -> str:
        """What came of it."""
        return (
            f"After {many(len(self.losses), 'epoch')} w = **{number(self.w)}** and b = **{number(self.b)}**; the "
            f"points lie on y = 2x. The loss went from {number(self.losses[0])} to {number(self.losses[-1])}."
        )

    def curve(self) -> Picture:
        """The loss against the epoch, as far as it was trained."""
        losses = pd.DataFrame({"name": "loss", "x": np.arange(len(self.losses)), "y": self.losses})
        return Picture(
            title="The loss that it appended",
            names=("loss",),
            styles=("one",),
            x=Axis(title="epoch", low=0, high=MOST),
            y=Axis(title="loss", low=1e-5, high=1e2, scale="log"),
            tables={"curves": losses, "marks": losses[-1:].assign(words="")},
            alt=f"The loss against the epoch. {self.words.replace('*', '')}",
            height=240,
        )


def run(epochs: int) -> Ran:
    """Run the text for so many epochs. It seeds PyTorch's generator, which afterwards stands where it stood."""
    code, out = text(epochs), io.StringIO()
    variables: dict[str, Any] = {"print": partial(print, file=out)}
    with torch.random.fork_rng(devices=[]):
        exec(compile(code, "<the article's program>", "exec"), variables)
    model = variables["model"]
    return Ran(
        code=code,
        printed=out.getvalue().strip(),
        losses=np.array(variables["losses"]),
        w=model.weight.item(),
        b=model.bias.item(),
    )
