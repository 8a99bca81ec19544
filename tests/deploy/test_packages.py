"""The list of licences is complete and true, and an audit without an answer fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from deploy import packages
from deploy.audit import verdict
from tests.deploy.conftest import ROOT

LISTED = dict(
    line.strip("| \n").split(" | ") for line in packages.PAGE.read_text().splitlines() if line.startswith("| ")
)
del LISTED["package"]


def test_the_list_names_every_package_that_is_installed_to_run_the_lab():
    assert set(LISTED) == set(packages.closure())


def test_the_packages_are_those_of_the_requirements_and_what_they_bring():
    pinned = {line.split("==")[0] for line in packages.REQUIREMENTS.read_text().splitlines() if "==" in line}
    assert pinned < set(packages.closure())
    assert {"starlette", "jinja2", "certifi", "numpy"} <= set(packages.closure())
    assert "pytest" not in packages.closure()


@pytest.mark.parametrize("name", LISTED)
def test_nothing_copyleft_slipped_in_beyond_what_is_named(name):
    allowed = packages.PERMISSIVE | {packages.COPYLEFT.get(name)}
    for licence in (LISTED[name], packages.licence(packages.closure()[name])):
        assert packages.terms(licence) and packages.terms(licence) <= allowed


def test_the_single_licences_of_an_expression_are_told_apart():
    assert packages.terms("MIT AND (GPL-3.0-or-later WITH GCC-exception-3.1 OR 0BSD)") == {
        "MIT",
        "GPL-3.0-or-later",
        "GCC-exception-3.1",
        "0BSD",
    }


def answer(**vulnerabilities: list[str] | None) -> str:
    found = [
        {"name": name, "skip_reason": "not found"} if ids is None else {"name": name, "vulns": [{"id": i} for i in ids]}
        for name, ids in vulnerabilities.items()
    ]
    return json.dumps({"dependencies": found, "fixes": []})


def test_a_full_answer_without_a_vulnerability_passes():
    assert verdict(["numpy", "torch"], answer(numpy=[], torch=[])) is None


def test_a_vulnerability_is_named():
    found = verdict(["numpy", "torch"], answer(numpy=[], torch=["PYSEC-2026-1"]))
    assert found == "known vulnerabilities: torch: PYSEC-2026-1."


@pytest.mark.parametrize("said", ["", "no JSON", answer(numpy=[]), answer(numpy=[], torch=None)])
def test_a_package_without_an_answer_fails_the_audit(said):
    assert "gave no answer about" in verdict(["numpy", "torch"], said)


def test_an_audit_that_reaches_nobody_fails_and_says_so():
    """pip-audit itself, behind a proxy that is not there."""
    nobody = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "NO_PROXY": "", "no_proxy": ""}
    run = subprocess.run(
        [sys.executable, "-m", "deploy.audit"], cwd=ROOT, env={**os.environ, **nobody}, capture_output=True, text=True
    )
    assert run.returncode == 1 and run.stdout == ""
    count = len(packages.closure())
    assert f"error: the package index gave no answer about {count} of {count} packages" in run.stderr
    assert "127.0.0.1" in run.stderr.splitlines()[0]
