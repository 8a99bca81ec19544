"""What the README says works: its Python runs, its commands and files exist, its numbers are true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from pages.lesson import LESSONS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
CORE_README = (ROOT / "core" / "README.md").read_text()


def test_the_python_in_the_readme_runs_and_prints_the_three_verdicts():
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "0.0845240525" in run.stdout
    for title in ("Too slow", "Good", "Diverged"):
        assert title in run.stdout


@pytest.mark.parametrize("target", sorted(set(re.findall(r"^    make (\w+)", README, re.M))))
def test_every_make_target_of_the_readme_exists(target):
    subprocess.run(["make", "--dry-run", "--always-make", target], cwd=ROOT, capture_output=True, check=True)


@pytest.mark.parametrize("link", re.findall(r"\]\(((?!http)[^)]+)\)", README))
def test_every_file_the_readme_links_to_exists(link):
    assert (ROOT / link).exists()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\b(\w+\.py)\b", CORE_README)) - {"controls.py"}))
def test_every_module_the_core_readme_names_exists(name):
    assert (ROOT / "core" / name).exists() or (ROOT / "tests" / name).exists()


def test_the_core_readme_names_every_module():
    modules = {path.name for path in (ROOT / "core").glob("*.py")} - {"__init__.py"}
    assert modules <= set(re.findall(r"\b(\w+\.py)\b", CORE_README))


FOLDERS = sorted(path.parent for path in (ROOT / "core").glob("*/__init__.py"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_core_readme_names_every_folder_and_the_folder_its_modules(folder):
    assert f"| `{folder.name}/` |" in CORE_README
    account = (folder / "__init__.py").read_text()
    of_a_lesson = {path.stem for path in (ROOT / "pages" / "learn").glob("*.py")}
    named_by_rule = {path.stem for path in folder.glob("*.py") if folder.name == "story" and "_chart" in path.stem}
    named_by_rule |= {path.stem for path in folder.glob("torch_*.py")} | of_a_lesson | {"__init__"}
    missing = {path.stem for path in folder.glob("*.py")} - named_by_rule - set(re.findall(r"\w+", account))
    assert not missing


def test_the_screenshot_is_of_the_first_screen_at_projector_width():
    with Image.open(ROOT / "docs" / "screenshot.png") as picture:
        assert picture.width == 1440


def test_the_readme_names_every_lesson_with_its_link():
    for lesson in LESSONS:
        assert f"| {lesson.title} | `/{lesson.url}` |" in README


def test_torch_is_pinned_exactly_and_so_is_all_the_rest():
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and line[0] != "#"]
    assert "torch==2.13.0" in lines
    assert all(re.fullmatch(r"[a-z-]+==[\d.]+", line) for line in lines)
