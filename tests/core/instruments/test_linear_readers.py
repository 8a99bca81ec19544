"""What somebody else sends is read in time and memory in proportion to its size, however it was made."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

from core.instruments import log
from core.instruments.log import training_log
from core.instruments.log.numbers import numbers
from core.instruments.log.text import Unreadable
from core.instruments.log.training_log import read_log
from core.instruments.own_data.cells import read_cells
from core.instruments.own_data.columns import columns_of
from tests.cases import for_each

MODULES = [
    importlib.import_module(found.name)
    for package in (log,)
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
]
PATTERNS = {
    (module.__name__, name): value
    for module in MODULES
    for name, value in vars(module).items()
    if isinstance(value, re.Pattern)
}
# What a pattern may repeat, what may stand before it, and an end that fits none.
REPEATED = [*'1.,;: _-+=eElaA"#\n\té²', "1.", "1,", ",111", ".111", "1e", "lr", "lr ", "lr_", "aA", "loss", "__MIN"]
REPEATED += [" \n", '""', '",', "1 ", "nan", "1.#"]
BEFORE = ["", "lr", '"', "1"]


def seconds(run: Callable[[], object]) -> float:
    """The processor time of the quicker of two runs, which no other process lengthens much."""
    took = []
    for _ in range(2):
        start = time.process_time()
        run()
        took.append(time.process_time() - start)
    return min(took)


def grows_in_proportion(run: Callable[[int], object], size: int, least: float) -> bool:
    """Whether four times the size takes about four times as long, not sixteen; what takes less than `least` does."""
    long = seconds(lambda: run(4 * size))
    return long < least or long < 9 * seconds(lambda: run(size))


def uses(name: str) -> set[str]:
    """How a pattern is used: "fullmatch", "sub" ...; what pandas is given is matched in full."""
    source = "\n".join(Path(module.__file__).read_text() for module in MODULES)
    found = set(re.findall(rf"\b{name}\.(\w+)", source))
    return {"fullmatch" if use == "pattern" else use for use in found}


def apply(pattern: re.Pattern[str], use: str, text: str) -> None:
    if use == "sub":
        pattern.sub("", text)
    else:
        getattr(pattern, use)(text)


@for_each("where", PATTERNS)
def test_every_pattern_takes_time_in_proportion_to_its_text(where):
    pattern, found = PATTERNS[where], uses(where[1])
    assert found, "it is used by none of these modules"
    for use, head, piece in product(found, BEFORE, REPEATED):

        def run(size: int, use: str = use, head: str = head, piece: str = piece) -> None:
            apply(pattern, use, head + piece * (size // len(piece)) + "!")

        assert grows_in_proportion(run, 3000, least=0.03), (use, head, piece)


def test_a_pattern_that_takes_the_square_would_be_found():
    pattern = re.compile(r"(\d+\.?\d*)")
    assert not grows_in_proportion(lambda size: pattern.fullmatch("1" * size + "!"), 800, least=0.03)


REGULAR = {"fullmatch", "match", "contains", "extract", "extractall", "findall", "count", "replace", "split"}


def is_a_hidden_pattern(call: ast.Call) -> bool:
    """Whether a pattern is used that is no constant of its module: re.sub(...), or words given to a pandas method."""
    function = call.func
    if not isinstance(function, ast.Attribute):
        return False
    if isinstance(function.value, ast.Name) and function.value.id == "re":
        return function.attr not in ("compile", "escape")
    if not (isinstance(function.value, ast.Attribute) and function.value.attr == "str" and function.attr in REGULAR):
        return False
    plain = any(word.arg == "regex" and ast.unparse(word.value) == "False" for word in call.keywords)
    return not plain and not (isinstance(call.args[0], ast.Attribute) and call.args[0].attr == "pattern")


@for_each("module", MODULES)
def test_every_pattern_is_a_constant_of_its_module_so_that_its_time_is_held(module):
    tree = ast.parse(Path(module.__file__).read_text())
    hidden = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Call) and is_a_hidden_pattern(node)]
    assert hidden == []
    compiled = sum(ast.unparse(node).startswith("re.compile(") for node in ast.walk(tree) if isinstance(node, ast.Call))
    assert compiled == sum(where[0] == module.__name__ and not imported(tree, where[1]) for where in PATTERNS)


def imported(tree: ast.Module, name: str) -> bool:
    return any(name == one.name for node in tree.body if isinstance(node, ast.ImportFrom) for one in node.names)


def read(content: str) -> object:
    """The content as a log and as a table; a refusal is an answer too."""
    found = []
    for reader in (read_log, lambda text: columns_of(read_cells(text))):
        try:
            found.append(reader(content))
        except Unreadable as refused:
            found.append(str(refused))
    return found


ROW = "step,loss\n0,2\n1,1\n"


@for_each("names", [("run", "step"), ("lr", "step")])
def test_a_column_is_read_as_often_for_many_runs_as_for_two(names, monkeypatch):
    def reads(runs: int) -> int:
        calls: list[object] = []
        monkeypatch.setattr(training_log, "numbers", lambda *given: calls.append(given) or numbers(*given))
        rows = [f"{run + 1},{step},1" for run in range(runs) for step in range(5)]
        assert len(read_log("\n".join([",".join([*names, "loss"]), *rows])).runs) == runs
        return len(calls)

    assert reads(50) == reads(2)


@for_each("first", ["+-5", "++5", "²", "٣", "5²", "--", "+", "1_0"])
def test_what_only_looks_like_a_whole_number_is_none(first):
    assert read(f"{first},1\n1,2\n2,3\n")
