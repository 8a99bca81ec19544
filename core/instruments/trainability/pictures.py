"""The trainability map as a picture: blue where it trained, the fuller the faster, orange where it did not."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..network.pictures import BLUE, MIDDLE, ORANGE, png
from .trainability import BANDS, Trainability

_SHADES = 60  # of each side
_OVERLAP = 0.02  # of a band's height, over the band below: else the paper shows through between them
_LEAST, _SPREAD = 0.15, 0.4  # the palest shade; an exponent that spreads the many cells near 0


def pictures(bands: Sequence[Trainability]) -> pd.DataFrame:
    """Columns image, top, part: the picture of each band, and where it stands in the height of the map, as shares."""
    tops = [1 - (k + 1) / BANDS for k in range(len(bands))]
    parts = [(1 + (_OVERLAP if k else 0)) / BANDS for k in range(len(bands))]
    return pd.DataFrame({"image": [picture(each) for each in bands], "top": tops, "part": parts})


def picture(found: Trainability) -> str:
    """A data URL of a PNG, the highest rate of layer 2 on top, a pixel a cell."""
    measure = found.measure[::-1]
    strength = np.where(measure > 0, 1 - measure, np.abs(measure) ** _SPREAD)  # orange: the fuller the closer a miss
    shade = np.clip(np.round(strength * (_SHADES - 1)), 0, _SHADES - 1).astype(np.uint8)
    part = np.linspace(_LEAST, 1, _SHADES)[:, None]
    sides = [MIDDLE + part * (np.array(colour) - np.array(MIDDLE)) for colour in (BLUE, ORANGE)]
    return png(np.where(measure > 0, shade, shade + _SHADES).astype(np.uint8), np.vstack(sides))
