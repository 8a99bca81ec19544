"""One field of an Experiment: its limits, how it is checked, how a link writes and reads it.

The limits of a field stand in one Field; a constructor call that breaks them is an
error, a link that breaks them is repaired to the nearest legal value.
"""

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any
from urllib.parse import urlencode

LONGEST_WORD = 40  # a longer text in a link is no number and no name of ours
_LONGEST_SHOWN = 200  # characters of a value in an error
_SEPARATORS = {int: re.compile("[,x]"), float: re.compile(",")}  # between numbers
_SWITCH = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One thing a link asked for that could not be: its name there, what it said, what is used instead.

    nearest: the legal value that comes nearest to it, where another is used: of a name the one spelled most alike.
    """

    name: str
    got: str
    used: str
    reason: str
    nearest: str = ""

    def __str__(self) -> str:
        return f"{self.name}={self.got}: {self.reason}; using {self.used}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """The limits of one field.

    name, word: what it is called in an Experiment and in a link.  kind: str, bool, int or float.
    choices: for str, and for numbers of which only some are legal.  low, high: for numbers, both legal.  most: how many
    values a link may hold (0: the field is one value, not a tuple).  empty: the word for None, where None is legal.
    beside: for str, the normal form of a text that is none of the choices and legal; ValueError where it is not.
    form: what a link may say, in words, where choices and limits do not tell it.  means: what it is, in a line.
    """

    name: str
    kind: type
    default: Any
    word: str = ""
    choices: tuple[Any, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    most: int = 0
    empty: str = ""
    beside: Callable[[str], str] | None = None
    form: str = ""
    means: str = ""

    @property
    def in_link(self) -> str:
        """What it is called in a link."""
        return self.word or self.name

    def check(self, value: Any) -> Any:
        """`value` in its one normal form (tuple, float, int, bool, str); ValueError, naming the field, if not legal."""
        if self.most:
            of = "names" if self.kind is str else "numbers"
            alone = isinstance(value, str | bytes | bytearray | Mapping | Set) or getattr(value, "ndim", 1) == 0
            if alone or not isinstance(value, Iterable):
                raise ValueError(f"{self.name} must be a sequence of {of}, got {_shown(value)}")
            return tuple(self._check_one(v) for v in value)
        if value is None and self.empty:
            return None
        return self._check_one(value)

    def _check_one(self, value: Any) -> Any:
        if getattr(value, "ndim", None) == 0:
            value = value.item()  # NumPy's and PyTorch's numbers, texts and switches as Python's
        if self.kind is str:
            if self.beside and isinstance(value, str):
                return self.beside(value)
            if not isinstance(value, str) or value not in self.choices:
                raise ValueError(f"{self.name} must be {self.allowed_text()}, got {_shown(value)}")
            return value
        if self.kind is bool:
            if not isinstance(value, Real) or value not in (True, False):
                raise ValueError(f"{self.name} must be True or False, got {_shown(value)}")
            return bool(value)
        number = self._number(value)
        if not self.low <= number <= self.high:
            allowed = "> 0" if self.low > 0 >= number and self.kind is float else self.range_text()
            raise ValueError(f"{self.name} must be {allowed}, got {_shown(value)}")
        if self.choices and number not in self.choices:
            raise ValueError(f"{self.name} must be {self.allowed_text()}, got {_shown(value)}")
        return number

    def _number(self, value: Any) -> Any:
        if type(value) is self.kind:  # the usual case, a hundred times in a click
            return value
        try:
            exact = isinstance(value, Real | Decimal) and not isinstance(value, bool)
            number = self.kind(value) if exact else None
        except (ValueError, OverflowError):
            exact = False
        if not exact or (self.kind is int and number != value):
            wanted = "a number" if self.kind is float else "a whole number"
            raise ValueError(f"{self.name} must be {wanted}, got {_shown(value)}")
        return number

    def range_text(self) -> str:
        """The legal numbers in words."""
        return f"from {_plain(self.low)} to {_plain(self.high)}"

    def allowed_text(self) -> str:
        """The legal values in words."""
        if self.form:
            return self.form
        if self.choices:
            return f"one of {', '.join(map(str, self.choices))}"
        if self.kind is bool:
            return "on or off"
        known = "any number" if math.isinf(self.low) else self.range_text()
        return known + (f", or {self.empty}" if self.empty else "")

    def write(self, value: Any) -> list[str]:
        """The words a link carries for `value`; `read` gives the very same value back."""
        values = value if self.most else [value]
        return [self._write_one(v) for v in values] or [""]

    def _write_one(self, value: Any) -> str:
        if value is None:
            return self.empty
        if self.kind is bool:
            return "on" if value else "off"
        return str(value)  # of a float: the shortest text that reads back as the same number

    def read(self, texts: Sequence[str]) -> tuple[Any, list[Repair]]:
        """The nearest legal value to a link's words for this field, and the repairs that took. Never raises."""
        if self.most:
            return self._read_many([part for text in texts for part in self._parts(text)])
        value, reason = self._read_one(texts[-1])
        return value, [self.repair(texts[-1], value, reason, self._alike(texts[-1]))] if reason else []

    def _parts(self, text: str) -> list[str]:
        """The values in one text of a link: lr=0.01,0.1 are two numbers, hidden=16x16 two whole ones."""
        if self.kind is str:
            return [text] if text else []
        return [part for part in _SEPARATORS[self.kind].split(text, self.most) if part]

    def _alike(self, text: str) -> str:
        """Of names to choose from the one spelled most alike; "" where none is."""
        names = self.choices if self.kind is str else ()
        return next(iter(difflib.get_close_matches(text[:LONGEST_WORD].lower(), names, n=1)), "")

    def _read_one(self, text: str) -> tuple[Any, str]:
        """(legal value, why it is not what was asked for; "" where it is)."""
        if self.empty and text == self.empty:
            return None, ""
        if self.kind is str:
            if self.beside and text not in self.choices:
                return self._read_beside(text, self.beside)
            known = text in self.choices
            return (text, "") if known else (self.default, f"it is one of {', '.join(self.choices)}")
        if self.kind is bool:
            switch = _SWITCH.get(text.lower())
            return (self.default, "it is on or off") if switch is None else (switch, "")
        number = _parse(text)
        if math.isnan(number):
            return self.default, "it is not a number"
        if not self.low <= number <= self.high:
            return self.kind(min(max(number, self.low), self.high)), f"it must be {self.range_text()}"
        if self.choices and number not in self.choices:
            return min(self.choices, key=lambda choice: abs(choice - number)), f"it must be {self.allowed_text()}"
        if self.kind is int and number != int(number):
            return int(number), "it must be a whole number"
        return self.kind(number), ""

    def _read_beside(self, text: str, beside: Callable[[str], str]) -> tuple[Any, str]:
        try:
            return beside(text), ""
        except ValueError as refusal:
            reason = str(refusal).removeprefix(f"{self.name} must ")
            unknown = reason.startswith("be one of ")
            return self.default, f"it is one of {', '.join(self.choices)}" if unknown else f"it must {reason}"

    def _read_many(self, texts: list[str]) -> tuple[tuple[Any, ...], list[Repair]]:
        repairs, values = [], []
        if len(texts) > self.most:
            used = f"the first {self.most}"
            repairs.append(self.repair(f"({len(texts):,} values)", used, f"a link holds at most {self.most} of them"))
        for text in texts[: self.most]:
            if not self._means_something(text):
                reason = f"it must be {self.allowed_text()}" if self.kind is str else "it is not a number"
                reason = f"it is one of {', '.join(self.choices)}" if self.choices else reason
                repairs.append(self.repair(text, "the rest", reason))
                continue
            value, reason = self._read_one(text)
            values.append(value)
            if reason:
                repairs.append(self.repair(text, value, reason))
        if texts and not values:
            reason = "none of its values is known" if self.kind is str else "none of its values is a number"
            repairs = [self.repair(texts[0], self.default, reason)]
        return tuple(values) or self.default, repairs

    def _means_something(self, text: str) -> bool:
        if self.kind is not str:
            return not math.isnan(_parse(text))
        return text in self.choices or (self.beside is not None and not self._read_beside(text, self.beside)[1])

    def repair(self, got: str, used: Any, reason: str, nearest: str = "") -> Repair:
        """A Repair of this field, in the words of a link."""
        if not isinstance(used, str):
            used = ", ".join(self._write_one(v) for v in (used if isinstance(used, tuple) else [used])) or "none"
        return Repair(name=self.in_link, got=shorten(got), used=used, reason=reason, nearest=nearest)


def _shown(value: Any) -> str:
    """`value` as code has it, in one line that can be read."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # Python writes no whole number of more than 4,300 digits
        return "a number of thousands of digits"
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."


def link_text(words: Mapping[str, Sequence[str]]) -> str:
    """The words of a link as they stand behind its question mark; , ; and : need no escape there."""
    return urlencode(words, doseq=True, safe=",;:")


def shorten(text: str) -> str:
    """`text` as it may be shown: printable and at most LONGEST_WORD characters."""
    printable = "".join(c if c.isprintable() else "?" for c in text[: LONGEST_WORD + 1])
    return printable if len(printable) <= LONGEST_WORD else printable[:LONGEST_WORD] + "..."


def _parse(text: str) -> float:
    try:
        return float(text) if len(text) <= LONGEST_WORD else math.nan
    except ValueError:
        return math.nan


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) and abs(number) < 1e6 else f"{number:g}"
