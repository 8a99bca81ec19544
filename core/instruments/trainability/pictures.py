"""The trainability map as a picture: blue where it trained, the fuller the faster, orange where it did not."""

import numpy as np

from ..network.pictures import BLUE, MIDDLE, ORANGE, png
from .trainability import Trainability, Window, trainability

SECONDS = 0.5  # that a map takes on one core

_SHADES = 60  # of each side
_LEAST, _SPREAD = 0.15, 0.4  # the palest shade; an exponent that spreads the many cells near 0


def drawn(window: Window) -> tuple[Trainability, str]:
    """The map of a window, and its picture."""
    found = trainability(window)
    return found, picture(found)


def picture(found: Trainability) -> str:
    """A data URL of a PNG, the highest rate of layer 2 on top, a pixel a cell."""
    measure = found.measure[::-1]
    strength = np.where(measure > 0, 1 - measure, np.abs(measure) ** _SPREAD)  # orange: the fuller the closer a miss
    shade = np.clip(np.round(strength * (_SHADES - 1)), 0, _SHADES - 1).astype(np.uint8)
    part = np.linspace(_LEAST, 1, _SHADES)[:, None]
    sides = [MIDDLE + part * (np.array(colour) - np.array(MIDDLE)) for colour in (BLUE, ORANGE)]
    return png(np.where(measure > 0, shade, shade + _SHADES).astype(np.uint8), np.vstack(sides))
