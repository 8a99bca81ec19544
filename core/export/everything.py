"""All that a page can give of what it shows, as one zip: pictures, numbers, code, the report, and a README."""

from collections.abc import Sequence

from ..diagnosis.verdicts import diagnose
from ..experiment.described import what_ran
from ..experiment.experiment import Experiment
from ..instruments.compare.ruler import measure
from ..instruments.compare.scene import trained_scene
from ..instruments.network.scene import trained_network_scene
from ..training.history import History
from ..training.train import Progress, train
from ..words import LANE_LETTERS, number
from . import line_drawings, network_drawings
from .chart_files import Drawing, as_png, picture
from .experiment_json import short_query, to_json
from .loss_lines import loss_drawing
from .notebook import NOTEBOOK_NAME, notebook
from .run_text import as_json
from .script import SCRIPT_NAME, files, zipped
from .stage_report import report_of
from .tables import MOST_ROWS, columns, to_csv, to_parquet

_THEMES = ("light", "dark")
_KINDS = {
    "report.html": "every chart with its slider, the verdicts and the numbers; works without a network, prints on A4",
    "pictures/": "each chart as PNG (144 dots to the inch) and SVG; -light and -dark tell what paper it is for",
    "numbers/learning-rates.csv": "every epoch of every learning rate; the columns are below",
    "numbers/learning-rates.parquet": "the same table, with types; its metadata says what the columns mean",
    "numbers/run.json": "each learning rate's losses and verdict; `columns` says what the table's columns mean",
    "numbers/experiment.json": "every setting; *Export, Open an experiment* in the lab reads it",
    f"code/{SCRIPT_NAME}": f"the run as a script, which compares its losses with the lab's: python {SCRIPT_NAME}",
    f"code/{NOTEBOOK_NAME}": "the same as a notebook, for Jupyter or Colab",
}


def everything(
    folder: str,
    charts: Sequence[Drawing],
    caption: str,
    experiment: Experiment | None = None,
    code: Experiment | None = None,
) -> bytes:
    """The zip.

    folder: in which all of it lies.  charts: of the page, each drawn in both themes.  caption: what ran, below each;
    "" for what each shows.  experiment: of a page about one run, which is trained again, as a page keeps no more of a
    long one than it draws.  code: whose script and notebook are added; the experiment's own where that is None.
    Raises ValueError where the code would take too long.
    """
    made: dict[str, str | bytes] = {}
    history = train(experiment) if experiment else None
    if history:
        made |= {"report.html": report_of(history), **_numbers(history)}
        charts = (loss_drawing(history), *charts)
    for drawing in charts:
        for theme in _THEMES:
            svg = picture(drawing, "svg", theme, caption=caption or drawing.words)
            made[f"pictures/{drawing.key}-{theme}.svg"] = svg
            made[f"pictures/{drawing.key}-{theme}.png"] = as_png(svg.decode())
    if of_code := code or experiment:
        made |= {f"code/{name}": content for name, content in files(of_code).items()}
        made[f"code/{NOTEBOOK_NAME}"] = notebook(of_code)
    return zipped(folder, {"README.md": readme(list(made), charts, caption, history), **made})


def of_run(experiment: Experiment, progress: Progress | None = None) -> bytes:
    """The zip that the page of this experiment makes.  progress: as of `train`."""
    if experiment.network():
        charts = network_drawings.drawings(trained_network_scene(experiment, progress))
    else:
        charts = line_drawings.drawings(trained_scene(experiment, measure(experiment), progress))
    folder = f"learning-rate-lab-{'network' if experiment.network() else 'compare'}"
    return everything(folder, charts, what_ran(experiment), experiment)


def _numbers(history: History) -> dict[str, str | bytes]:
    made: dict[str, str | bytes] = {
        "numbers/run.json": as_json(history),
        "numbers/experiment.json": to_json(history.experiment),
    }
    if history.loss.size <= MOST_ROWS:
        made |= {"numbers/learning-rates.csv": to_csv(history), "numbers/learning-rates.parquet": to_parquet(history)}
    return made


def readme(names: Sequence[str], charts: Sequence[Drawing], caption: str, history: History | None) -> str:
    """What lies in the zip, in Markdown. names: of its files."""
    parts = ["# From the Learning-Rate Lab", *([caption] if caption else [])]
    if history:
        parts += [
            f"In the lab, after the `?` of its address:\n\n    {short_query(history.experiment)}",
            _verdicts(history),
        ]
    lines = [f"- `{kind}`: {what}" for kind, what in _KINDS.items() if any(name.startswith(kind) for name in names)]
    lines += [
        f"- `{name}`: the data that the code reads" for name in names if name.endswith(".csv") and "code/" in name
    ]
    parts.append("## The files\n\n" + "\n".join(lines))
    parts.append("## The pictures\n\n" + "\n".join(f"- `{each.key}`: {each.name}. {each.words}" for each in charts))
    if history:
        cells = [f"| `{name}` | {what} |" for name, what in columns(history).items()]
        parts.append("## The columns of the table\n\n| column | meaning, unit |\n|---|---|\n" + "\n".join(cells))
        if history.loss.size > MOST_ROWS:
            parts.append(
                f"The table would have {history.loss.size:,} rows: the code makes all of them on your machine."
            )
    return "\n\n".join(parts) + "\n"


def _verdicts(history: History) -> str:
    rates = zip(LANE_LETTERS, history.experiment.learning_rates, diagnose(history), strict=False)
    lines = [f"- {letter}, learning rate {number(rate)}: {said.title}. {said.reason}" for letter, rate, said in rates]
    return "## What became of each learning rate\n\n" + "\n".join(lines)
