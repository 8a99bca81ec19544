"""The compare page as a warm server runs it, without a browser, and what importing core brings in."""

import logging
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count, cycle
from pathlib import Path

import torch
from streamlit.testing.v1 import AppTest

import core.training.torch_trainer  # noqa: F401  loaded, as on a warm server, so that the page draws its parity receipt
from benchmarks.table import Row, at_most, seconds

_RERUNS = 15
_UNCACHED, _CACHED = 150, 60  # ms
_PAYLOAD = 120  # kB of 1000 bytes
# AppTest has no server behind it; Streamlit says so in a warning that would stand in the table.
logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)


def rows() -> Iterator[Row]:
    """Page rows of the table."""
    torch.set_num_threads(1)
    app = AppTest.from_file(Path("pages/frame.py").absolute(), default_timeout=60).run()
    if app.exception:
        raise RuntimeError(f"the page failed: {app.exception[0].value}")
    charts = [element.proto.ByteSize() for element in app.get("vega_lite_chart")]
    new, known, lanes = (0.01 + k / 10_000 for k in count(1)), cycle((0.02, 0.03)), cycle((0, 2))
    for rate in (0.02, 0.03):
        _set_rate(app, rate)
        app.run()
    uncached = _milliseconds(app, lambda: _set_rate(app, next(new)))
    cached = _milliseconds(app, lambda: _set_rate(app, next(known)))
    other = _milliseconds(app, lambda: app.segmented_control(key="ruler-lane").set_value(next(lanes)))
    yield at_most("compare page rerun, a learning rate never seen", _UNCACHED, uncached, "ms")
    yield at_most("compare page rerun, a learning rate seen before", _CACHED, cached, "ms")
    yield at_most("compare page rerun, another widget", _CACHED, other, "ms")
    yield at_most("chart payload of the page", _PAYLOAD, sum(charts) / 1000, "kB", f"{len(charts)} charts")
    yield _import_row()


def _set_rate(app: AppTest, rate: float) -> object:
    return app.number_input(key="lr-1").set_value(rate)


def _milliseconds(app: AppTest, change: Callable[[], object]) -> float:
    """The median script time after a change."""
    times = []
    for _ in range(_RERUNS):
        change()
        times.append(seconds(app.run))
    return 1e3 * statistics.median(times)


def _import_row() -> Row:
    look = "import sys, core; print(sorted({'torch', 'streamlit'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout
    clean = loaded.strip() == "[]"
    measured = "no" if clean else loaded.strip()
    return Row(name="importing core imports torch or streamlit", goal="no", measured=measured, reached=clean)
