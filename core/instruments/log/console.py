"""Console lines as records: every number that a name stands before, whatever tool or person printed it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy import ndarray as Array

from .alike import columns, kinds
from .columns import HELD_OUT, TRAINING, kind_of, words_of
from .ranks import apart
from .records import Cells, Records, Values, losses_named
from .text import UnreadableLog

# A number that no letter, digit or point stands before. No two parts take the same character.
_NUMBER = re.compile(
    r"(?<![\w.])([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|(?<![\w.+-])[+-]?(?:[nN][aA][nN]|[iI][nN][fF](?:inity)?)(?![\w/]))",
    re.A,
)
_NAME = re.compile(
    r"(?<!\w)[^\W\d][^\s,;|:=\[\]{}<>\"'#]*(?:'s)?(?: [^\W\d(][^\s,;|:=\[\]{}<>\"'#]*(?:'s)?| \([^\s()]*\)){0,5}$"
)
_SOURCE = re.compile(
    r"[\w/.\\<>-]{1,80}\.(?:py|cpp|cc|cu|c|h|rs|go|jl|lua|java|scala|ts|js|R)$|^\w{1,40}:[\w.<>]{1,60}$"
)
_WORD = re.compile(r"(?<![\w/.-])[A-Za-z]{2,10}(?![\w/.])")
_UNIT = re.compile(r"\s?(epochs?|steps?|iterations?|iters?|batch(?:es)?|updates?)\b(?!/)", re.I)
_AFTER = re.compile(r"\s+([A-Za-z][A-Za-z ]{2,30}),\s*$")  # 0.693 avg loss, 0.001 rate,
_ASIDE = re.compile(r" \([A-Za-z][^()\n]{0,40}\)")  # the loss (of one batch) at step 3
_WITH_POINT = re.compile(r"[0-9]\.[0-9]")
_WITH_COMMA = re.compile(r"[:=]\s?[0-9]{1,9},(?:[0-9]{1,2}|[0-9]{4,20})(?![0-9])|[:=\s]0,[0-9]")
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9]),(?=[0-9])")
_THOUSANDS = re.compile(r"(?<![\w.,:\[(])[1-9][0-9]{0,2}(?:,[0-9]{3}){1,5}(?![\w,])")
# Adjusting learning rate of group 0 to 1e-3; a rate that is being reduced is not known before.
_GROUP = re.compile(
    r"\b(?:adjusting |setting )?(?:learning rate|lr) (?:of|for) (?:param(?:eter)? )?group 0 ?(?:to|is|:|=)", re.I
)
# train/val loss: 2.3/2.4
_BOTH = re.compile(
    r"\b(train(?:ing)?) ?/ ?(val(?:id|idation)?|test|dev|eval)\b([^\n\d:=(]{0,20}[:=(] {0,3})"
    r"([0-9.]{1,20}) ?[/,|] ?(?=[0-9.])",
    re.I,
)
_LIST = re.compile(r"\[([\d\s.,eE+\-naifNAIF]*)\]", re.A)
_WHEN = {"after", "at", "in", "for", "of", "on", "during"}
_LEVELS = {"info", "warning", "warn", "debug", "error", "notice", "root", "main"}
_LOOKED_AT = 100_000  # characters in which a form of writing must begin
_FEW_LINES = 2_000  # of more, it is worth while to look for such as differ in numbers alone
_MOST_MIXED = 12_000_000  # characters: two seconds
_MOST_NUMBERS = 1_500_000  # a second and a half
_MOST_GAPS = 25_000
_MANY_NAMES = 200  # of more, those are kept that say something
_LONGEST_HEAD = 500  # characters
_TAIL = 200  # characters before a number in which its name is looked for
POSITION, UNNAMED = "batch", "[number]"


class _Gap(NamedTuple):
    """What stands between two numbers.

    line: whether a line ends in it.  name: of the number after it, "" where it has none; counts: whether that counts.
    held_out, heading: whether the last word about it, on its line or on one above, is of held-out data; None: no word.
    pending: the name that the next number without one has, as in "loss after step 10: 0.7".
    unit, after: a counter or a name of the number before it.  closes: what follows that number; slash: it is a slash.
    opens: whether it ends in a bracket.  continues: whether it is no more than a sign such as a colon.
    pairs: whether the name is of the kind "loss train"; only_held_out: whether it is no more than "val".
    """

    line: bool
    name: str
    counts: bool
    held_out: bool | None
    heading: bool | None
    pending: str
    unit: str
    after: str
    opens: bool
    closes: str
    slash: bool
    continues: bool
    pairs: bool
    only_held_out: bool


def read_lines(text: str) -> Records:
    """The records of a text: a row for each line that holds any."""
    ranks = apart(text)
    text, commas = _with_points(_plainer(text if ranks is None else ranks.text))
    found = _alike(text)
    if found is None:
        if len(text) > _MOST_MIXED:
            raise UnreadableLog(
                f"The log has {len(text) / 1e6:,.0f} million characters in lines of many kinds; "
                f"{_MOST_MIXED / 1e6:.0f} are allowed: keep the lines with the loss, or every tenth of them."
            )
        parts = _NUMBER.split("\n" + _with_names_beside(_without_commas(text)))
        if len(parts) > 2 * _MOST_NUMBERS:
            raise UnreadableLog(
                f"The log has {len(parts) // 2:,} numbers in lines of many kinds; {_MOST_NUMBERS:,} are allowed: keep "
                "the lines with the loss, or every tenth of them."
            )
        found = {name: [_numbers_of(*both)] for name, both in _Collected().all_of(parts).items()}
    if len(found) > _MANY_NAMES:
        found = {name: pieces for name, pieces in found.items() if kind_of(name)[0] != "other"}
        found = dict(sorted(found.items(), key=lambda each: -sum(len(rows) for rows, _ in each[1]))[:_MANY_NAMES])
    used = np.zeros(text.count("\n") + 3, bool)
    for pieces in found.values():
        for rows, _ in pieces:
            used[rows] = True
    place, count = np.cumsum(used) - 1, int(used.sum())
    cells: list[Cells] = []
    for pieces in found.values():
        values, there = np.full(count, np.nan), np.zeros(count, bool)
        for rows, numbers in pieces:
            values[place[rows]], there[place[rows]] = numbers, True
        cells.append(Values(values, there))
    assumed = "Commas in numbers were read as decimal commas." if commas else ""
    if ranks is not None:
        assumed = (
            f"Lines of {len(np.unique(ranks.labels))} processes are mixed: each is read as a run. {assumed}".strip()
        )
        lines = np.flatnonzero(used)
        labels = ranks.labels[np.clip(lines - 1, 0, len(ranks.labels) - 1)]
        found = {ranks.word: [], **found}
        cells.insert(0, Values(labels.astype(np.float64), np.ones(count, bool)))
    return Records(names=list(found), columns=cells, rows=count, source="lines", assumed=assumed)


_Pieces = dict[str, list[tuple[Array, Array]]]  # (lines, numbers) of each name, in pieces


def _numbers_of(rows: Sequence[int] | Array, numbers: Sequence[str]) -> tuple[Array, Array]:
    return np.asarray(rows), pc.cast(pa.array(numbers, pa.string()), pa.float64()).to_numpy()


def _alike(text: str) -> _Pieces | None:
    """What `_Collected` finds, much faster, in a long text of lines that differ in their numbers alone; None of others.

    Each kind of line is parsed as a table, so that a line which is not of its kind is never taken for it.
    """
    if text.count("\n") < _FEW_LINES or (each_kind := kinds(text)) is None:
        return None
    found: _Pieces = {}
    for rows, lines in each_kind:
        first = lines.split("\n", 1)[0]
        if _THOUSANDS.search(first):
            lines, first = _without_commas(lines), _without_commas(first)
        parts = _NUMBER.split(f"\n{first}\n")
        if len(parts) == 1:
            if _heading("\n" + first) is not None or _names_in(first):
                return None  # what stands below depends on it
            continue
        parts[1::2] = [str(slot) for slot in range(len(parts) // 2)]
        named = {name: int(slots[0]) for name, (_, slots) in _Collected().all_of(parts).items()}
        numbers = columns(lines, parts[::2], set(named.values())) if named else {}
        if numbers is None:
            return None
        for name, slot in named.items():
            found.setdefault(name, []).append((rows, numbers[slot]))
    return found


def _with_names_beside(text: str) -> str:
    """The text with names beside the numbers of rows that stand under a line of names, as "epoch: 1, box_loss: 2.3"."""
    lines, rows = text.split("\n"), 0
    names: list[str] = []
    for place, line in enumerate(lines):
        if names and (cells := line.split()) and len(cells) >= len(names) and _NUMBER.match(cells[0]):
            lines[place] = ", ".join(f"{name}: {cell}" for name, cell in zip(names, cells, strict=False))
            rows += 1
        elif line.strip():
            names = _names_in(line)
    return "\n".join(lines) if rows else text


def _names_in(line: str) -> list[str]:
    """The names, set apart by two spaces and more, of a line that holds nothing else and names a loss; [] of others."""
    if "loss" not in line.lower() or len(line) > _LONGEST_HEAD or any(sign in line for sign in ":=|,"):
        return []
    names = line.replace("\t", "  ").strip().split("  ")
    names = [name.strip() for name in names if name.strip()]
    return names if len(names) > 2 and not _NUMBER.search(line) and losses_named(names) else []


def _plainer(text: str) -> str:
    """The text with what is written at length as names with their values."""
    begin = text[:_LOOKED_AT]
    if "group" in begin:
        text = _GROUP.sub("learning rate", text)
    return _BOTH.sub(r"\1\3\4, \2\3", text) if _BOTH.search(begin) else text


def _with_points(text: str) -> tuple[str, bool]:
    """(the text with decimal points, whether it had commas): where numbers after names have commas and none a point."""
    if _WITH_POINT.search(text) or not _WITH_COMMA.search(text):
        return text, False
    return _BETWEEN_DIGITS.sub(".", text), True


def _without_commas(text: str) -> str:
    """The text with 1,000 as 1000."""
    return _THOUSANDS.sub(lambda number: number[0].replace(",", ""), text)


class _Collected:
    """(lines, numbers) of each name, gathered number by number."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[list[int], list[str]]] = defaultdict(lambda: ([], []))
        self.row = 0

    def take(self, name: str, number: str) -> None:
        """Put a number under its name; the first of a line counts, but of two positions the first is the epoch."""
        rows, numbers = self.found[name]
        if not rows or rows[-1] != self.row:
            rows.append(self.row)
            numbers.append(number)
        elif name == POSITION:
            self.take("epoch", numbers[-1])
            numbers[-1] = number

    def all_of(self, parts: list[str]) -> dict[str, tuple[list[int], list[str]]]:
        """What is found in gaps and numbers by turns, a gap first and last."""
        gaps: dict[str, _Gap] = {}
        held_out: bool | None = None
        heading: bool | None = None
        pending, unnamed, opened, first, pairs = "", "", False, False, False
        for place in range(1, len(parts), 2):
            number = parts[place]
            gap = gaps.get(parts[place - 1])
            if gap is None:
                if len(gaps) > _MOST_GAPS:
                    raise UnreadableLog(
                        f"What stands between its numbers differs in more than {_MOST_GAPS:,} ways: keep the lines "
                        "that hold the loss, one form of line for all of them."
                    )
                gap = gaps[parts[place - 1]] = _gap(parts[place - 1])
            if unnamed and (gap.closes or gap.after or gap.unit):
                self._take_before(unnamed, gap, opened, first)
            if gap.line:
                self.row, pairs = self.row + 1, False
                pending, heading = "", heading if gap.heading is None else gap.heading
                held_out = heading if gap.held_out is None else gap.held_out
            elif gap.held_out is not None:
                held_out = gap.held_out
            name = gap.name
            if gap.pending:
                pending = gap.pending
            elif pending and not name and gap.continues:
                name, pending = pending, ""
            unnamed = "" if name or gap.slash else number
            if not name:
                opened, first = gap.opens, gap.line
                continue
            if gap.line and gap.counts:  # a line that counts for itself stands under no heading
                heading, held_out = None, gap.held_out
            if pairs and gap.only_held_out:  # "loss train: 2.3, val: 2.4"
                name = f"{name} loss"
            pairs = pairs or gap.pairs
            self.take(f"validation {name}" if held_out and kind_of(name)[0] == "loss" else name, number)
        if unnamed:
            self._take_before(unnamed, _gap(parts[-1] + "\n"), opened, first)
        return {name: both for name, both in self.found.items() if both[0]}

    def _take_before(self, number: str, gap: "_Gap", opened: bool, first: bool) -> None:
        """Put a number without a name under that which what follows gives it."""
        if gap.slash:
            self.take(POSITION, number)
        elif gap.unit or gap.after:
            self.take(gap.unit or gap.after, number)
        elif (opened and gap.closes == "]") or (first and gap.closes == ":"):
            self.take(UNNAMED, number)


def _gap(text: str) -> _Gap:
    newline = text.rfind("\n")
    here, first_line = text[newline + 1 :], text[: text.find("\n")] if newline >= 0 else text
    unit, after = _UNIT.match(first_line), _AFTER.match(first_line + ("," if newline >= 0 else ""))
    here = here[unit.end() :] if unit and newline < 0 else here
    body = _ASIDE.sub("", here[-_TAIL:]).rstrip(" \t([{'\"~$")
    opens = here.rstrip(" \t").endswith(("[", "("))
    words = words_of(name) if (name := _name_at_end(_without_separator(body), body)) else []
    if opens and words and set(words) <= HELD_OUT | TRAINING:  # Test: [0/10]
        name, words = "", []
    counter, pending = _counter_and_pending(name)
    kind = kind_of(counter or name)[0]
    # What a value is called says of itself alone what it is of; what counts says it of the whole line.
    rest = here if not name or kind in ("step", "epoch", "batch") else here[: here.rfind(name)]
    closes = first_line.lstrip(" \t")[:1]
    return _Gap(
        line=newline >= 0,
        name=counter or name,
        counts=kind in ("step", "epoch"),
        held_out=_section(rest),
        heading=_heading(text[:newline]) if newline >= 0 else None,
        pending=pending,
        unit=unit[1].lower() if unit else "",
        after=_known(after[1]) if after else "",
        opens=opens,
        closes=closes,
        slash=closes == "/",
        pairs=words[:1] == ["loss"] and words[-1] in TRAINING,
        only_held_out=bool(words) and set(words) <= HELD_OUT,
        continues=body.strip(" )]") in (":", "=", "is", "was", "->", "-", ": is"),
    )


def _without_separator(body: str) -> str:
    """The text before ": ", " = ", " is " and their kin, and before the quotation mark that a name ends with."""
    for word in (" is", " was", " of", "->", "=>"):
        body = body.removesuffix(word)
    return body.rstrip(" \t:=|-'\"(>#")


def _name_at_end(bare: str, body: str) -> str:
    """The name that ends here, "" for none."""
    tail = bare.rsplit("  ", 1)[-1].rsplit("\t", 1)[-1].rsplit(" - ", 1)[-1]
    found = _NAME.search(tail)
    if not found:
        return ""
    name = found[0].strip()
    if _SOURCE.search(name) and body.endswith(":"):
        return ""
    words = name.split(" ")
    while len(words) > 1 and words[0].lower().strip("-*.:") in _LEVELS:
        words.pop(0)
    return "" if len(words) == 1 and words[0].lower() in _WHEN else " ".join(words)


def _counter_and_pending(name: str) -> tuple[str, str]:
    """("iteration", "Cost") of "Cost after iteration"; (the counter, "") of "Finished epoch"; ("", "") of another."""
    words = name.split(" ")
    last = words[-1].strip("()-*.").lower()
    bare = last.partition("(")[0]
    if kind_of(bare)[0] not in ("step", "epoch", "batch") or len(bare) < 2:
        return "", ""
    lead = [word.lower().strip("()") for word in words[:-1]]
    when = [place for place, word in enumerate(lead) if word in _WHEN]
    if when and kind_of(before := " ".join(words[: when[0]]))[0] in ("loss", "validation"):
        return bare, before
    if any(kind_of(word)[0] in ("loss", "validation") for word in lead):
        return "", ""
    if lead and bare.endswith("s") and kind_of(name)[0] == "other":
        return "", ""  # the number of nan iterations counts other things
    if set(lead) & {"per", "max", "best", "total", "num", "number", "warmup", "every", "log", "save"}:
        return "", ""
    return ("global_step" if lead[-1:] == ["global"] else bare), ""


def _section(text: str) -> bool | None:
    """Whether the last word that says so is one of held-out data; None where none does."""
    for word in reversed(_WORD.findall(text[:_TAIL] + " " + text[-_TAIL:])):
        if word.lower() in HELD_OUT:
            return True
        if word.lower() in TRAINING:
            return False
    return None


def _heading(text: str) -> bool | None:
    """As `_section`, of a line of one to three words that ends in a colon, as "Validation:"."""
    line = text.rstrip().rsplit("\n", 1)[-1].strip() if "\n" in text else ""
    return _section(line) if line.endswith((":", "]")) and len(line) < 40 and line.count(" ") < 3 else None


def _known(name: str) -> str:
    """A name that follows its number is one only where it is that of a loss or of the rate."""
    if name.strip().lower() == "rate":
        return "learning rate"
    return name if kind_of(name)[0] in ("loss", "validation", "rate") else ""


def series_in(text: str) -> Iterator[tuple[str, list[float]]]:
    """(name, numbers) of each list of numbers in brackets, as "loss = [2.3, 1.7, 1.4]"; "" where it has no name."""
    for found in _LIST.finditer(text):
        try:
            numbers = [float(cell) for cell in found[1].replace(",", " ").split()]
        except ValueError:
            continue
        if len(numbers) > 2:
            before = text[max(0, found.start() - _TAIL) : found.start()].rsplit("\n", 1)[-1].rstrip(" ([{")
            before = before.removesuffix("array").removesuffix("tensor").rstrip(" (")
            yield _name_at_end(_without_separator(before), before), numbers
