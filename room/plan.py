"""What a class can be asked: steps, and plans of them, as texts that stand in a link and in the store.

    vote:one_step/one-step-bounce:0   a lesson's question, in this version of its numbers (0: the lesson's own)
    run:lr=1                          what will this learning rate do?  the words of a lab's link, with one rate
    sweep:hidden=8&lr=0.001&lr=100    the class as a sweep, between two rates
    limit:data=article                the stability limit of a line, guessed
    mystery:17                        the ten loss curves of the quiz that this seed draws, as a race
    fog:ravine:20                     a walk down this landscape in fog, as a race; 20: the ravine's condition number

What is sent and what is stored is such a text; a Step is what it says.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, get_args

from core import Experiment, diagnose, stability_limit, train
from core.data.surfaces import NAMES
from core.diagnosis.theory import edge, predictable
from core.experiment.cost import AT_ONCE_SECONDS
from core.experiment.described import experiment_words
from core.experiment.fields import link_text
from core.export.handout import questions
from core.story.lessons import LESSONS
from core.story.mystery import LARGEST_SEED
from core.story.question import ChoiceQuestion, NumberQuestion, Question
from core.words import number

Kind = Literal["vote", "run", "sweep", "limit", "mystery", "fog"]
MOST_STEPS = 40
LONGEST_STEP = 400  # characters
MOST_VERSION = 999_999
WITHIN = 0.2  # of the limit, as a share: nearer counts as found
_MOST_CONDITION = 200  # of a race's ravine
_MINUTES = 4  # that a step takes, with two votes
_STEPS_A_DECADE = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
_TITLES = {lesson.file: lesson.title for lesson in LESSONS}
_RACES: dict[str, str] = {"mystery": "Mystery race", "fog": "Fog race"}
_FATES = {
    "low": ("It hardly falls: the rate is too low", "The loss does not move enough to learn in this time."),
    "good": ("It falls, from the start to the end: the rate works", "The loss falls and does not grow on the way."),
    "high": ("It grows, or never settles: the rate is too high", "The steps are too long for this loss."),
}


class NoStep(ValueError):
    """A text that names no step; its message says why, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing a class is asked.

    lesson, key, version: of a vote.  experiment: of a run, a sweep and a limit; its learning_rates are the one rate of
    a run, and the two ends of a sweep.  version: of a mystery the seed.  key, version: of a fog race the landscape, and
    its condition number.
    """

    kind: Kind
    lesson: str = ""
    key: str = ""
    version: int = 0
    experiment: Experiment | None = None

    def __str__(self) -> str:
        """The text that `read_step` reads."""
        if self.kind == "mystery":
            return f"mystery:{self.version}"
        if self.kind == "fog":
            return f"fog:{self.key.replace(' ', '_')}:{self.version}"
        if self.experiment is None:
            return f"vote:{self.lesson}/{self.key}:{self.version}"
        usual = Experiment().to_query()
        words = {name: texts for name, texts in self.experiment.to_query().items() if usual[name] != texts}
        return f"{self.kind}:{link_text(words)}"

    @property
    def title(self) -> str:
        """What it is called in a list of steps."""
        if self.kind in _RACES:
            which = f"quiz {self.version}" if self.kind == "mystery" else f"the {self.key}"
            return f"{_RACES[self.kind]}: {which}"
        if self.experiment is None:
            return f"{_TITLES[self.lesson]}: {self.key.replace('-', ' ')}"
        rates = " to ".join(map(number, self.experiment.learning_rates))
        return {"run": f"What will rate {rates} do?", "sweep": "The class as a sweep"}.get(self.kind, "Guess the limit")

    @property
    def heading(self) -> str:
        """What stands above it for a class: the name of its lesson or race; it tells no landscape."""
        return _RACES.get(self.kind) or _TITLES.get(self.lesson) or self.title

    @property
    def question(self) -> Question | None:
        """What is voted on; None of a sweep and of the races, whose answers are not one choice or number."""
        return None if self.kind == "sweep" or self.kind in _RACES else _question(self)

    def twin(self, version: int) -> "Step":
        """The same kind of question with other numbers, or its choices in another order: of a vote only."""
        return replace(self, version=version) if self.kind == "vote" else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Steps in their order, as texts that `read_step` reads, under a title.  minutes: that they take, about."""

    title: str
    steps: tuple[str, ...]
    minutes: int = 0


@lru_cache(maxsize=500)
def read_step(text: str) -> Step:
    """The step of a text; raises NoStep, with a sentence, where it is none. Whether it can be asked, `check` tells."""
    kind, _, of = text.partition(":")
    if len(text) > LONGEST_STEP or kind not in get_args(Kind):
        kinds = ", ".join(get_args(Kind))
        raise NoStep(f"A step begins with one of {kinds} and a colon, and has at most {LONGEST_STEP} characters.")
    if kind in ("vote", "mystery", "fog"):
        return {"vote": _vote, "mystery": _mystery, "fog": _fog}[kind](of)
    experiment, repairs = Experiment.from_query(of)
    if repairs:
        raise NoStep(f"The link of this step can't be read: {repairs[0]}")
    return Step(kind=kind, experiment=_plain(experiment))  # type: ignore[arg-type]


def read_plan(texts: Sequence[str], title: str = "Plan of your own") -> Plan:
    """A plan of these steps; raises NoStep where one can't be asked, or there are none or too many."""
    if not 1 <= len(texts) <= MOST_STEPS:
        raise NoStep(f"A plan has 1 to {MOST_STEPS} steps, got {len(texts)}.")
    steps = [read_step(text) for text in texts]
    for step in steps:
        check(step)
    return Plan(title=title, steps=tuple(map(str, steps)), minutes=_MINUTES * len(steps))


def check(step: Step) -> None:
    """Raises NoStep where a class can't be asked it."""
    if step.kind in _RACES:
        return
    if step.experiment is None:
        keys = [each.key for each in questions(step.lesson)]
        if step.key not in keys:
            raise NoStep(f"The lesson has no question {step.key!r}; it has {', '.join(keys)}.")
        return
    experiment, rates = step.experiment, step.experiment.learning_rates
    if step.kind == "run" and len(rates) != 1:
        raise NoStep(f"A run is asked about one learning rate, got {len(rates)}.")
    if step.kind == "sweep" and not (len(rates) == 2 and rates[0] < rates[1]):
        raise NoStep("A sweep goes from one learning rate to a higher one: give exactly these two.")
    if experiment.seconds() > AT_ONCE_SECONDS:
        raise NoStep("This takes too long to be trained for a class at once: take fewer epochs.")
    if step.kind == "limit" and not (predictable(experiment) and math.isfinite(stability_limit(experiment))):
        raise NoStep("Of this no limit is known before it is trained: take a line, trained by gradient descent.")
    if step.kind == "run" and step.question is None:
        raise NoStep("What this rate does can't be told for sure, so it can't be asked.")


def ends(step: Step) -> tuple[float, float]:
    """The lowest and the highest rate of a sweep."""
    assert step.experiment is not None
    low, high = step.experiment.learning_rates
    return low, high


def stops(low: float, high: float) -> list[float]:
    """The rates that are offered to who chooses: round numbers between the ends, and these."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    round_ones = (float(f"{times * 10.0**power:.2g}") for power in range(first, last + 1) for times in _STEPS_A_DECADE)
    return sorted({low, high, *(rate for rate in round_ones if low < rate < high)})


def _plain(experiment: Experiment) -> Experiment:
    """Without what a class does not need and pays for."""
    return replace(experiment, sharpness=0, changes=(), engine="numpy", precision="float64")


def _vote(of: str) -> Step:
    where, _, version = of.partition(":")
    lesson, _, key = where.partition("/")
    if lesson not in _TITLES or (version and not (version.isdecimal() and int(version) <= MOST_VERSION)):
        raise NoStep(f"A vote is vote:LESSON/QUESTION:VERSION, with a lesson of {', '.join(_TITLES)}.")
    return Step(kind="vote", lesson=lesson, key=key, version=int(version or 0))


def _mystery(of: str) -> Step:
    if not (of.isdecimal() and int(of) <= LARGEST_SEED):
        raise NoStep(f"A mystery race is mystery:SEED, a whole number up to {LARGEST_SEED:,}.")
    return Step(kind="mystery", version=int(of))


def _fog(of: str) -> Step:
    name, _, condition = of.partition(":")
    key = name.replace("_", " ")
    if key not in NAMES or not (condition.isdecimal() and 1 <= int(condition) <= _MOST_CONDITION):
        names = ", ".join(each.replace(" ", "_") for each in NAMES)
        raise NoStep(f"A fog race is fog:NAME:CONDITION, NAME of {names}, CONDITION from 1 to {_MOST_CONDITION}.")
    return Step(kind="fog", key=key, version=int(condition))


@lru_cache(maxsize=200)
def _question(step: Step) -> Question | None:
    if step.experiment is None:
        return next(each for each in questions(step.lesson, step.version) if each.key == step.key)
    if step.kind == "limit":
        return _limit_question(step.experiment)
    return _fate_question(step.experiment)


def _fate_question(experiment: Experiment) -> ChoiceQuestion | None:
    """What will this rate do?  None where the diagnosis leaves it open."""
    (told,) = diagnose(train(experiment))
    if told.role not in _FATES:
        return None
    rate = number(experiment.learning_rates[0])
    return ChoiceQuestion(
        key="run",
        ask=f"**What will the loss do at learning rate {rate}?**\n\n{experiment_words(experiment)}",
        choices=dict(_FATES.values()),
        right=list(_FATES).index(told.role),
        outcome=f"**{told.title}.** {told.reason} {told.evidence}",
    )


def _limit_question(experiment: Experiment) -> NumberQuestion:
    limit, off = float(stability_limit(experiment)), f"{number(100 * WITHIN)}\u00a0%"
    return NumberQuestion(
        key="limit",
        ask=(
            "**Above which learning rate does the loss explode?** Guess one number. It is right if it lies at most "
            f"{off} below this limit, and not above it.\n\n{experiment_words(experiment)}"
        ),
        answer=limit,
        within=WITHIN,
        above=f"This is within {off} of the limit, but above it: there the loss grows.",
        outcome=(
            f"The stability limit, {number(edge(experiment))} / (largest curvature), is **{number(limit)}**. "
            "Above it the loss grows from step to step."
        ),
    )
