"""A run as one HTML file for a lecture without a network: every chart of its page, the scrubber, and all numbers.

The charts are those the page drew, so nothing is drawn by another rule here. The file asks nothing of anybody, and
forbids itself to; the same run gives the same file.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..diagnosis.rules import Diagnosis
from ..drawing.chart_parts import ZONE_COLOURS
from ..drawing.charts import lane_colours, lane_dashes, on_colour
from ..experiment.described import experiment_words
from ..experiment.experiment import Experiment
from ..instruments.network.events import Event
from ..training.history import History
from ..words import LANE_LETTERS, number
from .chart_files import Drawing, rows, standalone
from .experiment_json import query
from .markup import inline
from .offline_page import SitePage, head, offline_page
from .tables import to_csv

_OF_A_LANE = re.compile(r"(?:loss|meter|view|sharpness|wiring)-(\d)")
_ACROSS = ("ruler",)  # charts as wide as the page
_DIGITS = 7  # of the numbers that are only drawn: those of 32 bits
_MOST_CSV = 600_000  # bytes in the link; of a longer run every so many epochs
_POINTS = (2000, 1000, 500, 200, 60)  # an epoch's rows of a lane, where all are too many
_SCRIPT = (Path(__file__).parent / "report.js").read_text("utf-8")


def report(
    history: History,
    diagnoses: Sequence[Diagnosis],
    moments: Sequence[int],
    charts: Sequence[Drawing],
    site: SitePage | None = None,
    events: Sequence[Event] = (),
) -> str:
    """The HTML file.

    diagnoses: one of each lane.  moments: the epochs the scrubber stops at.  charts: as the page drew them; those whose
    key is loss-0, meter-1 and so on go into the card of that lane.  site: of one page of a site, what stands around it.
    events: what happens on the way, told where the scrubber has come to it.
    """
    placed = {f"chart-{k}": drawing for k, drawing in enumerate(charts)}
    told = [(event.epoch, event.sentence) for event in events]
    drawn = [_chart(key, drawing) for key, drawing in placed.items()]
    data = {"moments": list(moments), "events": told, "charts": drawn}
    rates = "One learning rate" if len(diagnoses) == 1 else f"{len(diagnoses)} learning rates"
    ran = f"<strong>What ran:</strong> {inline(experiment_words(history.experiment))}"
    body = f"""
{head(f"{rates}, one start", ran, site)}
<div class="scrubber"><button type="button" class="play" aria-label="Play">▶</button>
<input type="range" min="0" step="1" value="0" aria-label="Epoch shown in all charts"><output></output></div>
<p class="happens soft"></p>
{_main(history, diagnoses, placed, site)}
{link_words(history.experiment)}"""
    what = "A network" if history.experiment.network() else "A line"
    title = site.title if site else f"{what} at {rates.lower()}"
    return offline_page(title, body, data=data, script=_SCRIPT, evaluates=True, site=site)


def _main(
    history: History, diagnoses: Sequence[Diagnosis], placed: Mapping[str, Drawing], site: SitePage | None
) -> str:
    """The cards of the lanes, the charts they share, and the numbers."""
    roles = [diagnosis.role for diagnosis in diagnoses]
    cards = "".join(_card(history, lane, each, roles, placed) for lane, each in enumerate(diagnoses))
    shared = [(key, each) for key, each in placed.items() if _lane_of(each) is None]
    across = "".join(_figure(key, each, False) for key, each in shared if each.key in _ACROSS)
    beside = "".join(_figure(key, each, False) for key, each in shared if each.key not in _ACROSS)
    return f"""<main>{_zones()}<div class="lanes">{cards}</div>
<h2>All together</h2>{_lanes(history, roles)}{across}<div class="wide">{beside}</div>
<h2>The numbers</h2>{numbers(history, diagnoses)}{download(history, site.csv if site else "")}</main>"""


def link_words(experiment: Experiment) -> str:
    """The words of the link to the run, at the foot of its page."""
    return (
        '<footer class="soft"><p>In the Learning-Rate Lab, after the ? of its address:\n'
        f"<code>{escape(query(experiment))}</code></p></footer>"
    )


def _chart(key: str, drawing: Drawing) -> dict[str, Any]:
    """One chart as the script takes it: its spec in both themes, its tables by columns."""
    specs = {theme: _drawn_by_the_page(standalone(drawing, theme, legends=False)) for theme in ("light", "dark")}
    scrubbed = any(each["name"] == "epoch" for each in drawing.spec.get("params", ()))
    tables = {name: _columns(rows(table)) for name, table in drawing.tables.items()}
    return {"id": key, "scrubbed": scrubbed, "tables": tables, **specs}


def _drawn_by_the_page(spec: dict[str, Any]) -> dict[str, Any]:
    """Without the name, which stands above it."""
    config = {**spec["config"], "font": 'system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif'}
    bare = {name: part for name, part in spec.items() if name not in ("title", "padding")}
    around = {"top": 8, "right": 8, "bottom": 4, "left": 2}
    return {**bare, "config": config, "padding": around}


def _columns(table: list[dict[str, Any]]) -> dict[str, list[Any]]:
    names = list(dict.fromkeys(name for row in table for name in row))
    return {name: [_short(row.get(name)) for row in table] for name in names}


def _short(value: Any) -> Any:
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value


def _lane_of(drawing: Drawing) -> int | None:
    found = _OF_A_LANE.fullmatch(drawing.key)
    return int(found[1]) if found else None


def _figure(key: str, drawing: Drawing, in_card: bool) -> str:
    name = drawing.name.rsplit(", lane", 1)[0] if in_card else drawing.name  # the card says which lane it is
    return (
        f"<figure><figcaption>{escape(name)}</figcaption>"
        f'<div class="chart" id="{key}" role="img" aria-label="{escape(drawing.words)}"></div></figure>'
    )


def _card(
    history: History, lane: int, diagnosis: Diagnosis, roles: Sequence[str], placed: Mapping[str, Drawing]
) -> str:
    figures = "".join(_figure(key, each, True) for key, each in placed.items() if _lane_of(each) == lane)
    return (
        f'<section class="card"><h3><span class="letter" style="{_looks(roles, lane)}">{LANE_LETTERS[lane]}</span>'
        f"{escape(diagnosis.title)}</h3>"
        f'<p class="rate">learning rate <strong>{number(history.experiment.learning_rates[lane])}</strong></p>{figures}'
        f"<p>{inline(diagnosis.reason)}</p>"
        f'<p class="soft">{inline(diagnosis.evidence)}</p><p>→ {inline(diagnosis.advice)}</p></section>'
    )


def _looks(roles: Sequence[str], lane: int) -> str:
    """The lane's colour, and the ink on it, in both themes: report.css takes one of each."""
    looks = {theme: lane_colours(lane + 1, theme)[lane] for theme in ("light", "dark")}
    return ";".join(f"--{theme}:{colour};--on-{theme}:{on_colour(str(colour))}" for theme, colour in looks.items())


def _lanes(history: History, roles: Sequence[str]) -> str:
    """Which line is which lane: its letter, colour and dash."""
    entries = (
        f'<span style="{_looks(roles, lane)}"><b class="letter">{LANE_LETTERS[lane]}</b>'
        f'<svg width="44" height="10" aria-hidden="true"><path d="M0 5H44" class="line" '
        f'stroke-dasharray="{" ".join(map(str, lane_dashes(lane + 1)[lane]))}"/></svg>{number(rate)}</span>'
        for lane, (role, rate) in enumerate(zip(roles, history.experiment.learning_rates, strict=True))
    )
    return f'<div class="legend"><span>Learning rate:</span>{"".join(entries)}</div>'


def _zones() -> str:
    """The zones of the meter and the ruler: colour and word."""
    entries = (f'<span><i style="background:{colour}"></i>{zone}</span>' for zone, colour in ZONE_COLOURS.items())
    return f'<div class="legend"><span>The meter:</span>{"".join(entries)}</div>'


def numbers(history: History, diagnoses: Sequence[Diagnosis]) -> str:
    """What each lane came to, rounded; a number's last digit is told under the mouse, and in the CSV."""
    line = history.parameters is not None and history.experiment.network() is None
    head = ["lane", "learning rate", "first loss", "last loss"]
    head += ["last w", "last b"] if line else ["last loss held out"] if history.test_loss is not None else []
    body = []
    for lane, (rate, diagnosis) in enumerate(zip(history.experiment.learning_rates, diagnoses, strict=True)):
        values = [rate, history.loss[lane, 0], history.loss[lane, -1]]
        if line and history.parameters is not None:
            values += history.parameters[lane, -1].tolist()
        elif history.test_loss is not None:
            values.append(history.test_loss[lane, -1])
        told = (f'<td title="{float(value)!r}">{number(value)}</td>' for value in values)
        body.append(f"<td>{LANE_LETTERS[lane]}</td>{''.join(told)}<td>{escape(diagnosis.title)}</td>")
    titles = "".join(f"<th>{name}</th>" for name in [*head, "verdict"])
    lines = "".join(f"<tr>{cells}</tr>" for cells in body)
    table = f"<table><thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>"
    return f'<div class="scroll" tabindex="0" role="region" aria-label="The numbers">{table}</div>'


def csv(history: History) -> tuple[str, str]:
    """The run as CSV, where all of it were too long a part; and which it is, in words."""
    text, words = "", "Every epoch of every lane"
    if history.epochs is None and history.loss.size * 40 <= 4 * _MOST_CSV:  # else not even worth writing
        text = to_csv(history)
    if not text or len(text) > _MOST_CSV:
        parts = (to_csv(history, points=points) for points in _POINTS)
        text = next((part for part in parts if len(part) <= _MOST_CSV), "")
        words = "The run at so many epochs as this file has room for, peaks kept; the lab's own CSV has every epoch"
    return text, words


def download(history: History, address: str = "") -> str:
    """The CSV as a link to its address; without one, as a link that holds it."""
    text, words = csv(history)
    href = address or f"data:text/csv;charset=utf-8,{quote(text, safe=',.-+/=& ')}"
    return f'<p><a download="learning-rates.csv" href="{escape(href)}">Download the numbers (CSV)</a> {words}.</p>'
