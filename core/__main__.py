"""The lab on the command line: python -m core "lr=0.01&lr=0.1&data=penguins" trains what a link says; installed, lrlab.

`log FILE...` reads logs instead, and prints their runs and verdicts; "-" is what is piped in. With `rates` or `seeds`,
or the link of a sweep, it sweeps. `papers NAME...` reruns published results, or all of them, and prints their numbers.

Prints what ran, a table and a verdict a lane; or JSON, or the CSV that the pages offer. Exit code 0 once it is
trained, whatever became of it; 2 with one line on stderr where it can't be; 130 after Ctrl-C; 141 where whoever
reads the output has gone. A page repairs a link and shows a notice; here nobody would see one, so what a page would
repair is an error.
"""

import argparse
import os
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

from .command_words import Asked, asked_for
from .experiment.cost import MAX_CELLS, MAX_SECONDS
from .experiment.experiment import FIELDS, Experiment
from .export.run_text import WIDTH, as_json, as_text, sweep_as_text
from .export.tables import to_csv
from .instruments.log.report import report
from .instruments.sweep.sweep import grid, seconds, sweep
from .training.history import History
from .training.train import Progress, say, torch_is_installed, train
from .words import duration

T = TypeVar("T")
_FORMS = {
    "json": "print JSON instead; null stands for inf and nan",
    "csv": "print every epoch of every lane as CSV instead",
    "script": "print a Python script that makes the run by itself and checks its losses; real data in a file beside it",
    "notebook": "print the same as a Jupyter notebook",
    "report": "print one HTML file with all charts, which works without a network",
    "png": "print a picture of all losses, for a file: --png > losses.png",
    "zip": "write all that a page gives into this file: every picture, the numbers, code, the report, and a README",
    "plot": "show that picture in a window; needs matplotlib",
}
INTERRUPTED, READER_GONE = 130, 141  # 128 and the number of the signal, as a shell has it
_PROGRAM = "lrlab" if __package__ == "lrlab" else f"python -m {__package__}"  # by either name the same
_PIECE = 16_384  # characters written at once
_WATCHABLE = 1.0  # seconds from which progress is told
_WORDS = {field.in_link: field for field in FIELDS}


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what the arguments ask for, print it and return the exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == ["log"]:
        return _read_logs(words[1:])
    if words[:1] == ["papers"]:
        return _rerun(words[1:])
    options = _parser().parse_intermixed_args(words)
    try:
        asked = asked_for(options.query)
        for note in asked.notes:
            sys.stderr.write(f"{note}\n")
        _write(_swept(asked, options) if asked.sweep else _made(asked.experiment, options))
    except (ValueError, ModuleNotFoundError) as refusal:  # the latter where it wants PyTorch, and there is none
        return _refuse(str(refusal))
    return 0


def _made(experiment: Experiment, options: argparse.Namespace) -> str | bytes:
    """What is printed of a run."""
    if options.script or options.notebook:
        return _code(experiment, options.notebook)
    if options.zip:
        return _zipped(experiment, Path(options.zip))
    if options.plot:
        from .export.loss_lines import check_window, show_in_window

        check_window()
    history = _watched(experiment, experiment.seconds(), lambda progress: train(experiment, progress))
    if options.png or options.report:
        return _drawn(history, options.report)
    if options.plot:
        show_in_window(history)
    return to_csv(history) if options.csv else as_json(history) if options.json else as_text(history)


# What makes files is imported by who asks for one: it takes half a second.
def _code(experiment: Experiment, as_notebook: bool) -> str:
    from .export.notebook import notebook
    from .export.script import script
    from .export.script_data import companions

    if as_notebook:
        return notebook(experiment)
    made = script(experiment)
    for name, content in companions(experiment).items():
        _put_beside(Path(name), content)
    return made


def _put_beside(file: Path, content: bytes) -> None:
    """Write what a script reads into the folder one stands in; ValueError where another file has its name."""
    try:
        with file.open("xb") as new:
            new.write(content)
        sys.stderr.write(f"it reads {file.name} beside itself: written into this folder\n")
    except FileExistsError:
        if file.read_bytes() != content:
            raise ValueError(f"the script reads {file.name}, and this folder has another file of that name") from None
    except OSError as problem:
        raise ValueError(f"the script reads {file.name}, which can't be written here: {problem.strerror}") from None


def _drawn(history: History, as_report: bool) -> str | bytes:
    from .export.chart_files import picture
    from .export.loss_lines import loss_drawing
    from .export.stage_report import report_of

    return report_of(history) if as_report else picture(loss_drawing(history), "png", "light")


def _zipped(experiment: Experiment, into: Path) -> str:
    """Write all of a run into this file; the line that says so. ValueError where it can't be written."""
    from .export.everything import of_run

    made = _watched(experiment, 2 * experiment.seconds(), lambda progress: of_run(experiment, progress))
    try:
        into.write_bytes(made)
    except OSError as problem:
        raise ValueError(f"--zip {into} can't be written: {problem.strerror}; name a file in another folder") from None
    return f"Written: {into}, {len(made) / 1e6:.1f} MB. Its README.md says what each file is.\n"


def _swept(asked: Asked, options: argparse.Namespace) -> str:
    """What is printed of a sweep."""
    assert asked.sweep
    chosen = next((name for name in _FORMS if name != "csv" and getattr(options, name)), "")
    if chosen:
        raise ValueError(f"--{chosen} is of a run, and this is a sweep: write --csv, or leave out rates and seeds")
    experiment, (count, seeds) = asked.experiment, asked.sweep
    rates = grid(min(experiment.learning_rates), max(experiment.learning_rates), count)
    from_seeds = range(experiment.seed, experiment.seed + seeds)
    took = seconds(experiment, rates, from_seeds)
    table = _watched(experiment, took, lambda progress: sweep(experiment, rates, from_seeds, progress=progress))
    return table.frame().to_csv(index=False) if options.csv else sweep_as_text(experiment, table)


def _read_logs(paths: list[str]) -> int:
    """Print the runs in these files, and their verdicts."""
    if not paths or any(path.startswith("-") and path != "-" for path in paths):
        return _refuse(f"name the files of the logs: {_PROGRAM} log FILE...")
    try:
        _write(report(paths))
    except ValueError as refusal:
        return _refuse(str(refusal))
    return 0


def _rerun(names: list[str]) -> int:
    """Print what these papers give, or all of them, beside what is expected; 1 where a number lies outside."""
    from .instruments.papers.gallery import PAPERS, as_text, measured, rows, seeds_of

    if unknown := [name for name in names if name not in PAPERS]:
        return _refuse(f"papers knows {', '.join(PAPERS)}, and not {unknown[0]}")
    all_hold = True
    for name in names or PAPERS:
        found = rows(PAPERS[name], [measured(name, seed) for seed in seeds_of(PAPERS[name])])
        all_hold &= all(row.holds for row in found)
        _write(as_text(name, found))
    return 0 if all_hold else 1


def _write(made: str | bytes) -> None:
    if isinstance(made, bytes):
        if sys.stdout.isatty():
            raise ValueError("a picture is no text: send it to a file, with > losses.png behind the command")
        sys.stdout.buffer.write(made)
        return
    # In pieces: where PYTHONUNBUFFERED is set, Python takes half a write to a pipe that has closed for a whole one.
    for start in range(0, len(made), _PIECE):
        sys.stdout.write(made[start : start + _PIECE])
    sys.stdout.flush()


def _watched(experiment: Experiment, took: float, made: Callable[[Progress | None], T]) -> T:
    """What is made; its progress is told on stderr where that is a terminal and it takes a while."""
    if experiment.engine == "torch" and torch_is_installed():
        from .training.torch_trainer import use_one_thread  # here, so that other runs need no torch

        use_one_thread()
    if took < _WATCHABLE or not sys.stderr.isatty():
        return made(None)
    try:
        return made(say)
    finally:
        sys.stderr.write("\r\033[K")  # back, and the line emptied


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
        "quotes; - reads them from a pipe. Without any: the article's three rates",
    )
    form = parser.add_mutually_exclusive_group()
    for name, meaning in _FORMS.items():
        if name == "zip":
            form.add_argument("--zip", metavar="FILE", help=meaning)
        else:
            form.add_argument(f"--{name}", action="store_true", help=meaning)
    return parser


def _help_of_settings() -> str:
    """Every setting with what it means, what it may be and its default; and examples."""
    lines = ["settings, each with what it may be and its default:"]
    for name, field in _WORDS.items():
        default = "x".join(field.write(field.default)) if field.kind is int else ",".join(field.write(field.default))
        most = f"; up to {field.most}" if field.most > 1 else ""
        lines += [f"  {name:<13}{field.means}"]
        text = f"{field.allowed_text()}{most}. Default: {default or 'none'}"
        lines += textwrap.wrap(text, WIDTH, initial_indent=" " * 15, subsequent_indent=" " * 15, break_on_hyphens=False)
    examples = (
        "lr=0.01 lr=0.1 data=penguins standardize=on",
        '"lr=0.003&lr=0.3&data=circles&hidden=8x8" --json',
        '"http://localhost:8501/?lr=0.08&lr=0.09" --csv > run.csv',
        "lr=0.0001,1 rates=40 seeds=3",
        "log train.log metrics.csv",
        "papers edge-of-stability silver",
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
