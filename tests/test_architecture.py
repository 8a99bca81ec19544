"""The rules of the house: who may import whom, and what no file may hold. Read from the source by ast."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = sorted((ROOT / "core").rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))
SERVER = sorted((ROOT / "server").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
DEPLOY = sorted((ROOT / "deploy").rglob("*.py"))
BENCHMARKS = sorted((ROOT / "benchmarks").rglob("*.py"))
OURS = [ROOT / "app.py", *CORE, *PAGES, *SERVER, *DEPLOY, *TESTS, *BENCHMARKS]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


each_core_file = pytest.mark.parametrize("path", CORE, ids=name_of)
each_page = pytest.mark.parametrize("path", PAGES, ids=name_of)
each_file = pytest.mark.parametrize("path", OURS, ids=name_of)


def imports(source: str) -> set[str]:
    """Every module a source text imports, at its top or inside a function; `from core import x` gives core.x too."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found.add(node.module)
            if node.module.split(".")[0] in ("core", "pages", "server"):
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def packages(path: Path) -> set[str]:
    return {module.split(".")[0] for module in imports(path.read_text())}


def dotted(path: Path) -> str:
    """core/story/one_step.py is story.one_step."""
    return ".".join(path.relative_to(ROOT / "core").with_suffix("").parts)


def needs_torch(path: Path) -> bool:
    return path.stem.startswith("torch_") or path.stem == "sharpness"


def core_graph() -> dict[str, set[str]]:
    """Module name -> the modules of core it imports."""
    names = {dotted(path): path for path in CORE}
    return {
        name: {module.removeprefix("core.") for module in imports(path.read_text())} & set(names)
        for name, path in names.items()
    }


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


def test_there_is_something_to_look_at():
    assert {path.stem for path in CORE} >= {"experiment", "training", "charts", "torch_trainer"}
    assert {path.stem for path in PAGES} >= {"frame", "controls", "compare"}
    assert {path.stem for path in SERVER} >= {"guard", "settings"}


def test_imports_inside_functions_and_of_names_are_seen():
    source = "def f():\n    import torch.nn\n    from core import charts\n    from numpy import array\n"
    assert imports(source) == {"torch.nn", "core", "core.charts", "numpy"}


@each_core_file
def test_core_never_imports_streamlit_or_a_page(path):
    assert not packages(path) & {"streamlit", "pages", "app"}


@each_core_file
def test_only_modules_named_after_torch_import_it(path):
    if not needs_torch(path):
        assert "torch" not in packages(path)


@pytest.mark.parametrize("path", [path for path in CORE if not needs_torch(path)], ids=name_of)
def test_what_needs_no_torch_takes_what_does_only_inside_a_function(path):
    top = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {module for node in top for module in imports(ast.unparse(node))}
    assert not modules & {f"core.{dotted(other)}" for other in CORE if needs_torch(other)}


@each_core_file
def test_core_needs_nothing_beyond_its_requirements(path):
    allowed = {"core", "numpy", "pandas", "pyarrow", "torch"}
    allowed |= {"altair"} if "chart" in path.stem else {"PIL"} if "pictures" in path.stem else set()
    allowed |= {"nbformat"} if dotted(path) == "export.notebook" else set()
    allowed |= {"segno"} if dotted(path) == "export.qr" else set()
    allowed |= {"vl_convert"} if path.stem == "chart_files" else set()
    allowed |= {"openpyxl"} if path.stem == "workbook" else set()
    assert packages(path) <= allowed | set(sys.stdlib_module_names)


def test_charts_know_columns_and_never_a_history_or_a_trainer():
    for path in (path for path in CORE if "chart" in path.stem):
        ours = {module for module in imports(path.read_text()) if module.startswith("core.")}
        assert all("chart" in module or module.startswith("core.words") for module in ours), path.name


@each_page
def test_pages_import_only_streamlit_core_pages_and_the_standard_library(path):
    assert packages(path) <= {"streamlit", "core", "pages"} | set(sys.stdlib_module_names)


@pytest.mark.parametrize("path", SERVER, ids=name_of)
def test_the_server_knows_core_and_no_page(path):
    allowed = {"streamlit", "starlette", "google", "core", "server"}  # google.protobuf: what a websocket says
    assert packages(path) <= allowed | set(sys.stdlib_module_names)


@pytest.mark.parametrize("path", DEPLOY, ids=name_of)
def test_what_serves_the_app_needs_the_standard_library_only_and_has_at_most_250_lines(path):
    reads_packages = {"packaging"} if path.stem in ("packages", "audit") else set()
    assert packages(path) <= {"deploy"} | reads_packages | set(sys.stdlib_module_names)
    assert len(path.read_text().splitlines()) <= 250


def test_no_circle_of_imports_within_core():
    graph = core_graph()
    assert graph["training"] >= {"numpy_trainer", "torch_trainer", "history"}
    assert circle(graph) == []


def test_a_circle_would_be_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_what_is_below_training_does_not_know_it():
    graph = core_graph()
    for module in ("datasets", "fields", "experiment", "optimizers", "schedules", "problems", "theory"):
        assert not graph[module] & {"training", "numpy_trainer", "torch_trainer", "history", "rates.sweep", "frames"}


@each_page
def test_a_page_has_at_most_100_lines_and_a_building_block_250(path):
    a_page = path.parent.name in ("lab", "learn") or path.name == "frame.py"
    assert len(path.read_text().splitlines()) <= (100 if a_page else 250)


def test_app_has_at_most_60_lines():
    assert len((ROOT / "app.py").read_text().splitlines()) <= 60


@each_file
def test_no_file_names_the_machine_it_was_written_on(path):
    text = path.read_text()
    for place in ("work", "home", "Users", "root"):
        assert f'"/{place}/' not in text
        assert f"/{place}/shared" not in text


@each_file
def test_no_test_skips_itself_and_no_error_is_swallowed(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            skips = node.attr in ("skip", "skipif", "importorskip", "xfail")
            assert not (skips and ast.unparse(node).startswith("pytest."))
        if isinstance(node, ast.ExceptHandler):
            catches_all = node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
            does_nothing = all(isinstance(line, ast.Pass) for line in node.body)
            assert not (catches_all and does_nothing), f"line {node.lineno}"
            assert node.type is not None, f"line {node.lineno}: name what is caught"
