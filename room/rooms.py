"""The rooms of this process, as its routes and pages call them: what a room is told, and what its host and seats do."""

import json
import secrets
import threading
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from core.export.handout import has_other_numbers
from core.export.markup import inline, paragraphs
from core.story.fog import Fixed, Walk
from core.story.question import ChoiceQuestion, NumberQuestion, Question

from . import afterwards, quiz, sweeping, tally, walk
from .asking import asked, outcome, picture, reads
from .phases import ACTIONS, Action, NotNow, Phase, may
from .plan import MOST_STEPS, MOST_VERSION, Plan, Step, read_plan, read_step
from .quiz import Quiz
from .store import Opened, Refused, Seat, Store
from .sweeping import Trained

T = TypeVar("T")
MOST_ROOMS = 20  # that one process opens
_KEPT = 200  # results of steps that are kept
RACES: dict[str, Any] = {"mystery": quiz, "fog": walk}  # by the kind of step; both have the same functions


def directly(task: Callable[..., T], *arguments: Any) -> T:
    """Do it here: where no worker is at hand."""
    return task(*arguments)


class Rooms:
    """compute: how task(*arguments) is done that takes long, or reads what a visitor sent: by a worker.

    split: shares of right answers between which a discussion is advised.
    """

    def __init__(
        self, store: Store, compute: Callable[..., Any] = directly, split: tuple[float, float] = tally.SPLIT
    ) -> None:
        self.store, self._compute, self._split = store, compute, split
        self._kept: dict[Hashable, Any] = {}
        self._lock = threading.Lock()
        self._soon = ThreadPoolExecutor(1)
        self._ours: set[str] = set()

    def create(self, plan: Plan) -> tuple[str, str]:
        """(code, host's secret) of a new room. Raises Refused where this process has too many."""
        self._ours &= set(self.store.counts(sorted(self._ours)))
        if len(self._ours) >= MOST_ROOMS:
            raise Refused(f"There are {MOST_ROOMS} rooms here already. End one, or try again later.")
        code, secret = self.store.create(plan)
        self._ours.add(code)
        self._ahead(plan.steps[0])
        return code, secret

    def read(self, texts: Sequence[str]) -> Plan:
        """The plan of these steps; raises NoStep."""
        plan: Plan = self._compute(read_plan, tuple(texts))
        return plan

    def told(self, code: str) -> dict[str, Any]:
        """What everybody in the room may know, as JSON has it. Raises NoRoom."""
        room = self.store.opened(code)
        state, phase = room.state, room.state.phase
        shown = phase not in ("lobby", "ended")
        told = {
            "code": code,
            "title": room.title,
            "step": state.step,
            "of": len(room.plan),
            "round": state.round,
            "phase": phase,
            "frozen": state.frozen,
            "seats": room.seats,
            "groups": room.groups,
            "count": 0,
            "asked": None,
            "result": None,
        }
        if not shown:
            return told
        step = _step(room)
        first, second = self.store.answers(code, state.step)
        now = second if state.round == 2 else first
        told["count"] = RACES[step.kind].done(now) if step.kind in RACES else len(now)
        told["asked"] = self._prepared(step)[1][state.round]
        if phase == "revealed":
            told["result"] = self._result(step, first, second)
        elif step.kind == "sweep":  # fills in as they come
            told["points"] = tally.of_rates(self._points(step, first, second))["points"]
        return told

    def advice(self, code: str) -> str:
        """A hint for the host, without a number; "" for none."""
        room = self.store.opened(code)
        if not may(room.state, "discuss"):
            return ""
        step = _step(room)
        question = self._prepared(step)[0]
        if step.kind in RACES:
            return ""
        if question is None:
            return "To look closer where the loss is lowest, let each choose a rate: Second round."
        share = tally.share_right(question, list(self.store.answers(code, room.state.step).first.values()))
        if share is None:
            return ""
        low, high = self._split
        if share < low:
            return "Few are right: explain a little, then vote again."
        return "Opinions are split: let them discuss, then vote again." if share <= high else "Most are right: go on."

    def picture(self, code: str) -> str:
        """What the hall shows beside the question, as HTML: its picture, or what came of a run; "" for nothing."""
        room = self.store.opened(code)
        shown = outcome if room.state.phase == "revealed" and _step(room).kind == "run" else picture
        found: str = self._once(shown, _step(room))
        return found

    def walks(self, code: str) -> tuple[list[Walk], Fixed]:
        """The walks of a fog race that is revealed, the best first; gradient descent at the best fixed rate."""
        room = self.store.opened(code)
        step, (first, second) = _step(room), self.store.answers(code, room.state.step)
        made: Fixed = self._race(step)[1]
        given = first | second
        return [walk.walked(step, given[seat]) for seat in walk.standing(made, step, given)], made

    def curves(self, code: str) -> list[str]:
        """The ten curves of a mystery race, as SVG."""
        made: Quiz = self._race(_step(self.store.opened(code)))[1]
        return [quiz.small_picture(curve) for curve in made.curves]

    def possible(self, code: str) -> list[Action]:
        """What the host may do now."""
        state = self.store.opened(code).state
        return [action for action in ACTIONS if may(state, action)]

    def do(self, code: str, action: str) -> None:
        """An action of the host, or undo. Raises NoRoom and NotNow."""
        if action not in (*ACTIONS, "undo"):
            raise NotNow(f"A host can {', '.join(ACTIONS)} and undo.")
        state = self.store.act(code, action)
        plan = self.store.opened(code).plan
        self._ahead(*plan[state.step : state.step + 2])

    def has_twin(self, code: str) -> bool:
        """Whether the question that was just answered can be asked with other numbers."""
        room = self.store.opened(code)
        step = _step(room)
        fits = step.kind == "vote" and has_other_numbers(step.lesson) and len(room.plan) < MOST_STEPS
        return fits and room.state.phase == "revealed"

    def ask_twin(self, code: str) -> None:
        """Go to the same question with other numbers. Raises NoRoom; NotNow where there is none."""
        if not self.has_twin(code):
            raise NotNow("Other numbers are for a question of lessons 1 to 5, once its answer is shown.")
        step = _step(self.store.opened(code))
        self.store.insert(code, str(step.twin(1 + secrets.randbelow(MOST_VERSION))))
        self.do(code, "next")

    def join(self, code: str) -> Seat:
        """A new seat. Raises NoRoom and Refused; NotNow once the lesson has ended."""
        if self.store.opened(code).state.phase == "ended":
            raise NotNow("There is nothing left to answer in this room.")
        return self.store.join(code)

    def answer(self, code: str, token: str, step: int, round: int, value: Any) -> None:
        """A seat's answer. Raises NoRoom, Refused, NotNow; ValueError where it is none."""
        room = self.store.opened(code)
        if step != room.state.step or round != room.state.round:
            raise NotNow("This step is closed.")
        self.store.answer(code, token, step, round, reads(_step(room), round, value))

    def mine(self, code: str, token: str) -> dict[str, Any]:
        """What a seat may know of itself: name, digits, answers of this step, rate, curve, a judged number."""
        room, seat = self.store.opened(code), self.store.seat(code, token)
        first, second = self.store.answers(code, room.state.step)
        given = {str(k): each[seat.answers_as] for k, each in ((1, first), (2, second)) if seat.answers_as in each}
        step = _step(room)
        told: dict[str, Any] = {"name": seat.name, "digits": seat.digits, "answers": given, "rate": None, "curve": None}
        told["group"] = f"Group {seat.group}" if seat.group else None
        if step.kind == "sweep" and room.state.phase not in ("lobby", "ended"):
            now = str(room.state.round)
            rate, runs = self._run_of(step, seat.answers_as, given.get("2"))
            told["rate"] = rate if given.get("2") else sweeping.dealt_to(step, seat.answers_as)
            told["curve"] = runs.curve(rate) if now in given or given else None
        if step.kind in RACES and room.state.phase not in ("lobby", "ended"):
            told |= self._raced(
                step, room.state.phase, given.get(str(room.state.round)), seat.answers_as, first | second
            )
            told["answers"] = {round: RACES[step.kind].sent(value) for round, value in given.items()}
        question = self._prepared(step)[0]
        if isinstance(question, NumberQuestion) and given and room.state.phase == "revealed":
            said = question.judge(given[max(given)])
            told["judged"] = {"right": said.right, "why": inline(said.why)}
        return told

    def _raced(self, step: Step, phase: Phase, now: Any, seat: int, last: dict[int, Any]) -> dict[str, Any]:
        """What a seat may know of a race.  now: its answer of this round.  last: the newest of each seat."""
        race, made = self._race(step)
        if phase != "revealed" or seat not in last:
            return race.seen(made, step, now) if phase == "open" else {}
        told = race.judged(made, step, last[seat])
        if len(last) < tally.FEWEST:
            return {"raced": told}
        return {"raced": told | {"place": race.place(made, step, last, seat), "of": len(last)}}

    def results(self, code: str) -> list[dict[str, Any]]:
        """A row for each answer and for each round that had any: no seat, and nothing where answers are few."""
        room, rows = self.store.opened(code), []
        for at, text in enumerate(room.plan):
            step = read_step(text)
            question = self._prepared(step)[0]
            for round, given in enumerate(self.store.answers(code, at), 1):
                row = {"step": at + 1, "what": step.title, "asked": text, "round": round, "answers": len(given)}
                few = len(given) < tally.FEWEST
                if given and few:
                    rows.append(row | {"answer": None, "count": None, "right": None})
                elif step.kind in RACES:
                    race, made = self._race(step)
                    rows += [row | each for each in race.rows(made, step, given)] if given else []
                elif isinstance(question, ChoiceQuestion):
                    values = list(given.values())
                    rows += [
                        row | {"answer": choice, "count": values.count(k), "right": k == question.right}
                        for k, choice in enumerate(question.choices)
                        if values
                    ]
                elif isinstance(question, NumberQuestion):
                    rows += [
                        row | {"answer": value, "count": 1, "right": question.judge(value).right}
                        for value in sorted(given.values())
                    ]
                else:
                    points = self._points(step, given, {}) if round == 1 else self._points(step, {}, given)
                    rows += [row | {"answer": rate, "count": 1, "loss": _finite(loss)} for rate, loss in sorted(points)]
        return rows

    def reviewed(self, code: str) -> list[dict[str, Any]]:
        """Of each step that had answers: what was asked, how many answered in both rounds, and its result as told."""
        found = []
        for at, text in enumerate(self.store.opened(code).plan):
            step, given = read_step(text), self.store.answers(code, at)
            if any(given):
                asked = self._prepared(step)[1][2 if given.second else 1]
                counts, result = [len(each) for each in given], self._result(step, *given)
                if step.kind == "fog":
                    result["legs"] = list((given.first | given.second).values())
                found.append({"step": at + 1, "asked": asked, "counts": counts, "result": result})
        return found

    def page(self, code: str) -> bytes:
        """The same as a page of pictures, PDF."""
        title, steps = self.store.opened(code).title, json.dumps(self.reviewed(code))
        made: bytes = self._compute(afterwards.page, title, steps)
        return made

    def _result(self, step: Step, first: dict[int, Any], second: dict[int, Any]) -> dict[str, Any]:
        question, _, limit = self._prepared(step)
        if step.kind in RACES:
            race, made = self._race(step)
            raced: dict[str, Any] = race.result(made, step, first | second)
            return raced
        if isinstance(question, ChoiceQuestion):
            said: dict[str, Any] = {"kind": "choice", "whys": [inline(why) for why in question.choices.values()]}
            return said | {"outcome": paragraphs(question.outcome)} | tally.of_choices(question, first, second)
        if isinstance(question, NumberQuestion):
            values = [*(second or first).values()]
            said = {"kind": "number", "outcome": paragraphs(question.outcome)} | tally.of_numbers(question, values)
            return said if limit is None else said | {"measured": limit}
        return {"kind": "rate", "limit": limit} | tally.of_rates(self._points(step, first, second))

    def _points(self, step: Step, first: dict[int, Any], second: dict[int, Any]) -> list[tuple[float, float]]:
        """(rate, final loss) of each run that a seat has started."""
        runs: list[tuple[int, float | None]] = [*((seat, None) for seat in first), *second.items()]
        found = (self._run_of(step, seat, rate) for seat, rate in runs)
        return [(rate, trained.final(rate)) for rate, trained in found]

    def _run_of(self, step: Step, seat: int, chosen: float | None) -> tuple[float, Trained]:
        if chosen is not None:
            return chosen, self._runs(step, 0)
        return sweeping.dealt_to(step, seat), self._runs(step, seat // sweeping.BATCH)

    def _runs(self, step: Step, batch: int) -> Trained:
        axis = self._runs(step, 0).made.losses if batch else None
        found: Trained = self._once(sweeping.trained, sweeping.experiments(step, batch), axis)
        return found

    def _ahead(self, *texts: str) -> None:
        """Begin what these steps will need, before anybody asks for it."""
        for step in map(read_step, texts):
            self._soon.submit(self._prepared, step)
            self._soon.submit(self._once, outcome if step.kind == "run" else picture, step)
            if step.kind == "sweep":
                self._soon.submit(self._runs, step, 0)
            if step.kind in RACES:
                self._soon.submit(self._race, step)

    def _race(self, step: Step) -> tuple[Any, Any]:
        """(module of the race, what it has prepared)."""
        race = RACES[step.kind]
        return race, self._once(race.prepared, step)

    def _prepared(self, step: Step) -> tuple[Question | None, dict[int, dict[str, Any]], float | None]:
        found: tuple[Question | None, dict[int, dict[str, Any]], float | None] = self._once(prepared, step)
        return found

    def _once(self, task: Callable[..., Any], *arguments: Any) -> Any:
        """What it gives, computed by one and kept."""
        key = (task, *arguments)
        if key not in self._kept:
            with self._lock:
                if key not in self._kept:
                    while len(self._kept) >= _KEPT:
                        del self._kept[next(iter(self._kept))]
                    self._kept[key] = self._compute(task, *arguments)
        return self._kept[key]


def _finite(loss: float) -> float | str:
    """A loss for a file; runs are kept in float32, which ends there."""
    return loss if loss < float("inf") else "above 3.4e+38, or overflowed"


def prepared(step: Step) -> tuple[Question | None, dict[int, dict[str, Any]], float | None]:
    """The step's question, what is shown of it in both rounds, its limit: predicted of a sweep, measured of a guess."""
    limits = {"sweep": sweeping.limit, "limit": sweeping.measured}
    limit = limits[step.kind](step) if step.kind in limits else None
    return step.question, {round: asked(step, round) for round in (1, 2)}, limit


def _step(room: Opened) -> Step:
    return read_step(room.plan[room.state.step])
