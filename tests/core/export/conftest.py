"""Exported scripts are run where nothing of the lab can be found."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

# Runs every folder's script in a process of its own, forked from one that has imported only what a script may, so
# that torch is loaded once, and all of it: a part comes with the first optimizer. What else a script asks for is
# refused, whether it is installed or not.
_DRIVER = """
import os, runpy, sys, traceback

may, folders = sys.argv[1].split(","), sys.argv[2:]
import numpy

if "torch" in may:
    import torch

    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1).step()
for name in ("core", "pages", "pandas", "pyarrow", "altair", "streamlit", "matplotlib"):
    assert name not in sys.modules, name


class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in {*may, *sys.stdlib_module_names}:
            raise ModuleNotFoundError(f"refused: {name}")


sys.meta_path.insert(0, Refuse())
for folder in folders:
    if (child := os.fork()) == 0:
        os.chdir(folder)
        with open("said", "w") as said:
            sys.stdout = sys.stderr = said
            try:
                runpy.run_path("learning_rate_run.py", run_name="__main__")
                print("done")
            except BaseException:
                traceback.print_exc()
        os._exit(0)
    os.waitpid(child, 0)
"""
_MAY_IMPORT = {"numpy": "numpy", "torch": "numpy,torch"}


@pytest.fixture
def run_alone(tmp_path):
    """run_alone(engine, {name: files}) -> {name: what its script said}; it ends with "done" where nothing failed."""

    def run(engine, scripts):
        for name, files in scripts.items():
            (tmp_path / name).mkdir()
            for file, content in files.items():
                (tmp_path / name / file).write_bytes(content)
        driver = tmp_path / "driver.py"
        driver.write_text(_DRIVER)
        empty = tmp_path / "nothing here"
        empty.mkdir()
        folders = [str(tmp_path / name) for name in scripts]
        # -I: neither the folder nor PYTHONPATH is looked into. One thread: a fork copies no others.
        command = [sys.executable, "-I", "-W", "error", str(driver), _MAY_IMPORT[engine], *folders]
        alone = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=empty, env=alone, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return {name: (tmp_path / name / "said").read_text() for name in scripts}

    return run


@pytest.fixture
def ink():
    """ink(png, "#rrggbb") -> how much of a picture's width and of its height something of that colour spans, 0 to 1."""

    def spans(png: bytes, colour: str) -> tuple[float, float]:
        pixels = np.array(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
        wanted = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
        rows, columns = np.nonzero((np.abs(pixels - wanted) < 12).all(axis=2))
        assert rows.size, f"nothing is drawn in {colour}"
        return np.ptp(columns) / pixels.shape[1], np.ptp(rows) / pixels.shape[0]

    return spans
