"""`import core` is light, and gives the names that are promised."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import core

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "statement",
    [
        "import core",
        "import core.drawing.frames, core.instruments.compare.ruler, core.export.script, core.training.parity",
    ],
)
def test_importing_core_imports_neither_torch_nor_streamlit_nor_altair(statement):
    code = f"{statement}\nimport sys\nprint(sorted({{'torch', 'streamlit', 'altair', 'sklearn'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_promised_names_are_there():
    promised = {
        "Experiment",
        "History",
        "Diagnosis",
        "train",
        "diagnose",
        "diagnose_curve",
        "stability_limit",
        "dataset",
        "sweep",
    }
    assert promised <= set(core.__all__)
    assert all(hasattr(core, name) for name in core.__all__)
