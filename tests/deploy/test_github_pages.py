"""The recipe for GitHub Pages: it builds what `make site` builds, from what is pinned, and publishes that folder."""

from __future__ import annotations

import re
import subprocess

import yaml

from core.export.site_index import HOME
from tests.deploy.conftest import ROOT

RECIPE = yaml.safe_load((ROOT / "deploy" / "github-pages.yml").read_text())
BUILD, DEPLOY = RECIPE["jobs"]["build"], RECIPE["jobs"]["deploy"]
COMMANDS = [step["run"] for step in BUILD["steps"] if "run" in step]
USED = {step["uses"].partition("@")[0]: step.get("with", {}) for step in BUILD["steps"] if "uses" in step}


def test_it_publishes_the_folder_that_it_builds_as_make_does() -> None:
    (command,) = [command for command in COMMANDS if "core.export.site" in command]
    made = subprocess.run(["make", "--dry-run", "site"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert command.removeprefix("python ") in made
    assert USED["actions/upload-pages-artifact"]["path"] == command.split()[-1]
    assert HOME == "index.html"  # which a web server shows first


def test_it_installs_what_is_pinned_as_the_container_does() -> None:
    container = (ROOT / "deploy" / "Dockerfile").read_text().replace(" --no-cache-dir", "")
    installing = [command for command in COMMANDS if command.startswith("pip install")]
    assert len(installing) == 2
    assert [command for command in installing if command not in container] == []


def test_only_the_job_that_publishes_may_write_and_only_pages() -> None:
    assert RECIPE["permissions"] == {"contents": "read"} and "permissions" not in BUILD
    assert DEPLOY["permissions"] == {"pages": "write", "id-token": "write"} and DEPLOY["needs"] == "build"


def test_its_python_is_one_that_the_lab_runs_on() -> None:
    (least,) = re.findall(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text())
    assert USED["actions/setup-python"]["python-version"] == least
