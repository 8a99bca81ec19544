"""What all tests share."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import settings

# One thread for each process of the tests: two are far slower on arrays this small, and tests run side by side. Said
# before NumPy or PyTorch is imported, which read it once; what tests start inherits it.
os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

# What hypothesis draws is the same in every run, so that what is red once is red again; and no example is timed.
settings.register_profile("the same each time", derandomize=True, deadline=None)
settings.load_profile("the same each time")

_MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def main_is_the_tests_own() -> None:
    """What AppTest ran before is `__main__` no more: a process started by "spawn" would run it again, and end."""
    sys.modules["__main__"] = _MAIN
