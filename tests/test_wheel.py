"""The library as it is installed: the wheel holds core as lrlab, and runs without PyTorch and without the app."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINNED = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "requirements.txt").read_text(), re.M))
# What imports every module that a machine without PyTorch can have.
IMPORT_ALL = """
import importlib, pkgutil, lrlab
torch = ("torch_", "watch", "sharpness")
names = [module.name for module in pkgutil.walk_packages(lrlab.__path__, "lrlab.")]
taken = [name for name in names if not name.endswith("__main__") and not name.rpartition(".")[2].startswith(torch)]
for name in taken:
    importlib.import_module(name)
print(len(taken))
"""
# What looks a module or a source up by its name, under the name NAME.
BY_NAME = """
from NAME import Experiment
from NAME.export.handout import questions
from NAME.export.script import script
print([question.key for question in questions("fog")])
print(script(Experiment(data="circles", hidden=(4,), optimizer="adam", schedule="cosine", epochs=20)))
"""


def test_what_the_app_is_pinned_to_is_what_the_library_asks_for():
    extras = PROJECT["optional-dependencies"]
    asked = [*map(Requirement, [*PROJECT["dependencies"], *extras["torch"], *extras["app"]])]
    assert {requirement.name for requirement in asked} == set(PINNED)
    assert [str(each) for each in asked if not each.specifier.contains(PINNED[each.name])] == []


def test_the_changes_begin_with_the_version_that_is_built():
    versions = re.findall(r"^## (.*) - (\d{4}-\d\d-\d\d)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert versions[0][0] == PROJECT["version"]
    assert [day for _, day in versions] == sorted((day for _, day in versions), reverse=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built as `pip install .` builds it, with what this environment has."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, capture_output=True, text=True, check=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def fresh(wheel, tmp_path_factory) -> Path:
    """bin/ of an environment that has the wheel and what it asks for, in the versions the app is pinned to."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=True)
    install = ["install", "--quiet", "--disable-pip-version-check", "-c", str(ROOT / "requirements.txt"), str(wheel)]
    subprocess.run([folder / "bin" / "python", "-m", "pip", *install], capture_output=True, text=True, check=True)
    return folder / "bin"


def run(fresh: Path, program: str, *arguments: str) -> str:
    """What it prints, run outside the checkout."""
    done = subprocess.run([fresh / program, *arguments], cwd=fresh, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_wheel_holds_core_as_lrlab_and_nothing_else(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    of_core = {path.relative_to(ROOT / "core") for path in (ROOT / "core").rglob("*") if path.is_file()}
    expected = {f"lrlab/{path}" for path in of_core if "__pycache__" not in path.parts}
    assert {name for name in held if ".dist-info/" not in name} == expected
    assert f"learning_rate_lab-{PROJECT['version']}.dist-info/licenses/LICENSE" in held


@pytest.mark.slow
def test_without_torch_and_streamlit_the_readmes_example_runs(fresh):
    find = "from importlib.util import find_spec; print([name for name in ('torch', 'streamlit') if find_spec(name)])"
    assert run(fresh, "python", "-c", find) == "[]\n"
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    told = run(fresh, "python", "-c", code.replace("from core import", "from lrlab import"))
    assert "0.0845240525" in told
    assert [title for title in ("Too slow", "Learns slowly", "Diverged") if title not in told] == []


@pytest.mark.slow
def test_all_that_needs_no_torch_can_be_imported(fresh):
    assert int(run(fresh, "python", "-W", "error", "-c", IMPORT_ALL)) > 100


@pytest.mark.slow
def test_what_is_looked_up_by_name_is_found_under_either(fresh):
    here = subprocess.run(
        [sys.executable, "-c", BY_NAME.replace("NAME", "core")], cwd=ROOT, capture_output=True, text=True
    )
    assert here.returncode == 0 and "fog-" in here.stdout and "adam" in here.stdout
    assert run(fresh, "python", "-c", BY_NAME.replace("NAME", "lrlab")) == here.stdout


@pytest.mark.slow
def test_lrlab_trains_what_a_link_says_and_calls_itself_by_its_name(fresh):
    told = run(fresh, "lrlab", "lr=0.01&data=penguins")
    assert "Diverged" in told and "Stability limit" in told
    helped = run(fresh, "lrlab", "--help")
    assert helped.startswith("usage: lrlab ") and "  lrlab lr=0.01" in helped and "python -m" not in helped
    assert "usage: lrlab " in run(fresh, "python", "-m", "lrlab", "--help")
