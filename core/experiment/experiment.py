"""The Experiment: one value that says all of what is trained, and is the link as well.

It is frozen, hashable and checked when made. Two equal experiments give the same
History, so it serves as the cache key; `to_query` and `from_query` turn it into the
words after the question mark of a link and back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from numpy import ndarray as Array

from ..data.datasets import DATASETS, NOISE, Dataset, checked_name, dataset, uploads
from ..data.features import FEATURES
from ..data.points import LONGEST_POINTS
from ..methods.network import ACTIVATIONS, LOSSES, Network
from ..methods.optimizers import UPDATE_RULES
from ..methods.schedules import TITLES as SCHEDULE_TITLES
from . import cost
from .changes import FORM, LONGEST_CHANGE, MAX_CHANGES, Change, change, checked_change
from .fields import LONGEST_WORD, Field, Repair, link_text, shorten

LINK_VERSION = "1"
MAX_LANES = 8  # how many learning rates a page shows side by side
MAX_RATES = 512  # of one experiment: 500 of a sweep and what range tests suggest beside; few enough to stand in a link

# Below 1e-12 float64 can't tell a step from none; above 1e6 everything overflows at once.
RATE_LIMITS = (1e-12, 1e6)
MAX_LAYERS = 6  # hidden ones
_MOST_REPAIRS = 12  # a link of a megabyte must not print a megabyte of warnings


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What is trained, from where, how long and at which learning rates.

    Raises ValueError naming the field, its value, what is allowed and what to do.
    The defaults are the article's experiment; each carries its reason, the limits stand in FIELDS.
    """

    data: str = "article"  # y = 2x at x = 1..5
    noise: float | None = None  # the data set's own; only made data for networks takes another
    test_share: float = 0.0  # of the points held out; the article holds out none
    standardize: bool = False  # the article does not; it moves the limit, so it must be chosen
    features: tuple[str, ...] = ()  # the data's own columns
    hidden: tuple[int, ...] = ()  # no hidden layer: y = w x + b
    activation: str = "tanh"  # of hidden layers; a line has none
    gain: float = 1.0  # times the first weights, which are drawn as torch.nn.Linear draws its own
    loss: str = "auto"  # mean of squares for numbers, cross-entropy for classes
    l1: float = 0.0  # no penalty on weights, as in the article
    l2: float = 0.0
    learning_rates: tuple[float, ...] = (1e-6, 0.01, 1.0)  # the article's too low, good, too high
    epochs: int = 1000  # the article's
    batch_size: int | None = None  # None: every point in each step, as in the article
    optimizer: str = "sgd"  # plain gradient descent, as in the article
    momentum: float = 0.0  # none, as in the article; of Adam and AdamW it is beta1, Adagrad has none
    schedule: str = "constant"  # one rate for the whole run
    start: tuple[float, ...] = ()  # (): w = b = 0, the article's; a network's is drawn from the seed
    seed: int = 0  # draws data, split, weights and the order of mini-batches, for both engines
    engine: str = "numpy"  # from scratch first; "torch" runs the same by PyTorch
    precision: str = "float64"  # so that both engines agree to the last digits
    sharpness: int = 0  # at about how many epochs to measure it; a line's never changes
    changes: tuple[str, ...] = ()  # by hand while it is trained, as changes.py writes them; of networks

    if TYPE_CHECKING:  # any sequence will do; it is kept as a tuple

        def __init__(
            self,
            *,
            data: str = ...,
            noise: float | None = ...,
            test_share: float = ...,
            standardize: bool = ...,
            features: Sequence[str] = ...,
            hidden: Sequence[int] = ...,
            activation: str = ...,
            gain: float = ...,
            loss: str = ...,
            l1: float = ...,
            l2: float = ...,
            learning_rates: Sequence[float] | Array = ...,
            epochs: int = ...,
            batch_size: int | None = ...,
            optimizer: str = ...,
            momentum: float = ...,
            schedule: str = ...,
            start: Sequence[float] | Array = ...,
            seed: int = ...,
            engine: str = ...,
            precision: str = ...,
            sharpness: int = ...,
            changes: Sequence[str] = ...,
        ) -> None: ...

    def __repr__(self) -> str:
        """The call that makes it, without what is the default."""
        return f"Experiment({', '.join(f'{name}={value!r}' for name, value in self._settings().items())})"

    def _repr_html_(self) -> str:
        """For a notebook: its settings, without what is the default."""
        rows = "".join(f"<tr><th>{name}</th><td>{escape(repr(it))}</td></tr>" for name, it in self._settings().items())
        return f"<b>Experiment</b>, else as the article's<table>{rows}</table>"

    def _settings(self) -> dict[str, Any]:
        """Its fields that are not the default."""
        return {name: it for name, default in _DEFAULTS.items() if (it := getattr(self, name)) != default}

    def __post_init__(self) -> None:
        for field in FIELDS:
            object.__setattr__(self, field.name, field.check(getattr(self, field.name)))
        if not self.learning_rates:
            raise ValueError("learning_rates must hold at least one rate, got none")
        if len(self.learning_rates) > MAX_RATES:
            asked = len(self.learning_rates)
            raise ValueError(f"learning_rates must hold at most {MAX_RATES} rates, got {asked:,}: sweep() takes more")
        _check_data(self)
        _check_model(self)
        _check_start(self)
        _check_changes(self)
        if self.batch_size is not None and self.batch_size > self.points:
            raise ValueError(f"batch_size must be <= {self.points} for this data, got {self.batch_size}")
        if self.sharpness and self.sharpness > self.largest_sharpness():
            raise ValueError(
                f"sharpness must be <= {self.largest_sharpness()} for this network, got {self.sharpness}:"
                " take a smaller network, fewer rates or larger batches"
            )
        if self.epochs > self.largest_epochs():
            raise ValueError(
                f"epochs must be <= {self.largest_epochs():,} for {len(self.learning_rates)} learning rates"
                f" of this kind, got {self.epochs:,}: take fewer epochs, fewer rates or larger batches"
            )

    def dataset(self) -> Dataset:
        """The data as measured or made, before any split."""
        return dataset(self.data, self.seed, self.noise)

    @property
    def points(self) -> int:
        """How many rows it is trained on."""
        rows = len(self.dataset().y)
        return rows - held_out(rows, self.test_share)

    @property
    def widths(self) -> tuple[int, ...]:
        """How many numbers each layer has, inputs first, outputs last."""
        data = self.dataset()
        outputs = len(data.classes) if len(data.classes) > 2 else 1
        return (len(self.features) or data.x.shape[1], *self.hidden, outputs)

    def resolved_loss(self) -> str:
        """The loss that is meant: "mse" or "cross-entropy"."""
        if self.loss != "auto":
            return self.loss
        return "cross-entropy" if self.dataset().task == "classes" else "mse"

    @property
    def quadratic(self) -> bool:
        """Whether the loss is a quadratic in the parameters, so that theory knows all of it."""
        linear = not self.hidden and self.widths[-1] == 1
        return linear and self.resolved_loss() == "mse" and not (self.l1 or self.l2)

    def network(self) -> Network | None:
        """What is trained; None for a line, y = w x + b, which needs none."""
        widths = self.widths
        if self.quadratic and widths == (1, 1):
            return None
        return Network(widths=widths, activation=self.activation, loss=self.resolved_loss(), l1=self.l1, l2=self.l2)

    def by_hand(self) -> tuple[Change, ...]:
        """What is changed by hand while it is trained, in the order it happens; of lanes and epochs that it has."""
        lanes, asked = len(self.learning_rates), map(change, self.changes)
        return tuple(each for each in asked if each.lane < lanes and each.epoch < self.epochs)

    @property
    def adaptive(self) -> bool:
        """Whether its update rule gives every parameter a scale of its own, so that theory knows no limit."""
        return UPDATE_RULES[self.optimizer].adaptive

    @property
    def steps_per_epoch(self) -> int:
        """How many updates one epoch makes: 1 for the full batch."""
        return math.ceil(self.points / (self.batch_size or self.points))

    def seconds_per_epoch(self) -> float:
        """Estimated seconds of one epoch on one 2020s core, fitted to the benchmarks within a factor of 2."""
        widths, rates = (self.widths if self.network() else None), len(self.learning_rates)
        tested = len(self.dataset().y) - self.points
        batch = self.batch_size or self.points
        return cost.seconds_per_epoch(self.engine, rates, self.points, batch, tested, widths)

    def seconds(self) -> float:
        """Estimated seconds of the whole run; what decides between cache and progress bar."""
        return self.epochs * self.seconds_per_epoch() + self._seconds_of_sharpness(self.sharpness)

    def megabytes(self) -> float:
        """Estimated MB of memory that the run takes at most; what decides how many runs go on at once."""
        return cost.megabytes(len(self.learning_rates), self.epochs, self.points, self.widths)

    def _seconds_of_sharpness(self, moments: int) -> float:
        return cost.seconds_of_sharpness(len(self.learning_rates), self.points, self.widths, moments)

    def largest_sharpness(self) -> int:
        """At how many epochs it may be measured at most, so that there is time left for one epoch of training."""
        left = cost.MAX_SECONDS - self.seconds_per_epoch()
        most = int(BY_NAME["sharpness"].high)
        return max(moments for moments in range(most + 1) if not moments or self._seconds_of_sharpness(moments) <= left)

    def largest_epochs(self) -> int:
        """The most epochs these rates may be trained for (at least 1)."""
        by_memory = cost.MAX_CELLS // len(self.learning_rates)
        left = cost.MAX_SECONDS - self._seconds_of_sharpness(self.sharpness)
        by_time = int(left / self.seconds_per_epoch())
        return max(1, min(by_memory, by_time))

    def epochs_within(self, seconds: float) -> int:
        """How many epochs these rates are trained for in so many seconds, by estimate; at least 1, at most its own."""
        left = seconds - self._seconds_of_sharpness(self.sharpness)
        return max(1, min(self.epochs, int(left / self.seconds_per_epoch())))

    def to_query(self) -> dict[str, list[str]]:
        """Every field as the words of a link: {"lr": ["1e-06", "0.01", "1.0"], ..., "v": ["1"]}."""
        words = {field.in_link: field.write(getattr(self, field.name)) for field in FIELDS}
        return words | {"v": [LINK_VERSION]}

    @classmethod
    def from_query(cls, query: str | Mapping[str, str | Sequence[str]]) -> tuple[Experiment, tuple[Repair, ...]]:
        """The nearest legal Experiment to a link's query, and what had to be repaired. Never raises.

        query: the text after "?", or a mapping from name to value or values. What it leaves out
        keeps its default.
        """
        words = _words(query)
        held = uploads()  # so that none disappears while the link is read
        repairs = _unknown_words(words)
        given: dict[str, Any] = {}
        for field in FIELDS:
            texts = words.get(field.in_link)
            if texts:
                given[field.name], repaired = field.read(texts)
                repairs += repaired
        read = _fit_together(given, repairs)
        del held
        return read


def held_out(rows: int, test_share: float) -> int:
    """How many of so many rows are kept from training: at least one where any are, and never all."""
    return min(max(round(test_share * rows), 1), rows - 1) if test_share and rows > 1 else 0


def _check_data(experiment: Experiment) -> None:
    """Noise and features belong to some data only."""
    columns = experiment.dataset().x.shape[1]  # says so itself where there is no such noise
    if experiment.features and columns != 2:
        raise ValueError(f"features must be () for {experiment.data}, got {experiment.features}: it has no x and y")
    if len(set(experiment.features)) < len(experiment.features):
        raise ValueError(f"features must differ from each other, got {experiment.features}")


def _check_model(experiment: Experiment) -> None:
    layers = len(experiment.hidden)
    if layers > MAX_LAYERS:
        raise ValueError(f"hidden must hold at most {MAX_LAYERS} layers, got {layers}: the page could not draw more")
    if experiment.loss == "cross-entropy" and experiment.dataset().task != "classes":
        raise ValueError(f"loss must be auto or mse for {experiment.data}, got 'cross-entropy': it has no classes")
    if experiment.sharpness and experiment.network() is None:
        raise ValueError(f"sharpness must be 0 for a line, got {experiment.sharpness}: its curvature never changes")


def _check_start(experiment: Experiment) -> None:
    given = len(experiment.start)
    if given and experiment.network():
        raise ValueError(f"start must be () for a network, got {given} numbers: its weights are drawn from the seed")
    if given not in (0, 2):
        raise ValueError(f"start must hold 2 numbers (w, then b) or none, got {given}")


def _check_changes(experiment: Experiment) -> None:
    if not experiment.changes:
        return
    asked = map(change, experiment.changes)
    last = {(each.epoch, each.lane, -1 if each.parameter is None else each.parameter): each for each in asked}
    for each in last.values():
        # What is cut short, or to fewer rates, may keep what it then never comes to.
        if why := refusal(each, experiment, cut=True):
            raise ValueError(f"changes must {why}, got {each}")
    # One form for what is the same: in the order it happens, of two the last.
    object.__setattr__(experiment, "changes", tuple(str(last[key]) for key in sorted(last)))


def refusal(asked: Change, experiment: Experiment, cut: bool = False) -> str:
    """Why this experiment can't have that change, after "it must"; "" where it can.

    cut: whether it may be of a lane or an epoch that the experiment has no more.
    """
    network, rates = experiment.network(), BY_NAME["learning_rates"]
    if network is None:
        return "be none for a line"
    if not cut and asked.lane >= len(experiment.learning_rates):
        return f"be of one of its {len(experiment.learning_rates)} lanes"
    if not cut and asked.epoch >= experiment.epochs:
        return f"come before epoch {experiment.epochs:,}, where the run ends"
    if asked.parameter is None and experiment.schedule != "constant":
        return "leave the learning rate to its schedule"
    if asked.parameter is None and not rates.low <= asked.value <= rates.high:
        return f"give a learning rate {rates.range_text()}"
    if asked.parameter is not None and asked.parameter >= network.size:
        return f"be of one of its {network.size:,} parameters, counted from p0"
    return ""


def _field(name: str, kind: type, **limits: Any) -> Field:
    return Field(name=name, kind=kind, default=_DEFAULTS[name], means=_MEANS[name], **limits)


_DEFAULTS = {name: field.default for name, field in Experiment.__dataclass_fields__.items()}
_MEANS = {  # in a line, for who has the word alone
    "data": "the points that are fitted",
    "noise": "standard deviation of the noise of made data",
    "test_share": "share of the points held out: nothing is trained on them",
    "standardize": "shift and stretch each column to mean 0 and standard deviation 1",
    "features": "what a network sees of x and y",
    "hidden": "units of each hidden layer; without any, a line",
    "activation": "function of each hidden unit",
    "gain": "times the first weights, which are drawn as torch.nn.Linear draws its own",
    "loss": "auto is mse for numbers and cross-entropy for classes",
    "l1": "penalty on the sizes of weights",
    "l2": "penalty on the squares of weights",
    "learning_rates": "learning rates, one lane each",
    "epochs": "passes over the training points",
    "batch_size": "points in one step; full is all of them",
    "optimizer": "the update rule",
    "momentum": "of the update rule; of Adam and AdamW it is beta1",
    "schedule": "how the learning rate changes during the run",
    "start": "w and b at the start, of a line",
    "seed": "what data, split, weights and batches are drawn from",
    "engine": "NumPy from scratch, or PyTorch",
    "precision": "of all numbers of the run",
    "sharpness": "at how many epochs a network's sharpness is measured",
    "changes": "what is changed by hand while a network is trained",
}
FIELDS: tuple[Field, ...] = (
    _field("data", str, choices=tuple(DATASETS), beside=checked_name),
    _field("noise", float, low=0, high=1, empty="own"),
    _field("test_share", float, word="test", low=0, high=0.9),
    _field("standardize", bool),
    _field("features", str, choices=tuple(FEATURES), most=len(FEATURES)),
    _field("hidden", int, low=1, high=64, most=MAX_LAYERS),
    _field("activation", str, choices=tuple(ACTIVATIONS)),
    _field("gain", float, low=0, high=10),  # at 0 all units are the same and stay so
    _field("loss", str, choices=("auto", *LOSSES)),
    _field("l1", float, low=0, high=1),
    _field("l2", float, low=0, high=1),
    _field("learning_rates", float, word="lr", low=RATE_LIMITS[0], high=RATE_LIMITS[1], most=MAX_RATES),
    _field("epochs", int, low=1, high=1e15),  # the bound that counts is largest_epochs()
    _field("batch_size", int, low=1, high=1_000_000, empty="full"),
    _field("optimizer", str, choices=tuple(UPDATE_RULES)),
    _field("momentum", float, low=0, high=0.999),  # at 1 nothing ever comes to rest
    _field("schedule", str, choices=tuple(SCHEDULE_TITLES)),
    _field("start", float, low=-1e9, high=1e9, most=2),
    _field("seed", int, low=0, high=2**32 - 1),  # what NumPy and PyTorch both take
    _field("engine", str, choices=("numpy", "torch")),
    _field("precision", str, choices=("float64", "float32")),
    _field("sharpness", int, low=0, high=60),  # as many as a curve needs to be read
    _field("changes", str, word="change", most=MAX_CHANGES, beside=checked_change, form=FORM),
)
BY_NAME = {field.name: field for field in FIELDS}
_WORDS = {field.in_link for field in FIELDS} | {"v"}


def shortest(words: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The same words as short as they can be read, for a code that is scanned: lr=1e-6,0.01,1."""
    fields = {field.in_link: field for field in FIELDS if field.kind is float or (field.most and field.kind is int)}
    return {
        name: [",".join(_briefest(text) for text in texts)] if name in fields and all(texts) else list(texts)
        for name, texts in words.items()
    }


def _briefest(text: str) -> str:
    """A number without what says nothing: 1e-6 of 1e-06, 1 of 1.0; another text as it is."""
    return re.sub(r"e([+-]?)0*(?=\d)", lambda found: "e" + found[1].strip("+"), text.removesuffix(".0"))


def trimmed(query: str) -> str:
    """An over-long query cut to what `from_query` would look at: few names, few values each, short texts."""
    words = _words(query)
    names = sorted(words, key=lambda name: name not in _WORDS)[: len(_WORDS) + _MOST_REPAIRS + 1]
    kept = {}
    for name in names:
        longest = {"data": LONGEST_POINTS, "change": LONGEST_CHANGE}.get(name, LONGEST_WORD)
        most = {"lr": MAX_RATES, "change": MAX_CHANGES}.get(name, MAX_LANES)
        kept[name[: LONGEST_WORD + 1]] = [text[: longest + 1] for text in words[name][: most + 1]]
    return link_text(kept)


def _words(query: str | Mapping[str, str | Sequence[str]]) -> dict[str, list[str]]:
    if isinstance(query, str):
        return parse_qs(query.lstrip("?"), keep_blank_values=True, errors="replace")
    return {k: [v] if isinstance(v, str) else [str(text) for text in v] for k, v in query.items()}


def _unknown_words(words: dict[str, list[str]]) -> list[Repair]:
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

    def mend(name: str, used: Any, reason: str) -> None:
        texts = BY_NAME[name].write(given[name])
        given[name] = used
        repairs.append(BY_NAME[name].repair(", ".join(texts), used, reason))

    name = given.get("data", "article")
    if given.get("noise") is not None and name not in NOISE:
        mend("noise", None, "this data has its own noise")
    data = dataset(name, given.get("seed", 0), given.get("noise"))
    if given.get("features") and data.x.shape[1] != 2:
        mend("features", (), "this data has no x and y")
    given["features"] = tuple(dict.fromkeys(given.get("features", ())))  # each once, in their order
    if given.get("loss") == "cross-entropy" and data.task != "classes":
        mend("loss", "auto", "this data has no classes")
    start, changes = given.pop("start", ()), given.pop("changes", ())
    sharpness = given.pop("sharpness", 0)
    bare = Experiment(**(given | {"epochs": 1, "batch_size": None}))
    given["start"] = start
    if start and bare.network():
        mend("start", (), "a network's weights are drawn from the seed")
    elif len(start) == 1:
        mend("start", (), "it takes two numbers, w and then b")
    given["sharpness"] = sharpness
    if sharpness and bare.network() is None:
        mend("sharpness", 0, "the curvature of a line never changes")
    if (given.get("batch_size") or 0) > bare.points:
        mend("batch_size", None, f"this data has {bare.points} points")
    if given["sharpness"]:
        most = replace(bare, batch_size=given.get("batch_size")).largest_sharpness()
        if given["sharpness"] > most:
            mend("sharpness", most, f"at most {most} moments fit this network")
    epochs = given.pop("epochs", _DEFAULTS["epochs"])
    cheap = Experiment(**given, epochs=1)
    if epochs > cheap.largest_epochs():
        asked = next((repair.got for repair in repairs if repair.name == "epochs"), str(epochs))
        repairs = [repair for repair in repairs if repair.name != "epochs"]
        most = cheap.largest_epochs()
        # Not the most there may be, as for other fields: a page would train for a minute what nobody has asked for.
        epochs = min(Experiment().epochs, most)
        repairs.append(BY_NAME["epochs"].repair(asked, epochs, f"at most {most:,} fit these rates", str(most)))
    whole = replace(cheap, epochs=epochs)
    refused = {text: why for text in changes if (why := refusal(change(text), whole))}
    repairs += [BY_NAME["changes"].repair(text, "the rest", f"it must {why}") for text, why in refused.items()]
    return replace(whole, changes=tuple(text for text in changes if text not in refused)), tuple(repairs)
