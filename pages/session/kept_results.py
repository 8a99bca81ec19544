"""What was computed or read and is kept, bounded in bytes, the oldest out first: by a session for itself, and for all.

What comes of an upload is kept in the session it belongs to, and goes with it. What all sessions share is never
changed: arrays are read-only, tables are Arrow.
"""

import sys
import threading
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple, TypeVar
from weakref import WeakSet

import streamlit as st

T = TypeVar("T")

MOST_BYTES = 20_000_000  # of a session: the largest of sweeps takes 12 MB
MOST_OF_ALL_SESSIONS = 400_000_000
MOST_SHARED = 200_000_000
_DOORS = 64  # what one session makes for all, others wait for; they seldom wait for something else


class _Entry(NamedTuple):
    value: Any
    size: int  # bytes
    about: str


class _Entries(dict[Hashable, _Entry]):
    """What is kept in one place, the oldest first."""

    __hash__ = object.__hash__  # type: ignore[assignment]  # a WeakSet holds them
    size = 0  # bytes, of all of them

    def put(self, key: Hashable, entry: _Entry) -> None:
        """Keep it as the youngest."""
        self.let_go(key)
        self[key] = entry
        self.size += entry.size

    def let_go(self, key: Hashable) -> None:
        """Keep it no longer, where it is kept."""
        entry = self.pop(key, None)
        self.size -= entry.size if entry else 0

    def bound(self, most: int, needed: Collection[Hashable] = ()) -> None:
        """Let the oldest go until it is no more than this; never what is needed."""
        for key in [key for key in self if key not in needed] if self.size > most else []:
            if self.size <= most:
                return
            self.let_go(key)


_lock = threading.Lock()  # around whatever changes an _Entries; nothing is made while it is held
_sessions: WeakSet[_Entries] = WeakSet()
_shared = _Entries()
_doors = [threading.Lock() for _ in range(_DOORS)]


def kept(key: Hashable, make: Callable[[], T], about: str = "", needed: Collection[Hashable] = ()) -> T:
    """What this session made under this key; made now where it is not kept.

    about: an upload it is of, so that it goes with that.  needed: keys of what the page shows beside it, which stays
    whatever it takes: else a page of more than MOST_BYTES would be computed anew at each click.
    """
    entries = _entries()
    entry = entries.get(key)
    made = entry is None
    if entry is None:
        entry = _measured(make(), about)
    with _lock:
        entries.put(key, entry)
        if made:
            entries.bound(MOST_BYTES, {key, *needed})
            _bound_sessions(entries)
    found: T = entry.value
    return found


def _bound_sessions(ours: _Entries) -> None:
    """Let the oldest of the session go that keeps most, until all of them keep no more than they may."""
    while sum(entries.size for entries in _sessions) > MOST_OF_ALL_SESSIONS:
        fullest = max(_sessions, key=lambda entries: (entries.size, entries is not ours))
        fullest.let_go(next(iter(fullest)))


def forget(about: str) -> None:
    """Let go of all that is of this upload."""
    entries = _entries()
    with _lock:
        for key in [key for key, entry in entries.items() if entry.about == about]:
            entries.let_go(key)


def last(kind: str, key: Hashable, make: Callable[[], T]) -> T:
    """The one result of a kind that a session keeps, made anew where the key is another than the last time."""
    entry: tuple[Hashable, T] | None = st.session_state.get(f"last-{kind}")
    if entry is None or entry[0] != key:
        entry = st.session_state[f"last-{kind}"] = key, make()
    return entry[1]


def shared(key: Hashable, make: Callable[[], T]) -> T:
    """What any session made under this key; made now, in a moment, while all who want it wait, where it is not kept."""
    with _doors[hash(key) % _DOORS]:
        found: T | None = find_shared(key)
        return share(key, make()) if found is None else found


def find(key: Hashable) -> Any:
    """What this session or all keep under this key; None where nothing is."""
    entry = _entries().get(key)
    return find_shared(key) if entry is None else entry.value


def find_shared(key: Hashable) -> Any:
    """What is kept for all under this key; None where nothing is."""
    with _lock:
        entry = _shared.get(key)
        if entry is None:
            return None
        _shared.put(key, entry)
        return entry.value


def share(key: Hashable, value: T) -> T:
    """Keep it for all; returns it."""
    entry = _measured(value, "")
    with _lock:
        _shared.put(key, entry)
        _shared.bound(MOST_SHARED, {key})
    return value


def _entries() -> _Entries:
    if "kept-results" not in st.session_state:
        st.session_state["kept-results"] = _Entries()
        with _lock:
            _sessions.add(st.session_state["kept-results"])
    entries: _Entries = st.session_state["kept-results"]
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
