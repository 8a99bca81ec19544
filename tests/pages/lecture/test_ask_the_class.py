"""Share's ticks: what of a page a class can be asked, and the plan that is collected of it."""

from __future__ import annotations

import json

from core.story.one_step import questions
from room.plan import check, read_step
from room.sweeping import experiments, trained
from tests.pages.app import open_page


def ticks(app):
    """The texts of the steps that are offered, with whether they are in the plan: Share is opened for them."""
    app.button(key="share").click().run()
    assert not app.exception
    return {box.key.removeprefix("class-"): box.value for box in app.checkbox if box.key.startswith("class-")}


def tick(app, text, on=True):
    app.checkbox(key=f"class-{text}").set_value(on).run()
    return ticks(app)[text]


def test_a_lesson_offers_each_of_its_questions_by_the_sentence_that_asks():
    app = open_page("learn/one_step.py")
    assert list(ticks(app)) == [f"vote:one_step/{each.key}:0" for each in questions()]
    assert "What does w do, step after step?" in [box.label for box in app.checkbox]


def test_compare_offers_its_rates_its_limit_and_a_sweep_and_a_class_can_be_asked_each():
    offered = ticks(open_page("lab/compare/page.py", lr=["0.01", "0.05"], epochs="200"))
    assert {text.partition(":")[0] for text in offered} == {"sweep", "run", "limit"}
    assert sum(text.startswith("run:") for text in offered) == 2
    for text in offered:
        step = read_step(text)
        check(step)
        assert step.experiment.epochs == 200


def test_a_sweep_offers_to_train_with_the_class_between_its_ends():
    offered = ticks(open_page("lab/sweep/page.py", lr=["0.001", "1"]))
    (text,) = (text for text in offered if text.startswith("sweep:"))
    assert read_step(text).experiment.learning_rates == (0.001, 1.0)
    assert not any(text.startswith("run:") for text in offered)


def test_a_range_test_offers_the_sweep_that_judges_it():
    offered = ticks(open_page("lab/range_test/page.py", lr=["0.001", "1"], epochs="200"))
    (text,) = (text for text in offered if text.startswith("sweep:"))
    check(read_step(text))
    assert read_step(text).experiment.learning_rates == (0.001, 1.0)
    assert not any(text.startswith("run:") for text in offered)


def test_schedules_offer_both_sweeps_under_the_schedule_and_a_class_can_train_them():
    offered = ticks(open_page("lab/schedules/page.py", schedule="cosine", lr=["0.001", "0.1"], epochs="100"))
    steps = [read_step(text) for text in offered]
    assert [step.kind for step in steps] == ["sweep", "sweep"]
    for step in steps:
        check(step)
        assert step.experiment.schedule == "cosine"
        assert trained(experiments(step, 0)).final(0.001) < 100
    assert steps[0].experiment.batch_size and steps[1].experiment.batch_size is None
    assert ticks(open_page("lab/schedules/page.py", schedule="constant")) == {}


def test_what_is_ticked_stays_in_the_plan_on_other_pages_and_opens_a_room():
    app = open_page("learn/one_step.py")
    text = next(iter(ticks(app)))
    assert tick(app, text)
    assert "Class room: your plan has 1 step" in [each.proto.label for each in app.get("page_link")]
    app.switch_page("room/host.py").run()
    (button,) = (each.proto for each in app.get("bidi_component") if each.proto.component_name == "open_room")
    assert json.loads(button.json)["plan"] == [text]


def test_a_tick_that_is_taken_away_leaves_the_plan():
    app = open_page("learn/one_step.py")
    text = next(iter(ticks(app)))
    assert tick(app, text)
    assert not tick(app, text, on=False)
    assert app.session_state["class-plan"] == ()


def test_what_a_class_cannot_be_asked_is_refused_in_a_sentence_and_not_ticked():
    app = open_page("lab/compare/page.py", lr="0.01", epochs="1000000")
    text = next(text for text in ticks(app) if text.startswith("run:"))
    assert not tick(app, text)
    assert any("too long" in block.value for block in app.warning)
    assert "class-plan" not in app.session_state
