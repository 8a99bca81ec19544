"""What the page of a range test sends: its tables against the trial they are of."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from core.experiment.experiment import Experiment
from core.instruments.range_test.rules import RULES
from core.instruments.range_test.scene import BLEW_UP, range_scene
from core.instruments.range_test.trial import trial

EXPERIMENTS = {
    "line": Experiment(epochs=3000),
    "network": Experiment(data="circles", hidden=(8,), batch_size=32, epochs=20),
}
every_scene = pytest.mark.parametrize("name", EXPERIMENTS)


@cache
def scene(name):
    return range_scene(trial(EXPERIMENTS[name], (0, 1), tuple(np.geomspace(1e-3, 1, 7))))


@every_scene
def test_the_curves_are_the_recorded_ones_cut_where_they_leave_the_chart(name):
    made, test = scene(name), scene(name).trial.tests[0]
    for table, rates, losses in (
        ("raw", test.rates, test.losses),
        ("smoothed", test.rates[: len(test.fastai)], test.fastai),
    ):
        frame = made.test[table].to_pandas()
        np.testing.assert_allclose(frame["rate"], rates, rtol=1e-6)
        inside = (losses >= made.losses.low) & (losses <= made.losses.high)
        np.testing.assert_allclose(frame["loss"][inside], losses[inside], rtol=1e-6)
        assert frame["loss"][~inside].isna().all()
    assert made.losses.low <= test.losses[0] <= made.losses.high


@every_scene
def test_every_rule_is_named_at_its_rate_and_those_of_equal_rates_together(name):
    made = scene(name)
    marks, test = made.test["marks"].to_pandas(), made.trial.tests[0]
    named = {words: mark["rate"] for mark in marks.to_dict("records") for words in mark["words"].split(", ")}
    assert named == {rule.short: pytest.approx(rule.suggest(test), rel=5e-3) for rule in RULES.values()}
    assert marks["rate"].is_unique
    assert marks["row"].max() < made.test_rows


def words_at(mark, axis):
    """(from, to) in px of a chart of 320, by a font of 12 px."""
    at = 320 * np.log(mark["rate"] / axis.low) / np.log(axis.high / axis.low)
    long = 5 + 6.5 * len(mark["words"])
    return (at - long, at) if mark["left"] else (at, at + long)


@every_scene
def test_names_lie_neither_on_each_other_nor_outside_the_chart(name):
    made = scene(name)
    above = made.test["marks"].to_pylist() + made.test["blow_up"].to_pylist()
    for marks, axis in ((above, made.rates), (made.sweep["marks"].to_pylist(), made.swept)):
        for k, mark in enumerate(marks):
            start, end = words_at(mark, axis)
            assert start >= 0 and end <= 320
            for other in marks[:k]:
                a, b = words_at(other, axis)
                assert other["row"] != mark["row"] or b <= start or end <= a


def test_the_blow_up_is_marked_where_there_is_one():
    (row,) = scene("line").test["blow_up"].to_pylist()
    assert row["rate"] == pytest.approx(scene("line").trial.tests[0].blow_up, rel=1e-6)
    assert row["words"] == BLEW_UP
    assert scene("network").trial.tests[0].blow_up is None
    assert scene("network").test["blow_up"].num_rows == 0


@every_scene
def test_all_that_is_marked_lies_on_its_axis_with_room_to_spare(name):
    made = scene(name)
    for axis, tables in ((made.rates, made.test), (made.swept, made.sweep)):
        for table in tables.values():
            rates = table.to_pandas()["rate"]
            assert ((rates > axis.low) & (rates < axis.high)).all()


@every_scene
def test_every_suggestion_stands_at_its_final_loss_or_on_the_edge_it_left_by(name):
    made = scene(name)
    ends, table = made.sweep["ends"].to_pandas(), made.trial.table
    assert len(ends) == len(table) == 2 * len(RULES)
    for end, row in zip(ends.to_dict("records"), table.to_dict("records"), strict=True):
        loss, axis = row["final_loss"], made.ends
        edge = "up" if loss > axis.high else "down" if loss < axis.low else "in"
        assert (end["way"], end["seed"], end["rule"]) == (edge, row["seed"], RULES[row["rule"]].title)
        assert end["loss"] == pytest.approx(min(max(loss, axis.low), axis.high), rel=1e-6)


@every_scene
def test_the_sweep_has_a_row_for_each_seed_and_rate(name):
    frame, made = scene(name).sweep["sweep"].to_pandas(), scene(name).trial
    assert len(frame) == made.final_loss.size
    for k, seed in enumerate((0, 1)):
        own = frame[frame["seed"] == seed]
        np.testing.assert_allclose(own["rate"], made.rates, rtol=1e-6)
        shown = own["loss"].notna().to_numpy()
        np.testing.assert_allclose(own["loss"][shown], made.final_loss[k][shown], rtol=1e-6)
        outside = made.final_loss[k][~shown]
        assert not ((outside >= scene(name).ends.low) & (outside <= scene(name).ends.high)).any()


@every_scene
def test_the_standing_carries_titles_for_people(name):
    assert scene(name).standing["title"].tolist() == [rule.title for rule in RULES.values()]


def test_a_trial_in_which_no_rule_finds_anything_can_be_drawn():
    made = range_scene(trial(Experiment(epochs=5), (0,), (0.01, 0.02), steps=4))
    assert made.test["marks"].num_rows == made.sweep["ends"].num_rows == 0
    assert made.swept.low < 0.01 and made.swept.high > 0.02
