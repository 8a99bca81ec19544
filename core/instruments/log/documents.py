"""JSON and Python's dictionaries as records: objects, arrays, JSON lines, and documents that hold any of them."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from .columns import kind_of
from .numbers import as_number
from .records import Cells, Records, Values, losses_named
from .text import UnreadableLog

_MOST_NAMES = 300  # of all records
_MOST_DEPTH = 12
_FEW_NAMES = 100  # of all records: of more, only those are kept that say something
_MOST_LINES = 0.6  # of the lines must be documents
_LONGEST = 100_000  # characters of what Python is asked to parse
_MOST_EVALUATED = 30_000  # lines, of which Python is asked to parse each: a second
_SAMPLE = 50  # of so many lines, which tell what the others are
_FEW_LINES = 3  # of a text in which a document that breaks off is all there is
_OBJECT = re.compile(r"\[?\s{0,9}\{\s{0,9}[\"']")
_CALL = re.compile(r"\w\(")
_LEAST = 2  # numbers that make a series
_PYTHON = re.compile(r"\b(nan|inf|None|True|False)\b")
_JSON_WORD = {"nan": "NaN", "inf": "Infinity", "None": "null", "True": "true", "False": "false"}


def read_documents(text: str) -> Records | None:
    """The records of a text that begins as a document does; None where it is none after all."""
    documents = _documents(text)
    if not documents:
        return None
    root: Any = documents[0] if len(documents) == 1 else documents
    tables = list(_tables(root, "", 0))
    if not tables:
        return None
    return max(tables, key=lambda found: (losses_named(found.names) > 0, found.rows, losses_named(found.names)))


def _documents(text: str) -> list[Any]:
    """The documents in a text: one, one a line, or one after another; none where it holds much else."""
    try:
        return [json.loads(text)]
    except ValueError:
        pass
    except RecursionError:
        raise UnreadableLog("The JSON is nested too deeply: keep the list of records alone.") from None
    listed = _whole(text) if text[0] == "[" else []
    found = listed or _by_line(text) or _one_after_another(text) or _whole(text)
    if not found and _OBJECT.match(text) and text.count("\n") < _FEW_LINES:
        raise UnreadableLog("This JSON breaks off or is damaged: copy it whole, from its first bracket to its last.")
    return found


def _by_line(text: str) -> list[Any]:
    """The documents of a text with one a line, but for a few lines."""
    lines = [line.rstrip(",") for line in map(str.strip, text.split("\n")) if line]
    for whole in (str, _as_json):  # all at once
        try:
            return list(json.loads(whole(f"[{','.join(lines)}]")))
        except (ValueError, RecursionError):
            pass
    few = len(lines) <= _MOST_EVALUATED
    if not few and sum(_line(line, evaluate=False) is None for line in lines[:_SAMPLE]) > _SAMPLE / 2:
        return []  # the reader of lines takes them
    found = [_line(line, few) for line in lines if line[:1] == "{" and line[-1:] == "}"]
    found = [each for each in found if each is not None]
    return found if len(found) >= _MOST_LINES * len(lines) else []


def _line(line: str, evaluate: bool) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return _python(line, evaluate)


def _one_after_another(text: str) -> list[Any]:
    """The documents of a text that holds several, each over some lines."""
    decoder, place, found = json.JSONDecoder(), 0, []
    while (place := _begins(text, place)) >= 0:
        try:
            document, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return []
        found.append(document)
    return found


def _whole(text: str) -> list[Any]:
    """The one list or dictionary that Python printed, over some lines."""
    whole = _python(text.strip()) if len(text) < _LONGEST else None
    return [] if whole is None else [whole]


def _begins(text: str, place: int) -> int:
    """Where the next object or array begins, after white space and commas; -1 at the end of the text."""
    while place < len(text) and text[place] in " \t\n,;":
        place += 1
    return place if place < len(text) else -1


def _as_json(text: str) -> str:
    """What Python prints of names and numbers, as JSON writes it."""
    return _PYTHON.sub(lambda word: _JSON_WORD[word[0]], text.replace("'", '"'))


def _python(line: str, evaluate: bool = True) -> Any:
    """The dictionary or list that Python prints, None where it is none, or is not JSON but for its marks and is not to
    be evaluated, which takes ten times as long.
    """
    if line[:1] not in "{[(":
        return None
    try:
        return json.loads(_as_json(line))
    except (ValueError, RecursionError):
        pass
    if not evaluate or len(line) > _LONGEST or _CALL.search(line):
        return None
    try:
        return ast.literal_eval(line)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None


def _tables(node: Any, path: str, depth: int) -> Iterator[Records]:
    """All tables in a document: lists of records, of rows, of numbers, and objects of lists."""
    if depth > _MOST_DEPTH:
        return
    if isinstance(node, list | tuple):
        yield from _list_tables(list(node), path, depth)
    elif isinstance(node, dict):
        if isinstance(node.get("columns"), list) and isinstance(node.get("data"), list):  # pandas, orient="split"
            yield from _rows_of(node["data"], [str(name) for name in node["columns"]])
        if made := _columns(node):
            yield made
        keyed = [value for value in node.values() if isinstance(value, dict)]
        if len(keyed) >= _LEAST and len(keyed) == len(node) and all(as_number(str(key)) is not None for key in node):
            yield _records([{"[number]": as_number(str(key)), **value} for key, value in node.items()])
        for name, value in node.items():
            if isinstance(value, dict | list):
                yield from _tables(value, str(name), depth + 1)


def _list_tables(items: list[Any], path: str, depth: int) -> Iterator[Records]:
    if not items:
        return
    kinds = Counter(type(item) for item in items)
    if kinds[dict] >= 0.9 * len(items):
        objects = [item for item in items if isinstance(item, dict)]
        yield _records(objects)
        for item in objects if len(objects) <= 50 else []:
            yield from _nested(item, depth + 1)
    elif kinds[list] + kinds[tuple] >= 0.9 * len(items):
        yield from _rows_of([list(item) for item in items if isinstance(item, list | tuple)], None)
        for item in items if len(items) <= 50 else []:
            yield from _list_tables(list(item), path, depth + 1) if isinstance(item, list) else ()
    elif all(_is_scalar(item) for item in items) and len(items) >= _LEAST and kinds[str] <= len(items) / 2:
        yield _made([path or ""], [items])


def _nested(item: dict[Any, Any], depth: int) -> Iterator[Records]:
    for name, value in item.items():
        if isinstance(value, dict | list):
            yield from _tables(value, str(name), depth)


def _columns(node: dict[Any, Any]) -> Records | None:
    """An object of lists or of objects with the same keys, as a Keras history or pandas' to_json are."""
    found: dict[str, list[Any]] = {}
    for path, value in _leaves(node, "", 0):
        if isinstance(value, dict) and len(value) >= _LEAST and all(as_number(str(key)) is not None for key in value):
            if all(map(_is_scalar, value.values())):
                found.setdefault("[number]", [as_number(str(key)) for key in value])
                found[path] = list(value.values())
        elif isinstance(value, list) and len(value) >= _LEAST and all(map(_is_scalar, value)):
            found[path] = value
    if not found:
        return None
    named = [len(values) for name, values in found.items() if losses_named([name])]
    length = Counter(named or map(len, found.values())).most_common(1)[0][0]
    length = max(named, default=length)
    kept = {name: values for name, values in found.items() if len(values) == length or losses_named([name])}
    if set(kept) == {"[number]"}:
        return None
    return _made(list(kept), [values + [None] * (length - len(values)) for values in kept.values()])


def _leaves(node: dict[Any, Any], path: str, depth: int) -> Iterator[tuple[str, Any]]:
    for name, value in node.items():
        here = f"{path}/{name}" if path else str(name)
        if isinstance(value, dict) and depth < 4 and not all(as_number(str(key)) is not None for key in value):
            yield from _leaves(value, here, depth + 1)
        else:
            yield here, value


def _records(objects: list[dict[Any, Any]]) -> Records:
    """A row for each object, a column for each name in any of them; names within names are joined by a slash."""
    names = objects[0].keys()
    if all(item.keys() == names for item in objects):
        columns = [[item[name] for item in objects] for name in names]
        if all(set(map(type, column)) <= {int, float, str, bool, type(None)} for column in columns):
            return _made(list(map(str, names)), columns)
    found: dict[str, list[Any]] = {}
    for row, item in enumerate(objects):
        for name, value in _flat(item):
            column = found.get(name)
            if column is None:
                if len(found) >= _MOST_NAMES or (len(found) >= _FEW_NAMES and kind_of(name)[0] == "other"):
                    continue
                column = found[name] = []
            if len(column) <= row:
                column.extend([None] * (row - len(column)))
                column.append(value)
    return _made(list(found), [column + [None] * (len(objects) - len(column)) for column in found.values()])


def _flat(item: dict[Any, Any], path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    for name, value in item.items():
        here = f"{path}/{name}" if path else str(name)
        if isinstance(value, dict) and depth < 4:
            yield from _flat(value, here, depth + 1)
        elif isinstance(value, list) and len(value) == 1 and _is_scalar(value[0]):
            yield here, value[0]  # the rate of each group, of which there is one
        elif _is_scalar(value):
            yield here, value


def _rows_of(rows: list[Any], names: list[str] | None) -> Iterator[Records]:
    width = max((len(row) for row in rows if isinstance(row, list)), default=0)
    if not 1 <= width <= 100 or (names and len(names) < width):
        return
    full = [row + [None] * (width - len(row)) for row in rows if isinstance(row, list)]
    columns = [[row[place] for row in full] for place in range(width)]
    if all(all(map(_is_scalar, column)) for column in columns):
        yield _made(names or [""] * width, columns)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _made(names: list[str], columns: list[list[Any]]) -> Records:
    return Records(
        names=names,
        columns=[_values(column) for column in columns],
        rows=len(columns[0]) if columns else 0,
        source="documents",
    )


def _values(cells: list[Any]) -> Cells:
    """Numbers, also those written as text; text where some cell is no number."""
    if set(map(type, cells)) == {float}:
        return Values(np.array(cells, dtype=np.float64), np.ones(len(cells), bool))
    values, there = np.full(len(cells), np.nan), np.zeros(len(cells), bool)
    for row, cell in enumerate(cells):
        if cell is None or isinstance(cell, bool):
            continue
        number = as_number(cell) if isinstance(cell, str) else _float(cell)
        if number is None:
            if cell == "":
                continue
            return pd.Series(["" if each is None else str(each) for each in cells], dtype="str")
        values[row], there[row] = number, True
    return Values(values, there)


def _float(number: int | float) -> float:
    try:
        return float(number)
    except OverflowError:
        return np.inf if number > 0 else -np.inf
