"""The first page of the site: what it lists, and what it says of the live lab."""

from __future__ import annotations

import re
from html import unescape

import pytest

from core import LINE_PRESETS, NETWORK_PRESETS, PRESETS, Experiment, train
from core.diagnosis.theory import stability_limit
from core.export import site as whole
from core.export.site_index import index, lesson_pages, line_page, network_page
from core.export.thumbnails import curves
from core.story.lessons import LESSONS

PAGE = index({})


def test_every_preset_and_every_lesson_is_listed_by_its_title_with_a_link() -> None:
    links = {
        unescape(title): address for address, title in re.findall(r'<a href="([^"]+)"><strong>(.*?)</strong>', PAGE)
    }
    lines = {preset.title: line_page(name) for name, preset in LINE_PRESETS.items()}
    assert links == lines | {preset.title: network_page(name) for name, preset in NETWORK_PRESETS.items()}
    for lesson in LESSONS:
        questions, answers = lesson_pages(lesson)
        assert f'<a href="{questions}">{lesson.title}</a>' in PAGE and f'href="{answers}"' in PAGE


def test_it_loads_nothing_and_says_what_needs_the_live_lab() -> None:
    assert not re.search(r"(src|href)=.?(\w+:)?//", PAGE)
    assert "default-src 'none'" in PAGE
    assert "What only the live lab can do" in PAGE and "make run" in PAGE


def points(picture: str) -> list[list[tuple[float, ...]]]:
    lines = re.findall(r'points="([^"]*)"', picture)
    return [[tuple(map(float, point.split(","))) for point in line.split()] for line in lines]


def test_a_thumbnail_falls_where_the_loss_falls_and_ends_early_where_it_leaves() -> None:
    experiment = Experiment(learning_rates=(0.01, 1.0), epochs=100)
    assert experiment.learning_rates[1] > stability_limit(experiment)
    good, diverged = points(curves(train(experiment)))
    assert [y for _, y in good] == sorted(y for _, y in good)  # px count downwards
    assert good[-1][0] == max(x for x, _ in good) and diverged[-1][0] < good[-1][0] / 2
    assert diverged[-1][1] < diverged[0][1]


def test_every_lane_of_every_preset_has_a_curve_within_its_picture() -> None:
    for experiment in PRESETS.values():
        drawn = points(curves(train(experiment)))
        assert [len(line) > 1 for line in drawn] == [True] * len(experiment.learning_rates)
        assert all(0 <= x <= 240 and 0 <= y <= 72 for line in drawn for x, y in line)
        assert all(len(line) <= 80 for line in drawn)


def test_a_site_that_is_too_large_is_refused_and_nothing_is_written(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(whole, "site", lambda: iter([("index.html", "é" * 6_000_000), ("a.csv", "1")]))
    with pytest.raises(ValueError, match="at most 12,000,000 bytes, got 12,000,001"):
        whole.write_site(tmp_path / "site")
    assert list(tmp_path.iterdir()) == []


def test_what_else_stands_in_the_folder_stays(tmp_path, monkeypatch) -> None:
    (tmp_path / "CNAME").write_text("lab.example.org")
    (tmp_path / "index.html").write_text("old")
    monkeypatch.setattr(whole, "site", lambda: iter([("index.html", "new")]))
    assert whole.write_site(tmp_path) == 3
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "CNAME": "lab.example.org",
        "index.html": "new",
    }
