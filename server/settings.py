"""What a host may set by environment variables: the one place that names, explains and checks them."""

import difflib
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

PREFIX = "LAB_"
_HOST = r"(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?"


class SettingsError(ValueError):
    """A setting that can't be: its message names the variable, its value, what is allowed and what to do."""


def _number(usual: float, least: float, most: float, says: str) -> Any:
    return field(default=usual, metadata={"least": least, "most": most, "says": says})


def _several(pattern: str, must: str, says: str) -> Any:
    return field(default=(), metadata={"pattern": re.compile(pattern), "must": must, "says": says})


def _one(pattern: str, must: str, says: str) -> Any:
    return field(default=(), metadata={"pattern": re.compile(pattern), "must": must, "says": says, "one": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one process. Field max_sessions is the variable LAB_MAX_SESSIONS, and so on."""

    max_sessions: int = _number(
        500, 1, 10_000, "open pages this process takes; who comes later is asked to wait, and gets in when one leaves"
    )
    max_sessions_per_address: int = _number(
        400, 1, 10_000, "of these from one address, behind which a school may sit; and 30 from one browser"
    )
    max_uploads_mb: int = _number(
        500, 1, 100_000, "MB of uploads this process holds; of these one visitor may have 60, one address half"
    )
    allowed_hosts: tuple[str, ...] = _several(
        _HOST,
        "host names without scheme, port or path",
        "names it answers to, with commas between, as in `lab.example.edu,*.example.org`; none: all",
    )
    frame_ancestors: tuple[str, ...] = _several(
        rf"self|https?://{_HOST}(:\d{{1,5}})?",
        "self, or sites as in https://course.example.edu",
        "sites that may show the lab in a frame, with commas between, as in `https://*.example.edu`, or `self` for no "
        "other; none: all",
    )
    messages_per_second: float = _number(
        4.0, 0.1, 1000, "clicks and drags a second it takes from one page for long; faster ones wait"
    )
    message_burst: int = _number(30, 1, 10_000, "clicks it takes at once before they wait")
    max_frame_kb: int = _number(
        8000, 100, 32_000, "kB (1,000 bytes) of one message, pasted text with it; a larger one closes the connection"
    )

    workers: int = _number(
        0, 0, 64, "worker processes it may have for long work and for what visitors send; 0: one a processor core"
    )
    worker_mb: int = _number(1500, 300, 100_000, "MB of memory each of them may use; what needs more is refused")

    data: tuple[str, ...] = _one(
        r"/[^\0]*",
        "the path of a folder, from / on",
        "folder where class rooms are kept, in a file of SQLite; none: `.lab` beside the app",
    )
    database: tuple[str, ...] = _one(
        r"(sqlite|postgresql\+psycopg)://\S+",
        "an address of SQLAlchemy, as in postgresql+psycopg://lab@db.example.edu/lab",
        "database where class rooms are kept, for several hosts: `postgresql+psycopg://user@host/name`; none: SQLite",
    )
    rooms_kept_hours: float = _number(
        24, 0.1, 1000, "hours after which a class room is gone with all that was answered"
    )
    discuss_from_percent: float = _number(
        35,
        0,
        100,
        "% of right answers in a first vote from which on a discussion is advised; below: explain",
    )
    discuss_to_percent: float = _number(70, 0, 100, "% of right answers up to which it is; above: go on")

    def is_called(self, host: str) -> bool:
        """Whether this is one of the names the lab answers to."""
        return any(
            host == name or (name.startswith("*.") and host.endswith(name.removeprefix("*")))
            for name in self.allowed_hosts
        )

    def hosts(self) -> tuple[str, ...]:
        """The names in the form of Starlette's TrustedHostMiddleware; this machine may always ask how it is."""
        return (*self.allowed_hosts, "localhost", "127.0.0.1") if self.allowed_hosts else ("*",)


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings this environment asks for; raises SettingsError, with a sentence for each that can't be."""
    asked = {name: text for name, text in environment.items() if name.startswith(PREFIX)}
    known = {PREFIX + each.name.upper(): each for each in fields(Settings)}
    values: dict[str, Any] = {}
    problems = [_unknown(name, list(known)) for name in asked if name not in known]
    for name, each in known.items():
        if name not in asked:
            continue
        try:
            values[each.name] = (_parts if each.default == () else _in_range)(asked[name], each)
        except ValueError as refusal:
            problems.append(f"{name} {refusal}, got {asked[name]!r}")
    if not problems and (found := Settings(**values)).discuss_from_percent > found.discuss_to_percent:
        low, high = f"{PREFIX}DISCUSS_FROM_PERCENT", f"{PREFIX}DISCUSS_TO_PERCENT"
        got = f"{found.discuss_from_percent:g} and {found.discuss_to_percent:g}"
        problems.append(f"{low} must be at most {high}, got {got}")
    if problems:
        raise SettingsError(". ".join(problems))
    return found


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"{name} is no setting of the lab; " + (f"{near[0]} is" if near else f"these are: {', '.join(known)}")


def _in_range(text: str, of: Any) -> float:
    kind, least, most = type(of.default), of.metadata["least"], of.metadata["most"]
    try:
        number: float = kind(text)
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise ValueError(f"must be a {'whole ' if kind is int else ''}number from {least:,} to {most:,}")
    return number


def _parts(text: str, of: Any) -> tuple[str, ...]:
    if "one" in of.metadata:
        if not of.metadata["pattern"].fullmatch(text):
            raise ValueError(f"must be {of.metadata['must']}")
        return (text,)
    parts = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    if not parts or not all(map(of.metadata["pattern"].fullmatch, parts)):
        raise ValueError(f"must be {of.metadata['must']}, with commas between")
    return parts


def table() -> str:
    """The settings as a Markdown table, as the documentation has it."""
    rows = [
        f"| `{PREFIX}{each.name.upper()}` | {'none' if each.default == () else f'{each.default:g}'} "
        f"| {each.metadata['says']} |"
        for each in fields(Settings)
    ]
    return "\n".join(["| variable | usual | what it sets |", "|---|---|---|", *rows])
