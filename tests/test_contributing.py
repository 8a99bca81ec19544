"""CONTRIBUTING.md is true: one of each thing, added to a copy in just the files it lists, is picked up."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text()
SECTIONS = dict(re.findall(r"^### (.+)\n((?:(?!^#).*\n)+)", PAGE, re.M))
LISTED = {name: re.findall(r"^- `([^`]+)`: ", text, re.M) for name, text in SECTIONS.items()}
Edit = Callable[[str], str]


def new(text: str) -> Edit:
    """A file with this text, where there was none."""

    def edit(before: str) -> str:
        assert before == ""
        return dedent(text).lstrip("\n")

    return edit


def at_end(text: str) -> Edit:
    return lambda before: before.rstrip("\n") + "\n" + dedent(text)


def put(*pairs: tuple[str, str]) -> Edit:
    """Each text put behind the one place in the file that matches its pattern."""

    def edit(before: str) -> str:
        for pattern, text in pairs:
            (found,) = re.finditer(pattern, before, re.M)
            before = before[: found.end()] + text + before[found.end() :]
        return before

    return edit


ADDED: dict[str, dict[str, Edit]] = {
    "A made data set": {
        "core/data/made_data.py": put(
            (
                r"(?=^class Maker)",
                "def steps(draw: np.random.Generator, noise: float) -> tuple[Array, Array]:\n"
                '    """y = -1 left of 0 and 1 right of it, at 40 even points; noise is added to y."""\n'
                "    x = np.linspace(-1, 1, 40)\n"
                "    return x, np.sign(x) + noise * draw.normal(size=x.size)\n\n\n",
            ),
            (r"^REGRESSION.*\n", '    "steps": Maker("A step", steps, 0.1, "y = -1, then y = 1"),\n'),
        ),
        "tests/core/data/test_made_data.py": at_end("""

            def test_an_added_data_set_is_trained_from_a_link():
                from core import Experiment, dataset, train

                assert abs(dataset("steps", noise=0.0).y).tolist() == [1.0] * 40
                experiment, repairs = Experiment.from_query({"data": ["steps"], "hidden": ["4"], "epochs": ["5"]})
                assert not repairs and train(experiment).experiment.data == "steps"
            """),
    },
    "A measured data set": {
        "core/data/heights.csv": new("father,son\n65,66\n70,69.5\n75,73\n"),
        "core/data/README.md": at_end("| heights.csv | heights of fathers and sons (inch) | 3 | an example | CC0 |\n"),
        "core/data/datasets.py": put(
            (
                r"(?=^_LINES)",
                "def _heights(_: int, __: float) -> Dataset:\n"
                '    x, y = np.loadtxt(_DATA / "heights.csv", delimiter=",", skiprows=1).T.copy()\n'
                '    return _frozen(name="heights", title="Fathers and sons", x=x, y=y, source="CC0")\n\n\n',
            ),
            (r"^_LINES.*\n", '    "heights": _heights,\n'),
        ),
        "tests/core/data/test_datasets.py": at_end("""

            def test_an_added_data_set_has_the_limit_of_its_curvature():
                from core import Experiment, stability_limit

                x = np.column_stack([[65, 70, 75], np.ones(3)])
                curvature = np.linalg.eigvalsh(2 / 3 * x.T @ x)[-1]
                np.testing.assert_allclose(stability_limit(Experiment(data="heights")), 2 / curvature, rtol=1e-9)
            """),
    },
    "An update rule": {
        "core/methods/optimizers.py": put(
            (
                r"(?=^class Memory)",
                "def adamax(gradient: Array, state: Any, learning_rate: Array, momentum: float) -> tuple[Array, Any]:\n"
                '    """Adam with the largest of late in place of the usual size. Source: Kingma and Ba (2015)."""\n'
                "    mean, size, k = (0 * gradient, 0 * gradient, 0) if state is None else state\n"
                "    mean = momentum * mean + (1 - momentum) * gradient\n"
                "    size = np.maximum(0.999 * size, np.abs(gradient) + 1e-8)\n"
                "    k += 1\n"
                "    return -learning_rate / (1 - momentum**k) * mean / size, (mean, size, k)\n\n\n"
                "def adamax_preconditioner(state: Any, momentum: float) -> Array:\n"
                '    """(R, P) what the last step divided each gradient by, beside the learning rate."""\n'
                "    return np.asarray(state[1] * (1 - momentum ** state[2]))\n\n\n",
            ),
            (
                r"^UPDATE_RULES.*\n",
                '    "adamax": Rule("Adamax", adamax, lambda state: Memory(*state[:2]), 0.9, adamax_preconditioner),\n',
            ),
        ),
        "core/training/torch_trainer.py": put(
            (
                r'(?=^        case "adam":)',
                '        case "adamax":\n'
                "            return torch.optim.Adamax(groups, betas=(momentum, 0.999), foreach=False)\n",
            ),
            (
                r"(?=^    \(beta1, beta2\), k)",
                "    if isinstance(optimizer, torch.optim.Adamax):\n"
                '        (beta1, _), k = group["betas"], float(state["step"])\n'
                '        return np.asarray(state["exp_inf"] * (1 - beta1**k))\n',
            ),
        ),
        "core/experiment/described.py": put(
            (
                r"^    match experiment\.optimizer:\n",
                '        case "adamax":\n            return f"{title} (beta1 {experiment.momentum:g}, beta2 0.999)"\n',
            )
        ),
        "core/export/script_torch.py": put(
            (r'(?=^        "adam": )', '        "adamax": f"Adamax(model.parameters(), lr=lr{betas})",\n')
        ),
        "core/diagnosis/theory.py": put((r'^        case "adam"(?=.*:$)', ' | "adamax"')),
        "tests/core/methods/test_optimizers.py": at_end("""

            def test_an_added_rule_is_its_counterpart_in_the_lab_and_in_the_script(tmp_path, monkeypatch):
                import runpy

                from core import Experiment, train
                from core.diagnosis.theory import edge
                from core.experiment.described import experiment_words
                from core.export.script import script

                asked = {"data": "circles", "hidden": (4,), "optimizer": "adamax", "momentum": 0.9, "epochs": 30}
                here = Experiment(learning_rates=(0.01, 0.1), **asked)
                there = Experiment(learning_rates=(0.01, 0.1), engine="torch", **asked)
                np.testing.assert_allclose(train(here).loss, train(there).loss, rtol=1e-9)
                np.testing.assert_allclose(edge(here), 38)
                assert "Adamax (beta1 0.9, beta2 0.999)" in experiment_words(here)
                monkeypatch.chdir(tmp_path)
                for one in (here, there):
                    (tmp_path / "run.py").write_text(script(one))
                    runpy.run_path("run.py")  # the script checks its own numbers
            """),
    },
    "An instrument": {
        "core/instruments/heights/__init__.py": new('"""heights: how high a run ends."""\n'),
        "core/instruments/heights/heights.py": new('''
            """How high a run ends."""

            from ...experiment.experiment import Experiment
            from ...training.train import train


            def heights(experiment: Experiment) -> list[float]:
                """The last loss of each learning rate."""
                return [float(loss) for loss in train(experiment).loss[:, -1]]
            '''),
        "core/instruments/__init__.py": put((r"\bwatch(?=$)", ", heights")),
        "core/README.md": put((r"^watch(?=\.)", ", heights")),
        "pages/lab/heights/page.py": new('''
            """How high a run ends."""

            import streamlit as st

            from core import Experiment
            from core.instruments.heights.heights import heights
            from pages.lecture import share

            share.heading("## Heights")
            st.markdown(f"It ends at {heights(Experiment(learning_rates=(0.01,)))[0]:.2g}.")
            '''),
        "pages/frame.py": put(
            (r"^stepping = \[\n", '    st.Page("lab/heights/page.py", title="Heights", url_path="heights"),\n')
        ),
        "tests/test_architecture.py": put((r'^    "core\.instruments\.watch",\n', '    "core.instruments.heights",\n')),
        "tests/core/instruments/heights/test_heights.py": new("""
            from core import Experiment
            from core.instruments import heights as instrument
            from core.instruments.heights.heights import heights


            def test_a_rate_of_nothing_ends_where_it_began():
                assert instrument.__doc__
                assert abs(heights(Experiment(learning_rates=(1e-12,), epochs=2))[0] - 44) < 1e-6
            """),
        "tests/pages/lab/test_heights_page.py": new("""
            from tests.pages.app import open_page, words


            def test_the_page_opens_and_says_the_height():
                assert "It ends at " in words(open_page("lab/heights/page.py"))
            """),
    },
    "A lesson": {
        "core/story/slopes.py": new('''
            """The slope of a line."""

            from .question import NumberQuestion


            def questions() -> tuple[NumberQuestion]:
                """The lesson's one."""
                ask = "How steep is y = 2x?"
                return (NumberQuestion(key="slopes-two", ask=ask, answer=2.0, outcome="It rises by 2."),)
            '''),
        "pages/learn/slopes.py": new('''
            """A lesson on slopes."""

            import streamlit as st

            from core.story import slopes
            from pages.learn import lesson
            from pages.learn.gate import gate

            with lesson.lesson("slopes"):
                if gate(slopes.questions()[0]):
                    st.markdown("As steep as that.")
            '''),
        "core/story/lessons.py": put(
            (r"^LESSONS = \(\n", '    Lesson(file="slopes", title="Slopes", idea="A slope is a number."),\n')
        ),
        "README.md": put((r"^\|---\|---\|---\|\n(?=\| One step)", "| Slopes | `/slopes` | one number |\n")),
        "tests/core/story/test_slopes.py": new("""
            from core.export.handout import questions


            def test_the_handout_has_the_question_whose_answer_is_the_slope():
                (asked,) = questions("slopes")
                assert asked.judge(2.0).right and not asked.judge(1.0).right
            """),
        "tests/pages/learn/test_slopes_page.py": new("""
            def test_the_page_asks_before_it_shows(open_lesson):
                page = open_lesson("slopes")
                assert page.gates() == ["slopes-two"] and "As steep as that." not in page.said()
                page.answer("slopes-two", 2.0)
                assert "As steep as that." in page.said()
            """),
    },
}


WORDS = PAGE.partition("\n## Words\n")[2].partition("\n## ")[0]


def said(path: Path) -> list[str]:
    """The texts in a file's code, without its docstrings."""
    tree = ast.parse(path.read_text())
    docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, DOCUMENTED)}
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return [text for text in texts if isinstance(text, str) and text not in docs]


DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def test_no_page_says_what_the_table_of_words_says_never_to_say():
    rows = re.findall(r"^\| .* \|$", WORDS, re.M)[1:]
    never = [phrase for row in rows for phrase in re.findall(r'"([^"]+)"', row.split("|")[3])]
    assert len(rows) == 11 and "mean of squares" in never
    unsaid = re.compile("|".join(rf"(?<![\w-]){re.escape(phrase)}\b" for phrase in never), re.I)
    assert unsaid.search("The optimiser, anew.") and not unsaid.search("preset=penguins-standardised")
    files = [path for folder in ("core", "pages") for path in sorted((ROOT / folder).rglob("*.py"))]
    found = [f"{path.relative_to(ROOT)}: {text}" for path in files for text in said(path) if unsaid.search(text)]
    found += [f"README.md: {phrase}" for phrase in unsaid.findall((ROOT / "README.md").read_text())]
    assert found == []


def test_the_files_it_lists_are_those_that_are_touched():
    assert {name: sorted(files) for name, files in LISTED.items()} == {
        name: sorted(files) for name, files in ADDED.items()
    }


@pytest.mark.slow
def test_one_of_each_is_picked_up(tmp_path):
    copy = tmp_path / "lab"
    shutil.copytree(
        ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "node_modules", ".*_cache", "__pycache__", "api")
    )
    for file, edit in [pair for files in ADDED.values() for pair in files.items()]:
        path = copy / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(edit(path.read_text() if path.exists() else ""))
    added = [file for files in ADDED.values() for file in files if re.fullmatch(r"tests/(core|pages)/.*\.py", file)]
    words = " or ".join(["added", "test_heights", "test_slopes", "test_architecture", "lesson", "folders", "folder_of"])
    tests = [*added, "tests/test_architecture.py", "tests/test_readme.py"]
    run = [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "-k", words, *tests]
    done = subprocess.run(run, cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
