"""The lab without its pages: experiments, training, theory, diagnosis.

from core import Experiment, train, diagnose; installed, from lrlab
Importing this imports neither torch nor streamlit; `watch`, which is about torch, is imported when it is asked for.
"""

from typing import TYPE_CHECKING, Any

from .data.datasets import DATASETS, Dataset, dataset
from .diagnosis.rules import Diagnosis, diagnose_curve
from .diagnosis.theory import overshoot_limit, stability_limit, textbook_trio
from .diagnosis.verdicts import diagnose
from .experiment.experiment import MAX_LANES, Experiment
from .experiment.fields import Repair
from .experiment.presets import LINE_PRESETS, NETWORK_PRESETS, PRESETS, SCHEDULE_PRESETS, SWEEP_PRESETS
from .instruments.log.run import Log
from .instruments.log.training_log import read_log
from .instruments.own_data.columns import Table, read_table
from .instruments.sweep.sweep import SweepTable, measured_limit, sweep
from .training.history import VIEWS, History
from .training.train import TORCH_MISSING, torch_is_installed, train


def _plot(history: History) -> Any:
    from .export.loss_lines import plot  # here: it brings Altair along, which is half a second

    return plot(history)


def _html(history: History) -> str | None:
    from .export.stage_report import as_html

    return as_html(history)


VIEWS.update(plot=_plot, html=_html)

if TYPE_CHECKING:
    from .export.stage_report import show as show
    from .instruments.watch.watch import watch as watch
else:

    def __getattr__(name: str) -> Any:
        """`show`; `watch`, or ModuleNotFoundError, saying how to install it, where torch is missing."""
        if name == "show":  # here: it brings Altair along, which is half a second
            from .export.stage_report import show

            globals()[name] = show
            return show
        if name != "watch":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        if not torch_is_installed():
            raise ModuleNotFoundError(TORCH_MISSING)
        from .instruments.watch.watch import watch

        globals()[name] = watch
        return watch


__all__ = [
    "DATASETS",
    "LINE_PRESETS",
    "MAX_LANES",
    "NETWORK_PRESETS",
    "PRESETS",
    "SCHEDULE_PRESETS",
    "SWEEP_PRESETS",
    "Dataset",
    "Diagnosis",
    "Experiment",
    "History",
    "Log",
    "Repair",
    "SweepTable",
    "Table",
    "dataset",
    "diagnose",
    "diagnose_curve",
    "measured_limit",
    "overshoot_limit",
    "read_log",
    "read_table",
    "show",
    "stability_limit",
    "sweep",
    "textbook_trio",
    "train",
]
if TYPE_CHECKING or torch_is_installed():  # else `from core import *` would want it
    __all__ += ["watch"]
