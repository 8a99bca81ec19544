"""The lab without its pages: experiments, training, theory, diagnosis.

from core import Experiment, train, diagnose
Importing this imports neither torch nor streamlit.
"""

from core.datasets import DATASETS, Dataset, dataset
from core.diagnosis import Diagnosis, diagnose_curve
from core.experiment import MAX_LANES, Experiment
from core.fields import Repair
from core.history import History
from core.presets import NETWORK_PRESETS, PRESETS, SWEEP_PRESETS
from core.rates.sweep import SweepTable, measured_limit, sweep
from core.theory import overshoot_limit, stability_limit, textbook_trio
from core.training import train
from core.verdicts import diagnose

__all__ = [
    "DATASETS",
    "MAX_LANES",
    "NETWORK_PRESETS",
    "PRESETS",
    "SWEEP_PRESETS",
    "Dataset",
    "Diagnosis",
    "Experiment",
    "History",
    "Repair",
    "SweepTable",
    "dataset",
    "diagnose",
    "diagnose_curve",
    "measured_limit",
    "overshoot_limit",
    "stability_limit",
    "sweep",
    "textbook_trio",
    "train",
]
