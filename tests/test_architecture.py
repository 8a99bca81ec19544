"""The rules of the house: who may import whom, and what no file may hold. Read from the source by ast.

Each test looks at every file there is and names all that break its rule.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

# The flow: whatever stands here imports only itself and what stands above it. The folder listings of README.md and
# core/README.md are this list.
FLOW = (
    "core.words",
    "core.data",
    "core.methods",
    "core.experiment",
    "core.training",
    "core.diagnosis",
    "core.drawing",
    "core.stage",
    "core.instruments.sweep",
    "core.instruments.compare",
    "core.instruments.network",
    "core.instruments.range_test",
    "core.instruments.race",
    "core.instruments.maps",
    "core.instruments.schedules",
    "core.instruments.update_rules",
    "core.instruments.self_choosing",
    "core.instruments.trainability",
    "core.instruments.papers",
    "core.instruments.log",
    "core.instruments.own_data",
    "core.instruments.watch",
    "core.story",
    "core.export",
    "core",
    "room",
    "server",
    "pages.session",
    "pages.lecture",
    "pages.widgets",
    "pages.lab",
    "pages.learn",
    "pages.room",
    "pages.frame",
)
TORCH = ("torch_", "watch")  # how a file's name begins that may import torch
PACKAGES = {  # what core may need beyond NumPy, pandas and Arrow, and the files that may
    "altair": ("chart", "lines"),
    "PIL": ("pictures",),
    "matplotlib": ("loss_lines",),
    "nbformat": ("notebook",),
    "segno": ("qr",),
    "vl_convert": ("chart_files", "stage_charts"),
    "openpyxl": ("workbook",),
}
STANDARD = set(sys.stdlib_module_names)


def files(*folders: str) -> list[Path]:
    found = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    assert found, folders
    return found


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def module(path: Path) -> str:
    """core/drawing/charts.py is core.drawing.charts; core/drawing/__init__.py is core.drawing."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module(path): path for path in files("core", "room", "server", "pages")}


def imported(node: ast.AST, path: Path) -> set[str]:
    """Every module that an import statement names, in full; `from core import x` gives core.x where that is one."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if not isinstance(node, ast.ImportFrom):
        return set()
    base = node.module or ""
    if node.level:
        package = ".".join(path.relative_to(ROOT).with_suffix("").parts[: -node.level])
        base = f"{package}.{base}".rstrip(".")
    parts = {f"{base}.{alias.name}" for alias in node.names} & set(MODULES)
    return parts or {base}


def imports(path: Path) -> set[str]:
    """What a file imports, at its top or inside a function."""
    return {found for node in ast.walk(ast.parse(path.read_text())) for found in imported(node, path)}


def packages(path: Path) -> set[str]:
    return {found.split(".")[0] for found in imports(path)}


def place(found: str) -> int:
    """Where a module stands in the flow."""
    return FLOW.index(max((one for one in FLOW if found == one or found.startswith(f"{one}.")), key=len))


def needs_torch(path: Path) -> bool:
    return path.stem.startswith(TORCH)


def test_no_import_runs_against_the_order_of_the_folders():
    assert {"core.training.train", "pages.frame", "server.guard"} <= set(MODULES)
    against = [
        f"{mine} -> {other}"
        for mine, path in MODULES.items()
        for other in imports(path) & set(MODULES)
        if place(other) > place(mine)
    ]
    assert against == []


def test_no_page_of_the_lab_imports_what_is_anothers():
    def folder(one: str) -> str:
        return ".".join(one.split(".")[:3])

    lab = {mine: path for mine, path in MODULES.items() if mine.startswith("pages.lab.")}
    assert {"pages.lab.sweep", "pages.lab.network"} <= {folder(mine) for mine in lab}
    among = [f"{mine} -> {other}" for mine, path in lab.items() for other in imports(path) & set(lab)]
    assert [each for each in among if folder(each.split(" -> ")[0]) != folder(each.split(" -> ")[1])] == []


def test_an_import_against_the_order_would_be_found(tmp_path):
    node = ast.parse("def f():\n    from ..training import train\n    import torch.nn\n")
    found = {one for each in ast.walk(node) for one in imported(each, ROOT / "core" / "data" / "datasets.py")}
    assert found == {"core.training.train", "torch.nn"}
    assert place("core.training.train") > place("core.data.datasets")


def test_no_circle_of_imports_within_a_folder():
    graph = {mine: imports(path) & set(MODULES) for mine, path in MODULES.items()}
    assert graph["core.training.train"] >= {"core.training.numpy_trainer", "core.training.history"}
    assert circle(graph) == []
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


def circle(graph: dict[str, set[str]]) -> list[str]:
    """A way through the graph that comes back to where it began; [] where there is none."""
    done: set[str] = set()

    def visit(node: str, way: list[str]) -> list[str]:
        if node in way:
            return [*way[way.index(node) :], node]
        if node in done:
            return []
        for neighbour in sorted(graph.get(node, ())):
            if found := visit(neighbour, [*way, node]):
                return found
        done.add(node)
        return []

    return next((found for node in graph if (found := visit(node, []))), [])


def test_imports_inside_core_are_relative_so_that_it_installs_under_another_name():
    assert [name(path) for path in files("core") if re.search(r"^\s*(from|import) core\b", code(path), re.M)] == []


def code(path: Path) -> str:
    """The statements of a file, without its texts."""
    tree = ast.parse(path.read_text())
    return "\n".join(ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))


def test_each_file_needs_only_the_packages_it_may():
    def allowed(path: Path) -> set[str]:
        may = {"core", "numpy", "pandas", "pyarrow", *(["torch"] if needs_torch(path) else [])}
        return may | {package for package, stems in PACKAGES.items() if any(stem in path.stem for stem in stems)}

    of = {
        "pages": {"streamlit", "core", "room", "server", "pages"},
        "server": {"streamlit", "starlette", "uvicorn", "google", "core", "room", "server"},
        "room": {"numpy", "altair", "sqlalchemy", "alembic", "starlette", "core", "room"},
    }
    of |= {"deploy": {"deploy"}}
    wrong = [(name(path), packages(path) - allowed(path) - STANDARD) for path in files("core")]
    wrong += [(name(path), packages(path) - may - STANDARD) for folder, may in of.items() for path in files(folder)]
    assert [each for each in wrong if each[1]] == []


def test_what_needs_no_torch_takes_what_does_only_inside_a_function():
    heavy = {module(path) for path in files("core") if needs_torch(path)}
    early = [
        name(path)
        for path in files("core")
        if not needs_torch(path)
        for node in ast.parse(path.read_text()).body
        if imported(node, path) & heavy
    ]
    assert early == []


# Lesson 5 shows their source as it runs: names and formulas say all.
SHOWN = {"halves.loss", "halves.by_hand", "halves.by_finite_differences", "torch_backpropagation.by_autograd"}


def test_every_public_definition_of_core_has_a_docstring():
    missing = {found for path in files("core") for found in undocumented(ast.parse(path.read_text()), path.stem)}
    assert missing == SHOWN
    tree = ast.parse("class A:\n def b(self): ...\nasync def c(): ...\ndef _d(): ...\ndef e():\n 'Docstring.'")
    assert undocumented(tree, "x") == ["x.A", "x.A.b", "x.c"]


def undocumented(tree: ast.Module | ast.ClassDef, inside: str) -> list[str]:
    """Functions and classes without a docstring and without an underscore, of a module or class, and of its classes."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found += [f"{inside}.{node.name}"] * (node.name[0] != "_" and not ast.get_docstring(node))
        if isinstance(node, ast.ClassDef):
            found += undocumented(node, f"{inside}.{node.name}")
    return found


def test_charts_know_columns_and_never_a_history_or_a_trainer():
    drawn = [path for path in files("core") if "chart" in path.stem or path.stem == "lines"]
    assert len(drawn) > 10
    wrong = [
        f"{name(path)} -> {other}"
        for path in drawn
        for other in imports(path) & set(MODULES)
        if not ("chart" in other or other in ("core.words", "core.drawing.axes", "core.drawing.lines"))
    ]
    assert wrong == []


def test_no_file_is_longer_than_can_be_read_at_once():
    def most(path: Path) -> int:
        a_page = path.stem == "page" or path.parent.name == "learn" or path.name == "frame.py"
        return 60 if path.name == "app.py" else 115 if a_page and path.stem not in PARTS_OF_LESSONS else 250

    looked_at = [ROOT / "app.py", *files("pages", "deploy")]
    assert [name(path) for path in looked_at if len(path.read_text().splitlines()) > most(path)] == []


PARTS_OF_LESSONS = ("lesson", "gate", "kept", "quiz", "zigzag", "three_calls", "scale")
EVERYTHING = [ROOT / "app.py", *files("core", "room", "pages", "server", "deploy", "tests", "benchmarks")]


def test_no_file_names_the_machine_it_was_written_on():
    places = [text for one in ("work", "home", "Users", "root") for text in (f'"/{one}/', f"/{one}/shared")]
    assert [
        name(path) for path in EVERYTHING if path != Path(__file__) and any(p in path.read_text() for p in places)
    ] == []


def test_no_test_skips_itself_and_no_error_is_swallowed():
    wrong = []
    for path in EVERYTHING:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in ("skip", "skipif", "importorskip", "xfail"):
                wrong += [f"{name(path)}:{node.lineno} skips"] * ast.unparse(node).startswith("pytest.")
            if isinstance(node, ast.ExceptHandler):
                named = node.type is not None
                catches_all = not named or ast.unparse(node.type) in ("Exception", "BaseException")
                does_nothing = all(isinstance(line, ast.Pass) for line in node.body)
                wrong += [f"{name(path)}:{node.lineno} swallows"] * (not named or (catches_all and does_nothing))
    assert wrong == []
