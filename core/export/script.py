"""An experiment as a script that runs by itself, reproduces the run, and compares its losses with the lab's."""

import io
import textwrap
import zipfile
from collections.abc import Mapping
from dataclasses import replace

from ..data.datasets import is_upload
from ..experiment.described import experiment_words
from ..experiment.experiment import Experiment
from ..words import typed
from . import script_numpy, script_torch
from .experiment_json import short_query
from .script_changes import by_lane
from .script_checks import check_lines, checks
from .script_data import companions
from .script_parts import Parts, indented
from .script_plot import PLOT, WINDOW_OR_FILE

SCRIPT_NAME = "learning_rate_run.py"
FOLDER = SCRIPT_NAME.removesuffix(".py")


def script(experiment: Experiment, engine: str | None = None) -> str:
    """The experiment as Python code in one file, by NumPy from scratch or by PyTorch (engine; None: its own).

    It needs NumPy (and torch for PyTorch) and nothing of this lab, makes the same data and the same first weights
    from the seed, trains one rate after the other by readable formulas, and ends with a table of each loss beside the
    lab's; with --plot it also draws them. The lab's numbers come from training the experiment here, so this takes about
    twice as long as a run.
    The sharpness is not measured again. Where the data is the digits it reads a file: see `files`.
    Raises ValueError where the other engine would take too long, and ModuleNotFoundError where torch is missing.
    """
    asked = by_engine(experiment, engine)
    code = parts(asked)
    imports = code.imports.replace("import math", "import math\nimport sys", 1)
    if companions(asked):
        imports = imports.replace("import sys", "import sys\nfrom pathlib import Path", 1)
        imports += "\n\nhere = Path(__file__).parent"
        for name in companions(asked):
            imports += (
                f'\nif not (here / "{name}").exists():\n    sys.exit("{name} is missing: put it beside this script")'
            )
    body = "\n\n".join([imports, code.data, code.start])
    # Two blank lines after a function, as Python is usually laid out.
    gap = "\n\n\n" if code.start.splitlines()[-1].startswith(" ") else "\n\n"
    drawn = f"{PLOT}\n{WINDOW_OR_FILE}"
    picture = f'if "--plot" in sys.argv:  # needs matplotlib\n{indented(by_lane(asked, drawn), 1)}'
    return f"{_head(asked)}\n{body}{gap}{code.train}\n\n{comparison(asked, code)}\n\n{picture}\n"


def files(experiment: Experiment, engine: str | None = None) -> dict[str, bytes]:
    """The script and the files it reads, by name: what belongs into one folder. Raises as `script` does."""
    return {SCRIPT_NAME: script(experiment, engine).encode(), **companions(experiment)}


def packed(experiment: Experiment, engine: str | None = None) -> bytes:
    """The script; where it reads files, a zip of the folder that holds them. Raises as `script` does."""
    made = files(experiment, engine)
    if len(made) == 1:
        return made[SCRIPT_NAME]
    return zipped(FOLDER, made)


def zipped(folder: str, made: Mapping[str, str | bytes]) -> bytes:
    """The files, by name, as a zip of one folder; the same files make the same zip."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as into:
        for name, content in made.items():
            into.writestr(zipfile.ZipInfo(f"{folder}/{name}"), content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def by_engine(experiment: Experiment, engine: str | None) -> Experiment:
    """The experiment by this engine; None: its own. Raises ValueError as Experiment does."""
    return experiment if engine in (None, experiment.engine) else replace(experiment, engine=engine)


def parts(experiment: Experiment) -> Parts:
    """The steps of the experiment's code."""
    made = script_torch.parts(experiment) if experiment.engine == "torch" else script_numpy.parts(experiment)
    return made._replace(train=by_lane(experiment, made.train))


def comparison(experiment: Experiment, code: Parts) -> str:
    """The code that compares each loss with the lab's, after `code`; trains the experiment."""
    return by_lane(experiment, check_lines(experiment, checks(experiment), f"{code.data}\n{code.start}"))


def _head(experiment: Experiment) -> str:
    needs = ["numpy", *(["torch"] if experiment.engine == "torch" else [])]
    needs += [f"{name} beside it" for name in companions(experiment)]
    words = textwrap.wrap(typed(experiment_words(experiment)), 116)
    words += [f"Run it with: python {SCRIPT_NAME}    (needs {', '.join(needs)}; --plot draws the losses)"]
    if is_upload(experiment.data):
        words.append("Its data was an upload, which no link holds: in the lab, upload it again.")
    else:
        words += ["In the Learning-Rate Lab it is found after the ? of its address:", short_query(experiment)]
    return "\n".join(f"# {line}" for line in words)
