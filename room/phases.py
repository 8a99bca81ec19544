"""Where a room is, and what may follow: the one state machine that host, seats and hall all obey.

    lobby -> open -> closed -> revealed -> (next step's) lobby ... ended
                       |  ^
                       v  |
                    discuss

A step has a second vote at most once.
"""

from dataclasses import dataclass, replace
from typing import Literal, get_args

Phase = Literal["lobby", "open", "closed", "discuss", "revealed", "ended"]
Action = Literal["open", "close", "reveal", "discuss", "again", "next", "freeze", "end"]
PHASES, ACTIONS = get_args(Phase), get_args(Action)


class NotNow(Exception):
    """What was asked for does not follow from where the room is; its message says so in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """step: which of the plan's, from 0.  round: 1, or 2 of a second vote.  frozen: whether answers have to wait."""

    step: int = 0
    round: int = 1
    phase: Phase = "lobby"
    frozen: bool = False


_FROM: dict[Action, tuple[Phase, ...]] = {
    "open": ("lobby",),
    "close": ("open",),
    "discuss": ("closed",),
    "again": ("closed", "discuss"),
    "reveal": ("closed", "discuss"),
    "next": ("lobby", "closed", "discuss", "revealed"),
    "freeze": ("open",),
    "end": ("lobby", "open", "closed", "discuss", "revealed"),
}
_TO: dict[Action, Phase] = {
    "open": "open",
    "close": "closed",
    "discuss": "discuss",
    "again": "open",
    "reveal": "revealed",
    "end": "ended",
}
_IS: dict[Phase, str] = {
    "lobby": "this step is not open yet",
    "open": "this step is open",
    "closed": "this step is closed",
    "discuss": "the class discusses",
    "revealed": "the answer is shown",
    "ended": "the lesson has ended",
}


def act(state: State, action: Action, steps: int) -> State:
    """The state after an action of the host, of a plan with so many steps. Raises NotNow."""
    if not may(state, action):
        second = state.round == 2 and state.phase in _FROM[action]
        why = "there has been a second vote" if second else _IS[state.phase]
        raise NotNow(f"That is not possible now: {why}.")
    if action == "freeze":
        return replace(state, frozen=not state.frozen)
    if action == "next":
        last = state.step + 1 >= steps
        return State(step=state.step, phase="ended") if last else State(step=state.step + 1)
    return replace(state, phase=_TO[action], round=2 if action == "again" else state.round, frozen=False)


def may(state: State, action: Action) -> bool:
    """Whether the action is possible: a step has two votes at most, and is discussed before the second."""
    return state.phase in _FROM[action] and not (state.round == 2 and action in ("discuss", "again"))


def takes_answers(state: State) -> bool:
    """Whether an answer of a seat counts now."""
    return state.phase == "open" and not state.frozen
