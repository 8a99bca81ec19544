"""What a column of a log holds, by its name, in the many spellings that tools and people use."""

import math
import re
from dataclasses import dataclass

from ...experiment.fields import shorten

_HELD_OUT = {"val", "valid", "validation", "eval", "evaluation", "test", "dev"}
_LOSS = {"loss", "nll", "mse", "cost", "objective"}
# Words beside "loss" that leave it the loss: others, as in "policy loss", make it a part of it.
_PLAIN = _LOSS | _HELD_OUT | {"train", "training", "tr", "step", "epoch", "batch", "mean", "avg", "average", "running"}
_NO_LOSS = {"scale", "scaling", "weight", "coef", "time", "runtime", "per", "seconds"}
_COUNTERS = {"step", "steps", "iteration", "iterations", "iter", "iters", "it", "update", "updates"}
_BATCHES = {"batch", "batches", "minibatch", "minibatches"}
_EPOCHS = {"epoch", "epochs"}
_BESIDE_A_COUNTER = {"global", "train", "trainer", "training", "optimizer", "number", "num", "no", "idx", "index"}
_RUNS = {"run", "runs", "name", "experiment", "exp", "lane", "trial"}
# No two parts of these may take the same character, or a long name takes its square in time.
_NUMERAL = r"((?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)"
_RATE = re.compile(_NUMERAL, re.A)
_RATE_IN_NAME = re.compile(rf"(?:^|[^a-z])(?:lr|learning[ _-]?rate)s?[ _]*(?:[=:-] *)?{_NUMERAL}", re.I | re.A)
_CAMEL = re.compile(r"([a-z])([A-Z])")
_WORD = re.compile(r"[a-z]+")
_LAST_PART = re.compile(r"(.)(loss|step|rate)$")
_EXTREME = re.compile(r"__(MIN|MAX)$")
_LONGEST = 500  # characters of a name that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """index: its place in the table.  name: as it was written.

    kind: step, batch, epoch, loss, validation, rate, run, value (TensorBoard's word for all it draws) or other.
    plain: whether its name says just that, and no part of it.
    """

    index: int
    name: str
    kind: str
    plain: bool

    @property
    def shown(self) -> str:
        """Its name, or its place where it has none, short and printable."""
        return shorten(self.name.strip()) or f"number {self.index + 1}"

    @property
    def order(self) -> int:
        """Which counter is asked first: global steps, then steps, batches, epochs."""
        exact = {"global_step": 0, "trainer/global_step": 0, "train/global_step": 0}
        return exact.get(self.name.strip().lower(), ("step", "batch", "epoch", self.kind).index(self.kind) + 1)


def column(index: int, name: str) -> Column:
    """The column of this name at this place."""
    kind, plain = _kind(set(_words(name)))
    return Column(index=index, name=name, kind=kind, plain=plain)


def _words(name: str) -> list[str]:
    """train/loss, trainLoss and trainloss are all train, loss."""
    apart = _CAMEL.sub(r"\1 \2", name[:_LONGEST]).lower()
    words = " ".join(_LAST_PART.sub(r"\1 \2", word) for word in _WORD.findall(apart))
    return words.split()


def _kind(words: set[str]) -> tuple[str, bool]:
    if words & _LOSS and not words & _NO_LOSS:
        return ("validation" if words & _HELD_OUT else "loss"), words <= _PLAIN
    if "lr" in words or {"learning", "rate"} <= words:
        return "rate", True
    for kind, counters in (("step", _COUNTERS), ("batch", _BATCHES), ("epoch", _EPOCHS)):
        if words & counters and words <= counters | _BESIDE_A_COUNTER:
            return kind, True
    if words & _RUNS and words <= _RUNS | {"id"}:
        return "run", True
    return ("value" if words == {"value"} else "other"), True


def run_and_metric(each: Column) -> tuple[str, Column] | None:
    """("run-a", the column of its metric) for "run-a - train/loss"; None for other names and for its __MIN, __MAX."""
    run, dash, metric = each.name.rpartition(" - ")
    if not dash or not run.strip() or _EXTREME.search(metric):
        return None
    return run.strip(), column(each.index, metric)


def rate_in(name: str, bare: bool = False) -> float | None:
    """The learning rate that a name tells: "lr=0.01", "sweep lr_3e-4"; with `bare` also a name that is a number."""
    found = _RATE_IN_NAME.search(name[:_LONGEST]) or (_RATE.fullmatch(name.strip()) if bare else None)
    rate = float(found[1]) if found else math.nan
    return rate if 0 < rate < math.inf else None
