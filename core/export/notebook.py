"""An experiment as a notebook: the lines of the script, step by step, with words between and a picture."""

from typing import Any

import nbformat
from nbformat import v4

from ..data.datasets import is_upload
from ..experiment.described import experiment_words
from ..experiment.experiment import Experiment
from .experiment_json import short_query
from .script import by_engine, comparison, parts
from .script_changes import by_lane
from .script_data import BESIDE, companions
from .script_plot import PLOT, SHOW

NOTEBOOK_NAME = "learning_rate_run.ipynb"


def notebook(experiment: Experiment, engine: str | None = None) -> str:
    """The text of an .ipynb file (nbformat 4.5), which opens in Jupyter and in Colab as it is.

    Its code is that of `script`, in the steps data, start, train, look, check; the picture needs matplotlib.
    engine and errors: as of `script`.
    """
    asked = by_engine(experiment, engine)
    code = parts(asked)
    cells = [
        _words(_title(asked)),
        _code(code.imports),
        _words(_of_data(asked)),
        *(_written(name, content) for name, content in companions(asked).items()),
        _code(code.data.replace(BESIDE, "")),
        _words(_of_start(asked)),
        _code(code.start),
        _words(_of_training(asked)),
        _code(code.train),
        _words(_LOOK),
        _code(by_lane(asked, f"{PLOT}\n{SHOW}")),
        _words(_CHECK),
        _code(comparison(asked, code)),
    ]
    for k, cell in enumerate(cells):
        cell.id = f"step-{k}"  # the same each time, so that two exports of one run are the same file
    language = {"name": "python"}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": language}
    made = v4.new_notebook(cells=cells, metadata=metadata)  # type: ignore[no-untyped-call]
    nbformat.validate(made)
    return str(nbformat.writes(made))  # type: ignore[no-untyped-call]


def _words(text: str) -> Any:
    return v4.new_markdown_cell(text)  # type: ignore[no-untyped-call]


def _code(text: str) -> Any:
    return v4.new_code_cell(text.strip("\n"))  # type: ignore[no-untyped-call]


def _written(name: str, content: bytes) -> Any:
    """A folded cell that writes a file beside the notebook, so that it travels inside."""
    cell = _code(f"%%writefile {name}\n{content.decode()}")
    cell.metadata = {"jupyter": {"source_hidden": True}, "cellView": "form"}
    return cell


def _title(experiment: Experiment) -> str:
    many = len(experiment.learning_rates) > 1
    rates = f"{len(experiment.learning_rates)} learning rates" if many else "One learning rate"
    return (
        f"# {rates}, one experiment\n\n{experiment_words(experiment)}\n\n"
        "Run the cells from top to bottom, then change something and run them again: that is what they are for. "
        f"The last cell checks that the run is still the one you took away.\n\n{_where(experiment)}"
    )


def _where(experiment: Experiment) -> str:
    if is_upload(experiment.data):
        return "Its data was an upload, which no link holds: in the Learning-Rate Lab, upload it again."
    return f"In the Learning-Rate Lab this run is found after the `?` of its address:\n\n    {short_query(experiment)}"


def _of_data(experiment: Experiment) -> str:
    data = experiment.dataset()
    words = [f"## The data\n\n{data.title}: {data.source}."]
    if data.task == "classes":
        words.append(f"What is to be told apart: {', '.join(data.classes)}.")
    if experiment.test_share:
        words.append("Some rows are held out: nothing is trained on them, so they show what was really learned.")
    if experiment.standardize:
        words.append("Each column is shifted and stretched to mean 0 and spread 1, which lets larger rates be stable.")
    for name in companions(experiment):
        words.append(f"The folded cell below writes **{name}**, which the next one reads.")
    return " ".join(words)


def _of_start(experiment: Experiment) -> str:
    words = (
        "## The start\n\nEvery learning rate sets out from the same place, so what differs later is the rate's doing."
    )
    if experiment.network() is None:
        return words
    return f"{words} The weights are small random numbers; the seed makes them the same each time."


def _of_training(experiment: Experiment) -> str:
    steps = (
        "predict, measure the loss, clear the old gradients, let `backward` find the new ones, take a step"
        if experiment.engine == "torch"
        else "predict, measure the loss, find its slope by hand, take a step against the slope"
    )
    return f"## Training\n\nAll of it is one loop: {steps}. The learning rate says how long the step is."


_LOOK = (
    "## A look\n\nLoss over epochs, one curve a rate. Both axes are logarithmic, so that a slow start and a fast end "
    "show alike. A curve that leaves at the top, with a mark, has a rate that is too high."
)
_CHECK = (
    "## A check\n\nIs it the run you saw? Each line compares one loss with the one the lab found, as far as it is sure."
)
