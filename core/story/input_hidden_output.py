"""Lesson 6, input, hidden, output: one pass through a small network, each weight's share of the error, one step.

The network has two inputs, three hidden neurons with tanh and one output: 13 weights, a bias being a weight whose
input is always 1.  A weight's share of the error is the gradient of the loss for it.  The loss is the mean of
squares without a half.  Its training is that of exclusive_or.py.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ..drawing.stops import Stop, around
from ..words import number, readable
from .exclusive_or import NETWORK, line_question
from .question import ChoiceQuestion

Line = tuple[
    str, tuple[str | tuple[str, float], ...]
]  # what it is, and its parts as pages/widgets/formula.py takes them


STAGES = ("1 Hidden", "2 Output", "3 Loss", "4 Shares", "5 Step")
_HIDDEN, _OUTPUT, _LOSS, _SHARES, _STEP = STAGES
_TOO_HIGH = 0.5  # the rate of the second question
_NUDGE = 0.01

_INPUTS, _NEURONS = ("x1", "x2"), ("h1", "h2", "h3")
# In the order in which Network packs them; ends are names of nodes, each layer's "1" being the input of its biases.
_ENDS = (
    *((x, h) for x in (*_INPUTS, "one") for h in _NEURONS),
    *((h, "out") for h in (*_NEURONS, "one more")),
)
WEIGHTS = tuple(f"bias of {end}" if begin.startswith("one") else f"{begin} → {end}" for begin, end in _ENDS)
_PLACES = {
    **{name: (0.0, y) for name, y in zip((*_INPUTS, "one"), (3.0, 1.5, 0.0), strict=True)},
    **{name: (1.0, float(3 - k)) for k, name in enumerate((*_NEURONS, "one more"))},
    "out": (2.0, 1.5),
}

OPENING = (
    "Until now the model was one line of arithmetic. A **network** is the same line in layers: a neuron adds up its "
    "inputs, each times a **weight**, and passes the sum on; a hidden neuron first bends it with **tanh** into −1 "
    "to 1. "
    "A bias is a weight too: its input is always 1.\n\n"
    "The error comes back along the same lines, and is multiplied by each weight it passes; tanh only makes it "
    "smaller. A weight's **share of the error** is its input times the error at its output."
)
STAGES_AHEAD = "Walk through the stages: numbers go forward to the loss, then the error comes back."
CHAIN_RULE = (
    r"h = \tanh(x W_1 + b_1) \qquad \hat y = h\, w + b \qquad L = (\hat y - y)^2",
    r"\delta_{\text{out}} = 2(\hat y - y) \qquad \delta_k = \delta_{\text{out}}\, w_k\, (1 - h_k^2)",
    r"\frac{\partial L}{\partial w_k} = h_k\, \delta_{\text{out}} \qquad "
    r"\frac{\partial L}{\partial W_{1,ik}} = x_i\, \delta_k",
)
CHAIN_RULE_WORDS = (
    "That is the chain rule, walked from the loss back to each weight: the error times every weight and every slope "
    "it passes on its way. The slope of tanh is 1 − tanh², so it can be computed from the neuron's own value. With "
    "several examples, as in the training, the loss is the mean over them, and so is every share."
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pass:
    """All that one pass forward and backward gives.

    weights (13,), shares (13,): the gradient of the loss for each.  hidden (3,).  arriving (4,): the error that
    arrives at h1, h2, h3 and out, which is their biases' share, because a bias's input is 1.
    """

    weights: Array
    inputs: Array
    hidden: Array
    prediction: float
    loss: float
    shares: Array
    arriving: Array

    def value(self, node: str) -> float:
        """The number a node holds."""
        if node.startswith("one"):
            return 1.0
        if node == "out":
            return self.prediction
        return float((self.inputs if node in _INPUTS else self.hidden)[int(node[1]) - 1])

    def weight(self, name: str) -> float:
        """The weight of this name."""
        return float(self.weights[WEIGHTS.index(name)])

    def share(self, name: str) -> float:
        """Its share of the error."""
        return float(self.shares[WEIGHTS.index(name)])

    def error_at(self, neuron: str) -> float:
        """The error that arrives at a neuron: how the loss rises with its sum."""
        return float(self.arriving[(*_NEURONS, "out").index(neuron)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One example, (1, 0) -> 1 of exclusive-or unless told otherwise, and the seed of the first weights.

    seed 16: its largest weight hangs on the input that is 0, so that size and share of the error are seen to
    differ, and its step at the rate of the second question ends further off than it began.
    """

    x1: float = 1.0
    x2: float = 0.0
    target: float = 1.0
    learning_rate: float = 0.1
    seed: int = 16

    def before(self) -> Pass:
        """The pass with the first weights."""
        return self.at(NETWORK.start(self.seed))

    def after(self) -> Pass:
        """The pass after one step of all weights at once."""
        start = self.before()
        with np.errstate(over="ignore", invalid="ignore"):
            return self.at(start.weights - self.learning_rate * start.shares)

    def at(self, weights: Array) -> Pass:
        """The pass with these weights (13,)."""
        x, y = np.array([[self.x1, self.x2]]), np.array([[self.target]])
        with np.errstate(over="ignore", invalid="ignore"):
            activations = NETWORK.forward(weights[None], x)
            gradient = NETWORK.backward(weights[None], activations, y)
            loss = NETWORK.mean_loss(activations[-1], y)
        hidden, out = NETWORK.layers(gradient)
        return Pass(
            weights=weights,
            inputs=x[0],
            hidden=activations[1][0, 0],
            prediction=float(activations[2][0, 0, 0]),
            loss=float(loss[0]),
            shares=gradient[0],
            arriving=np.append(hidden.biases, out.biases),
        )


def stage_words(stage: str) -> str:
    """What happens at this stage, in a sentence or two."""
    return {
        _HIDDEN: "Each hidden neuron adds up what comes in, every input times its weight, and tanh bends the sum "
        "into −1 to 1.",
        _OUTPUT: "The output adds up the hidden neurons in the same way. It is not bent, so it can be any number.",
        _LOSS: "How wrong is it? The distance to the target, squared, not half of it.",
        _SHARES: "Now backward. The error goes back along the same lines, and **a weight's share is its input times "
        "the error at its output**: the gradient of the loss for this weight.",
        _STEP: "Every weight moves against its share, all 13 at once.",
    }[stage]


def legend(stage: str) -> str:
    """How to read the lines of the picture at this stage."""
    if stage == _SHARES:
        return (
            "Lines are shares of the error. Thick: large. Solid blue: positive, the step lowers this weight. "
            "Dashed orange: negative, the step raises it. Dotted: 0."
        )
    return "Lines are weights. Thick: large. Solid blue: positive. Dashed orange: negative."


def arithmetic(example: Example, stage: str, weight: str) -> list[Line]:
    """The lines of one stage for the neuron or the weight looked at; a line that holds no number is left out."""
    before, after = example.before(), example.after()
    begin, end = _ENDS[WEIGHTS.index(weight)]
    neuron = next((name for name in (end, begin) if name in _NEURONS), "h1")
    error = before.prediction - example.target
    arriving = before.error_at("out")
    lines: list[Line] = []
    if stage == _HIDDEN:
        total = _sum_into(before, neuron)
        lines = [total, (neuron, ("tanh(", total[1][-1], ") =", (neuron, before.value(neuron))))]
    elif stage == _OUTPUT:
        lines = [_sum_into(before, "out")]
    elif stage == _LOSS:
        lines = [
            ("off by", (("prediction", before.prediction), "−", ("target", example.target), "=", ("off by", error))),
            ("loss", (("off by", error), "² =", ("loss", before.loss))),
        ]
    elif stage == _SHARES:
        lines = [("error at out", ("2 ×", ("off by", error), "=", ("error", arriving)))]
        if end != "out":
            back, bent = f"{end} → out", 1 - before.value(end) ** 2
            parts = (("error", arriving), "×", (back, before.weight(back)), "×", (f"1 − {end}²", bent))
            lines.append((f"error at {end}", (*parts, "=", ("error", before.error_at(end)))))
        came = ("always 1" if begin.startswith("one") else begin, before.value(begin))
        lines.append(("share", (came, "×", ("error", before.error_at(end)), "=", ("share", before.share(weight)))))
    else:
        old, new = before.weight(weight), after.weight(weight)
        parts = (("old", old), "−", ("lr", example.learning_rate), "×", ("share", before.share(weight)))
        lines = [
            (weight, (*parts, "=", ("new", new))),
            ("prediction", (("before", before.prediction), "→", ("after", after.prediction))),
            ("loss", (("before", before.loss), "→", ("after", after.loss))),
        ]
    return [line for line in lines if not any(math.isnan(part[1]) for part in line[1] if not isinstance(part, str))]


def remark(example: Example, stage: str, weight: str) -> str:
    """What is to be noticed at this stage with these numbers; empty where nothing is."""
    if stage == _SHARES:
        return _about_share(example, weight)
    return fate(example) if stage == _STEP else ""


def fate(example: Example) -> str:
    """What one step at this rate does to the prediction, in a sentence."""
    before, after = example.before(), example.after()
    off, then = before.prediction - example.target, after.prediction - example.target
    if not np.isfinite([before.loss, *before.shares]).all():
        return _TOO_LARGE
    if example.learning_rate == 0:
        return "A rate of 0 takes no step at all."
    if not before.shares.any():
        return "Every share is 0: no rate moves any weight."
    if not math.isfinite(after.loss):
        return "The step is so long that the loss overflows: the rate is far too high."
    if (after.weights == before.weights).all():
        return "The step is smaller than the computer's rounding: every weight stays as it was."
    away = f"off by {number(abs(off))} before, by {number(abs(then))} now"
    if example.learning_rate < 0:
        return f"A negative rate walks uphill: {away}."
    if after.loss >= before.loss:
        return f"{'Past the target and no' if off * then < 0 else 'No'} nearer: {away}. The rate is too high here."
    return f"Past the target, yet nearer: {away}." if off * then < 0 else f"Nearer: {away}."


_TOO_LARGE = "These numbers are too large for the computer: the loss or a share overflows, so no step can be taken."


def _about_share(example: Example, weight: str) -> str:
    before, at = example.before(), WEIGHTS.index(weight)
    begin, end = _ENDS[at]
    share = before.share(weight)
    if not math.isfinite(share):
        return _TOO_LARGE
    if share == 0:
        if before.value(begin) == 0:
            return f"{begin} is 0, so this weight had no part in the error: its share is 0, however large it is."
        if before.error_at("out") == 0:
            return "The prediction is the target: there is no error to share."
        return f"{end} sits where tanh is flat, so no error gets through to its weights."
    moved = before.weights.copy()
    moved[at] += _NUDGE
    measured = example.at(moved).loss - before.loss
    if not math.isfinite(measured):
        return ""
    return (
        f"Put to the test: raise this weight by {_NUDGE:g} and the loss should change by about {_NUDGE:g} × share = "
        f"{number(_NUDGE * share)}. It changes by {number(measured)}."
    )


def _sum_into(at: Pass, neuron: str) -> Line:
    """The line that adds up what comes into a neuron."""
    parts: list[str | tuple[str, float]] = []
    total = 0.0
    for (begin, end), name in zip(_ENDS, WEIGHTS, strict=True):
        if end != neuron:
            continue
        if begin.startswith("one"):
            parts += [("bias", at.weight(name)), "="]
        else:
            parts += [(name, at.weight(name)), "×", (begin, at.value(begin)), "+"]
        total += at.weight(name) * at.value(begin)
    return (f"sum at {neuron}", (*parts, ("prediction" if neuron == "out" else "sum", total)))


def tables(example: Example, stage: str, weight: str | None = None) -> dict[str, pd.DataFrame]:
    """What network_chart draws.

    nodes (x, y, name, value, below, further), edges (x, y, x2, y2, kind, width, opacity),
    chosen (x, y, x2, y2, at_x, at_y, words): the weight looked at, one row or none.
    """
    now = example.after() if stage == _STEP else example.before()
    numbers = now.shares if stage == _SHARES else now.weights
    size = np.abs(numbers)
    top = size[np.isfinite(size)].max(initial=0.0) or 1.0
    edges = pd.DataFrame(
        [(*_PLACES[begin], *_PLACES[end]) for begin, end in _ENDS], columns=["x", "y", "x2", "y2"]
    ).assign(
        kind=np.select([~np.isfinite(numbers), numbers > 0, numbers < 0], ["overflow", "positive", "negative"], "zero"),
        width=1.5 + 7 * np.where(np.isfinite(size), size / top, 1.0),
        opacity=[_edge_opacity(stage, end) for _, end in _ENDS],
    )
    edges["words"] = [short(float(at)) for at in numbers]
    # Where a number stands on its line: off the middle of the crowded half, so that two lines are told apart.
    part = np.array([0.5 if end == "out" else 0.36 for _, end in _ENDS])
    edges["at_x"] = edges.x + part * (edges.x2 - edges.x)
    edges["at_y"] = edges.y + part * (edges.y2 - edges.y)
    chosen = edges[[name == weight for name in WEIGHTS]]
    return {"nodes": _nodes(example, now, stage), "edges": edges, "chosen": chosen}


def _edge_opacity(stage: str, end: str) -> float:
    """Lines at work are drawn in full, the others faintly."""
    if stage in (_SHARES, _STEP):
        return 0.95
    at_work = {_HIDDEN: end != "out", _OUTPUT: end == "out", _LOSS: False}[stage]
    return 0.95 if at_work else 0.2


def _nodes(example: Example, now: Pass, stage: str) -> pd.DataFrame:
    rows = []
    for name, (x, y) in _PLACES.items():
        below = further = ""
        value = short(now.value(name))
        if name == "out":
            value = "?" if stage == _HIDDEN else value
            below = f"target {short(example.target)}" if stage in (_LOSS, _SHARES, _STEP) else ""
            further = f"loss {short(now.loss)}" if stage in (_LOSS, _STEP) else ""
        if stage == _SHARES and (name in _NEURONS or name == "out"):
            error = f"error {short(now.error_at(name))}"
            below, further = (below, error) if name == "out" else (error, further)
        shown = {"one": "bias", "one more": "bias", "out": "prediction"}.get(name, name)
        rows.append((x, y, shown, value, below, further))
    return pd.DataFrame(rows, columns=["x", "y", "name", "value", "below", "further"])


def short(value: float) -> str:
    """A number that fits a circle: two digits after the point, or one and a power of ten."""
    if not math.isfinite(value):
        return "overflow" if math.isnan(value) else "∞" if value > 0 else "−∞"
    size = abs(value)
    if size >= 1000 or 0 < size < 0.005:
        return readable(f"{value:.0e}").replace("\u00a0", "")
    return readable(f"{value + 0.0:.0f}" if size == int(size) else f"{value:.2f}")


def in_words(example: Example, stage: str) -> str:
    """The picture in words and numbers, for who can't see it."""
    now = example.after() if stage == _STEP else example.before()
    what, numbers = ("share of the error", now.shares) if stage == _SHARES else ("weight", now.weights)
    lines = ", ".join(f"{name} {short(float(at))}" for name, at in zip(WEIGHTS, numbers, strict=True))
    hidden = ", ".join(f"{name} {short(now.value(name))}" for name in _NEURONS)
    return (
        f"A network: inputs x1 {short(example.x1)} and x2 {short(example.x2)}, hidden {hidden}, prediction "
        f"{short(now.prediction)}, target {short(example.target)}. Each line's {what}: {lines}."
    )


def stops(example: Example, stage: str, weight: str | None) -> list[Stop]:
    """The picture at each first input from -2 to 2, and at the example's own."""
    examples = [replace(example, x1=x1) for x1 in around([k / 10 for k in range(-20, 21)], example.x1)]
    return [Stop(each.x1, tables(each, stage, weight), in_words(each, stage)) for each in examples]


def all_weights(example: Example) -> pd.DataFrame:
    """Every weight as a row: weight, old, share of the error, new; numbers in words."""
    before, after = example.before(), example.after()
    columns = {"old": before.weights, "share of the error": before.shares, "new": after.weights}
    return pd.DataFrame(
        {"weight": WEIGHTS} | {name: [_shown(float(at)) for at in column] for name, column in columns.items()}
    )


def _shown(value: float) -> str:
    return number(value) if math.isfinite(value) else "overflow"


def questions() -> tuple[ChoiceQuestion, ChoiceQuestion, ChoiceQuestion]:
    """The lesson's three: whose share is largest, whether a long step is nearer, and what a line makes of xor."""
    return _largest_share(), _long_step(), line_question(Example().seed, Example().learning_rate)


def _largest_share() -> ChoiceQuestion:
    at = Example().before()
    strongest = max(_NEURONS, key=lambda name: abs(at.value(name)))
    inside = max(_NEURONS, key=lambda name: abs(at.share(f"x1 → {name}")))
    place = int(np.abs(at.weights).argmax())
    (begins, _), largest = _ENDS[place], WEIGHTS[place]
    first, out = f"x1 → {inside}", f"{strongest} → out"
    return ChoiceQuestion(
        key="network-share",
        ask=(
            f"In the picture the network says about **{short(at.prediction)}** where it should say "
            f"{number(Example().target)}. Which of these weights gets the **largest share of the error**, "
            "that is, for which one is the gradient of the loss largest in size?"
        ),
        choices={
            f"{largest}, the largest weight of all ({short(at.weight(largest))})": "Its share is "
            f"{number(at.share(largest))}: {begins} is 0, so it had no part in this prediction. A large weight need "
            "not have a large part in the error.",
            f"{first}, from the input that is 1": f"Its share is {number(at.share(first))}. The error reaches it "
            f"through {inside} only: made smaller by the weight {inside} → out and by the slope of tanh.",
            f"{out}, from the strongest hidden neuron": f"Its share is {number(at.share(out))}: the error at the "
            f"output times {strongest}, and tanh keeps {strongest} below 1 in size.",
            "bias of out, whose input is always 1": "Exactly: it stands where the error begins, and no input there "
            "is larger than its 1.",
        },
        right=3,
        outcome=(
            f"The bias of out: **{number(at.share('bias of out'))}**. Then {out} with {number(at.share(out))}, "
            f"{first} with {number(at.share(first))}, and {largest} with {number(at.share(largest))}. "
            "A share is the input of the weight times the error at its output."
        ),
    )


def _long_step() -> ChoiceQuestion:
    example = Example(learning_rate=_TOO_HIGH)
    before, after = example.before(), example.after()
    steps = np.diag(-example.learning_rate * before.shares)
    alone = np.array([example.at(before.weights + step).prediction for step in steps])
    off, then = abs(before.prediction - example.target), abs(after.prediction - example.target)
    other = max(WEIGHTS[:-1], key=lambda name: abs(before.share(name)))
    return ChoiceQuestion(
        key="network-step",
        ask=(
            f"Back to x = (1, 0) and the weights of seed {example.seed}. With learning rate "
            f"**{example.learning_rate:g}**, no weight makes the prediction worse if it alone takes its step; the bias "
            f"of out alone would bring it to {number(alone[-1])}, the target. What happens when "
            f"**all {len(alone)} take their steps at once**?"
        ),
        choices={
            "Short of the target, but nearer than before": "No weight moves the wrong way, but each moves as if it "
            f"were alone. Together they move the prediction by {number(after.prediction - before.prediction)}, where "
            f"{number(off)} was needed.",
            "Exactly on the target": f"That is the bias alone. {other} alone would lead to "
            f"{number(alone[WEIGHTS.index(other)])}: every weight adds its part.",
            "Past the target, but nearer than before": f"Past it, yes, but off by {number(off)} before and by "
            f"{number(then)} now.",
            "Past the target, and further off than before": "Exactly: the steps add up.",
        },
        right=3,
        outcome=(
            f"From {number(before.prediction)} to **{number(after.prediction)}**: off by {number(off)} before, by "
            f"{number(then)} now. A gradient tells each weight its direction as if the others stood still; the "
            "learning rate must be small enough for all of them together."
        ),
    )
