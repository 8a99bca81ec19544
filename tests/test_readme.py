"""What the README says works: its Python runs, its commands and files exist, its numbers are true."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import pytest
from PIL import Image

from core.experiment.experiment import FIELDS
from core.experiment.fields import Field
from core.story.lessons import BEGAN, LESSONS
from pages.session.link_words import EXPERIMENT_PAGES, WORDS
from tests.test_architecture import FLOW

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
CORE_README = (ROOT / "core" / "README.md").read_text()


def test_the_python_in_the_readme_runs_and_prints_the_three_verdicts():
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "0.0845240525" in run.stdout
    for title in ("Too slow", "Learns slowly", "Diverged"):
        assert title in run.stdout


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_the_sweep_on_every_core_runs_as_it_stands_however_workers_are_started(method, tmp_path):
    (code,) = [code for code in re.findall(r"```py\n(.*?)```", README, re.S) if "ProcessPoolExecutor" in code]
    guard = 'if __name__ == "__main__":'
    started = f'import multiprocessing\n\n{guard}\n    multiprocessing.set_start_method("{method}")\n\n{guard}'
    (tmp_path / "sweep_rates.py").write_text(code.replace(guard, started).replace("epochs=3000", "epochs=30"))
    command = [sys.executable, "-W", "error", "sweep_rates.py"]
    here = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, cwd=tmp_path, env=here, capture_output=True, text=True, check=False)
    assert run.returncode == 0 and run.stdout.startswith("best learning rate: "), run.stderr


_SEQUENCES = """
import numpy as np

from core import Experiment, sweep, watch

experiment = Experiment(learning_rates=[0.1], hidden=[3], start=[1.0, 2.0])
sweep(experiment, np.geomspace(0.1, 1, 3), seeds=np.arange(2))
sweep(experiment, [0.1, 0.2], seeds=range(2))
rates = np.geomspace(0.1, 1, 3)
print(lambda model, loss, data: watch(model, loss, data, rates))
"""


def test_the_python_in_the_readme_has_types_that_fit(tmp_path):
    for k, code in enumerate(re.findall(r"```py(?:thon)?\n(.*?)```", README, re.S)):
        (tmp_path / f"example_{k}.py").write_text(code)
    (tmp_path / "sequences.py").write_text(_SEQUENCES)
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent", str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("target", sorted(set(re.findall(r"^    make ([\w-]+)", README, re.M))))
def test_every_make_target_of_the_readme_exists(target):
    subprocess.run(["make", "--dry-run", "--always-make", target], cwd=ROOT, capture_output=True, check=True)


@pytest.mark.parametrize("link", re.findall(r"\]\(((?!http)[^)]+)\)", README))
def test_every_file_the_readme_links_to_exists(link):
    assert (ROOT / link).exists()


def test_every_file_the_core_readme_names_exists():
    named = set(re.findall(r"`((?:\w+/)*\w+\.(?:py|md))`", CORE_README))
    assert "drawing/frames.py" in named
    assert [name for name in named if not ((ROOT / "core" / name).exists() or (ROOT / name).exists())] == []


def test_the_listing_of_folders_is_the_flow():
    here = [place.removeprefix("core.") for place in FLOW if place.startswith("core.") and "instruments." not in place]
    listed = re.findall(r"^\| `(\w+)(?:/|\.py)` \|", CORE_README, re.M)
    assert listed == [*here[:8], "instruments", *here[8:], "__main__"]
    instruments = [place.rpartition(".")[2] for place in FLOW if "instruments." in place]
    assert re.search(r"below it:\s+" + r",\s+".join(instruments) + r"\.", CORE_README)
    assert {path.parent.name for path in (ROOT / "core" / "instruments").glob("*/__init__.py")} == set(instruments)


def test_the_row_of_the_pages_names_their_folders_in_the_order_of_the_flow():
    (row,) = re.findall(r"^\| `pages/` \|(.*)", README, re.M)
    here = [place.removeprefix("pages.") for place in FLOW if place.startswith("pages.")]
    assert re.findall(r"`(\w+)(?:/|\.py)`", row) == here


def test_every_folder_of_core_names_its_modules():
    missing = []
    for folder in sorted(path.parent for path in (ROOT / "core").rglob("__init__.py") if path.parent.name != "core"):
        account = re.findall(r"\w+", (folder / "__init__.py").read_text())
        modules = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
        if folder.name == "story":  # its account names the rule: a module a lesson, its charts, its PyTorch
            lessons = {path.stem for path in (ROOT / "pages" / "learn").glob("*.py")}
            modules -= lessons | {stem for stem in modules if "_chart" in stem or stem.startswith("torch_")}
        missing += [f"{folder.name}: {stem}" for stem in sorted(modules - set(account) - {"__init__", "charts"})]
    assert missing == []


def in_words(fields: Iterable[Field], limits: bool = True) -> str:
    """Words of a link as the README lists them."""
    return ", ".join(f"`{field.in_link}`" + f" ({field.allowed_text()})" * limits for field in fields)


def test_the_readme_lists_every_word_of_a_link_with_its_pages_and_what_it_may_be():
    pages = ", ".join(f"`/{page}`" for page in EXPERIMENT_PAGES)
    wanted = [f"{pages}: {in_words(FIELDS, limits=False)}, `v` (1)"]
    for of, words in groupby(WORDS.values(), key=lambda word: word.pages):
        head = ", ".join(f"`/{page}`" for page in of) or "Every page"
        wanted.append(f"{head}: {in_words(word.field for word in words)}")
    section = README.partition("## What a link can say")[2].partition("\n## ")[0]
    listed = [" ".join(row.split()) for row in re.split(r"^- ", section.partition("\n- ")[2], flags=re.M)]
    assert listed == wanted


def test_the_screenshot_is_of_the_first_screen_at_projector_width():
    with Image.open(ROOT / "docs" / "screenshot.png") as picture:
        assert picture.width == 1440


def test_the_readme_names_every_lesson_with_its_link():
    for lesson in LESSONS:
        assert f"| {lesson.title} | `/{lesson.url}` |" in README


def test_the_readme_says_which_article_the_lab_began_from_in_the_words_of_the_first_page():
    assert BEGAN in " ".join(README.split())


def test_torch_is_pinned_exactly_and_so_is_all_the_rest():
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and line[0] != "#"]
    assert "torch==2.13.0" in lines
    assert all(re.fullmatch(r"[a-z-]+==[\d.]+", line) for line in lines)
