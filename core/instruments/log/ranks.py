"""Which of several processes printed each line of a console log, as torchrun, srun and Ray mix them."""

import re
from collections import Counter, defaultdict
from typing import NamedTuple

import numpy as np
from numpy import ndarray as Array

from .columns import kind_of
from .text import UnreadableLog

# A process by its kind and number, before any value of the line: [rank0], rank=1, worker 3 |, GPU0, pid=2001.
_LABEL = re.compile(
    r"(?<![\w.])(?:local[_ -])?"
    r"(rank|worker|replica|process|proc|gpu|cuda|tpu|xla|device|default|trainer|pid|node|host|task)"
    r"(?:[_ -](?:index|idx|id))?[ _#:=-]{0,3}([0-9]{1,7})(?![\w.%/])[\])]?[:|,]?",
    re.I | re.A,
)
_BARE = re.compile(r"(?:\[[rR]?([0-9]{1,4})\]:?|[rR]?([0-9]{1,4}) ?[:|]) ?")  # [0] or 1: or R1: where a line begins
_WITH_POINT = re.compile(r"[0-9]\.[0-9]")
_COUNTER = re.compile(r"([A-Za-z_]{1,20})[ :=#\[]{1,4}([0-9]{1,12})(?![\w.])")
_SURE = ("rank", "worker", "replica", "pid")  # where it stands first it is nothing else than a process
_OTHERS = ("process", "proc", "gpu", "cuda", "tpu", "xla", "device", "default", "trainer", "task", "node", "host", "")
_SAMPLE = 400  # lines looked at to tell whether there are several processes
_MOST, _MOST_CHARACTERS = 1_000, 14_000_000  # processes; what is taken apart in two seconds
_HALF = 0.5  # of the lines with values must say whose they are


class Ranks(NamedTuple):
    """text: of all lines, without what says whose they are.  labels (lines,): the number of the process of each, that
    of the first for lines that do not say it.  word: what it is called.
    """

    text: str
    labels: Array
    word: str


def apart(text: str) -> Ranks | None:
    """The lines of a text with the process that printed each; None where one process is all there is.

    Raises UnreadableLog where there are very many of them.
    """
    word = _word(text.split("\n", _SAMPLE)[:_SAMPLE])
    if word is None:
        return None
    if len(text) > _MOST_CHARACTERS:
        raise UnreadableLog(
            f"Lines of several processes are mixed in {len(text) / 1e6:,.0f} million characters; "
            f"{_MOST_CHARACTERS / 1e6:.0f} are allowed: keep those of one."
        )
    lines = text.split("\n")
    labels = np.full(len(lines), -1)
    for place, line in enumerate(lines):
        match = _BARE.match(line) if word == "" else _LABEL.search(line)
        if match and word and match[1].lower() != word:
            match = next((other for other in _LABEL.finditer(line) if other[1].lower() == word), None)
        if match:
            labels[place] = int(match[match.lastindex or 1])
            lines[place] = f"{line[: match.start()]} {line[match.end() :]}".strip()
    if len(np.unique(labels[labels >= 0])) > _MOST:
        return None
    labels[labels < 0] = labels[labels >= 0].min()
    return Ranks(
        "\n".join(lines),
        labels,
        word if word in ("worker", "replica") else "rank" if word in ("", "rank") else "process",
    )


def _word(lines: list[str]) -> str | None:
    """What tells the processes apart, "" for a bare number; None where nothing does."""
    valued = [line for line in lines if _WITH_POINT.search(line)]
    said: dict[str, list[tuple[int, str]]] = defaultdict(list)
    leads: Counter[str] = Counter()  # of the words that stand before whatever counts
    for line in valued:
        for word, found in {found[1].lower(): found for found in _LABEL.finditer(line)}.items():
            said[word].append((int(found[2]), line))
            leads[word] += word in _SURE and not _COUNTER.search(line[: found.start()])
        if bare := _BARE.match(line):
            said[""].append((int(bare[bare.lastindex or 1]), line[bare.end() :]))
    for word in (*_SURE, *_OTHERS):
        numbers = [number for number, _ in said[word]]
        often = len(set(numbers)) <= len(numbers) / 2 and len(numbers) > _HALF * len(valued)
        if len(set(numbers)) > 1 and often and (leads[word] == len(numbers) or _count_alike(said[word], word)):
            return word
    return None


def _count_alike(lines: list[tuple[int, str]], word: str) -> bool:
    """Whether most of what they count is counted by several of them, as processes do and values beside it do not."""
    by: dict[tuple[str, str], set[int]] = defaultdict(set)
    for number, line in lines:
        for name, value in _COUNTER.findall(line):
            if name.lower() != word and kind_of(name)[0] in ("step", "epoch", "batch"):
                by[name, value].add(number)
    return sum(len(numbers) > 1 for numbers in by.values()) > _HALF * len(by)
