"""The zip of everything, unpacked and opened by what opens its files."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pandas as pd
import pytest
from PIL import Image

from core import Experiment, train
from core.diagnosis.verdicts import diagnose
from core.experiment.described import what_ran
from core.export.everything import everything
from core.export.experiment_json import from_json
from core.export.network_drawings import drawings
from core.instruments.network.scene import network_scene

NETWORK = Experiment(data="digits", hidden=(4,), learning_rates=(0.01, 0.5), epochs=3, test_share=0.2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip of a network's run, unpacked."""
    charts = drawings(network_scene(train(NETWORK)))
    made = everything("lab", charts, what_ran(NETWORK), NETWORK)
    into = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None
        archive.extractall(into)
    assert [path.name for path in into.iterdir()] == ["lab"], "all of it lies in one folder"
    return into / "lab"


def test_every_chart_is_there_as_png_and_svg_named_light_or_dark_and_drawn_so(folder):
    names = sorted(path.name for path in (folder / "pictures").iterdir())
    stems = {re.sub(r"-(light|dark)\.(png|svg)$", "", name) for name in names}
    assert names == sorted(
        f"{stem}-{theme}.{form}" for stem in stems for theme in ("light", "dark") for form in ("png", "svg")
    )
    assert {"losses", "view-0", "loss-1", "over-accuracy"} <= stems
    for stem in stems:
        corners = {}
        for theme in ("light", "dark"):
            with Image.open(folder / "pictures" / f"{stem}-{theme}.png") as image:
                corners[theme] = sum(image.convert("RGB").getpixel((2, 2)))
            svg = ElementTree.parse(folder / "pictures" / f"{stem}-{theme}.svg")
            said = " ".join("".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text"))
            assert "network 64–4–10" in said, "each carries what ran"
        assert corners["light"] > 700 > 100 > corners["dark"]


def test_the_table_is_the_run_and_the_readme_and_the_json_say_what_each_column_means(folder):
    table = pd.read_csv(folder / "numbers" / "learning-rates.csv")
    history = train(NETWORK)
    assert table.loss.tolist() == history.loss.ravel().tolist()
    parquet = pd.read_parquet(folder / "numbers" / "learning-rates.parquet")
    readme = (folder / "README.md").read_text()
    told = json.loads((folder / "numbers" / "run.json").read_text())["columns"]
    for column in table.columns:
        assert f"| `{column}` | {told[column]} |" in readme
    assert list(told) == list(table.columns) == list(parquet.columns)
    assert "cross-entropy" in told["loss"]


def test_the_readme_names_every_file_and_the_verdicts(folder):
    readme = (folder / "README.md").read_text()
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        assert path.is_dir() or name == "README.md" or f"`{name}`" in readme or name.startswith("pictures/"), name
    for said in diagnose(train(NETWORK)):
        assert f"{said.title}. {said.reason}" in readme


def test_the_script_runs_from_any_folder_and_the_notebook_and_the_settings_are_of_the_run(folder, tmp_path):
    command = [sys.executable, str(folder / "code" / "learning_rate_run.py")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "the loss is the one the lab found" in done.stdout, done.stdout + done.stderr
    nbformat.validate(nbformat.read(folder / "code" / "learning_rate_run.ipynb", as_version=4))
    assert from_json((folder / "numbers" / "experiment.json").read_text()) == NETWORK
    assert "default-src 'none'" in (folder / "report.html").read_text()


def test_of_a_page_without_a_run_it_holds_the_pictures_and_the_code_that_is_named():
    (chart, *_) = drawings(network_scene(train(NETWORK)))
    line = Experiment(epochs=5)
    with zipfile.ZipFile(io.BytesIO(everything("lab", (chart,), "", code=line))) as archive:
        names = {name.removeprefix("lab/") for name in archive.namelist()}
    code = {"code/learning_rate_run.py", "code/learning_rate_run.ipynb"}
    pictures = {f"pictures/{chart.key}-{theme}.{form}" for theme in ("light", "dark") for form in ("png", "svg")}
    assert names == {"README.md"} | code | pictures
    assert everything("lab", (chart,), "", code=line) == everything("lab", (chart,), "", code=line)
