"""Lesson 5 in PyTorch: what each call does, what is left out, and what a backward pass costs."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from core.story import backpropagation as story
from core.story import halves
from core.story.torch_backpropagation import by_autograd, run_loop


@pytest.fixture(scope="module")
def loops():
    return {left_out: run_loop(left_out) for left_out in (halves.NOTHING, *halves.CALLS)}


def gradients(loop):
    """(w.grad, b.grad) after every backward()."""
    return np.array([(call.after.w_grad, call.after.b_grad) for call in loop.calls if call.name == "backward"])


@pytest.mark.parametrize("place", [(0.0, 0.0), (1.5, -2.0), (-3.0, 40.0)])
def test_autograd_by_hand_and_finite_differences_find_one_gradient(place):
    np.testing.assert_allclose(by_autograd(*place), halves.by_hand(*place), rtol=1e-13)
    np.testing.assert_allclose(halves.by_finite_differences(*place, story.NUDGE), halves.by_hand(*place), rtol=1e-6)


def test_the_path_by_autograd_is_the_path_by_hand():
    hand, auto = story.swapped_gradient("by hand"), story.swapped_gradient("autograd")
    assert halves.apart(hand, auto) < 1e-13
    assert "same chain rule" in story.distance("autograd", auto, hand)
    assert "loss.backward()" in story.gradient_code("autograd")


def test_the_loop_with_all_three_calls_is_gradient_descent_by_hand(loops):
    by_hand = halves.losses(story.swapped_gradient("by hand"))
    np.testing.assert_allclose(loops[halves.NOTHING].losses, by_hand, rtol=1e-10)
    assert np.array(loops[halves.NOTHING].losses)[[1, 10, 100]] == pytest.approx(
        [20.835, 0.8330377, 0.03408463], rel=1e-5
    )


def test_each_call_changes_only_what_the_page_says(loops):
    for call in loops[halves.NOTHING].calls:
        old, new = call.before, call.after
        nothing_to_clear = call.name == "zero_grad" and call.epoch == 1
        assert ((old.w, old.b) != (new.w, new.b)) == (call.name == "step")
        assert ((old.w_grad, old.b_grad) != (new.w_grad, new.b_grad)) == (call.name != "step" and not nothing_to_clear)
        if call.name == "zero_grad":
            assert new.w_grad is None
            assert new.b_grad is None


def test_without_zero_grad_each_gradient_is_the_sum_of_all_so_far(loops):
    piled = [call for call in loops["zero_grad"].calls if call.name == "backward"]
    fresh = np.array([halves.by_hand(call.before.w, call.before.b) for call in piled])
    np.testing.assert_allclose(gradients(loops["zero_grad"]), fresh.cumsum(axis=0), rtol=1e-9, atol=1e-9)
    assert gradients(loops["zero_grad"])[:2, 0] == pytest.approx([-30, -55])


def test_without_zero_grad_the_loss_is_that_of_torchs_own_momentum_1(loops):
    at = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([at], lr=halves.RATE, momentum=1.0)
    for expected in loops["zero_grad"].losses[:-1]:
        loss = ((at[0] * torch.tensor(halves.X) + at[1] - torch.tensor(halves.Y)) ** 2).mean()
        assert loss.item() == pytest.approx(expected, rel=1e-9)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert story.piling_gap(loops["zero_grad"]) < 1e-11


def test_without_zero_grad_the_loss_never_settles():
    # Along an eigenvector the error obeys e[k+1] = (2 - lr * lambda) e[k] - e[k-1], whose roots have size 1 below
    # lr * lambda = 4: it swings for ever.
    for curvature in np.linalg.eigvalsh([[15, 5], [5, 2]]):
        roots = np.roots([1, halves.RATE * curvature - 2, 1])
        np.testing.assert_allclose(np.abs(roots), 1, rtol=1e-12)


def test_without_zero_grad_the_loss_falls_climbs_and_stays_below_an_explosion(loops):
    losses = np.array(loops["zero_grad"].losses)
    assert losses.max() < 32
    assert losses[3] < 1 < 30 < losses[7]
    turns = np.count_nonzero(np.diff(np.sign(np.diff(losses))))
    assert turns > 20
    assert losses[-1] > 20


def test_without_backward_there_is_no_gradient_and_nothing_moves(loops):
    assert {call.after.w_grad for call in loops["backward"].calls} == {None}
    assert set(loops["backward"].losses) == {30.0}
    assert "step() skips w" in story.after_call(loops["backward"], 2).words


def test_without_step_the_same_gradient_is_found_100_times_and_nothing_moves(loops):
    assert set(gradients(loops["step"])[:, 0]) == {-30.0}
    assert len(gradients(loops["step"])) == 100
    assert set(loops["step"].losses) == {30.0}
    assert "100 times over" in story.verdict(loops[halves.NOTHING], loops["step"])


@pytest.mark.parametrize("left_out", halves.CALLS)
def test_the_code_shown_holds_the_calls_that_ran(loops, left_out):
    made = {call.name for call in loops[left_out].calls}
    assert made == set(halves.CALLS) - {left_out}
    for name in made:
        marked = [line for line in story.loop_text(left_out, name).splitlines() if "# <-- here" in line]
        assert len(marked) == 1
        assert f".{name}()" in marked[0]
    assert f".{left_out}()    left out" in story.loop_text(left_out)


def test_the_stepper_starts_before_any_call_and_ends_with_the_last(loops):
    loop = loops[halves.NOTHING]
    assert "No call has been made yet" in story.after_call(loop, 0).words
    second = story.after_call(loop, 2)
    assert "| w.grad | None | **−30** |" in second.tensors
    assert "at loss 30: −30 for w" in second.words
    assert "w = 0 − 0.01 × (−30) = 0.3" in story.after_call(loop, 3).words
    assert "was −30 and is None now" in story.after_call(loop, 4).words
    assert "Epoch 100, step()" in story.after_call(loop, len(loop.calls)).words
    assert "−30 + (−25) = −55" in story.after_call(loops["zero_grad"], 3).words


def test_the_question_about_the_pile_has_the_numbers_of_its_runs(loops):
    question = story.piling_question(loops[halves.NOTHING], loops["zero_grad"])
    assert [question.judge(k).right for k in range(4)] == [False, False, True, False]
    assert "−25 in epoch 2" in question.judge(0).why
    assert "uses −55" in question.judge(0).why
    assert "For 4 epochs, yes: 2.465 against 7.001" in question.judge(1).why
    assert "31.2 after 7 epochs" in question.judge(1).why
    assert "never passes 31.28" in question.judge(3).why
    assert "between 0.03003 and 31.28" in question.outcome
    assert "ends at **23.52**" in question.outcome


def test_the_script_behind_the_fold_runs_and_trains_as_the_article_says():
    scope = {}
    exec(story.SCRIPT, scope)
    w, b = scope["w"].item(), scope["b"].item()
    assert np.mean((w * halves.X + b - halves.Y) ** 2) == pytest.approx(0.03408463, rel=1e-4)
    assert scope["w"].dtype == torch.float32


@pytest.mark.parametrize("width", [10, 100, 300])
def test_a_backward_pass_costs_at_most_two_forward_passes_whatever_the_size(width):
    network = torch.nn.Sequential(*[torch.nn.Linear(width, width, bias=False) for _ in range(8)])
    with FlopCounterMode(display=False) as forward:
        out = network(torch.ones(4, width))
    with FlopCounterMode(display=False) as backward:
        out.sum().backward()
    ratio = (forward.get_total_flops() + backward.get_total_flops()) / forward.get_total_flops()
    assert 0.9 * story.PASSES_OF_BACKPROPAGATION < ratio <= story.PASSES_OF_BACKPROPAGATION
