"""What was pasted or uploaded as records: a document, a table or lines, by what it looks like."""

import re

import numpy as np

from .columns import OTHER_QUANTITIES, kind_of, words_of
from .console import read_lines, series_in
from .documents import read_documents
from .events import is_event_file, read_events
from .heads import name_by_numbers
from .records import Records, Values, by_name, losses_named
from .table import read_table
from .text import Unreadable, UnreadableLog, to_text, unpacked

_TAG = re.compile(r"(?:^|[-_])tag[-_](.+)$")
_ENDING = re.compile(r"(\.(csv|tsv|json|jsonl|txt|log|xlsx|gz))+$", re.I)


def read_records(content: bytes | str, name: str) -> Records:
    """The records of a log, a column for each name.  name: of its file.

    Raises UnreadableLog where nothing in it is one.
    """
    content = unpacked(content) if isinstance(content, bytes) else content
    if isinstance(content, bytes) and content.startswith(b"PK"):
        content = _sheet(content)
    if isinstance(content, bytes) and is_event_file(content):
        records = by_name(read_events(content))
    else:
        records = by_name(_records(to_text(content)))
    if "" in records.names and not losses_named(records.names) and "value" not in records.names:
        records = name_by_numbers(records)
    return _named_by_file(records, name)


def _sheet(content: bytes) -> str:
    """The first sheet of an Excel workbook, a tab between cells."""
    from .workbook import read_rows  # here: openpyxl takes a fifth of a second, and only workbooks need it

    try:
        rows, _ = read_rows(content)
    except Unreadable as refusal:
        raise UnreadableLog(str(refusal)) from None
    return "\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in rows)


def _records(text: str) -> Records:
    found = read_documents(text) if text[:1000].lstrip()[:1] in tuple("{[(") else None
    found = found or _from_series(text) or read_table(text) or read_lines(text)
    if not found.rows:
        first = text.strip().split("\n", 1)[0].strip()[:60]
        raise UnreadableLog(
            f"No numbers with names were found in it; it begins with {first!r}: paste lines such as step 1 loss 0.5 or "
            "a table with a column named loss."
        )
    return found


def _from_series(text: str) -> Records | None:
    """The records of lists as Python prints them, such as loss = [2.3, 1.7, 1.4]; None where no list is of losses."""
    if "[" not in text:
        return None
    series = [(name, numbers) for name, numbers in series_in(text) if losses_named([name])]
    found = dict(series)
    if not found or len(found) < len(series):
        return None
    rows = max(map(len, found.values()))
    columns = []
    for numbers in found.values():
        values = np.array(numbers + [np.nan] * (rows - len(numbers)))
        columns.append(Values(values, np.arange(rows) < len(numbers)))
    return Records(names=list(found), columns=list(columns), rows=rows, source="documents")


def _named_by_file(records: Records, name: str) -> Records:
    """Where the file's name says what its values are, as TensorBoard's names tag and run, they are called so.

    Raises UnreadableLog where that is something else than a loss.
    """
    unsure = [index for index, each in enumerate(records.names) if kind_of(each)[0] == "value"]
    said = _ENDING.sub("", name)
    tag = _TAG.search(said)
    said = tag[1] if tag else said
    if len(unsure) != 1 or losses_named(records.names[: unsure[0]]):
        return records
    words = set(words_of(said))
    kind = kind_of(said)[0]
    if kind in ("loss", "validation"):
        run = name[: tag.start()] if tag else ""
        held = kind == "validation" or kind_of(f"{run} loss")[0] == "validation"
        records.names[unsure[0]] = f"validation {said}" if held and kind == "loss" else said
    elif tag or words & OTHER_QUANTITIES or kind == "rate":
        raise UnreadableLog(
            f"The values are of {said[:60]!r}, by the file's name, and not of a loss: choose the file of the loss."
        )
    return records
