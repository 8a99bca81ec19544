"""An exported notebook is valid and runs from top to bottom where the lab is not."""

from __future__ import annotations

import base64
import warnings
from dataclasses import replace

import nbformat
import pytest
from nbclient import NotebookClient

from core.experiment.presets import NETWORK_PRESETS, PRESETS
from core.export.notebook import notebook
from core.export.script import script
from core.export.script_parts import indented

CIRCLES = replace(NETWORK_PRESETS["circles"].experiment, epochs=60)
DIGITS = replace(NETWORK_PRESETS["digits"].experiment, epochs=2)
RUNS = {
    "article by NumPy": (PRESETS["article"], "numpy"),
    "circles by PyTorch": (CIRCLES, "torch"),
    "digits by NumPy": (DIGITS, "numpy"),
}


def opened(text):
    made = nbformat.reads(text, as_version=4)
    nbformat.validate(made)
    return made


@pytest.fixture(autouse=True)
def _a_shell_of_its_own(monkeypatch):
    """Streamlit, imported by other tests, sets this for its process; a notebook's kernel must not inherit it."""
    monkeypatch.delenv("MPLBACKEND", raising=False)


def executed(text, folder):
    made = opened(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of asyncio and sockets; what the notebook itself warns of is in its outputs
        NotebookClient(made, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return made


@pytest.mark.parametrize(
    "name", ["article by NumPy", "digits by NumPy", pytest.param("circles by PyTorch", marks=pytest.mark.slow)]
)
def test_a_notebook_runs_without_an_error_to_its_check_and_draws_its_picture(name, tmp_path, ink):
    experiment, engine = RUNS[name]
    made = executed(notebook(experiment, engine), tmp_path)
    outputs = [output for cell in made.cells for output in cell.get("outputs", ())]
    assert {output.output_type for output in outputs} <= {"stream", "display_data"}
    assert not [output for output in outputs if output.get("name") == "stderr"]
    (drawn,) = [output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    across, down = ink(base64.b64decode(drawn), "#ff7f0e")  # of the second rate, matplotlib's second colour
    assert across > 0.6 and down > 0.1
    assert outputs[-1].text.endswith("the loss is the one the lab found.\n")


@pytest.mark.parametrize("engine", ["numpy", "torch"])
def test_its_code_is_the_scripts_line_by_line(engine):
    made = opened(notebook(CIRCLES, engine))
    code = [cell.source for cell in made.cells if cell.cell_type == "code"]
    (picture,) = [source for source in code if "matplotlib" in source]
    cells = [line for source in code if source != picture for line in source.splitlines() if line]
    whole, _, plot = script(CIRCLES, engine).partition('if "--plot" in sys.argv:  # needs matplotlib\n')
    *drawn, shown = indented(picture, 1).splitlines()
    assert plot.splitlines()[: len(drawn)] == drawn and plot.endswith(f"else:\n    {shown}\n")
    whole = [line for line in whole.splitlines() if line and line != "import sys"]
    assert whole[-len(cells) :] == cells
    assert all(line.startswith("# ") for line in whole[: -len(cells)])


def test_it_is_what_jupyter_and_colab_open():
    made = opened(notebook(CIRCLES))
    assert (made.nbformat, made.nbformat_minor) == (4, 5)
    assert made.metadata.kernelspec.name == "python3"
    assert len({cell.id for cell in made.cells}) == len(made.cells)
    assert notebook(CIRCLES) == notebook(CIRCLES)


def test_words_stand_between_the_steps():
    made = opened(notebook(DIGITS))
    data = made.cells.pop(3)  # which it brings along
    assert data.source.startswith("%%writefile digits.csv\n")
    assert [cell.cell_type for cell in made.cells] == ["markdown", "code"] * 6
    heads = [cell.source.splitlines()[0] for cell in made.cells[::2]]
    assert heads[0] == "# 3 learning rates, one experiment"
    assert heads[1:] == ["## The data", "## The start", "## Training", "## A look", "## A check"]
    assert "digits.csv" in made.cells[2].source
