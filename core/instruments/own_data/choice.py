"""Columns chosen from a table, gaps dropped or filled, as a Dataset; or one sentence on why they are none."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import ndarray as Array

from ...data.datasets import Dataset, upload
from ...data.points import LARGEST
from ..log.limits import MOST_COLUMNS
from ..log.text import Unreadable
from .columns import Column

_LOOKED_AT = 500  # characters of a name: putting accents in order takes the square of their number
_DECIMAL_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_LONGEST_NAME = 24  # characters of a column's name that charts have room for
_PLAIN = " -()/%°·"  # beside letters and digits; none of these means anything in markdown or HTML


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """x, y: places of columns; an x of words becomes one column a word, 1 where it stands and else 0.

    fill: put a column's mean into its gaps; else rows with gaps are left out.

    classes: whether y is to be told apart; needed of numbers only, words always are.
    scale_y: shift and stretch y to mean 0 and standard deviation 1.
    """

    x: tuple[int, ...]
    y: int
    fill: bool = False
    classes: bool = False
    scale_y: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chosen:
    """data: what came of a choice.  notes: what was dropped, filled and worth knowing, in sentences."""

    data: Dataset
    notes: tuple[str, ...]


def usual(columns: Sequence[Column]) -> Choice:
    """What is chosen at first: y is the last column of numbers that differ, x all others that tell anything.

    Words are x where there is no other, and classes only when somebody says so.
    """
    usable = [place for place, column in enumerate(columns) if column.kind != "other" and not column.constant]
    numbers = [place for place in usable if columns[place].kind == "number"]
    if not numbers:
        raise Unreadable("No column holds numbers that differ: a table needs one for y, and numbers or words for x.")
    y = numbers[-1]
    x = [place for place in numbers if place != y] or [place for place in usable if place != y][:1]
    if not x:
        raise Unreadable(
            f'Only the column "{columns[y].name}" holds numbers that differ: a table needs one for x and another for y.'
        )
    return Choice(x=tuple([place for place in x if not columns[place].counts] or x), y=y)


def choose(columns: Sequence[Column], choice: Choice) -> Chosen:
    """The data set of a choice; it lives for as long as the caller keeps it. Raises Unreadable where there is none."""
    xs, y = [columns[place] for place in choice.x], columns[choice.y]
    _check(xs, y, choice)
    classes = choice.classes or y.kind == "category"
    notes: list[str] = []
    named, x = _inputs(xs, notes)
    kept = _kept(x, y, choice, notes)
    x = x[kept]
    if choice.fill:
        x = _filled(x, notes)
    words = _classes(y, kept, notes) if classes else _numbers(y, kept, choice)
    _check_variety(x, named, notes)
    names = plain_names(named)
    data = upload(
        x=x,
        title="Your data",
        x_name=names[0],
        y_name=plain_names([y.name])[0],
        source="a table of your own, kept for this session only",
        task="classes" if classes else "line" if len(named) == 1 else "regression",
        columns=tuple(names),
        **words,
    )
    return Chosen(data=data, notes=tuple(notes))


def plain_names(names: Sequence[str]) -> list[str]:
    """The names with nothing in them that means anything in markdown or HTML, short, and each once.

    They are somebody's own words and come into charts and sentences: letters, digits and a few signs are left of them.
    """
    made: list[str] = []
    for place, name in enumerate(names):
        text = unicodedata.normalize("NFC", name[:_LOOKED_AT])
        kept = "".join(c if c.isalnum() or c in _PLAIN else " " for c in _DECIMAL_POINT.sub("·", text))
        short = " ".join(kept.split()).replace("·", ".")[:_LONGEST_NAME].strip(" -") or f"column {place + 1}"
        made.append(short if short not in made else f"{short[: _LONGEST_NAME - 4]} ({place + 1})")
    return made


def _check(xs: Sequence[Column], y: Column, choice: Choice) -> None:
    if not xs:
        raise Unreadable("No column was chosen for x: choose at least one.")
    if choice.y in choice.x:
        raise Unreadable(
            f'"{y.name}" was chosen for x and for y: leave it out of x, or every model is perfect at once.'
        )
    for column in xs:
        if column.kind == "other":
            raise Unreadable(
                f'"{column.name}" can\'t be x: it holds {column.says()}, and x takes numbers or few words.'
            )
    if (wide := sum(column.different if column.kind == "category" else 1 for column in xs)) > MOST_COLUMNS:
        raise Unreadable(
            f"With one column a word, x has {wide} columns; {MOST_COLUMNS} are allowed: leave out a column of words."
        )
    if y.kind == "other":
        raise Unreadable(
            f'"{y.name}" can\'t be y: it holds {y.says()}, and y takes numbers, or 2 to 10 different words.'
        )
    if choice.classes and not y.countable:
        raise Unreadable(
            f'"{y.name}" has {y.different:,} different values: classes are 2 to 10 words or whole numbers; '
            "take it as numbers."
        )
    for column in (*xs, y):
        if column.kind == "number" and np.nanmax(np.abs(column.values)) > LARGEST:
            raise Unreadable(
                f'"{column.name}" holds {np.nanmax(np.abs(column.values)):g}; numbers up to {LARGEST:g} are allowed: '
                "give it in larger units."
            )


def _inputs(xs: Sequence[Column], notes: list[str]) -> tuple[list[str], Array]:
    """(names (d,), x (n, d)): numbers as they are, and of words one column a word; nan at gaps."""
    names: list[str] = []
    made: list[Array] = []
    for column in xs:
        if column.kind == "number":
            names.append(column.name)
            made.append(column.values)
            continue
        words = sorted(set(column.words.tolist()) - {""})
        names += [f"{column.name} {word}" for word in words]
        made += [np.where(column.words == "", np.nan, column.words == word).astype(float) for word in words]
        notes.append(f'"{column.name}" became {len(words)} columns, one a word: 1 where it stands, else 0.')
    return names, np.column_stack(made)


def _kept(x: Array, y: Column, choice: Choice, notes: list[str]) -> Array:
    """Which rows are taken (n,): those with y, and where gaps are not filled with all of x."""
    there = y.words != "" if y.kind == "category" else ~np.isnan(y.values)
    kept: Array = there if choice.fill else there & ~np.isnan(x).any(axis=1)
    rows, left = len(kept), int(kept.sum())
    if left < 2:
        raise Unreadable(
            f"Of {rows:,} rows {left} {'has' if left == 1 else 'have'} no gap in the columns chosen; at least 2 are "
            "needed: fill the gaps, or choose other columns."
        )
    if left < rows:
        where = "without y" if choice.fill else "with gaps"
        notes.append(f"{rows - left:,} of {rows:,} rows {where} {'was' if rows - left == 1 else 'were'} left out.")
    return kept


def _filled(x: Array, notes: list[str]) -> Array:
    """x with the mean of its column in each gap."""
    gaps = np.isnan(x)
    if gaps.all(axis=0).any():
        raise Unreadable("A column of x has no value in the rows with y, so no mean either: leave it out of x.")
    count = int(gaps.sum())
    if count:
        notes.append(f"{count:,} gap{' was' if count == 1 else 's were'} filled with the mean of the column.")
    filled: Array = np.where(gaps, np.nanmean(x, axis=0), x)
    return filled


def _classes(y: Column, kept: Array, notes: list[str]) -> dict[str, Any]:
    """y as places in the names of classes, those names sorted."""
    found, codes = np.unique((y.words if y.kind == "category" else y.values)[kept], return_inverse=True)
    if len(found) < 2:
        raise Unreadable(f'"{y.name}" is always the same in the rows left: there is nothing to tell apart.')
    names = [str(one) if y.kind == "category" else f"{one:g}" for one in found]
    fewest = int(np.bincount(codes).min())
    if fewest < 5:
        notes.append(f"The smallest class has {fewest} row{'' if fewest == 1 else 's'}: too few to learn it from.")
    return {"y": codes.astype(float), "classes": tuple(plain_names(names)), "y_units": ""}


def _numbers(y: Column, kept: Array, choice: Choice) -> dict[str, Any]:
    values = y.values[kept]
    if np.ptp(values) == 0:
        raise Unreadable(f'"{y.name}" is always {values[0]:g}, so there is nothing to learn: choose another y.')
    if not choice.scale_y:
        return {"y": values, "y_units": ""}
    return {"y": (values - values.mean()) / values.std(), "y_units": "standardized"}


def _check_variety(x: Array, named: Sequence[str], notes: list[str]) -> None:
    still = np.ptp(x, axis=0) == 0
    if still.all():
        which = f'"{named[0]}" is' if len(named) == 1 else "All columns of x are"
        raise Unreadable(f"{which} always the same, so y can't depend on it: choose another x.")
    if still.any():
        names = ", ".join(f'"{name}"' for name, same in zip(named, still, strict=True) if same)
        notes.append(f"{names} never changes: it adds nothing that a bias could not.")
