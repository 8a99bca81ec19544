"""The words that a link may say beside an Experiment's own, one table: which pages have them, and what they may be.

With core.experiment.experiment.FIELDS they are all words there are. Link, repairs, widgets and the README's list come
from both.
"""

from dataclasses import replace
from typing import Any, NamedTuple

from core import Experiment
from core.data.datasets import is_upload
from core.data.surfaces import ALL_NAMES, DEFAULT_CONDITION, NAMES
from core.experiment.experiment import RATE_LIMITS
from core.experiment.fields import Field, link_text
from core.instruments.papers.gallery import PAPERS
from core.instruments.range_test.trial import HIGH, LOW, LOWEST
from core.instruments.self_choosing.scene import LOSSES
from core.instruments.sweep import sweep
from core.instruments.trainability.trainability import Window
from core.methods.optimizers import UPDATE_RULES
from core.story import backpropagation, falling_rate, from_scratch, input_hidden_output
from core.story.article_loop import MOST_EPOCHS
from core.story.catapult import AT_START, LEAST, MOST
from core.story.exclusive_or import SEEDS
from core.story.mystery import LARGEST_SEED
from core.story.one_step import OneStep
from core.story.too_high_too_low import ALL_BUDGETS
from core.story.without_gradients import DIMENSIONS, MANY


class Word(NamedTuple):
    """A word of a link. pages: their addresses, () for every page; label: what it is called where it can be hidden."""

    field: Field
    pages: tuple[str, ...]
    label: str


_DEFAULTS = Experiment().to_query()
EXPERIMENT_PAGES = ("compare", "network", "sweep", "range-test", "schedules")  # these have an Experiment's words
_SWEPT = ("sweep", "range-test", "schedules")
_STEP, _NET = OneStep(), input_hidden_output.Example()
_RATES = {"low": RATE_LIMITS[0], "high": RATE_LIMITS[1]}
_RULES = tuple(rule.title for rule in UPDATE_RULES.values())
_FIRST_RULES = tuple(UPDATE_RULES[name].title for name in ("sgd", "momentum", "rmsprop", "adam"))
_LONGEST_NAME = 100
_Row = tuple[str, type, Any, dict[str, Any]]  # label, kind, default, limits


def _on(*pages: str, **words: _Row) -> list[Word]:
    """Words of these pages; _ stands for the - of a word."""
    return [
        Word(Field(name=name.replace("_", "-"), kind=kind, default=default, **limits), pages, label)
        for name, (label, kind, default, limits) in words.items()
    ]


def _number(label: str, default: float | None, **limits: float) -> _Row:
    return label, float, default, limits


def _whole(label: str, default: int | None, low: int, high: int) -> _Row:
    return label, int, default, {"low": low, "high": high}


def _stop(label: str, default: float, stops: tuple[float, ...]) -> _Row:
    return label, type(default), default, {"choices": stops, "low": min(stops), "high": max(stops)}


def _choice(label: str, choices: tuple[str, ...]) -> _Row:
    return label, str, choices[0], {"choices": choices}


def _switch(label: str, default: bool, form: str = "1 or 0") -> _Row:
    return label, bool, default, {"form": form}


def _column(label: str) -> _Row:
    return label, str, "", {"beside": _name, "form": "the name of a column, or none"}


def _name(word: str) -> str:
    if len(word) > _LONGEST_NAME:
        raise ValueError(f"have at most {_LONGEST_NAME} characters")
    return word


def short(experiment: Experiment) -> dict[str, list[str]]:
    """The words of a link to an experiment, without those that are defaults."""
    return {name: words for name, words in experiment.to_query().items() if words != _DEFAULTS[name]}


def run_words(experiment: Experiment) -> str:
    """The words of a link to the first run of an experiment, as the text of a word."""
    one = replace(experiment, learning_rates=experiment.learning_rates[:1])
    return link_text(short(one))


def _run(word: str) -> str:
    """A run of a line, as it stands in a link."""
    experiment, repairs = Experiment.from_query(word)
    if repairs or experiment.network() or is_upload(experiment.data):
        raise ValueError("be the words of a link to a line, and not to an upload")
    return run_words(experiment)


def _paper(word: str) -> str:
    if word and word not in PAPERS:
        raise ValueError("be the name of a paper")
    return word


def _window(word: str) -> str:
    """A piece of the map, as it stands in a link."""
    Window.from_word(word)
    return word


_TABLE = (
    *_on(
        gate=_switch("Ask before showing results", True),
        present=_switch("Open as slides", False),
        lock=("Hide controls", str, (), {"most": 100, "beside": str, "form": "names of controls, or all"}),
    ),
    *_on(
        "compare",
        pin=("Pinned runs", str, (), {"most": 3, "beside": _run, "form": "the words of a link to one learning rate"}),
    ),
    Word(sweep.RATES, _SWEPT, "Learning rates"),
    Word(sweep.SEEDS, _SWEPT, "Seeds"),
    # 0 for the learning rate alone, 1 with the batch size, 2 with the width, 3 for all update rules, 4 for schedules.
    *_on("sweep", map=_whole("What is swept", 0, 0, 4)),
    *_on(
        "range-test",
        range_low=_number("The rate rises from", LOW, low=LOWEST, high=RATE_LIMITS[1]),
        range_high=_number("to", HIGH, low=LOWEST, high=RATE_LIMITS[1]),
    ),
    *_on(
        "map",
        window=(
            "Piece of the map",
            str,
            Window().to_word(),
            {"beside": _window, "form": "four learning rates joined by _"},
        ),
    ),
    *_on("papers", paper=("Paper", str, "", {"beside": _paper, "form": "the name of a paper, or none"})),
    *_on(
        "update-rules",
        surface=_choice("The landscape", ALL_NAMES),
        rules=("Update rules", str, _FIRST_RULES, {"choices": _RULES, "most": len(_RULES)}),
        whose_rate=_choice("Learning rate", ("Each its own best", "One for all", "My own")),
        momentum=_number("Momentum", 0.9, low=0.0, high=0.99),
        steps=_stop("Steps", 100, (50, 100, 200, 500, 1000)),
        rate_all=_number("Learning rate of all", None, **_RATES),
        **{f"rate_{rule}": _number("Learning rate", None, **_RATES) for rule in UPDATE_RULES},
    ),
    # Names of columns, never what they hold.
    *_on(
        "diagnose",
        log_loss=_column("Loss"),
        log_validation=_column("Validation loss"),
        log_counter=_column("Steps or epochs"),
        log_rate=_column("Learning rate"),
        log_run=_column("Run"),
    ),
    *_on(
        "self-choosing",
        loss_of=_choice("The loss", LOSSES),
        choosing_steps=_stop("Steps", 50, (10, 20, 50, 100, 200, 500)),
    ),
    *_on(
        "one-step",
        x=_number("x, the input", _STEP.x),
        y=_number("y, what it should give", _STEP.y),
        w=_number("w at the start", _STEP.w),
        rate=_number("learning rate", _STEP.learning_rate),
        half=_switch("A half in front of the loss", False, "true or false"),
    ),
    *_on(
        "fog",
        fog_surface=_choice("The landscape", NAMES),
        fog_condition=_whole("How steep the ravine is", DEFAULT_CONDITION, 1, 200),
        fog_rate=_number("learning rate, for the steps to come", 0.1),
    ),
    *_on(
        "from-scratch",
        loop_rate=_number("lr, the learning rate", from_scratch.DOWN),
        loop_epochs=_whole("epochs", MOST_EPOCHS, 1, MOST_EPOCHS),
    ),
    *_on(
        "too-high-too-low",
        try_rate=_number("A rate to try", 0.08),
        valley_rate=_number("A rate for this valley", 1.2),
        catapult=_number("learning rate × sharpness at the start", AT_START, low=LEAST, high=MOST),
        budget=_stop("Epochs you can afford", 10, ALL_BUDGETS),
    ),
    *_on(
        "backpropagation",
        backprop_gradient=_choice("The gradient comes from", backpropagation.SOURCES),
        backprop_nudge=_stop("Nudge", backpropagation.NUDGE, backpropagation.NUDGES),
        **{
            backpropagation.in_link(rule): _number(f"rate of {rule}", rate)
            for rule, rate in backpropagation.FAIR.items()
        },
        backprop_steps=_whole("Steps drawn", 15, 1, backpropagation.MOST_DRAWN),
        backprop_leave_out=_choice("Leave out", backpropagation.LEAVE_OUT),
        backprop_epochs=_stop("Epochs of the program", 1000, (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)),
    ),
    *_on(
        "input-hidden-output",
        net_x1=_number("x1", _NET.x1),
        net_x2=_number("x2", _NET.x2),
        net_target=_number("target", _NET.target),
        net_rate=_number("learning rate", _NET.learning_rate),
        net_seed=_whole("Seed", _NET.seed, 0, SEEDS - 1),
        net_stage=_choice("Stage", input_hidden_output.STAGES),
        net_weight=_choice("Weight", input_hidden_output.WEIGHTS),
        net_training=_number("learning rate of the training", _NET.learning_rate),
    ),
    *_on("without-gradients", numbers=_stop("Numbers to find", MANY, DIMENSIONS)),
    *_on(
        "what-made-it-deep",
        schedule_batch=_choice("Points in each step", tuple(falling_rate.BATCHES)),
        schedule_rate=_number("Learning rate at the start", falling_rate.CLEAN_RATE, low=0.001, high=0.2),
        quiz=_whole("Ten curves", None, 0, LARGEST_SEED),  # without it, other ones on each visit
    ),
)
WORDS = {word.field.name: word for word in _TABLE}
LECTURE = tuple(name for name, word in WORDS.items() if not word.pages)
# Numbers of pages that have an Experiment, and are no part of it.
EXTRAS = {name: word.field for name, word in WORDS.items() if set(word.pages) & set(EXPERIMENT_PAGES)}
