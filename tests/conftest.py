"""One thread for each process of the tests: two are far slower on arrays this small, and tests run side by side."""

from __future__ import annotations

import os

# Before NumPy or PyTorch is imported, which read it once; what tests start inherits it.
os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
