"""Lesson 5 as a learner meets it. Its numbers are computed in tests/core/story/test_(torch_)backpropagation.py."""

from __future__ import annotations

import sys

import pytest

# What the page says, and the words by which it says it.
CLAIMS = {
    "backpropagation finds": "**Backpropagation** is a way to do this half. In PyTorch: `loss.backward()`",
    "gradient descent uses": "**Gradient descent** is a way to do this half. In PyTorch: `optimizer.step()`",
    "another source, the same path": "The same path. After 100 steps both stand at w = 1.846, b = 0.4518",
    "the cost grows with the parameters": "20 million passes, 5.6 hours | 3 passes, 3 ms",
    "another rule, another step of the same gradient": "momentum **(0.3, 0.1)**, Adam **(0.01, 0.01)**",
    "all are handed the same gradient": "first gradient (dw, db) | (−30, −10) | (−30, −10) | (−30, −10)",
    "the best rate belongs to the rule": "0.1 for gradient descent, 0.02 for momentum, 0.5 for Adam",
    "zero_grad left out: the loss swings": "swings between 0.03003 and 31.28 and ends at **23.52**",
    "a pile of gradients is momentum 1": "A sum of all gradients is momentum 1",
    "all three calls": "the loss falls from 30 to 0.03408",
}
LEFT_OUT = {
    "zero_grad": ("**Gradients pile up.**", "Finds the gradient at loss 30: −30 for w"),
    "backward": ("w.grad stays None and the loss stays at 30", "There is no gradient yet"),
    "step": ("backward() finds −30 for w, 100 times over", "There is no gradient yet"),
}
RATES = ("rate of gradient descent", "rate of momentum", "rate of Adam")


def codes(page):
    return " ".join(code.value for code in page.app.code)


def test_each_result_waits_for_its_own_prediction(open_lesson):
    page = open_lesson("backpropagation")
    assert page.gates() == ["backprop-gradient"]
    for words in ("8.3\u00a0×\u00a010⁻¹²", "Swap the rule", "Three calls in PyTorch"):
        assert words not in page.said()
    page.skip("backprop-gradient")
    assert page.gates() == ["backprop-rule"]
    assert "What changes is the cost" in page.said()
    assert "(0.01, 0.01)" not in page.said()
    assert "**Momentum** keeps a velocity v" in page.said()
    assert "**Adam** divides each gradient by its usual size" in page.said()
    page.skip("backprop-rule")
    assert page.gates() == ["backprop-zero"]
    assert "no one best rate" in page.said()
    assert "23.52" not in page.said()
    page.skip("backprop-zero")
    assert page.gates() == []
    assert "Next call" in [button.label for button in page.app.button]


def test_every_claim_is_on_the_page_a_lecturer_opens(open_lesson):
    page = open_lesson("backpropagation", gate="0")
    assert page.gates() == []
    assert page.lacks(CLAIMS) == []


def test_right_predictions_count_and_wrong_ones_are_explained_with_the_runs_numbers(open_lesson):
    page = open_lesson("backpropagation")
    page.answer("backprop-gradient", 1)
    assert "misses the true one by at most 3.8\u00a0×\u00a010⁻¹⁰" in page.said()
    page.answer("backprop-rule", 0)
    assert "its first velocity is the gradient itself" in page.said()
    page.answer("backprop-zero", 1)
    assert "For 4 epochs, yes: 2.465 against 7.001" in page.said()
    assert "Predicted right: 1 of 3" in page.said()


@pytest.mark.parametrize(
    ("source", "left_out", "code", "words"),
    [
        ("by hand", "zero_grad", "dw = 2 * np.mean(error * X)", "The other paths are compared with this one"),
        ("autograd", "backward", "loss.backward()", "same chain rule, done by the computer"),
        ("finite differences", "step", "/ (2 * nudge)", "too little to see"),
    ],
)
def test_each_source_and_each_call_left_out_shows_its_code_and_what_it_does(open_lesson, source, left_out, code, words):
    page = open_lesson(
        "backpropagation", gate="0", backprop_gradient=source, backprop_leave_out=left_out, backprop_steps="1"
    )
    assert code in codes(page)
    assert "w, b = w - 0.01 * dw, b - 0.01 * db" in codes(page)
    assert f".{left_out}()    left out" in codes(page)
    for said in (words, *LEFT_OUT[left_out]):
        assert said in page.said()
    assert next(field for field in page.app.number_input if field.label == "Steps drawn").value == 1


def test_the_nudge_can_be_made_too_small(open_lesson):
    page = open_lesson("backpropagation", gate="0", backprop_gradient="finite differences")
    page.app.select_slider[0].set_value(1e-16)
    page.run()
    assert "the gradient reads 0, and nothing moves" in page.said()


def test_the_stepper_walks_call_by_call_and_back(open_lesson):
    page = open_lesson("backpropagation", gate="0")
    assert "There is no gradient yet, so nothing to clear" in page.said()
    page.press("Next call")
    assert "| w.grad | None | **−30** |" in page.said()
    assert "loss.backward()        # <-- here" in codes(page)
    page.press("Next call")
    assert "w = 0 − 0.01 × (−30) = 0.3" in page.said()
    page.press("Call back")
    assert "| w.grad | None | **−30** |" in page.said()
    page.press("Start again")
    assert "No call has been made yet" in page.said()


def test_the_articles_program_is_shown_as_it_ran_with_what_it_printed(open_lesson):
    page = open_lesson("backpropagation", gate="0")
    assert "epochs = 1000" in codes(page) and "model = nn.Linear(1, 1)" in codes(page)
    assert "weight tensor([[1.9815]])" in codes(page)
    assert "**Autograd** is PyTorch's backpropagation" in page.said()
    page = open_lesson("backpropagation", gate="0", backprop_epochs="10")
    assert "epochs = 10\n" in codes(page)
    assert "After 10 epochs w = **" in page.said()


def test_any_rate_is_taken_and_said_what_it_does(open_lesson):
    page = open_lesson("backpropagation", gate="0")
    words = {0: "a rate of 0 takes no step", -3: "A negative rate walks uphill", 1e308: "leaves the picture at step 1"}
    for value in (0, -3, 1e308, -1e308, 1e-300):
        for rate in RATES:
            page.enter(rate, value)
            assert "nan" not in page.said(), (rate, value)
        assert words.get(value, "first step") in page.said()


def test_a_link_that_holds_no_number_is_told_so(open_lesson):
    page = open_lesson("backpropagation", gate="0", backprop_adam="much", backprop_nudge="x", backprop_steps="1e9")
    assert "The link's backprop-adam=much can't be; 0.5 is used." in page.said()
    assert "The link's backprop-steps=1e9 can't be; 15 is used." in page.said()


def test_without_pytorch_the_first_two_parts_work_and_the_rest_says_what_is_missing(open_lesson, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "core.story.torch_backpropagation", raising=False)
    page = open_lesson("backpropagation", gate="0", backprop_gradient="autograd")
    assert page.app.segmented_control[0].options == ["by hand", "finite differences"]
    assert "dw = 2 * np.mean(error * X)" in codes(page)
    assert "no one best rate" in page.said()
    assert "pip install torch==2.13.0" in page.said()
    assert "Next call" not in [button.label for button in page.app.button]
    assert "optimizer.zero_grad()" in codes(page)  # the script can be read all the same
