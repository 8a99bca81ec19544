"""Lesson 2 as a learner meets it. The numbers of its claims are computed in tests/core/story/test_fog.py."""

from __future__ import annotations

import pytest

from core.data.surfaces import NAMES

# What the page says, and the words by which it says it.
CLAIMS = {
    "a step is rate times slope": "rate × slope",
    "slope is curvature times distance": "Slope is curvature × distance: 50 × 1 and 1 × 8",
    "the steepest direction sets the limit": "The steepest direction sets the limit, 0.04",
    "below the limit it comes down": "100 steps at 0.0392 lead down to **0.009805**",
    "above the limit it explodes": "at 0.044 up to **1.71\u00a0×\u00a010¹⁷**",
    "the saddle is left after the plateau": "It reached the bottom at step **127**",
    "what a saddle is": "A saddle is a pass between two hollows: up one way, down the other",
    "a plateau is not convergence": "A plateau does not mean converged",
    "the bottom is a height": "The bottom counts as reached at height 0.01 or lower",
    "every direction needs lr c < 2": "Every direction needs lr · c < 2",
}
RATE = "learning rate, for the steps to come"


def walk(page, *labels):
    for label in labels:
        page.press(label)


def test_nothing_is_shown_before_the_learner_has_committed(open_lesson):
    page = open_lesson("fog")
    assert page.gates() == ["fog-steep"]
    for words in ("Ada stands on the wall", "Downhill is", "Three walks"):
        assert words not in page.said()


def test_every_claim_is_on_the_page_a_lecturer_opens(open_lesson):
    page = open_lesson("fog", gate="0")
    assert page.gates() == []
    assert page.lacks(CLAIMS) == []


def test_wrong_choices_are_explained_with_the_numbers_of_the_run(open_lesson):
    page = open_lesson("fog")
    page.answer("fog-steep", 0)
    assert "6.25 times as far away" in page.said()
    assert "Predicted right: 0 of 1" in page.said()
    assert page.gates() == ["fog-limit", "fog-level"]
    page.answer("fog-limit", 0)
    assert "99 times as far away: at this rate the height overflows at step 77" in page.said()
    page.answer("fog-level", 1)
    assert "Predicted right: 1 of 3" in page.said()
    page = open_lesson("fog")
    page.answer("fog-steep", 1)
    assert "Ben has 8 to go at slope 8" in page.said()


def test_steps_go_on_at_the_rate_in_the_field_and_back_without_a_map(open_lesson):
    page = open_lesson("fog", gate="0")
    assert "Downhill is towards larger w and smaller b. The slope is 3.606 in all." in page.said()
    for value in ("6.5", "(−3)", "0.3", "(−0.2)"):
        assert f"<b>{value}</b>" in page.said()
    for hidden in ("A round bowl", "Best fixed rate"):
        assert hidden not in page.said()
    walk(page, "Walk one step")
    assert "at step 1<" in page.said()
    assert "<b>5.265</b>" in page.said()  # 6.5 times 0.9 squared
    page.enter(RATE, 1)
    walk(page, "Walk one step")
    assert "You reached the bottom, height 0.01 or lower, at step 2." in page.said()
    walk(page, "Step back", "Walk ten steps")
    assert "at step 11<" in page.said()
    walk(page, "Start again")
    assert "at step 0<" in page.said()


def test_lifting_the_fog_shows_the_map_and_the_score(open_lesson):
    page = open_lesson("fog", gate="0", fog_surface="ravine")
    page.enter(RATE, 0.02)
    walk(page, "Walk one step", "Lift the fog")
    assert "You: not at the bottom after 1 step. Best fixed rate, 0.03867: 86 steps." in page.said()
    assert "A long valley with steep walls" in page.said()
    page.enter(RATE, 1)
    walk(page, "Walk one step")
    assert "You: 2 steps. Best fixed rate" in page.said()
    assert "You beat every fixed rate" in page.said()
    assert page.said().count(":green[:material/check_circle:]") == 1
    walk(page, "Back into the fog")
    assert "Best fixed rate" not in page.said()


def test_another_surface_is_another_walk_in_the_fog(open_lesson):
    page = open_lesson("fog", gate="0")
    walk(page, "Walk one step", "Lift the fog")
    page.app.query_params["fog-surface"] = "saddle"
    page.app.button_group(key="fog-surface").set_value("saddle")
    page.run()
    assert "at step 0<" in page.said()
    assert "Best fixed rate" not in page.said()


@pytest.mark.parametrize("name", NAMES)
def test_every_surface_can_be_linked_walked_and_seen_at_any_rate(open_lesson, name):
    page = open_lesson("fog", gate="0", fog_surface=name, fog_rate="0.001")
    assert page.app.number_input[0].value == 0.001
    walk(page, "Walk 100", "Walk ten steps", "Lift the fog")
    assert "at step 110<" in page.said()
    assert "Best fixed rate" in page.said()
    for value in (1e308, -1e308):
        page.enter(RATE, value)
        walk(page, "Start again", "Walk one step")
        assert "at step 1<" in page.said()
        assert "nan" not in page.said()


def test_a_link_holds_the_condition_number(open_lesson):
    page = open_lesson("fog", gate="0", fog_surface="ravine", fog_condition="20")
    walk(page, "Lift the fog")
    assert page.app.slider[0].value == 20
    assert "<b>20</b>" in page.said()


def test_an_explosion_is_told_step_by_step(open_lesson):
    page = open_lesson("fog", gate="0", fog_surface="ravine", fog_rate="1")
    walk(page, "Walk 100")
    assert "You left the map, which shows w from −5 to 5 and b from −2.5 to 2.5, at step 1." in page.said()
    assert "It overflowed at step" in page.said()
    assert "The ground is level here: there is no slope to follow." in page.said()
    walk(page, "Lift the fog")
    assert "You: not at the bottom" in page.said()


def test_a_rate_that_leads_nowhere_is_told_so(open_lesson):
    page = open_lesson("fog", gate="0")
    said = {0: "A rate of 0 takes no step at all", -3: "walks uphill", -1e308: "walks uphill", 1e-300: "too short"}
    for value, words in said.items():
        page.enter(RATE, value)
        assert words in page.said()
