"""The lab on the command line: python -m core "lr=0.01&lr=0.1&data=penguins" trains what a link says; installed, lrlab.

`log FILE...` reads logs instead, and prints their runs and verdicts.

Prints what ran, a table and a verdict a lane; or JSON, or the CSV that the pages offer. Exit code 0 once it is
trained, whatever became of it; 2 with one line on stderr where it can't be; 130 after Ctrl-C; 141 where whoever
reads the output has gone. A page repairs a link and shows a notice; here nobody would see one, so what a page would
repair is an error.
"""

import argparse
import difflib
import json
import math
import os
import sys
import textwrap
from collections.abc import Sequence
from typing import Any, NoReturn
from urllib.parse import parse_qs

import numpy as np

from .diagnosis.curve import typical
from .diagnosis.rules import Diagnosis
from .diagnosis.theory import stability_limit
from .diagnosis.verdicts import diagnose
from .experiment.cost import MAX_CELLS, MAX_SECONDS
from .experiment.described import experiment_words
from .experiment.experiment import FIELDS, Experiment
from .experiment.fields import Repair, shorten
from .export.experiment_json import query, to_json
from .export.tables import to_csv
from .instruments.log.report import report
from .training.history import History
from .training.train import torch_is_installed, train
from .words import duration, lane_name, number

INTERRUPTED, READER_GONE = 130, 141  # 128 and the number of the signal, as a shell has it
_PROGRAM = "lrlab" if __package__ == "lrlab" else f"python -m {__package__}"  # by either name the same
_WIDTH = 100  # columns of text: few enough to read, and the same in a file
_PIECE = 16_384  # characters written at once
_WATCHABLE = 1.0  # seconds from which progress is told
_WORDS = {field.in_link: field for field in FIELDS}


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what the arguments ask for, print it and return the exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == ["log"]:
        return _read_logs(words[1:])
    asked = _parser().parse_intermixed_args(words)
    try:
        experiment = experiment_asked(asked.query)
    except ValueError as error:
        return _refuse(str(error))
    try:
        history = _trained(experiment)
    except ModuleNotFoundError as error:  # it wants PyTorch, and there is none
        return _refuse(str(error))
    _write(to_csv(history) if asked.csv else as_json(history) if asked.json else as_text(history))
    return 0


def _read_logs(paths: list[str]) -> int:
    """Print the runs in these files, and their verdicts."""
    if not paths or any(path.startswith("-") for path in paths):
        return _refuse(f"name the files of the logs: {_PROGRAM} log FILE...")
    try:
        _write(report(paths))
    except ValueError as refusal:
        return _refuse(str(refusal))
    return 0


def _write(text: str) -> None:
    # In pieces: where PYTHONUNBUFFERED is set, Python takes half a write to a pipe that has closed for a whole one.
    for start in range(0, len(text), _PIECE):
        sys.stdout.write(text[start : start + _PIECE])
    sys.stdout.flush()


def experiment_asked(words: Sequence[str]) -> Experiment:
    """The Experiment of a link, or of what follows its question mark, in one word or several.

    Raises ValueError, in one line that names setting, value, what is allowed and the remedy, wherever a page would
    repair the link, and for what a link says twice or not at all.
    """
    settings = [_query_of(word) for text in words for word in text.split()]
    given = parse_qs("&".join(settings), keep_blank_values=True, errors="replace")
    for name, texts in given.items():
        field = _WORDS.get(name)
        if field and not field.most and len(texts) > 1:
            raise ValueError(f"{name} takes one value, got {', '.join(map(shorten, texts))}: write it once")
        if field and field.most and field.default and not any(texts):
            raise ValueError(f"{name} must hold at least one value, got none: write {name}={field.default[0]}")
    experiment, repairs = Experiment.from_query(given)
    if repairs:
        raise ValueError(
            _as_error(repairs[0], experiment) + (f" ({len(repairs) - 1} more like this)" if repairs[1:] else "")
        )
    return experiment


def _query_of(word: str) -> str:
    """What follows the question mark of a link; a word without one is taken as that itself."""
    link = word.partition("#")[0]
    if "://" in link and "?" not in link:
        raise ValueError(f"this link holds no settings, got {shorten(word)}: take the one that Share gives")
    said = link.partition("?")[2] if "?" in link else link
    for setting in said.split("&"):
        if setting and "=" not in setting:
            raise ValueError(f"a setting is written name=value, got {shorten(setting)}: write lr=0.01, for example")
    return said


def _as_error(repair: Repair, used: Experiment) -> str:
    """What a page would repair, as an error: setting, value, why not, what is allowed, what to write."""
    field = _WORDS.get(repair.name)
    if field is None and repair.name != "v":
        return f"{repair.name}: no setting has this name; {_nearest(repair.name)}"
    why = f"{repair.name}={repair.got}: {repair.reason}"
    # Other reasons name what is allowed, or what this value does not go with.
    if field and repair.reason in ("it is not a number", "it must be a whole number", "none of its values is a number"):
        why += f", {field.allowed_text()}"
    if repair.used == "none" or repair.used == "the rest":
        return f"{why}; leave it out"
    if repair.used.startswith("the first"):
        return f"{why}; keep {repair.used}"
    if field and field.most:  # with all that stood beside it
        return f"{why}; write {repair.name}={','.join(field.write(getattr(used, field.name)))}"
    if field and field.kind is str and field.choices and not repair.nearest and repair.used == field.default:
        return why  # it names all there are
    return f"{why}; write {repair.name}={repair.nearest or repair.used}"


def _nearest(name: str) -> str:
    """Which setting a name that is none may have meant: that of a link, or that of an Experiment."""
    spellings = {spelling: word for word, field in _WORDS.items() for spelling in (word, field.name)}
    near = difflib.get_close_matches(name, spellings, n=1)
    return f"did you mean {spellings[near[0]]}?" if near else f"they are {', '.join(_WORDS)}"


def _trained(experiment: Experiment) -> History:
    """Train; its progress is told on stderr where that is a terminal and it takes a while."""
    if experiment.engine == "torch" and torch_is_installed():
        from .training.torch_trainer import use_one_thread  # here, so that other runs need no torch

        use_one_thread()
    if experiment.seconds() < _WATCHABLE or not sys.stderr.isatty():
        return train(experiment)
    try:
        return train(experiment, _say)
    finally:
        sys.stderr.write("\r\033[K")  # back, and the line emptied


def _say(fraction: float) -> None:
    sys.stderr.write(f"\rTraining: {fraction:.0%}")
    sys.stderr.flush()


def as_text(history: History) -> str:
    """What ran, the stability limit where it is known, a table and the verdict of each lane in words."""
    verdicts = diagnose(history)
    lines = [*_wrapped(experiment_words(history.experiment)), *_limit_words(history.experiment), ""]
    lines += [*_table(history, verdicts), ""]
    for lane, found in enumerate(verdicts):
        lines += _wrapped(f"{lane_name(lane)}  {found.title}. {found.reason} {found.evidence} {found.advice}", "   ")
    return "\n".join(lines) + "\n"


def as_json(history: History) -> str:
    """The experiment and each lane's end as strict JSON: a number that is not finite is null, and `note` says what.

    {"experiment": as core.export.experiment_json.from_json reads it, "query", "what_ran", "stability_limit" or null,
    "lanes": [{"lane", "learning_rate", "first_loss", "final_loss", "best_loss", "best_epoch", "test_loss",
    "diverged_at" or null, "label", "title", "reason", "evidence", "advice", "note"}]}
    """
    experiment = history.experiment
    told = {
        "experiment": json.loads(to_json(experiment)),
        "query": query(experiment),
        "what_ran": experiment_words(experiment),
        "stability_limit": _limit(experiment),
        "lanes": [_lane(history, found, lane) for lane, found in enumerate(diagnose(history))],
    }
    return json.dumps(told, indent=1, allow_nan=False) + "\n"


def _lane(history: History, found: Diagnosis, lane: int) -> dict[str, Any]:
    loss, best = history.loss[lane], _best(history, lane)
    losses = {
        "first_loss": loss[0],
        "final_loss": loss[-1],
        "best_loss": math.nan if best is None else loss[best],
    }
    if history.test_loss is not None:
        losses["test_loss"] = history.test_loss[lane, -1]
    diverged = int(history.diverged_at[lane])
    return {
        "lane": lane_name(lane),
        "learning_rate": history.experiment.learning_rates[lane],
        **{name: float(value) if math.isfinite(value) else None for name, value in losses.items()},
        "best_epoch": best,
        "diverged_at": None if diverged < 0 else diverged,
        "label": found.label,
        "title": found.title,
        "reason": found.reason,
        "evidence": found.evidence,
        "advice": found.advice,
        "note": "; ".join(f"{name} is {float(value)}" for name, value in losses.items() if not math.isfinite(value)),
    }


def _best(history: History, lane: int) -> int | None:
    """The epoch of the lowest finite loss; None where none is finite."""
    loss = history.loss[lane]
    finite = np.isfinite(loss)
    return int(np.where(finite, loss, np.inf).argmin()) if finite.any() else None


def _limit(experiment: Experiment) -> float | None:
    """The stability limit; None where it is not known beforehand."""
    try:
        return stability_limit(experiment)
    except ValueError:
        return None


def _limit_words(experiment: Experiment) -> list[str]:
    limit = _limit(experiment)
    if limit is None:
        return []
    batches = "; mini-batches can be unstable below it" if experiment.steps_per_epoch > 1 else ""
    return [f"Stability limit: {number(limit)}{batches}."]


def _table(history: History, verdicts: Sequence[Diagnosis]) -> list[str]:
    """A line of names and a line a lane."""
    loss, lanes = history.loss, range(len(history.loss))
    best, meters = [_best(history, lane) for lane in lanes], [typical(meter) for meter in history.meter]
    columns = {
        "lane": [lane_name(lane) for lane in lanes],
        "learning rate": [number(rate) for rate in history.experiment.learning_rates],
        "first loss": [number(first) for first in loss[:, 0]],
        "last loss": [number(last) for last in loss[:, -1]],
        "held-out loss": [] if history.test_loss is None else [number(last) for last in history.test_loss[:, -1]],
        "lowest loss": ["-" if at is None else number(row[at]) for row, at in zip(loss, best, strict=True)],
        "at epoch": ["-" if at is None else f"{at:,}" for at in best],
        "meter": ["-" if math.isnan(meter) else number(meter) for meter in meters],
        "verdict": [found.title for found in verdicts],
    }
    return _aligned({name: cells for name, cells in columns.items() if cells})


def _aligned(columns: dict[str, list[str]]) -> list[str]:
    """Names and rows as lines of text; words begin where their column does, numbers end where it ends."""
    full = []
    for name, cells in columns.items():
        width = max(map(len, (name, *cells)))
        is_words = name in ("lane", "verdict")
        full.append([text.ljust(width) if is_words else text.rjust(width) for text in (name, *cells)])
    return ["  ".join(row).rstrip() for row in zip(*full, strict=True)]


def _wrapped(words: str, indent: str = "") -> list[str]:
    return textwrap.wrap(words, _WIDTH, subsequent_indent=indent, break_long_words=False)


class _Parser(argparse.ArgumentParser):
    """One line on stderr for what is wrong with the options, as for what is wrong with the experiment."""

    def error(self, message: str) -> NoReturn:
        """Say it in that line and end with 2."""
        raise SystemExit(_refuse(message))


def _refuse(message: str) -> int:
    sys.stderr.write(f"error: {message}\n")
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=_PROGRAM,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Train a model at several learning rates and say what became of each.",
        epilog=_help_of_settings(),
    )
    parser.add_argument(
        "query",
        nargs="*",
        metavar="setting",
        help="name=value, once a value for several; or a whole link of the app, or what follows its question mark, in "
        "quotes. Without any: the article's three rates",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON instead; null stands for inf and nan")
    form.add_argument("--csv", action="store_true", help="print every epoch of every lane as CSV instead")
    return parser


def _help_of_settings() -> str:
    """Every setting with what it may be, and examples."""
    lines = ["settings:"]
    for name, field in _WORDS.items():
        text = f"{name:<13}{field.allowed_text()}" + (f"; up to {field.most}" if field.most > 1 else "")
        lines += textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent=" " * 15)
    examples = (
        "lr=0.01 lr=0.1 data=penguins standardize=on",
        '"lr=0.003&lr=0.3&data=circles&hidden=8x8" --json',
        '"http://localhost:8501/?lr=0.08&lr=0.09" --csv > run.csv',
        "log train.log metrics.csv",
    )
    lines.append(
        f"Refused: more than {MAX_CELLS:,} epochs of all rates, and what would take over {duration(MAX_SECONDS)}."
    )
    return "\n".join([*lines, "", "examples:", *(f"  {_PROGRAM} {example}" for example in examples)])


def run() -> int:
    """`main`, with what a terminal does to it: Ctrl-C, a reader that goes, letters it can't show."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        return main()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # What is still in the buffer would raise once more when Python closes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE


if __name__ == "__main__":
    sys.exit(run())
