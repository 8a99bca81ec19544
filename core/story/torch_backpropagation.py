"""Lesson 5's part that really runs PyTorch: autograd as a source of gradients, and the training loop call by call."""

from typing import Any

import torch

from .halves import CALLS, NOTHING, RATE, START, STEPS, Call, Loop, Pair, Tensors, X, Y

X_TENSOR, Y_TENSOR = torch.tensor(X), torch.tensor(Y)


def by_autograd(w: float, b: float) -> Pair:
    at: Any = torch.tensor([w, b], dtype=torch.float64)
    at.requires_grad_()  # note down all that is done with it
    loss = ((at[0] * X_TENSOR + at[1] - Y_TENSOR) ** 2).mean()
    loss.backward()  # go back over the notes
    dw, db = at.grad.tolist()
    return dw, db


def run_loop(left_out: str = NOTHING) -> Loop:
    """Train STEPS epochs with one of CALLS left out, looking at the tensors before and after every call made."""
    w, b = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in START)
    optimizer = torch.optim.SGD([w, b], lr=RATE)
    calls, losses = [], []
    for epoch in range(1, STEPS + 1):
        loss = ((w * X_TENSOR + b - Y_TENSOR) ** 2).mean()
        losses.append(loss.item())
        for name, call in zip(CALLS, (optimizer.zero_grad, loss.backward, optimizer.step), strict=True):
            if name == left_out:
                continue
            before = _look(w, b)
            call()
            calls.append(Call(name=name, epoch=epoch, loss=loss.item(), before=before, after=_look(w, b)))
    losses.append(((w * X_TENSOR + b - Y_TENSOR) ** 2).mean().item())
    return Loop(left_out=left_out, calls=tuple(calls), losses=tuple(losses))


def _look(w: torch.Tensor, b: torch.Tensor) -> Tensors:
    w_grad, b_grad = (None if each.grad is None else each.grad.item() for each in (w, b))
    return Tensors(w=w.item(), b=b.item(), w_grad=w_grad, b_grad=b_grad)
