"""Lesson 5's numbers without PyTorch, held against closed forms, science.md's figures and counted evaluations."""

from __future__ import annotations

import json
import math
import sys

import numpy as np
import pytest

from core.diagnosis.theory import landscape
from core.experiment.experiment import Experiment
from core.story import backpropagation as story
from core.story import halves
from core.story.backpropagation_chart import LOOKS, plane
from core.words import SKETCH
from tests.cases import for_each


def test_the_gradient_by_hand_is_that_of_the_exact_quadratic():
    # The loss is 30 at (0, 0) and has its minimum at (2, 0); a quadratic's gradient is H (p - p*).
    for place in [(0, 0), (1, -1), (2.5, 0.3), (-40, 7)]:
        exact = np.array([[15, 5], [5, 2]]) @ (np.array(place) - halves.BEST)
        np.testing.assert_allclose(halves.by_hand(*place), exact, atol=1e-12)
    np.testing.assert_allclose(landscape(Experiment(data=halves.DATA)).hessian, [[15, 5], [5, 2]])
    assert halves.loss(0, 0) == 30
    assert halves.loss(*halves.BEST) == 0


def test_the_run_by_hand_passes_the_losses_known_for_the_articles_line():
    losses = halves.losses(story.swapped_gradient("by hand"))
    assert losses[[1, 10, 100]] == pytest.approx([20.835, 0.8330377, 0.03408463], rel=2e-6)  # known in float32


@pytest.mark.parametrize("nudge", [0.1, 1e-3, 1e-5, 1e-7])
def test_central_differences_are_exact_on_a_quadratic_but_for_rounding(nudge):
    hand, nudged = story.swapped_gradient("by hand"), story.swapped_gradient("finite differences", nudge)
    assert halves.apart(hand, nudged) < 1e-15 / nudge
    assert "too little to see" in story.distance("finite differences", nudged, hand)


def test_too_small_a_nudge_strays_and_one_below_the_rounding_finds_nothing():
    hand = story.swapped_gradient("by hand")
    strays = story.swapped_gradient("finite differences", 1e-15)
    assert halves.apart(hand, strays) > 0.01
    assert "lost in rounding" in story.distance("finite differences", strays, hand)
    still = story.swapped_gradient("finite differences", 1e-16)
    assert not still.any()
    assert "nothing moves" in story.distance("finite differences", still, hand)


def test_finite_differences_ask_for_the_loss_twice_a_parameter(monkeypatch):
    asked, loss = [], halves.loss
    monkeypatch.setattr(halves, "loss", lambda w, b: asked.append((w, b)) or loss(w, b))
    story.swapped_gradient("finite differences")
    assert len(asked) == 2 * len(halves.START) * halves.STEPS
    assert "4 times a step here" in story.cost()


def test_the_cost_of_finite_differences_grows_with_the_parameters_and_that_of_backpropagation_does_not():
    rows = story.costs()
    assert [row[1].split(" passes")[0] for row in rows] == ["4", "2,000", "200,000", "20 million"]
    assert {row[2] for row in rows} == {"3 passes, 3 ms"}
    assert rows[-1][1].endswith("5.6 hours")  # 2e7 times a millisecond


def test_momentum_alone_takes_gradient_descents_first_step():
    plain, rolling, scaled = (story.race(rule, 0.01) for rule in halves.RULES)
    assert plain.first_gradient == rolling.first_gradient == scaled.first_gradient == (-30, -10)
    assert plain.first_step == rolling.first_step == pytest.approx((0.3, 0.1))
    assert scaled.first_step == pytest.approx((0.01, 0.01))


def test_the_rules_paths_part_after_the_first_step():
    plain, rolling, scaled = (story.race(rule, 0.01).places for rule in halves.RULES)
    for one, other in ((plain, rolling), (plain, scaled), (rolling, scaled)):
        assert halves.apart(one[2:3], other[2:3]) > 0.1


@pytest.mark.parametrize("rule", halves.RULES)
def test_each_fair_rate_is_the_ladders_soonest_at_the_target(rule):
    arrived = {rate: story.race(rule, rate).arrived or math.inf for rate in story.LADDER}
    assert min(arrived, key=arrived.__getitem__) == story.FAIR[rule]
    assert arrived[story.FAIR[rule]] < math.inf


def test_a_race_has_arrived_only_when_it_stays():
    run = story.race("momentum", story.FAIR["momentum"])
    assert (run.losses[run.arrived :] <= story.TARGET).all()
    assert run.losses[run.arrived - 1] > story.TARGET
    assert story.race("gradient descent", 1e-4).arrived is None


def test_adams_fair_rate_is_above_gradient_descents_limit():
    assert story.FAIR["Adam"] > 0.11975611 > story.FAIR["gradient descent"]  # 2 / lmax
    assert "5.46\u00a0×\u00a010¹⁷⁴ after 100 steps" in story.no_best_rate()


@for_each("rule", halves.RULES)
@for_each("rate", [0, -3, 1e308, -1e308, 1e-300, 0.3])
def test_any_rate_is_told_and_drawn_without_a_nan(rule, rate):
    run, box = story.race(rule, rate), story.rule_box()
    said = " ".join([story.results((run,)), *story.remarks((run,), box, halves.STEPS)])
    assert "nan" not in said
    assert "not a number" not in said
    drawn = story.plane_tables({rule: run.places}, box)["paths"]
    assert np.isfinite(drawn[["w", "b"]].to_numpy()).all()
    assert (np.abs(drawn[["w", "b"]].to_numpy()) < 100).all()
    losses = story.loss_table({rule: run.losses})
    assert np.isfinite(losses["y"]).all()
    assert (losses["y"] > 0).all()


def test_a_path_that_leaves_the_picture_ends_there_in_its_own_direction():
    run, box = story.race("gradient descent", 0.5), story.rule_box()
    out = story.left(run.places, box)
    drawn = story.plane_tables({"gradient descent": run.places}, box)["paths"]
    assert len(drawn) == out + 1
    assert f"Gradient descent at rate 0.5 leaves the picture at step {out}." in story.remarks((run,), box, 15)
    w, b = run.places[out] - run.places[out - 1]
    last = drawn[["w", "b"]].diff().iloc[-1]
    assert last["b"] / last["w"] == pytest.approx(b / w)


@pytest.mark.parametrize("box", [story.gradient_box, story.rule_box])
def test_the_pictures_hold_their_runs_the_start_and_the_minimum(box):
    box = box()
    paths = [np.array([halves.START, halves.BEST])]
    if box.b.high < 1:
        paths.append(story.swapped_gradient("by hand"))
    else:
        paths += [story.race(rule, rate).places for rule, rate in story.FAIR.items()]
    for places in paths:
        assert story.left(places, box) is None


def test_every_path_has_a_look_and_equal_paths_are_drawn_ever_narrower():
    assert set(LOOKS) == {*story.SOURCES, *halves.RULES, SKETCH}
    widths = [LOOKS[source][1] for source in story.SOURCES]
    assert widths == sorted(set(widths), reverse=True)
    spec = plane("dark", story.SOURCES, (0.0, 1.0), (0.0, 1.0))
    drawn = spec["layer"][1]["transform"][0]["calculate"]
    assert drawn == json.dumps(dict(zip(story.SOURCES, widths, strict=True))) + "[datum.name]"


def test_the_questions_judge_their_own_answers():
    gradient, rule = story.gradient_question(), story.rule_question()
    assert gradient.judge(0).right
    assert not any(gradient.judge(other).right for other in (1, 2))
    assert rule.judge(0).right
    assert not any(rule.judge(other).right for other in (1, 2, 3))
    assert "never more than **8." in gradient.outcome
    assert "loss 0.03408" in gradient.judge(2).why
    assert "(0.01, 0.01)" in rule.judge(1).why


def test_all_but_autograd_works_without_pytorch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "core.story.torch_backpropagation", raising=False)
    for source in story.WITHOUT_TORCH:
        assert len(story.swapped_gradient(source)) == halves.STEPS + 1
        assert "w, b = w - 0.01 * dw" in story.gradient_code(source)
    with pytest.raises(ModuleNotFoundError):
        story.gradient_from("autograd")


def test_a_gradient_of_no_known_source_is_refused():
    with pytest.raises(ValueError, match=r"^source must be one of by hand, autograd, finite differences, got 'hand'$"):
        story.gradient_from("hand")


def test_each_prediction_of_the_first_question_is_a_path_of_its_own():
    hand = story.swapped_gradient("by hand")
    same, noisier, slower = (story.opening_paths(True, choice)[SKETCH] for choice in story.gradient_question().choices)
    assert (same == hand).all()
    assert np.abs(noisier - hand).max() == pytest.approx(0.07, rel=0.01)
    assert len(noisier) == len(hand)
    assert slower[-1, 0] < 0.9 * hand[-1, 0]
    assert SKETCH not in story.opening_paths(True)
    assert {name: len(path) for name, path in story.opening_paths(False).items()} == {
        "by hand": len(hand),
        "finite differences": 1,
        SKETCH: 1,
    }


@for_each("own", [1, 15, 37, 100])
def test_dragged_steps_show_as_much_of_the_races_as_was_walked(own):
    races = tuple(story.race(rule, rate) for rule, rate in story.FAIR.items())
    box = story.rule_box()
    paths, losses = story.race_stops(tuple(story.FAIR.values()), own)
    assert own in [stop.value for stop in paths]
    for path, loss in zip(paths, losses, strict=True):
        whole = story.plane_tables({run.rule: run.places[: path.value + 1] for run in races}, box)
        assert all(path.tables[name].equals(table) for name, table in whole.items())
        assert path.says == " ".join(story.remarks(races, box, path.value))
        for run in races:
            drawn = loss.tables["curves"].query(f"name == '{run.rule}'")
            assert drawn["y"].tolist() == run.losses[: loss.value + 1].tolist()
