"""Files of logs as text for a terminal: each run with where its loss went and its verdict."""

import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

from ...words import number, typed
from .reading import Reading, read_runs
from .run import Run
from .training_log import read_log

_WIDTH = 100  # columns


def report(paths: Sequence[str]) -> str:
    """What the logs at these paths say, all runs in the light of each other; "-" is what is piped in.

    Raises ValueError, in a sentence that names the file, where one can't be read.
    """
    runs: list[Run] = []
    lines: list[str] = []
    for path in map(Path, paths):
        try:
            piped = str(path) == "-"
            log = read_log(sys.stdin.buffer.read() if piped else path.read_bytes(), "run" if piped else path.stem)
        except OSError as error:
            raise ValueError(f"{path}: {error.strerror or error}") from None
        except ValueError as refusal:
            raise ValueError(f"{path}: {refusal}") from None
        runs += log.runs
        lines += [f"{path.name}: {note}" if len(paths) > 1 else note for note in log.notes]
    lines += [""] if lines else []
    for reading in read_runs(runs):
        lines += [*_words(reading), ""]
    return "\n".join(lines)


def _words(reading: Reading) -> list[str]:
    run, found = reading.run, reading.diagnosis
    rate = "" if run.learning_rate is None else f", learning rate {number(run.learning_rate[0])}"
    if rate and run.rate is None and run.learning_rate is not None:
        rate += f" to {number(run.learning_rate[-1])}"
    said = (
        f"{run.name}: {len(run.loss):,} losses{rate}. {reading.title}. {found.reason} {found.evidence} {found.advice}"
    )
    words = typed(f"{said} {reading.overfits}".strip())
    return textwrap.wrap(words, _WIDTH, subsequent_indent="   ", break_long_words=False)
