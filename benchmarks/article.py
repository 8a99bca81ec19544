"""The article's two training loops as it prints them, for one learning rate: what we are measured against."""

from typing import Any

import numpy as np
import torch
from numpy import ndarray as Array
from torch import nn


def numpy_loop(x: Array, y: Array, lr: float, epochs: int) -> list[Any]:
    """The loss at each epoch, by hand."""
    w: Any = 0.0
    b: Any = 0.0
    losses = []
    for _ in range(epochs):
        y_pred = w * x + b
        loss = np.mean((y - y_pred) ** 2)
        losses.append(loss)
        dw = -2 * np.mean(x * (y - y_pred))
        db = -2 * np.mean(y - y_pred)
        w = w - lr * dw
        b = b - lr * db
    return losses


def torch_loop(x: Array, y: Array, lr: float, epochs: int, precision: str) -> list[float]:
    """The loss at each epoch, by PyTorch."""
    kind = getattr(torch, precision)
    inputs, targets = torch.tensor(x, dtype=kind)[:, None], torch.tensor(y, dtype=kind)[:, None]
    model = nn.Linear(1, 1, dtype=kind)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        loss = criterion(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
