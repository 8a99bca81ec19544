"""What a column of a log holds, by its name, in the many spellings that tools and people use."""

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from ...experiment.fields import shorten

HELD_OUT = {"val", "valid", "validation", "eval", "evaluation", "evaluating", "test", "testing", "dev", "heldout"}
TRAINING = {"train", "training", "tr", "learn"}
_LOSS = {"loss", "nll", "mse", "cost", "objective"}
# Losses by other names, read where no column is called a loss.
_METRICS = {"logloss", "mlogloss", "rmse", "rmsle", "mae", "l1", "l2", "crossentropy", "entropy", "xent", "bce", "ce"}
_METRICS |= {"deviance", "learn"}
# Words beside "loss" that leave it the loss: others, as in "policy loss", make it a part of it.
_AVERAGED = {"step", "epoch", "batch", "mini", "minibatch", "mean", "avg", "average", "averaged", "running", "log"}
_PLAIN = _LOSS | HELD_OUT | TRAINING | _AVERAGED | {"total", "overall", "full", "lm", "mlog", "the", "final", "current"}
_PLAIN |= {
    "set",
    "info",
    "s",
    "is",
    "for",
    "one",
    "over",
    "last",
    "interval",
    "this",
    "per",
    "sample",
    "token",
}
_TOTAL = {"total", "overall", "full"}
_NO_LOSS = {"scale", "scaling", "scaler", "weight", "coef", "time", "runtime", "seconds", "sec", "best", "min", "max"}
_NO_LOSS |= {"lowest", "smallest", "minimum", "maximum", "std", "stderr", "change", "delta", "improvement", "reduction"}
_NO_LOSS |= {"patience", "function", "fn", "type", "count"}
_NO_RATE = {"decay", "mult", "multiplier", "scale", "scheduler", "schedule", "gamma", "factor", "ratio", "warmup"}
_NO_RATE |= {
    "group",
    "reducing",
    "adjusting",
    "min",
    "max",
    "initial",
    "final",
    "base_lr_ratio",
    "step",
    "steps",
    "epoch",
    "epochs",
}
_STEPS = {"step", "steps", "iteration", "iterations", "iter", "iters", "it", "update", "updates", "niter", "timestep"}
_STEPS |= {"timesteps", "round", "rounds", "boosting", "gstep"}
_BATCHES = {"batch", "batches", "minibatch", "minibatches"}
_EPOCHS = {"epoch", "epochs", "ep", "epoche", "epochen"}
_BESIDE_A_COUNTER = {"global", "trainer", "optimizer", "number", "num", "no", "n", "idx", "index", "total", "current"}
_BESIDE_A_COUNTER |= TRAINING | HELD_OUT | {"time", "at", "after", "of", "end", "the", "in", "for", "info"}
_SHORT = {"s": "step", "#": "step", "[number]": "step", "e": "epoch", "l.r.": "rate", "l.r": "rate", "up.": "step"}
_ABBREVIATED = {"trl": ["train", "loss"], "tel": ["test", "loss"], "vl": ["val", "loss"], "tloss": ["train", "loss"]}
_ABBREVIATED |= {"vloss": ["val", "loss"], "losses": ["loss"], "lrs": ["lr"], "costs": ["cost"], "lrate": ["lr"]}
_ABBREVIATED |= {"objf": ["objective"], "rates": ["rate"], "nllloss": ["nll", "loss"], "celoss": ["ce", "loss"]}
_RUNS = {"run", "runs", "name", "experiment", "exp", "lane", "trial", "fold", "seed", "rank", "worker"}
_RUNS |= {"replica", "process"}
_NAMES_OF_VALUES = {"metric", "metrics", "tag", "key", "variable", "measure", "quantity", "series"}
_SPLITS = {"split", "phase", "data", "set", "subset", "dataset", "partition", "mode", "stage", "part"}
_PLAIN |= {"crossentropy", "ce", "bce", "xent"}
# What a value may be called that is no loss.
OTHER_QUANTITIES = {
    "acc",
    "accuracy",
    "auc",
    "precision",
    "recall",
    "score",
    "reward",
    "return",
    "f",
    "iou",
    "map",
    "bleu",
}
OTHER_QUANTITIES |= {"rouge", "error", "time", "seconds", "memory", "grad", "norm", "lr", "rate", "psnr", "ssim", "fps"}
# No two parts of these may take the same character, or a long name takes its square in time.
_NUMERAL = r"((?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)"
_RATE_IN_NAME = re.compile(rf"(?:^|[^a-z])(?:lr|learning[ _-]?rate)s?[ _]*(?:[=:-] *)?{_NUMERAL}", re.I | re.A)
_CAMEL = re.compile(r"([a-z])([A-Z])")
_WORD = re.compile(r"[a-z]+[0-9]*")
_BRACKETED = re.compile(r"[\[(][^\[\]()]{0,40}[\])]")
_LAST_PART = re.compile(r"(.)(loss|losses|step|rate)$")
_EXTREME = re.compile(r"__(MIN|MAX)$")
_LONGEST = 500  # characters of a name that are looked at
# How well a column's name says that it is the loss: the total, the loss, another name of one, a part of it.
TOTAL, PLAIN, METRIC, PART = range(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """index: its place in the table.  name: as it was written.

    kind: step, batch, epoch, loss, validation, rate, run, metric (the name of the value beside it), split (training or
    validation), value (TensorBoard's word for all it draws) or other.
    rank: of a loss, TOTAL to PART: the smaller, the surer it is the one.
    """

    index: int
    name: str
    kind: str
    rank: int = PLAIN

    @property
    def shown(self) -> str:
        """Its name, or its place where it has none, short and printable."""
        return shorten(self.name.strip()) or f"number {self.index + 1}"

    @property
    def order(self) -> int:
        """Which counter is asked first: global steps, then steps, batches, epochs; one without a name comes last."""
        name = self.name.strip().lower()
        if name == "[number]":
            return 9
        if name in ("global_step", "global step", "trainer/global_step", "train/global_step"):
            return 0
        return ("step", "batch", "epoch", self.kind).index(self.kind) + 1

    @property
    def words(self) -> set[str]:
        """Those of its name that tell one loss from another."""
        return set(words_of(self.name)) - HELD_OUT - TRAINING - _AVERAGED


def column(index: int, name: str) -> Column:
    """The column of this name at this place."""
    kind, rank = kind_of(name)
    return Column(index=index, name=name, kind=kind, rank=rank)


def words_of(name: str) -> list[str]:
    """train/loss, trainLoss, train_losses and trainloss are all train, loss; digits after a word go, but in l1, l2."""
    apart = _CAMEL.sub(r"\1 \2", name[:_LONGEST]).lower()
    words: list[str] = []
    for word in _WORD.findall(apart):
        word = word if word in ("l1", "l2") else word.rstrip("0123456789")
        for piece in _ABBREVIATED.get(word) or _LAST_PART.sub(r"\1 \2", word).split():
            words += _ABBREVIATED.get(piece, [piece])
    return words


@lru_cache(maxsize=4096)
def kind_of(name: str) -> tuple[str, int]:
    """(kind, rank) of a column of this name, as Column has them."""
    short = _SHORT.get(name.strip().lower()[:20])
    if short:
        return short, PLAIN
    words = set(words_of(_BRACKETED.sub(_beside, name[:_LONGEST])))
    if {"cross", "entropy"} <= words:
        words = words - {"cross", "entropy"} | {"crossentropy"}
    if words & _LOSS and not words & _NO_LOSS and ("per" not in words or "loss" in words):
        return ("validation" if words & HELD_OUT else "loss"), _rank(words)
    if ("lr" in words or ("rate" in words and words & {"learning", "learn"})) and not words & (
        _NO_RATE if words & {"of", "for"} else _NO_RATE - {"group"}  # lr/group0 is one, the rate of group 0 is not yet
    ):
        return "rate", PLAIN
    for kind, counters in (("step", _STEPS), ("batch", _BATCHES), ("epoch", _EPOCHS)):
        if words & counters and words <= counters | _BESIDE_A_COUNTER and (kind == "step" or "time" not in words):
            return kind, PLAIN
    for kind, known in (("run", _RUNS), ("metric", _NAMES_OF_VALUES), ("split", _SPLITS)):
        if words & known and words <= known | {"id", "uuid", "local", "global"}:
            return kind, PLAIN
    if words & _METRICS and words <= _METRICS | _PLAIN | {"binary", "multi", "cross", "categorical", "sparse"}:
        return ("validation" if words & HELD_OUT else "loss"), METRIC
    return ("value" if words == {"value"} else "other"), PLAIN


def _beside(unit: re.Match[str]) -> str:
    """What stands in brackets, where it says of training or of held-out data; nothing of a unit."""
    return unit[0] if set(words_of(unit[0])) & (HELD_OUT | TRAINING) else ""


def _rank(words: set[str]) -> int:
    if words <= _PLAIN - _TOTAL and "loss" in words:
        return PLAIN
    if words <= _PLAIN:
        return TOTAL if "loss" in words else METRIC
    return PART


def split_of(text: str) -> str | None:
    """Where a word says of training or of held-out data: "loss" or "validation"; None where it says neither."""
    words = set(words_of(text))
    if not words or not words <= HELD_OUT | TRAINING | {"set", "data", "log", "logs"}:
        return None
    return "validation" if words & HELD_OUT else "loss" if words & TRAINING else None


def run_and_metric(each: Column) -> tuple[str, Column] | None:
    """("run-a", the column of its metric) for "run-a - train/loss"; None for other names and for its __MIN, __MAX."""
    run, dash, metric = each.name.rpartition(" - ")
    if not dash or not run.strip() or _EXTREME.search(metric):
        return None
    return run.strip(), column(each.index, metric)


def rate_in(name: str) -> float | None:
    """The learning rate that a name tells: "lr=0.01", "sweep lr_3e-4"."""
    found = _RATE_IN_NAME.search(name[:_LONGEST])
    rate = float(found[1]) if found else math.nan
    return rate if 0 < rate < math.inf else None
