"""The scene of a trial: all that the range test's page draws and says, worked out once and then only sent."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ...drawing.axes import Axis, positive, whole_decades
from ...drawing.tables import Table, arrow
from ...experiment.experiment import Experiment
from ...words import number
from .rules import RULES, RangeTest
from .trial import Trial, known_limit

BLEW_UP = "blew up"
_ROOM = 1.5  # times
_LETTER = 0.022  # of the width of a chart, at its narrowest on a page of 1280 px
_ABOVE, _DEPTH = 10.0, 8  # times the first loss, and decades below it at most, that are shown


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CurveScene:
    """A range test ready to be drawn; the tables are those that core/instruments/range_test/charts.py names.

    rates, losses: its axes.  test: its tables.  test_rows: how many rows of words there are.
    blow_up, limit: the rate at which it blew up, and the true stability limit; nan where there is none, or none known.
    """

    rates: Axis
    losses: Axis
    test: dict[str, Table]
    test_rows: int
    blow_up: float
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RangeScene(CurveScene):
    """A trial ready to be drawn, and the range test of its first seed.

    swept, ends: the axes of the sweep.  sweep: its tables.  sweep_rows: how many rows of words there are.
    standing: a row a rule, its title in front.
    """

    trial: Trial
    swept: Axis
    ends: Axis
    sweep: dict[str, Table]
    sweep_rows: int
    standing: pd.DataFrame

    def suggested(self) -> tuple[float, ...]:
        """The rates that the rules suggest, rising, to three digits."""
        return tuple(sorted({float(f"{rate:.3g}") for rate in self.standing["suggestion"].dropna()}))


def curve_scene(experiment: Experiment, test: RangeTest) -> CurveScene:
    """Everything the page draws of the range test of the experiment's own seed."""
    return CurveScene(**_curve_fields(test, known_limit(experiment) or math.nan))


def _curve_fields(test: RangeTest, limit: float) -> dict[str, Any]:
    """The fields of a CurveScene."""
    losses = _axis(np.append(test.losses, test.fastai), float(test.losses[0]))
    found = {rule.short: rate for rule in RULES.values() if (rate := rule.suggest(test)) is not None}
    rates = _rates(test.rates, list(found.values()))
    marks = _marks(found | ({BLEW_UP: test.blow_up} if test.blow_up is not None else {}), rates)
    blew_up = marks["words"] == BLEW_UP
    tables = {
        "raw": arrow(_curve(test.rates, test.losses, losses)),
        "smoothed": arrow(_curve(test.rates[: len(test.fastai)], test.fastai, losses)),
        "marks": arrow(marks[~blew_up]),
        "blow_up": arrow(marks[blew_up]),
    }
    blow_up = math.nan if test.blow_up is None else test.blow_up
    return {
        "rates": rates,
        "losses": losses,
        "test": tables,
        "test_rows": _count(marks),
        "blow_up": blow_up,
        "limit": limit,
    }


def range_scene(trial: Trial) -> RangeScene:
    """Everything the range test's page draws of a trial."""
    suggestions = trial.table[trial.table["suggestion"].notna()]
    ends = _axis(np.append(trial.final_loss, suggestions["final_loss"]), float(trial.tests[0].losses[0]))
    standing = trial.standing()
    standing.insert(0, "title", [RULES[rule].title for rule in standing["rule"]])
    typical = {RULES[rule].short: rate for rule, rate in zip(standing["rule"], standing["suggestion"], strict=True)}
    swept = _rates(trial.rates, suggestions["suggestion"])
    medians = _marks({name: rate for name, rate in typical.items() if not math.isnan(rate)}, swept)
    return RangeScene(
        **_curve_fields(trial.tests[0], float(trial.seeds["limit"].iloc[0])),
        trial=trial,
        swept=swept,
        ends=ends,
        sweep={
            "sweep": arrow(_sweep(trial, ends)),
            "marks": arrow(medians),
            "ends": arrow(_ends(suggestions, ends)),
        },
        sweep_rows=_count(medians),
        standing=standing,
    )


def _rates(tried: Array, found: Sequence[float] | pd.Series) -> Axis:
    """From the lowest to the highest rate, with room for a mark at both ends."""
    return Axis(low=min(*tried, *found) / _ROOM, high=max(*tried, *found) * _ROOM)


def _axis(losses: Array, first: float) -> Axis:
    """Whole decades: from the lowest loss, some decades below the first at most, to some way above the first."""
    low = float(positive(losses).min(initial=first))
    return whole_decades(low, _ABOVE * first, most=_DEPTH + 1)


def _curve(rates: Array, losses: Array, axis: Axis) -> pd.DataFrame:
    """Columns rate, loss: cut where it is off the axis, for above it stand words."""
    return pd.DataFrame({"rate": rates, "loss": np.where(axis.holds(losses), losses.astype(float), np.nan)})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """A mark with its words: where it is and where they begin and end, as shares of the width; row: of the words."""

    rate: float
    words: str
    at: float
    start: float
    end: float
    row: int = 0

    def disturbs(self, other: _Mark) -> int:
        """2 where their words lie on each other, 1 where a mark, which runs from its words down, runs through words."""
        if self.row == other.row:
            return 2 * (self.start < other.end and other.start < self.end)
        upper, lower = (self, other) if self.row < other.row else (other, self)
        return int(lower.start < upper.at < lower.end)


def _marks(named: Mapping[str, float], axis: Axis) -> pd.DataFrame:
    """Columns rate, words, row, left: a mark at each rate, the names of equal ones together; left: where its words are.

    Each is in the first row where it disturbs the others least.
    """
    alike: dict[tuple[str, bool], list[str]] = {}  # the blow-up is no rule: it has a mark of its own
    for name, rate in named.items():
        alike.setdefault((f"{rate:.3g}", name == BLEW_UP), []).append(name)
    words = {", ".join(names): named[names[0]] for names in alike.values()}
    placed: list[_Mark] = []
    middle = math.sqrt(axis.low * axis.high)
    # From the ends to the middle: who comes later stands lower, out of the way of words that reach over it.
    inwards = sorted(words.items(), key=lambda each: -abs(math.log(each[1] / middle)))
    for said, rate in inwards:
        at, long = math.log(rate / axis.low) / math.log(axis.high / axis.low), _LETTER * (len(said) + 2)
        start, end = (at - long, at) if rate > middle else (at, at + long)
        rows = [_Mark(rate=rate, words=said, at=at, start=start, end=end, row=row) for row in range(len(words))]
        placed.append(min(rows, key=lambda mark: max(map(mark.disturbs, placed), default=0)))
    return pd.DataFrame(
        {
            "rate": np.array([mark.rate for mark in placed], float),
            "words": np.array([mark.words for mark in placed], str),
            "row": np.array([mark.row for mark in placed], int),
            "left": np.array([mark.start < mark.at for mark in placed], bool),
        }
    )


def _count(marks: pd.DataFrame) -> int:
    return int(marks["row"].max()) + 1 if len(marks) else 0


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
