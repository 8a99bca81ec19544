"""A line's run as one HTML file for a lecture without a network: the same stage as on the page, its deck inside.

Its sliders live, as every rate of the deck was trained. The file asks nothing of anybody, and forbids itself to; the
same experiment gives the same file.
"""

import base64
import json
from html import escape
from pathlib import Path
from typing import Any

from ..diagnosis.verdicts import diagnose
from ..drawing.deck import family
from ..experiment.described import experiment_words
from ..experiment.experiment import Experiment
from ..instruments.compare.stage import packed
from ..instruments.compare.stage_data import told
from ..stage import css, module
from ..stage.vega import javascript
from ..training.history import History
from ..training.train import train
from .experiment_json import query
from .markup import inline
from .report import download, numbers

_HERE = Path(__file__).parent
_ALLOWED = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
_HEIGHT = 1500  # px of it in a notebook: the ruler, three lanes and their pictures
# Each browser has its own colours for a page in the dark; the stage is told which it is.
_START = """
const root = document.documentElement, button = document.querySelector('.theme');
const data = JSON.parse(document.getElementById('stage-data').textContent);
const wear = (theme) => {
  root.dataset.theme = theme;
  button.textContent = theme === 'dark' ? '\u2600 Light' : '\u263e Dark';
  mount({ parentElement: document.body, data: { ...data, theme }, setTriggerValue: () => {} });
};
button.addEventListener('click', () => wear(root.dataset.theme === 'dark' ? 'light' : 'dark'));
wear(matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
"""


class Shown:
    """A run that a notebook displays as the stage: its sliders live there too."""

    def __init__(self, experiment: Experiment) -> None:
        self._page = stage_report(experiment)

    def _repr_html_(self) -> str:
        style = f"width: 100%; height: {_HEIGHT}px; border: 0"
        return f'<iframe title="Learning-Rate Lab" style="{style}" srcdoc="{escape(self._page)}"></iframe>'


def show(run: History | Experiment) -> Shown:
    """The run of a line as the stage, for a notebook to display.

    Raises ValueError for a network's, which the stage does not draw yet.
    """
    return Shown(run.experiment if isinstance(run, History) else run)


def stage_report(experiment: Experiment) -> str:
    """The HTML file. Raises ValueError for a network."""
    if experiment.network():
        raise ValueError("experiment must be of a line, y = w x + b, got a network: see export.report")
    history = train(experiment)
    count = len(experiment.learning_rates)
    rates = "One learning rate" if count == 1 else f"{count} learning rates"
    return f"""<!DOCTYPE html>
<html lang="en" data-theme="light"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_ALLOWED}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A line at {rates.lower()} · Learning-Rate Lab</title>
<style>{(_HERE / "report.css").read_text()}{(_HERE / "stage_report.css").read_text()}{css()}</style></head>
<body><header><div><h1>Learning rates, one start</h1>
<p class="soft"><strong>What ran:</strong> {inline(experiment_words(experiment))}</p></div>
<button type="button" class="theme"></button></header>
<noscript><p>The charts need JavaScript, which is switched off here. The numbers below do not.</p></noscript>
<div class="stage"></div>
<h2>The numbers, as saved</h2>{numbers(history, diagnose(history))}{download(history)}
<footer class="soft"><p>In the Learning-Rate Lab, after the ? of its address:
<code>{escape(query(experiment))}</code></p></footer>
<script type="application/json" id="stage-data">{_data(experiment)}</script>
<script>{javascript()}</script>
<script type="module">{module()}{_START}</script>
</body></html>
"""


def _data(experiment: Experiment) -> str:
    """What the stage is told, as JSON that can't end the element it stands in."""
    data: dict[str, Any] = {
        **told(experiment),
        "family": "file",
        "deck": base64.b64encode(packed(family(experiment))).decode(),
        "offline": True,
        "pins": [],
        "mostPins": 0,
        "locks": {"rates": False, "start": True},
        "hall": False,
    }
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
