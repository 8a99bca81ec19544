"""The state machine by properties: whatever a host does in whatever order, a room stays one that people can be in."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from room.phases import ACTIONS, PHASES, NotNow, State, act, may, takes_answers

STEPS = 3
actions = st.lists(st.sampled_from(ACTIONS), max_size=60)


def walked(done: list[str]) -> list[State]:
    """The states that a host goes through who tries all of these."""
    states = [State()]
    for action in done:
        try:
            states.append(act(states[-1], action, STEPS))
        except NotNow:
            assert not may(states[-1], action)
    return states


@given(actions)
def test_any_order_of_actions_keeps_the_invariants(done):
    states = walked(done)
    for state in states:
        assert state.phase in PHASES and state.round in (1, 2) and 0 <= state.step < STEPS
        assert not state.frozen or state.phase == "open"
        assert state.phase != "lobby" or state.round == 1
        assert state.phase != "discuss" or state.round == 1, "what is discussed is the first vote"
    for before, after in itertools.pairwise(states):
        assert after.step in (before.step, before.step + 1), "no step is passed over, none comes again"
        assert after.round >= before.round or after.step > before.step or after.phase == "ended"
        assert after.phase != "revealed" or not takes_answers(before), "nobody answers what is shown"


@given(actions)
def test_who_has_ended_stays_so(done):
    ended = act(State(), "end", STEPS)
    assert walked(done)[0] == State() and all(not may(ended, action) for action in done)


def test_a_lesson_as_it_goes():
    state = State()
    way = [
        "open",
        "close",
        "discuss",
        "again",
        "freeze",
        "freeze",
        "close",
        "reveal",
        "next",
        "open",
        "close",
        "reveal",
    ]
    seen = []
    for action in way:
        state = act(state, action, 2)
        seen.append((state.step, state.round, state.phase, state.frozen))
    assert seen[3] == (0, 2, "open", False) and seen[4] == (0, 2, "open", True) and seen[7] == (0, 2, "revealed", False)
    assert seen[8] == (1, 1, "lobby", False) and seen[-1] == (1, 1, "revealed", False)
    assert act(state, "next", 2).phase == "ended"


@pytest.mark.parametrize(
    ("state", "action", "why"),
    [
        (State(), "close", "not open yet"),
        (State(phase="open"), "reveal", "is open"),
        (State(phase="closed", round=2), "again", "a second vote"),
        (State(phase="revealed"), "open", "answer is shown"),
        (State(phase="ended"), "next", "has ended"),
    ],
)
def test_what_is_not_possible_is_told_why(state, action, why):
    with pytest.raises(NotNow, match=why):
        act(state, action, STEPS)
