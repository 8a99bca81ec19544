"""The article's program: the shown text is what ran, and it goes the way of the recursion worked out in NumPy."""

from __future__ import annotations

import inspect
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import torch

from core.story import torch_program
from tests.cases import for_each


def by_hand(epochs):
    """w, b and the losses of y = w x + b on (1, 2), ..., (4, 8), from where PyTorch's seed 0 begins."""
    torch.manual_seed(0)
    start = torch.nn.Linear(1, 1)
    w, b, x = start.weight.item(), start.bias.item(), np.arange(1.0, 5)
    losses = []
    for _ in range(epochs):
        error = w * x + b - 2 * x
        losses.append(np.mean(error**2))
        w, b = w - 0.01 * 2 * np.mean(error * x), b - 0.01 * 2 * np.mean(error)
    return w, b, losses


@for_each("epochs", [1, 10, 1000])
def test_it_goes_the_way_of_the_recursion(epochs):
    ran, (w, b, losses) = torch_program.run(epochs), by_hand(epochs)
    assert (ran.w, ran.b) == pytest.approx((w, b), abs=1e-4)
    assert ran.losses == pytest.approx(losses, rel=1e-3)


def test_the_shown_text_is_the_functions_body_and_prints_the_same_as_a_program():
    text = torch_program.text(200)
    body = textwrap.dedent("\n".join(inspect.getsource(torch_program.program).splitlines()[3:-1]))
    assert text.endswith(body + "\n")
    printed = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == torch_program.run(200).printed
    assert "nn.Linear(1, 1)" in text and "nn.MSELoss()" in text and "torch.optim.SGD" in text


def test_it_prints_what_it_found_and_leaves_pytorchs_generator_alone():
    torch.manual_seed(5)
    expected = torch.rand(1).item()
    torch.manual_seed(5)
    ran = torch_program.run(1000)
    assert torch.rand(1).item() == expected
    assert ran.printed.splitlines()[1:] == ["weight tensor([[1.9815]])", "bias tensor([0.0545])"]
    assert "w = **1.981**" in ran.words
    curve = ran.curve()
    assert len(curve.tables["curves"]) == 1000 and curve.y.holds(ran.losses).all()
