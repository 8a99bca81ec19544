"""The scene of a trial: all that the range test's page draws and says, worked out once and then only sent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.frames import Axis
from core.rates.range_rules import RULES, RangeTest
from core.rates.range_test import Trial
from core.scene import Table, arrow
from core.words import number

Array = NDArray[Any]

BLEW_UP = "blew up here: not the largest stable rate"
ROWS = len(RULES) + 1  # a rule each, and the blow-up
_ROOM = 1.5  # times
_ABOVE, _DEPTH = 10.0, 8  # times the first loss, and decades below it at most, that are shown


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RangeScene:
    """A trial ready to be drawn; the tables are those that core/rates/range_charts.py names.

    rates, losses: the axes of the range test, which is that of the first seed.  swept, ends: those of the sweep.
    test, sweep: the tables of each chart.  standing: a row a rule, its title in front.
    """

    trial: Trial
    rates: Axis
    losses: Axis
    test: dict[str, Table]
    swept: Axis
    ends: Axis
    sweep: dict[str, Table]
    standing: pd.DataFrame


def range_scene(trial: Trial) -> RangeScene:
    """Everything the range test's page draws of a trial."""
    test, first = trial.tests[0], float(trial.tests[0].losses[0])
    suggestions = trial.table[trial.table["suggestion"].notna()]
    losses = _axis(np.append(test.losses, test.fastai), first)
    ends = _axis(np.append(trial.final_loss, suggestions["final_loss"]), first)
    found = [rate for rule in RULES.values() if (rate := rule.suggest(test)) is not None]
    standing = trial.standing()
    standing.insert(0, "title", [RULES[rule].title for rule in standing["rule"]])
    return RangeScene(
        trial=trial,
        rates=_rates(test.rates, found),
        losses=losses,
        test={
            "raw": arrow(_curve(test.rates, test.losses, losses)),
            "smoothed": arrow(_curve(test.rates[: len(test.fastai)], test.fastai, losses)),
            "marks": arrow(_marks(test)),
            "blow_up": arrow(_blow_up(test)),
        },
        swept=_rates(trial.rates, suggestions["suggestion"]),
        ends=ends,
        sweep={
            "sweep": arrow(_sweep(trial, ends)),
            "marks": arrow(_typical(standing)),
            "ends": arrow(_ends(suggestions, ends)),
        },
        standing=standing,
    )


def _rates(tried: Array, found: Sequence[float] | pd.Series) -> Axis:
    """From the lowest to the highest rate, with room for a mark at both ends."""
    return Axis(low=min(*tried, *found) / _ROOM, high=max(*tried, *found) * _ROOM)


def _axis(losses: Array, first: float) -> Axis:
    """Whole decades: from the lowest loss, some decades below the first at most, to some way above the first."""
    low = losses[np.isfinite(losses) & (losses > 0)].min(initial=first)
    top = 10.0 ** math.ceil(math.log10(_ABOVE * first))
    return Axis(low=max(10.0 ** math.floor(math.log10(low)), top * 10.0 ** -(_DEPTH + 1)), high=top)


def _curve(rates: Array, losses: Array, axis: Axis) -> pd.DataFrame:
    """Columns rate, loss: cut where it is off the axis, for above it stand words."""
    return pd.DataFrame({"rate": rates, "loss": np.where(axis.holds(losses), losses.astype(float), np.nan)})


def _marks(test: RangeTest) -> pd.DataFrame:
    """Columns rate, words, row: each rule's suggestion, in the row that is its own."""
    found = [(rule.suggest(test), rule.title, row) for row, rule in enumerate(RULES.values())]
    rows = [(rate, f"{title}: {number(rate)}", row) for rate, title, row in found if rate is not None]
    return _table(rows)


def _blow_up(test: RangeTest) -> pd.DataFrame:
    """Columns rate, words, row: where it blew up; empty where it never did."""
    return _table([] if test.blow_up is None else [(test.blow_up, BLEW_UP, ROWS - 1)])


def _typical(standing: pd.DataFrame) -> pd.DataFrame:
    """Columns rate, words, row: the median of each rule's suggestions."""
    rows = [
        (rate, f"{title}: {number(rate)}", row)
        for row, (rate, title) in enumerate(zip(standing["suggestion"], standing["title"], strict=True))
        if not math.isnan(rate)
    ]
    return _table(rows)


def _table(rows: list[tuple[float, str, int]]) -> pd.DataFrame:
    rates, words, places = [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
    return pd.DataFrame({"rate": np.array(rates, float), "words": words, "row": np.array(places, int)})


def _sweep(trial: Trial, axis: Axis) -> pd.DataFrame:
    """Columns seed, rate, loss: what was swept."""
    curve = _curve(np.tile(trial.rates, len(trial.tests)), trial.final_loss.ravel(), axis)
    curve.insert(0, "seed", np.repeat(trial.seeds["seed"].to_numpy(), len(trial.rates)))
    return curve


def _ends(suggestions: pd.DataFrame, axis: Axis) -> pd.DataFrame:
    """Columns rate, loss, way, rule, seed, words: where each suggestion ended; way: in, or the edge it left by."""
    loss = suggestions["final_loss"].to_numpy()
    way = np.where(axis.holds(loss), "in", np.where(loss < axis.low, "down", "up"))
    return pd.DataFrame(
        {
            "rate": suggestions["suggestion"].to_numpy(),
            "loss": np.clip(loss, axis.low, axis.high),
            "way": way,
            "rule": [RULES[rule].title for rule in suggestions["rule"]],
            "seed": suggestions["seed"].to_numpy(),
            "words": [number(value) for value in loss],
        }
    )
