"""The compare page as a warm server runs it, without a browser, and what importing core brings in."""

import json
import logging
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count, cycle
from pathlib import Path
from typing import Any

import torch
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.testing.v1 import AppTest

import core.training.torch_trainer  # noqa: F401  loaded, as on a warm server, so that the page draws its parity receipt
from benchmarks.table import Row, at_most, seconds
from server import stage_files

_RERUNS = 15
_RERUN = 60  # ms
_PAYLOAD = 20  # kB of 1000 bytes
# AppTest has no server behind it; Streamlit says so in a warning that would stand in the table.
logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)


def rows() -> Iterator[Row]:
    """Page rows of the table."""
    torch.set_num_threads(1)
    stage_files.routes()  # as behind the lab's own server: the browser fetches decks by address
    app = AppTest.from_file(Path("pages/frame.py").absolute(), default_timeout=60).run()
    if app.exception:
        raise RuntimeError(f"the page failed: {app.exception[0].value}")
    told = _stage(app).ByteSize()
    new, pins = (0.01 + k / 10_000 for k in count(1)), cycle((("pin", 1.0), ("unpin", 0)))
    rested = _milliseconds(lambda: _tell(app, "rested", [1e-6, next(new), 1.0]))
    pinned = _milliseconds(lambda: _tell(app, *next(pins)))
    yield at_most("compare page rerun, the hand rests at another rate", _RERUN, rested, "ms")
    yield at_most("compare page rerun, a run pinned or unpinned", _RERUN, pinned, "ms")
    yield at_most("what the page tells its stage", _PAYLOAD, told / 1000, "kB")
    yield _import_row()


def _stage(app: AppTest) -> Any:
    (found,) = (each.proto for each in app.get("bidi_component") if each.proto.component_name == "stage")
    return found


def _tell(app: AppTest, event: str, value: object) -> None:
    """Run the page as when its stage has told this."""
    states = app._tree.get_widget_states()
    told = states.widgets.add(id=_make_trigger_id(_stage(app).id, "events"))
    told.json_trigger_value = json.dumps([{"event": event, "value": value}])
    app._run(states)


def _milliseconds(run: Callable[[], object]) -> float:
    """The median time of a run of the page."""
    return 1e3 * statistics.median(seconds(run) for _ in range(_RERUNS))


def _import_row() -> Row:
    look = "import sys, core; print(sorted({'torch', 'streamlit'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout
    clean = loaded.strip() == "[]"
    measured = "no" if clean else loaded.strip()
    return Row(name="importing core imports torch or streamlit", goal="no", measured=measured, reached=clean)
