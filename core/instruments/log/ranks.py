"""Which of several processes printed each line of a console log, as torchrun, srun and Ray mix them."""

import re
from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy import ndarray as Array

from .columns import kind_of

# A process by its kind and number, before any value of the line: [rank0], rank=1, worker 3 |, GPU0, pid=2001.
_LABEL = re.compile(
    r"(?<![\w.])(?:local[_ -])?(rank|worker|replica|process|proc|gpu|cuda|device|default|trainer|pid|node|host|task)"
    r"[ _#:=-]{0,3}([0-9]{1,7})(?![\w.%/])[\])]?[:|,]?",
    re.I | re.A,
)
_BARE = re.compile(r"\[?([0-9]{1,4})\]?: ?")  # [0]: or 1:, where a line begins
_WITH_POINT = re.compile(r"[0-9]\.[0-9]")
_COUNTER = re.compile(r"([A-Za-z_]{1,20})[ :=#\[]{1,4}[0-9]")
_FIRST = ("rank", "worker", "replica", "process", "proc", "gpu", "cuda", "device", "default", "trainer", "task", "pid")
_SAMPLE = 400  # lines looked at to tell whether there are several processes
_MOST = 1_000  # processes
_HALF = 0.5  # of the lines with values must say whose they are


class Ranks(NamedTuple):
    """text: of all lines, without what says whose they are.  labels (lines,): the number of the process of each, that
    of the first for lines that do not say it.  word: what it is called.
    """

    text: str
    labels: Array
    word: str


def apart(text: str) -> Ranks | None:
    """The lines of a text with the process that printed each; None where one process is all there is."""
    word = _word(text.split("\n", _SAMPLE)[:_SAMPLE])
    if word is None:
        return None
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
    said: dict[str, list[int]] = defaultdict(list)
    for line in valued:
        for word, number in {word.lower(): int(number) for word, number in _LABEL.findall(line)}.items():
            said[word].append(number)
    for word in (*_FIRST, "node", "host"):
        if _tells_apart(said[word], len(valued), word == "pid" or word == "worker"):
            return word
    bare = [(int(match[1]), line[match.end() :]) for line in valued if (match := _BARE.match(line))]
    numbers = [number for number, _ in bare]
    counted = sum(
        any(kind_of(name)[0] in ("step", "epoch", "batch") for name in _COUNTER.findall(rest)) for _, rest in bare
    )
    by_turns = any(a > b for a, b in pairwise(numbers))
    if by_turns and counted > _HALF * len(bare) and _tells_apart(numbers, len(valued), False):
        return ""
    return None


def _tells_apart(numbers: list[int], lines: int, any_numbers: bool) -> bool:
    """Whether they are those of several processes: most lines have one, each comes often, and they count on from 0."""
    different = set(numbers)
    often = len(different) <= len(numbers) / 2 and len(numbers) > _HALF * lines
    counted = any_numbers or (min(different, default=9) <= 1 and max(different) - min(different) < len(different))
    return len(different) > 1 and often and counted
