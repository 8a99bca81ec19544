"""The data sets: their rows, their units, and that nobody can change them for others."""

from __future__ import annotations

import csv
import inspect
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from core.data import datasets
from core.data.datasets import DATASETS, LINES, NETWORK_DATA, NOISE, dataset, upload
from tests.cases import for_each


@for_each("name", DATASETS)
def test_every_data_set_is_float64_with_one_target_a_row(name):
    data = dataset(name)
    assert data.name == name
    assert data.x.dtype == data.y.dtype == np.float64
    assert data.x.ndim == 2 and data.y.shape == (len(data.x),)
    assert np.isfinite(data.x).all() and np.isfinite(data.y).all()
    assert data.title and data.source and data.x_name and data.y_name


@for_each("name", DATASETS)
def test_nobody_can_write_into_a_shared_array(name):
    data = dataset(name)
    for array in (data.x, data.y):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0


def test_the_articles_points_are_y_equals_2x():
    assert dataset("article").x.ravel().tolist() == [1, 2, 3, 4, 5]
    assert dataset("article").y.tolist() == [2, 4, 6, 8, 10]
    assert dataset("article-torch").x.ravel().tolist() == [1, 2, 3, 4]
    assert dataset("article-torch").y.tolist() == [2, 4, 6, 8]


def test_penguins_are_the_342_complete_rows_in_millimetres_and_grams():
    data = dataset("penguins")
    assert data.x.shape == (342, 1)
    assert (data.x_units, data.y_units) == ("mm", "g")
    assert "CC0" in data.source
    assert (data.x.min(), data.x.max()) == (172, 231)
    assert (data.y.min(), data.y.max()) == (2700, 6300)


def test_penguins_give_the_regression_published_for_them():
    # The palmerpenguins package and its readers report body mass = 49.69 flipper length - 5780.83.
    data = dataset("penguins")
    slope, intercept = np.polyfit(data.x.ravel(), data.y, 1)
    assert slope == pytest.approx(49.69, abs=0.005)
    assert intercept == pytest.approx(-5780.83, abs=0.005)


def test_penguins_are_the_rows_of_the_file_in_their_order():
    path = Path(inspect.getfile(datasets)).parent / "penguins.csv"
    with path.open() as file:
        rows = [(float(row["flipper_length_mm"]), float(row["body_mass_g"])) for row in csv.DictReader(file)]
    data = dataset("penguins")
    assert np.column_stack([data.x, data.y]).tolist() == [list(row) for row in rows]


def test_the_seed_draws_the_noise_of_the_noisy_line():
    assert np.array_equal(dataset("noisy-line", 3).y, dataset("noisy-line", 3).y)
    assert not np.array_equal(dataset("noisy-line", 3).y, dataset("noisy-line", 4).y)
    assert np.array_equal(dataset("noisy-line", 3).x, dataset("noisy-line", 4).x)


def test_the_noise_has_standard_deviation_1_around_2x_plus_1():
    noise = np.concatenate([dataset("noisy-line", s).y - 2 * dataset("noisy-line", s).x.ravel() - 1 for s in range(60)])
    assert abs(noise.mean()) < 0.08  # 2400 draws: four standard errors
    assert noise.std() == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("name", [name for name in DATASETS if name != "noisy-line" and name not in NOISE])
def test_the_seed_changes_no_other_data_set(name):
    assert np.array_equal(dataset(name, 0).x, dataset(name, 99).x)
    assert np.array_equal(dataset(name, 0).y, dataset(name, 99).y)


def test_far_from_zero_is_an_exact_line_that_is_badly_conditioned():
    data = dataset("far-from-zero")
    assert np.allclose(data.y, 0.5 * data.x.ravel() - 30, rtol=0, atol=1e-12)
    design = np.column_stack([data.x, np.ones(len(data.x))])
    assert np.linalg.cond(design) ** 2 > 1e6


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"data must be one of article, .*curve, got 'iris'"):
        dataset("iris")


def test_lines_have_one_column_and_network_data_a_task_and_named_columns():
    assert set(LINES) | set(NETWORK_DATA) == set(DATASETS)
    assert all(dataset(name).task == "line" and dataset(name).x.shape[1] == 1 for name in LINES)
    for name in NETWORK_DATA:
        data = dataset(name)
        assert data.task in ("classes", "regression")
        assert len(data.columns) == data.x.shape[1]
        assert sorted(set(data.y)) == list(range(len(data.classes))) or data.task == "regression"


def test_species_are_the_birds_of_the_file_with_bill_and_flipper_in_millimetres():
    data = dataset("penguins-species")
    assert data.classes == ("Adelie", "Chinstrap", "Gentoo")
    assert np.bincount(data.y.astype(int)).tolist() == [151, 68, 123]  # as published for birds measured in full
    assert data.columns == ("bill length (mm)", "flipper length (mm)")
    assert np.array_equal(data.x[:, 1], dataset("penguins").x[:, 0])


def test_digits_are_those_of_scikit_learn():
    theirs = load_digits()
    data = dataset("digits")
    assert np.array_equal(data.x, theirs.data)
    assert np.array_equal(data.y, theirs.target)


def test_the_data_files_are_small_enough_to_ship():
    for path in (Path(inspect.getfile(datasets)).parent / "data").glob("*.csv"):
        assert path.stat().st_size < 200_000


@pytest.mark.parametrize(
    ("name", "noise", "words"),
    [
        ("penguins", 0.3, "noise must be left out for penguins, got 0.3"),
        ("digits", 0.0, "noise must be left out for digits, got 0.0"),
        ("xor", -0.1, "noise must be from 0 to 1, got -0.1"),
        ("xor", float("nan"), "noise must be from 0 to 1, got nan"),
    ],
)
def test_noise_is_refused_where_there_can_be_none(name, noise, words):
    with pytest.raises(ValueError, match=words):
        dataset(name, noise=noise)


def test_every_file_of_data_is_named_with_its_source_and_licence():
    folder = Path(inspect.getfile(datasets)).parent
    rows = re.findall(r"^\| (\S+\.csv) \|.*\| (CC[\w .-]+) \|$", (folder / "README.md").read_text(), re.M)
    assert sorted(name for name, _ in rows) == sorted(path.name for path in folder.glob("*.csv"))


def test_an_upload_is_found_by_its_name_in_another_process_for_as_long_as_it_is_kept_there():
    data = upload(x=np.arange(3.0), y=np.array([1.0, 5.0, 2.0]), title="Mine", source="here")
    look = "import pickle, sys; from core import dataset; kept = pickle.load(sys.stdin.buffer); name = kept.name;"
    look += "print(dataset(name).y.tolist(), dataset(name).x.flags.writeable); del kept\ntry: dataset(name)\n"
    look += "except ValueError: print('gone')"
    ran = subprocess.run([sys.executable, "-c", look], input=pickle.dumps(data), capture_output=True, check=True)
    assert ran.stdout.decode().split("\n")[:2] == ["[1.0, 5.0, 2.0] False", "gone"]
    assert pickle.loads(pickle.dumps(data)) is data, "in its own process it is the same one"
