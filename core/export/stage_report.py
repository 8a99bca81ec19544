"""A line's run as one HTML file for a lecture without a network: the same stage as on the page, its deck inside.

Its sliders live, as every rate of the deck was trained. The file asks nothing of anybody, and forbids itself to; the
same experiment gives the same file.
"""

import base64
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from ..diagnosis.verdicts import diagnose
from ..drawing.deck import family
from ..experiment.described import experiment_words
from ..experiment.experiment import Experiment
from ..instruments.compare.stage import packed, seconds
from ..instruments.compare.stage_data import told
from ..instruments.network.scene import network_scene
from ..stage import css, module
from ..training.history import History
from ..training.train import train
from .markup import inline
from .network_drawings import drawings
from .offline_page import SitePage, head, offline_page
from .report import download, link_words, numbers, report

_HEIGHT = 1500  # px of it in a notebook: the ruler, three lanes and their pictures
_SMALL = 700  # px of it as the value of a cell, which scrolls inside
_PATIENCE = 5.0  # seconds that the value of a cell may take
_STYLE = (Path(__file__).parent / "stage_report.css").read_text("utf-8")
_SCRIPT = (Path(__file__).parent / "stage_report.js").read_text("utf-8")


class Shown:
    """A run that a notebook displays as the stage: its sliders live there too."""

    def __init__(self, experiment: Experiment, height: int = _HEIGHT) -> None:
        self._page, self._height = stage_report(experiment), height

    def _repr_html_(self) -> str:
        style = f"width: 100%; height: {self._height}px; border: 0"
        return f'<iframe title="Learning-Rate Lab" style="{style}" srcdoc="{escape(self._page)}"></iframe>'


def as_html(history: History) -> str | None:
    """What a notebook displays of a run: the stage, smaller; None for a network's, or where it takes long to make."""
    experiment = history.experiment
    if experiment.network() or seconds(experiment) > _PATIENCE:
        return None
    return Shown(experiment, _SMALL)._repr_html_()


def show(run: History | Experiment) -> Shown:
    """The run of a line as the stage, for a notebook to display.

    Raises ValueError for a network's, which the stage does not draw yet.
    """
    return Shown(run.experiment if isinstance(run, History) else run)


def report_of(history: History) -> str:
    """A run as one HTML file: a line's on the stage, a network's with every chart of it."""
    if history.experiment.network() is None:
        return stage_report(history.experiment)
    scene = network_scene(history)
    return report(history, diagnose(history), scene.moments, drawings(scene), None, scene.events)


def stage_report(experiment: Experiment) -> str:
    """The HTML file. Raises ValueError for a network."""
    if experiment.network():
        raise ValueError("experiment must be of a line, y = w x + b, got a network: see export.report")
    count = len(experiment.learning_rates)
    rates = "One learning rate" if count == 1 else f"{count} learning rates"
    ran = f"<strong>What ran:</strong> {inline(experiment_words(experiment))}"
    history = train(experiment)
    body = f"""{head("Learning rates, one start", ran)}
<div class="stage"></div>
<h2>The numbers, as saved</h2>{numbers(history, diagnose(history))}{download(history)}
{link_words(experiment)}"""
    return stage_page(f"A line at {rates.lower()}", body, {"file": on_stage(experiment)})


def stage_page(title: str, body: str, decks: Mapping[str, Any], site: SitePage | None = None) -> str:
    """The HTML file around a stage, an element of the class "stage" in its body.

    decks: what the stage is told, `on_stage`, by name: of several, the address says which is shown.
    """
    return offline_page(title, body, style=css() + _STYLE, data=decks, script=module() + _SCRIPT, site=site)


def on_stage(experiment: Experiment) -> dict[str, Any]:
    """What the stage is told of a line, its deck with it."""
    return {
        **told(experiment),
        "family": "file",
        "deck": base64.b64encode(packed(family(experiment))).decode(),
        "offline": True,
        "pins": [],
        "mostPins": 0,
        "locks": {"rates": False, "start": True},
        "hall": False,
    }
