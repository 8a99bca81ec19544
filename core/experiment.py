"""The Experiment: one value that says all of what is trained, and is the link as well.

It is frozen, hashable and checked when made. Two equal experiments give the same
History, so it serves as the cache key; `to_query` and `from_query` turn it into the
words after the question mark of a link and back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlencode

from core.datasets import DATASETS, dataset
from core.fields import LONGEST_WORD, Field, Repair, shorten
from core.optimizers import UPDATE_RULES
from core.schedules import SCHEDULES

LINK_VERSION = "1"
MAX_LANES = 8  # how many learning rates a page shows side by side

# Limits by cost. A cell is one learning rate for one epoch. A History holds five float64 numbers
# for each, so 4 million cells are 160 MB; seconds are those of one 2020s core.
MAX_CELLS = 4_000_000
MAX_SECONDS = 120.0
CACHED_SECONDS = 0.5  # up to here a run is simply done and cached; beyond it shows its progress
_MOST_REPAIRS = 12  # a link of a megabyte must not print a megabyte of warnings


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What is trained, from where, how long and at which learning rates.

    Raises ValueError naming the field, its value, what is allowed and what to do.
    The defaults are the article's experiment; each carries its reason, the limits stand in FIELDS.
    """

    data: str = "article"  # y = 2x at x = 1..5
    standardize: bool = False  # the article does not; it moves the limit, so it must be chosen
    hidden: tuple[int, ...] = ()  # no hidden layer: y = w x + b
    activation: str = "tanh"  # of hidden layers; a line has none
    loss: str = "auto"  # mean of squares for a line
    learning_rates: tuple[float, ...] = (1e-6, 0.01, 1.0)  # the article's too low, good, too high
    epochs: int = 1000  # the article's
    batch_size: int | None = None  # None: every point in each step, as in the article
    optimizer: str = "sgd"  # plain gradient descent, as in the article
    momentum: float = 0.0  # none, as in the article
    schedule: str = "constant"  # one rate for the whole run
    start: tuple[float, ...] = ()  # (): w = b = 0, the article's
    seed: int = 0  # draws noise and the order of mini-batches, for both engines
    engine: str = "numpy"  # from scratch first; "torch" runs the same by PyTorch
    precision: str = "float64"  # so that both engines agree to the last digits
    sharpness: int = 0  # at how many epochs to measure it; a line's never changes

    def __post_init__(self) -> None:
        for field in FIELDS:
            object.__setattr__(self, field.name, field.check(getattr(self, field.name)))
        if self.hidden:
            raise ValueError(f"hidden must be () so far, got {self.hidden}: this version trains lines only")
        if not self.learning_rates:
            raise ValueError("learning_rates must hold at least one rate, got none")
        points, features = dataset(self.data, self.seed).x.shape
        if self.batch_size is not None and self.batch_size > points:
            raise ValueError(f"batch_size must be <= {points} for this data, got {self.batch_size}")
        if len(self.start) not in (0, features + 1):
            raise ValueError(f"start must hold {features + 1} numbers (w, then b) or none, got {len(self.start)}")
        if self.epochs > self.largest_epochs():
            raise ValueError(
                f"epochs must be <= {self.largest_epochs():,} for {len(self.learning_rates)} learning rates"
                f" of this kind, got {self.epochs:,}: take fewer epochs, fewer rates or larger batches"
            )

    @property
    def steps_per_epoch(self) -> int:
        """How many updates one epoch makes: 1 for the full batch."""
        points = len(dataset(self.data, self.seed).y)
        return math.ceil(points / (self.batch_size or points))

    def seconds_per_epoch(self) -> float:
        """Estimated seconds of one epoch on one 2020s core, fitted to the benchmarks within a factor of 2."""
        rates, points = len(self.learning_rates), len(dataset(self.data, self.seed).y)
        per_step, per_rate = (155e-6, 3.5e-6) if self.engine == "torch" else (8e-6, 70e-9)
        step = per_step + rates * per_rate + rates * min(self.batch_size or points, points) * 0.7e-9
        # A mini-batch step also measures its own loss before and after; an epoch ends with one full pass.
        return step if self.steps_per_epoch == 1 else self.steps_per_epoch * 2 * step + step

    def seconds(self) -> float:
        """Estimated seconds of the whole run; what decides between cache and progress bar."""
        return self.epochs * self.seconds_per_epoch()

    def largest_epochs(self) -> int:
        """The most epochs these rates may be trained for (at least 1)."""
        by_memory = MAX_CELLS // len(self.learning_rates)
        by_time = int(MAX_SECONDS / self.seconds_per_epoch())
        return max(1, min(by_memory, by_time))

    def to_query(self) -> dict[str, list[str]]:
        """Every field as the words of a link: {"lr": ["1e-06", "0.01", "1.0"], ..., "v": ["1"]}."""
        words = {field.word or field.name: field.write(getattr(self, field.name)) for field in FIELDS}
        return words | {"v": [LINK_VERSION]}

    @classmethod
    def from_query(cls, query: str | Mapping[str, str | Sequence[str]]) -> tuple[Experiment, tuple[Repair, ...]]:
        """The nearest legal Experiment to a link's query, and what had to be repaired. Never raises.

        query: the text after "?", or a mapping from name to value or values. What it leaves out
        keeps its default.
        """
        words = _words(query)
        repairs = _strangers(words)
        given: dict[str, Any] = {}
        for field in FIELDS:
            texts = words.get(field.word or field.name)
            if texts:
                given[field.name], repaired = field.read(texts)
                repairs += repaired
        return _fit_together(given, repairs)


def _field(name: str, kind: type, **limits: Any) -> Field:
    return Field(name=name, kind=kind, default=_DEFAULTS[name], **limits)


_DEFAULTS = {name: field.default for name, field in Experiment.__dataclass_fields__.items()}
FIELDS: tuple[Field, ...] = (
    _field("data", str, choices=tuple(DATASETS)),
    _field("standardize", bool),
    _field("hidden", int, low=1, high=64, most=6),
    _field("activation", str, choices=("tanh", "relu", "sigmoid", "identity")),
    _field("loss", str, choices=("auto", "mse")),
    # Below 1e-12 float64 can't tell a step from none; above 1e6 everything overflows at once.
    _field("learning_rates", float, word="lr", low=1e-12, high=1e6, most=MAX_LANES),
    _field("epochs", int, low=1, high=1e15),  # the bound that counts is largest_epochs()
    _field("batch_size", int, low=1, high=1_000_000, empty="full"),
    _field("optimizer", str, choices=tuple(UPDATE_RULES)),
    _field("momentum", float, low=0, high=0.999),  # at 1 nothing ever comes to rest
    _field("schedule", str, choices=tuple(SCHEDULES)),
    _field("start", float, low=-1e9, high=1e9, most=2),
    _field("seed", int, low=0, high=2**32 - 1),  # what NumPy and PyTorch both take
    _field("engine", str, choices=("numpy", "torch")),
    _field("precision", str, choices=("float64", "float32")),
    _field("sharpness", int, low=0, high=0),  # a line's curvature is constant: nothing to follow
)
_BY_NAME = {field.name: field for field in FIELDS}
_WORDS = {field.word or field.name for field in FIELDS} | {"v"}

PRESETS: dict[str, Experiment] = {
    # The article's own: too low, good, too high.
    "article": Experiment(),
    # Two curves within 0.06 % of each other whose advice is opposite: only the meter tells them apart.
    "look-alikes": Experiment(learning_rates=(2.4311e-5, 0.0845), epochs=100),
    # Real data in its own units: the article's good rate explodes.
    "penguins": Experiment(data="penguins", learning_rates=(1e-8, 1e-5, 0.01)),
    # The same rate once x is standardised.
    "penguins-standardised": Experiment(data="penguins", standardize=True, learning_rates=(1e-5, 0.01, 1.1)),
    # Where the loss itself goes up and down: momentum rings around the minimum.
    "momentum": Experiment(optimizer="momentum", momentum=0.9, learning_rates=(1e-4, 0.01, 0.17), epochs=200),
}


def trimmed(query: str) -> str:
    """An over-long query cut to what `from_query` would look at: few names, few values each, short texts."""
    words = _words(query)
    names = sorted(words, key=lambda name: name not in _WORDS)[: len(_WORDS) + _MOST_REPAIRS + 1]
    kept = {
        name[: LONGEST_WORD + 1]: [text[: LONGEST_WORD + 1] for text in words[name][: MAX_LANES + 1]] for name in names
    }
    return urlencode(kept, doseq=True)


def _words(query: str | Mapping[str, str | Sequence[str]]) -> dict[str, list[str]]:
    if isinstance(query, str):
        return parse_qs(query.lstrip("?"), keep_blank_values=True, errors="replace")
    return {k: [v] if isinstance(v, str) else [str(text) for text in v] for k, v in query.items()}


def _strangers(words: dict[str, list[str]]) -> list[Repair]:
    """A repair for each name in a link that is none of ours, and for a version we don't know."""
    unknown = [shorten(word) for word in words if word not in _WORDS]
    names = [*unknown[:_MOST_REPAIRS]]
    if len(unknown) > _MOST_REPAIRS:
        names.append(f"({len(unknown) - _MOST_REPAIRS:,} more names)")
    repairs = [Repair(name=name, got="...", used="the rest", reason="no setting has this name") for name in names]
    version = (words.get("v") or [LINK_VERSION])[-1]
    if version != LINK_VERSION:
        reason = "this lab reads links of version 1"
        repairs.append(Repair(name="v", got=shorten(version), used=LINK_VERSION, reason=reason))
    return repairs


def _fit_together(given: dict[str, Any], repairs: list[Repair]) -> tuple[Experiment, tuple[Repair, ...]]:
    """The Experiment of legal values that may not fit each other: batch with data, start with model, cost."""

    def mend(name: str, got: Any, used: Any, reason: str) -> None:
        given[name] = used
        repairs.append(_BY_NAME[name].repair(got, used, reason))

    if given.get("hidden"):
        mend("hidden", ", ".join(map(str, given["hidden"])), (), "this version trains lines only")
    if len(given.get("start", ())) == 1:
        mend("start", str(given["start"][0]), (), "it takes two numbers, w and then b")
    points = len(dataset(given.get("data", "article"), given.get("seed", 0)).y)
    if (given.get("batch_size") or 0) > points:
        mend("batch_size", str(given["batch_size"]), None, f"this data has {points} points")
    epochs = given.pop("epochs", _DEFAULTS["epochs"])
    cheap = Experiment(**given, epochs=1)
    if epochs > cheap.largest_epochs():
        asked = next((repair.got for repair in repairs if repair.name == "epochs"), str(epochs))
        repairs = [repair for repair in repairs if repair.name != "epochs"]
        epochs = cheap.largest_epochs()
        repairs.append(_BY_NAME["epochs"].repair(asked, epochs, f"at most {epochs:,} fit these rates"))
    return replace(cheap, epochs=epochs), tuple(repairs)
