"""What a session has computed or read and keeps for itself alone: bounded in bytes, the oldest out first.

What all sessions may share is cached by pages/session/runs.py.
"""

import sys
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple, TypeVar

import streamlit as st

T = TypeVar("T")

MOST_BYTES = 20_000_000  # of a session: the largest of sweeps takes 12 MB


class _Entry(NamedTuple):
    value: Any
    size: int  # bytes
    about: str


def kept(key: Hashable, make: Callable[[], T], about: str = "", needed: Collection[Hashable] = ()) -> T:
    """What was made under this key; made now where it is not kept.

    about: an upload it is of, so that it goes with that.  needed: keys of what the page shows beside it, which stays
    whatever it takes: else a page of more than MOST_BYTES would be computed anew at each click.
    """
    entries = _entries()
    entry = entries.pop(key, None) or _measured(make(), about)
    entries[key] = entry  # the youngest
    total = sum(each.size for each in entries.values())
    for old in list(entries):
        if total <= MOST_BYTES:
            break
        if old != key and old not in needed:
            total -= entries.pop(old).size
    found: T = entry.value
    return found


def has(key: Hashable) -> bool:
    """Whether this is kept."""
    return key in _entries()


def forget(about: str) -> None:
    """Let go of all that is of this upload."""
    entries = _entries()
    for key in [key for key, entry in entries.items() if entry.about == about]:
        del entries[key]


def last(kind: str, key: Hashable, make: Callable[[], T]) -> T:
    """The one result of a kind that a session keeps, made anew where the key is another than the last time."""
    entry: tuple[Hashable, T] | None = st.session_state.get(f"last-{kind}")
    if entry is None or entry[0] != key:
        entry = st.session_state[f"last-{kind}"] = key, make()
    return entry[1]


def _entries() -> dict[Hashable, _Entry]:
    entries: dict[Hashable, _Entry] = st.session_state.setdefault("kept-results", {})
    return entries


def _measured(value: Any, about: str) -> _Entry:
    return _Entry(value, size_of(value), about)


def size_of(value: Any) -> int:
    """About how many bytes a result takes: its arrays, tables and texts."""
    if hasattr(value, "nbytes"):
        return int(value.nbytes)
    if hasattr(value, "memory_usage"):
        return int(value.memory_usage(deep=True).sum())
    if is_dataclass(value) and not isinstance(value, type):
        return sum(size_of(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, Mapping):
        return sum(map(size_of, value.values())) + sys.getsizeof(value)
    if isinstance(value, list | tuple | set | frozenset):
        return sum(map(size_of, value)) + sys.getsizeof(value)
    return sys.getsizeof(value)
