"""What somebody else sends is read in time and memory in proportion to its size, however it was made."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
import tracemalloc
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from hypothesis import strategies as st

from core.instruments import log, own_data
from core.instruments.log import records
from core.instruments.log.numbers import numbers
from core.instruments.log.text import Unreadable
from core.instruments.log.training_log import read_log
from core.instruments.own_data.choice import plain_names
from core.instruments.own_data.columns import read_table
from tests.cases import drawn, for_each

MODULES = [
    importlib.import_module(found.name)
    for package in (log, own_data)
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
    for reader in (read_log, read_table):
        try:
            found.append(reader(content))
        except Unreadable as refused:
            found.append(str(refused))
    return found


ROW = "step,loss\n0,2\n1,1\n"
GROWING = {
    "digits in a name": (lambda n: "1" * n + "x,b\n1,2\n", 3_000),
    "blank lines first": (lambda n: "\n" * n + ROW, 50_000),
    "lines of blanks first": (lambda n: " \n" * n + ROW, 50_000),
    "comments first": (lambda n: "#\n" * n + ROW, 50_000),
    "one blank line first": (lambda n: " " * n + "\n" + ROW, 100_000),
    "commas": (lambda n: ROW + "," * n + "\n1,2\n", 100_000),
    "commas first": (lambda n: "," * n + "\n1,2\n", 100_000),
    "quotation marks": (lambda n: '"' * n + "\n1,2\n", 30_000),
    "quoted cells": (lambda n: '"12",' * n + "\n1,2\n", 30_000),
    "numbers in a line": (lambda n: "12 " * n + "\n1 2\n", 30_000),
    "a long number": (lambda n: ROW + "2," + "1" * n + "\n", 30_000),
    "lines alike": (lambda n: "step 1: loss 2 a b 1 c 2.5e3 d\n" * n, 3_000),
    "long lines alike": (lambda n: ("loss 1 " + "a 2 " * (n // 3_000) + "\n") * 3_000, 9_000),
    "a long word": (lambda n: ROW + "2," + "é" * n + "\n", 30_000),
}


@for_each("name", GROWING)
def test_a_log_or_table_takes_time_in_proportion_to_its_size(name):
    make, size = GROWING[name]
    assert grows_in_proportion(lambda many: read(make(many)), size, least=0.15)


@for_each("names", [("run", "step"), ("lr", "step")])
def test_a_column_is_read_as_often_for_many_runs_as_for_two(names, monkeypatch):
    def reads(runs: int) -> int:
        calls: list[object] = []
        monkeypatch.setattr(records, "numbers", lambda *given: calls.append(given) or numbers(*given))
        rows = [f"{run + 1},{step},1" for run in range(runs) for step in range(5)]
        assert len(read_log("\n".join([",".join([*names, "loss"]), *rows])).runs) == runs
        return len(calls)

    assert reads(50) == reads(2)


WIDE = {  # in MB, an array with room everywhere for the longest word or row: 130, 160, 800
    "a long word": "x,y\n" + "a" * 131_000 + ",1\n" + "1,2\n" * 250,
    "a long row": "x,y\n" + "1,2\n" * 200 + "1" + "," * 100_000 + "\n",
    "short rows": ",".join(["loss"] * 5_000) + "\n" + "1,2\n" * 20_000,
}


@for_each("name", WIDE)
def test_one_long_cell_or_row_makes_no_large_table(name):
    tracemalloc.start()
    read(WIDE[name])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 15_000_000, f"{peak:,}"


@for_each("first", ["+-5", "++5", "²", "٣", "5²", "--", "+", "1_0"])
def test_what_only_looks_like_a_whole_number_is_none(first):
    assert read(f"{first},1\n1,2\n2,3\n")


def test_accents_without_end_on_a_name_are_cut():
    assert grows_in_proportion(lambda many: plain_names(["a" + "\u0323\u0301" * many]), 10_000, least=0.03)


CELLS = st.text(st.sampled_from("0123456789.,;:+-eE\"'=#_ \t\nlr²٣é\u0301\x0b\xa0\x85"), max_size=12)
WORDS = st.sampled_from(
    ["loss", "lr=", "step", "run", "nan", "1e999", "-inf", "a - loss", "1,234", '"', "\r", "\ufeff"]
)
NASTY = st.tuples(st.lists(st.one_of(CELLS, WORDS), max_size=24), st.sampled_from([",", ";", "\t", " ", "\n", ""])).map(
    lambda both: both[1].join(both[0])
)


@drawn(60, 3_000, text=NASTY)
def test_any_text_is_read_or_refused_in_a_sentence(text):
    for found in read(text):
        if isinstance(found, str):
            assert found.endswith(".")
            assert "\n" not in found


@pytest.mark.slow
@for_each(
    "make",
    [
        lambda: "1" * 131_000 + "x,b\n1,2\n",
        lambda: "\n" * 2_000_000 + ROW,
        lambda: "run,step,loss\n" + "".join(f"r{k},{i},1\n" for k in range(1_000) for i in range(1_500)),
        lambda: "x,y\n" + "a" * 131_000 + ",1\n" + "1,2\n" * 19_999,
        lambda: "x,y\n" + "1,2\n" * 300 + "1" + "," * 1_900_000 + "\n",
    ],
)
def test_the_largest_of_these_are_read_in_seconds(make):
    content = make()
    assert seconds(lambda: read(content)) < 30
