"""make docs: the reference has every public name, and asks nothing of the network."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import core

ROOT = Path(__file__).parents[1]
# What a browser fetches by itself; a link that one may follow is no such thing.
EXTERNAL = r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=['\"]?(?:https?:)?//|@import|url\(['\"]?(?:https?:)?//"


@pytest.fixture(scope="module")
def api(tmp_path_factory) -> Path:
    """The folder of the reference, as make docs writes it."""
    folder = tmp_path_factory.mktemp("api")
    make = ["make", "--silent", "--old-file=.venv/development", "docs", f"API={folder}"]
    done = subprocess.run(make, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


@pytest.mark.slow
def test_the_reference_names_all_that_the_library_offers_and_every_module(api):
    shown = set(re.findall(r'<section id="(\w+)"', (api / "core.html").read_text()))
    assert set(core.__all__) <= shown
    documented = {str(path.relative_to(api).with_suffix("")) for path in api.rglob("*.html")}
    modules = [path.relative_to(ROOT).with_suffix("") for path in (ROOT / "core").rglob("*.py")]
    names = {str(path.parent if path.name == "__init__" else path) for path in modules if path.name[:1] != "_"}
    assert names <= documented


@pytest.mark.slow
def test_the_reference_asks_nothing_of_the_network(api):
    assert re.search(EXTERNAL, '<script async src="https://cdn.jsdelivr.net/npm/mathjax@3"></script>')
    pages = sorted(api.rglob("*.html"))
    assert [page.name for page in pages if re.search(EXTERNAL, page.read_text())] == []
