"""The records of a log with what is chosen of their columns: by the person, or else by their names."""

import re
from dataclasses import dataclass, field

from ...experiment.fields import shorten
from .columns import METRIC, OTHER_QUANTITIES, PART, PLAIN, TOTAL, Column, words_of
from .records import Records, Values
from .text import UnreadableLog

NONE = ""  # chosen where no column is to be that
_MANY = 5  # columns named in a sentence
_NUMBERED = re.compile(r"(valid(?:ation)?_)([0-9]{1,3})(.*)", re.S)  # validation_0-logloss
_FEW_COLUMNS = 64


@dataclass(slots=True, kw_only=True, eq=False)
class LogTable:
    """The records, what a reader has chosen of their columns, and what was chosen in the end."""

    records: Records
    notes: list[str]
    choice: dict[str, str]
    columns: list[Column] = field(init=False)
    chosen: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.columns = self.records.kinds()
        if self.records.assumed:
            self.say(self.records.assumed)

    def of(self, *kinds: str) -> list[Column]:
        """The columns of these kinds, in their order."""
        return [each for each in self.columns if each.kind in kinds]

    def asked(self, what: str) -> Column | None:
        """The column that the reader has chosen for this, if the log has it."""
        return next((each for each in self.columns if each.name and each.name == self.choice.get(what)), None)

    def refused(self, what: str) -> bool:
        """Whether the reader wants no column for this."""
        return self.choice.get(what) == NONE

    def filled(self, each: Column) -> int:
        """How many cells of a column hold anything."""
        return self.records.filled(each.index)

    def values(self, each: Column) -> Values:
        """The numbers of a column."""
        return self.records.values(each.index)

    def say_odd(self) -> None:
        """Say how many cells of which column are no numbers."""
        odd = sum(self.records.odd.values())
        if not odd:
            return
        cells, holds = ("1 cell", "holds") if odd == 1 else (f"{odd:,} cells", "hold")
        one = len(self.records.odd) == 1
        where = f"the column {shorten(next(iter(self.records.odd)))}" if one else f"{len(self.records.odd):,} columns"
        self.say(f"{cells} of {where} {holds} no number: left out.")

    def say(self, note: str) -> None:
        """Add a note for the reader, once."""
        if note not in self.notes:
            self.notes.append(note)


def offered(table: LogTable) -> tuple[str, ...]:
    """The names that may be chosen among: those of columns that hold something, each once."""
    names = [each.name for each in table.columns[:10_000] if each.name.strip() and table.records.filled(each.index)]
    return tuple(dict.fromkeys(names))[:_FEW_COLUMNS]


def loss_column(table: LogTable) -> Column:
    """The column of training losses: the total, then what is plainly a loss, then its kin, then a part; the fullest."""
    if asked := table.asked("loss"):
        return asked
    named = [each for each in table.of("loss", "validation") if table.filled(each)] or table.of("loss", "validation")
    ours = [each for each in named if each.kind == "loss"]
    if not named:
        return _without_a_loss(table)
    most = max(table.filled(each) for each in ours or named)
    full = [each for each in ours or named if table.filled(each) >= most / 4]
    lowest = min(each.rank for each in full)
    best = max(
        (each for each in ours or named if each.rank == lowest),
        key=lambda each: (table.filled(each), -len(words_of(each.name)), -each.index),
    )
    if not ours:
        table.say(f"There is no training loss: the column {best.shown} is read in its place.")
    elif best.rank == PART:
        table.say(f"{best.shown} is read, a part of the loss by its name: no column is called just loss.")
    elif best.rank == METRIC:
        table.say(f"No column is named loss: {best.shown} is read as the loss.")
    elif best.rank in (PLAIN, TOTAL) and len(ours) > 1:
        table.say(f"Of {len(ours)} columns named as a loss, {best.shown} is read.")
    return best


def _without_a_loss(table: LogTable) -> Column:
    """What may be meant where no column is named a loss: the only one there is."""
    others = table.of("value") or (table.of("other") if table.records.source != "lines" else [])
    few = others if len(others) <= _FEW_COLUMNS else []
    full = [each for each in few if table.records.values(each.index).there.any()]
    if len(full) == 1 and not _is_something_else(full[0]):
        if full[0].kind == "other":
            table.say(f"No column is named loss: {full[0].shown} is read as the loss.")
        return full[0]
    found = ", ".join(each.shown for each in table.columns[:_MANY])
    found += f" and {len(table.columns) - _MANY:,} more" if len(table.columns) > _MANY else ""
    if full or len(others) > len(few) or table.records.source != "table":
        refusal = UnreadableLog(f"No column is named as a loss. Found: {found}. Choose it, or name it loss.")
        refusal.columns = offered(table)
        raise refusal
    what = "One column of text was found" if len(table.columns) == 1 else f"{len(table.columns):,} columns were found"
    raise UnreadableLog(f"{what} ({found}), and no numbers for a loss: paste a table with a column named loss.")


def _is_something_else(each: Column) -> bool:
    return bool(each.words & OTHER_QUANTITIES)


def validation_column(table: LogTable, loss: Column) -> Column | None:
    """The validation loss that goes with this loss: of the same words, then the plainest, then the fullest."""
    if table.refused("validation"):
        return None
    if asked := table.asked("validation"):
        return asked
    if loss.words == {"learn"} or loss.name.strip().lower() == "learn":  # CatBoost's learn and test
        return next((each for each in table.columns if each.name.strip().lower() == "test"), None)
    others = [each for each in table.of("validation") if each is not loss and table.filled(each)]
    if loss.kind == "validation":
        return _next_set(table, loss, others)
    if not others:
        return None
    alike = [each for each in others if each.words == loss.words]
    first = alike or [each for each in others if each.rank in (PLAIN, TOTAL)] or others
    return min(first, key=lambda each: (each.rank, "test" in each.name.lower(), -table.filled(each)))


def _next_set(table: LogTable, loss: Column, others: list[Column]) -> Column | None:
    """Of sets that are told apart by numbers, as XGBoost prints them, the one after the first: nobody trains on it."""
    numbered = _NUMBERED.fullmatch(loss.name.strip())
    following = numbered and f"{numbered[1]}{int(numbered[2]) + 1}{numbered[3]}"
    found = next((each for each in others if each.name.strip() == following), None)
    if found is not None:
        table.say(f"{found.shown} is read as the validation loss, as the second of numbered sets usually is.")
    return found


def rate_column(table: LogTable, loss: Column) -> Column | None:
    """The column of learning rates: the fullest, and of several, one a group of parameters, the first."""
    if table.refused("rate"):
        return None
    if asked := table.asked("rate"):
        return asked
    named = [each for each in table.of("rate") if each is not loss and table.filled(each)]
    best = max(named, key=lambda each: (table.filled(each), -len(words_of(each.name)), -each.index), default=None)
    if best is not None and len(named) > 1:
        table.say(f"Of {len(named)} columns of learning rates, {best.shown} is read.")
    return best
