"""Lesson 3's numbers, held against the text it shows, the lab's own trainer, PyTorch and arithmetic done by hand."""

from __future__ import annotations

import inspect
import sys
import textwrap
import threading
from fractions import Fraction

import numpy as np
import pytest
import torch

from core import Experiment, train
from core.story.article_loop import A_PASS, article_loop, in_words, record, script
from core.story.from_scratch import (
    EPOCHS,
    X,
    Y,
    about,
    best,
    fit,
    flat_questions,
    gradient_of,
    larger_model,
    larger_pictures,
    loop_picture,
    loop_question,
    loop_stops,
    loss_of,
    tell_apart,
    three_flats,
    three_shapes,
)
from core.story.from_scratch_chart import listing
from tests.cases import for_each

HOSTILE = (0.0, -3.0, 1e308, -1e308, 1e-300, 0.0845, 1.0)


def run_as_a_text(lr: float, epochs: int) -> dict[str, object]:
    """The shown text run with no tracer, as a student who copies it would."""
    variables: dict[str, object] = {}
    exec(script(lr, epochs), {}, variables)
    return variables


# The loop


def test_the_shown_text_is_the_functions_body_word_for_word():
    body = textwrap.dedent("".join(inspect.getsourcelines(article_loop)[0][2:-1]))
    assert script(0.01, 1000) == "import numpy as np\n\nlr = 0.01\nepochs = 1000\n" + body
    assert len(body[body.index("for ") :].splitlines()) == 1 + 6, "a loop of six lines"


@pytest.mark.parametrize("epochs", [1, 2, 100, 1000])
def test_the_shown_text_ends_where_the_page_and_the_function_do(epochs):
    copied, shown = run_as_a_text(0.01, epochs), record(0.01, epochs)
    last = shown.state(len(shown.steps))
    for name in ("w", "b", "loss", "dw", "db"):
        assert copied[name] == last[name].value
    assert (copied["w"], copied["b"], copied["loss"]) == article_loop(0.01, epochs)


@pytest.mark.parametrize("lr", [0.01, 0.0845, 2.4311e-5])
def test_the_loop_finds_the_losses_and_weights_of_the_labs_trainer(lr):
    shown, history = record(lr, 1000), train(Experiment(learning_rates=(lr,), epochs=1000))
    assert shown.losses == pytest.approx(history.loss[0, :-1], rel=1e-12, abs=1e-12)
    last = shown.state(len(shown.steps))
    assert [last["w"].value, last["b"].value] == pytest.approx(history.parameters[0, -1].tolist(), rel=1e-12)


def test_the_losses_are_those_of_science():
    losses = record(0.01, 101).losses
    assert losses[[0, 1, 10, 100]] == pytest.approx([44, 25.6608, 0.2435452642, 0.02447442685], rel=1e-9)
    assert np.isinf(record(1.0, 120).losses[113])
    assert np.isfinite(record(1.0, 113).losses).all()


def test_the_first_pass_is_the_one_done_by_hand():
    # sum x y = 110 and sum y = 30, so dw = -2/5 * 110 and db = -2/5 * 30.
    steps = record(0.01, 3).steps[:A_PASS]
    assert [step.name for step in steps] == ["epoch", "y_pred", "loss", "dw", "db", "w", "b"]
    assert steps[1].value.tolist() == [0] * 5
    assert [float(step.value) for step in (steps[0], *steps[2:])] == pytest.approx([0, 44, -44, -12, 0.44, 0.12])


def test_each_step_names_the_line_that_sets_it():
    shown = record(0.01, 5)
    for step in (*shown.before, *shown.steps):
        line = shown.lines[step.line - 1].strip()
        assert line.startswith((f"{step.name} = ", f"for {step.name} in"))


@for_each("lr", HOSTILE)
def test_every_pass_has_seven_steps_whatever_the_rate(lr):
    assert [len(record(lr, epochs).steps) for epochs in (1, 250)] == [A_PASS, 250 * A_PASS]


def test_recording_leaves_the_threads_own_tracer_as_it_was():
    # In a thread of its own, so that a coverage tool's tracer is left alone.
    kept = []

    def run() -> None:
        def mine(*_):
            return None

        sys.settrace(mine)
        record(0.01, 2)
        kept.append(sys.gettrace() is mine)
        sys.settrace(None)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert kept == [True]


def test_one_row_is_marked_and_says_what_it_changed():
    shown = record(0.01, 3)
    for at in range(1, len(shown.steps) + 1):
        (now,) = [row for row in shown.rows(at) if row.age == "now"]
        assert now.line == shown.steps[at - 1].line
        assert now.state == shown.steps[at - 1].words
    # With w = 0.44 and b = 0.12 the errors sum to 1.56 * 15 - 0.6 = 22.8, so db = -9.12 and b grows by 0.0912.
    second = {row.code.strip(): row for row in shown.rows(2 * A_PASS)}
    assert (second["b = b - lr * db"].state, second["b = b - lr * db"].was) == ("b = 0.2112", "0.12")


def test_a_variable_stands_at_the_line_that_set_it_last():
    shown = record(0.01, 3)
    for at in (0, A_PASS - 1, A_PASS, A_PASS + 3, 3 * A_PASS):
        states = [row.state for row in shown.rows(at) if row.state]
        assert len({state.split(" = ")[0] for state in states}) == len(states)
    assert {row.age for row in shown.rows(A_PASS)} == {"new", "now"}
    assert [row.age for row in shown.rows(A_PASS + 3)][-4:] == ["old"] * 4


def test_what_is_no_number_is_called_overflow():
    assert in_words(np.array([1.0, np.inf, np.nan])) == "[1, overflow, overflow]"
    states = " ".join(row.state for row in record(1e308, 3).rows(3 * A_PASS))
    assert "overflow" in states
    assert "nan" not in states


def test_the_listing_is_safe_html_with_one_current_step():
    shown = record(0.01, 3)
    text = listing((row.code, row.state, row.was, row.age) for row in shown.rows(5))
    assert text.count('aria-current="step"') == 1
    assert "dw = −44" not in text.split("</style>")[1].split("loss = 44")[0]
    assert "&lt;b&gt;" in listing([("<b>", "", "", "new")])


@pytest.mark.parametrize(("at", "found"), [(0, 0), (2, 0), (3, 1), (A_PASS, 1), (A_PASS + 3, 2), (1000 * A_PASS, 1000)])
def test_the_curve_holds_the_losses_found_so_far(at, found):
    picture = loop_picture(record(0.01, 1000), at)
    assert len(picture.tables["curves"]) == found
    assert (picture.tables["curves"].y >= picture.y.low).all()
    assert (picture.tables["curves"].x <= picture.x.high).all()


@for_each("epochs", [1, 10, 1000])
def test_a_dragged_rate_shows_what_the_loop_finds_at_it(epochs):
    run = record(0.0123, epochs)
    at = len(run.steps) if epochs < 1000 else 500 * A_PASS
    picture, stops = loop_stops(run, 0.0123, at)
    assert 0.0123 in [stop.value for stop in stops]
    for stop in stops[::5]:
        losses, curve = record(stop.value, epochs).losses, stop.tables["curves"]
        assert curve["epoch"].iloc[-1] == min(len(losses), at // A_PASS) - 1
        assert curve["y"].to_numpy() == pytest.approx(losses[curve["epoch"].to_numpy()], rel=1e-9)
        assert stop.tables["marks"]["y"].between(*picture.y.ends).all()
        assert stop.says == about(stop.value, losses)


@for_each("lr", HOSTILE)
def test_a_rate_far_off_is_the_only_stop(lr):
    run = record(lr, 10)
    _, stops = loop_stops(run, lr, len(run.steps))
    assert lr in [stop.value for stop in stops]
    assert (len(stops) == 1) == (not 0 < lr <= 0.0845 * 1.1)


@for_each("lr", HOSTILE)
@for_each("epochs", [1, 1000])
def test_any_rate_has_a_picture_of_finite_numbers_and_a_sentence(lr, epochs):
    run = record(lr, epochs)
    for at in (0, A_PASS, len(run.steps)):
        picture = loop_picture(run, at)
        drawn = picture.tables["curves"].y
        assert np.isfinite(drawn).all()
        assert 0 < picture.y.low < picture.y.high < np.inf
        assert ((drawn >= picture.y.low) & (drawn <= picture.y.high)).all()
    assert "nan" not in about(lr, run.losses)
    assert about(lr, run.losses).endswith(".")


def test_a_curve_that_overflows_ends_before_it_and_says_so():
    run = record(1.0, 1000)
    picture = loop_picture(run, len(run.steps))
    assert len(picture.tables["curves"]) == 113
    assert picture.tables["marks"].words.tolist() == ["overflows next"]


@for_each(
    ("lr", "words"),
    [
        (0.01, "The whole run of 1,000 epochs: **learns slowly.**"),
        (0.0845, "at the limit"),
        (1.0, "overflowed at epoch 113"),
        (0, "takes no step"),
        (-3, "walks uphill"),
        (1e-300, "hardly moves"),
        (1e308, "far beyond the limit"),
    ],
)
def test_the_run_is_told_in_words(lr, words):
    assert words in about(lr, record(lr, 1000).losses)


# Reading curves


def test_down_up_and_flat_do_what_they_are_called():
    down, up, flat = three_shapes()
    assert (np.diff(down.loss) < 0).all()
    assert (np.diff(up.loss) > 0).all()
    assert abs(flat.last / flat.loss[0] - 1) < 0.005
    assert [curve.diagnosis.title for curve in (down, up, flat)] == ["Learns slowly", "Exploding", "Too slow"]


def test_all_curves_lie_on_their_common_axes():
    for curves, name in ((three_shapes(), "shape"), (three_flats(), "flat")):
        pictures = [getattr(curve, name) for curve in curves]
        assert len({(picture.y.low, picture.y.high, picture.x.high) for picture in pictures}) == 1
        for picture in pictures:
            assert picture.tables["curves"].y.between(picture.y.low, picture.y.high).all()


def test_nothing_but_the_curve_tells_flat_ones_apart():
    assert len({(curve.flat.styles, curve.flat.height) for curve in three_flats()}) == 1


def test_a_and_b_are_the_look_alikes_of_science():
    a, b, _ = three_flats()
    assert abs(b.loss / a.loss - 1).max() < 0.0006
    assert a.meter == pytest.approx(0.0006, abs=5e-5)
    assert b.meter == pytest.approx(1.9994, abs=5e-5)
    assert a.gradient == pytest.approx(b.gradient, rel=1e-3)
    assert a.gradient > 40
    assert (a.diagnosis.label, b.diagnosis.label) == ("too_slow", "at_limit")


def test_the_best_line_on_the_parabola_has_loss_2_8_exactly():
    # By the normal equations in fractions: sum x = sum x y = 0, so w = 0 and b = mean y.
    x = [Fraction(k) for k in range(-2, 3)]
    y = [k**2 for k in x]
    assert sum(x) == sum(a * b for a, b in zip(x, y, strict=True)) == 0
    level = sum(y) / 5
    floor = sum((k - level) ** 2 for k in y) / 5
    assert (level, floor) == (2, Fraction(14, 5))
    coefficients, loss = best(1)
    assert coefficients == pytest.approx([0, 2], abs=1e-12)
    assert loss == pytest.approx(2.8, rel=1e-15)


def test_c_comes_to_rest_at_that_floor_with_no_gradient_left():
    c = three_flats()[2]
    assert c.last == pytest.approx(2.8, rel=1e-14)
    assert c.gradient < 1e-8
    assert np.isnan(c.meter)
    assert c.diagnosis.label == "plateau"
    assert (np.diff(c.loss) <= 1e-13).all()


def test_c_follows_its_closed_form():
    # Only b moves: its distance to 2 shrinks by 1 - 2 lr = 0.8 a step.
    k = np.arange(EPOCHS + 1)
    assert three_flats()[2].loss == pytest.approx(2.8 + 4 * 0.8 ** (2 * k), rel=1e-13)


def test_the_larger_model_passes_through_all_five_points():
    assert best(2)[0] == pytest.approx([1, 0, 0], abs=1e-12)
    assert best(2)[1] == 0
    assert loss_of(fit(2)[-1]) < 1e-8
    assert np.polyval(fit(2)[-1], X) == pytest.approx(Y, abs=2e-4)


@pytest.mark.parametrize("degree", [1, 2])
def test_gradients_and_the_way_down_are_those_of_pytorch(degree):
    columns = torch.tensor(np.stack([X**k for k in range(degree, -1, -1)], axis=1))
    parameters = torch.zeros(degree + 1, dtype=torch.float64, requires_grad=True)
    rule = torch.optim.SGD([parameters], lr=0.1)
    for _ in range(EPOCHS):
        rule.zero_grad()
        ((columns @ parameters - torch.tensor(Y)) ** 2).mean().backward()
        rule.step()
    assert fit(degree)[-1] == pytest.approx(parameters.detach().numpy(), rel=1e-12, abs=1e-14)
    assert gradient_of(fit(degree)[EPOCHS - 1]) == pytest.approx(parameters.grad.numpy(), rel=1e-6, abs=1e-14)


def test_the_rate_of_c_is_below_the_limits_of_both_models():
    for degree in (1, 2):
        columns = np.vander(X, degree + 1)
        assert 2 / np.linalg.eigvalsh(2 / 5 * columns.T @ columns)[-1] > 0.1


# Questions and words


def test_the_right_answers_are_keep_raise_lower_larger():
    loop, (a, b, c) = loop_question(), flat_questions()
    assert [question.right for question in (loop, a, b, c)] == [0, 0, 1, 2]
    before, after, _ = loop.choices
    assert "44" in before and "25.66" in after
    assert len({question.key for question in (loop, a, b, c)}) == 4


def test_remedies_do_what_the_answers_say():
    def end(rate: float) -> float:
        return float(train(Experiment(learning_rates=(rate,), epochs=100)).loss[0, -1])

    a, b, c = three_flats()
    assert end(10 * a.rate) < a.last / 2 < a.last < end(a.rate / 2)
    assert end(b.rate / 2) < 0.003
    assert end(10 * b.rate) > 1e250
    assert float(loss_of(fit(1, 0.2)[-1])) == pytest.approx(float(loss_of(fit(1, 0.05)[-1]))) == pytest.approx(c.last)


def test_every_answer_is_explained():
    for question in (loop_question(), *flat_questions()):
        assert all(question.choices.values())


def test_the_pages_words_carry_the_numbers_of_the_runs():
    assert "43.11 and 1.999" in tell_apart()
    assert "its loss is 2.8" in larger_model()
    line, larger, losses = larger_pictures()
    assert line.tables["marks"].y.tolist() == larger.tables["marks"].y.tolist() == [4, 1, 0, 1, 4]
    assert losses.tables["curves"].y.between(losses.y.low, losses.y.high).all()
