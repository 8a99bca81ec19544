"""The list of licences is complete, and an audit without an answer fails."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
MAKE = ["make", "--silent", "--old-file=.venv/development"]  # with what is installed here
LISTED = dict(re.findall(r"^\| ([\w.-]+) +\| (.*?) +\|$", (ROOT / "deploy" / "LICENCES.md").read_text(), re.M))
del LISTED["Name"]


@pytest.fixture(scope="module")
def installed() -> set[str]:
    """The names of the packages that run the lab: those of requirements.txt, and what they bring."""
    subprocess.run([*MAKE, ".venv/installed.txt"], cwd=ROOT, check=True)
    lines = (ROOT / ".venv" / "installed.txt").read_text().splitlines()
    return {canonicalize_name(line.split("==")[0]) for line in lines}


def test_what_is_installed_to_run_the_lab_is_what_it_is_pinned_to_and_what_that_brings(installed):
    pinned = set(re.findall(r"^([\w-]+)==", (ROOT / "requirements.txt").read_text(), re.M))
    assert pinned < installed
    assert {"starlette", "jinja2", "certifi", "setuptools"} <= installed and "pytest" not in installed


def test_the_list_names_every_package_that_runs_the_lab(installed):
    assert {canonicalize_name(name) for name in LISTED} == installed


def test_every_licence_is_permissive_but_those_the_page_names():
    permissive = r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation"
    others = {name: licence for name, licence in LISTED.items() if not re.search(permissive, licence)}
    assert others == {"certifi": "Mozilla Public License 2.0 (MPL 2.0)", "vl-convert-python": "UNKNOWN"}
    assert [name for name, licence in LISTED.items() if "GPL" in licence] == []


def test_an_audit_that_reaches_nobody_fails_and_says_so():
    """pip-audit itself, behind a proxy that is not there."""
    nobody = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "NO_PROXY": "", "no_proxy": ""}
    run = subprocess.run([*MAKE, "audit"], cwd=ROOT, env={**os.environ, **nobody}, capture_output=True, text=True)
    assert run.returncode != 0 and "No known vulnerabilities" not in run.stdout + run.stderr
    assert "error: a package has a known vulnerability, or the index gave no answer about it" in run.stderr
