"""Update rules and schedules as the lines of a NumPy script: only those of the rule, only those of the schedule."""

from __future__ import annotations

from ..experiment.experiment import Experiment
from ..methods.schedules import PLATEAU

# {p} is the parameter, {d} its gradient, {v} and {s} what the rule remembers of it, {lr} the rate of this step,
# {t} the number of the step, from 1. momentum and beta1 are named at the head of the script.
_MOMENTUM = "{v} = momentum * {v} + {d}\n{p} = {p} - {lr} * {v}"
_RMSPROP = "{s} = 0.99 * {s} + 0.01 * {d}**2\n"
_ADAM = "{s} = 0.999 * {s} + 0.001 * {d}**2\n"
_SHRINK = "{p} = {p} - {lr} * 0.01 * {p}\n"
_UPDATES = {
    "sgd": "{p} = {p} - {lr} * {d}",
    "momentum": _MOMENTUM,
    "nesterov": "{v} = momentum * {v} + {d}\n{p} = {p} - {lr} * ({d} + momentum * {v})",
    "adagrad": "{s} = {s} + {d}**2\n{p} = {p} - {lr} * {d} / (np.sqrt({s}) + 1e-10)",
    "rmsprop": _RMSPROP + "{p} = {p} - {lr} * {d} / (np.sqrt({s}) + 1e-8)",
    "rmsprop with momentum": _RMSPROP + "{v} = momentum * {v} + {d} / (np.sqrt({s}) + 1e-8)\n{p} = {p} - {lr} * {v}",
    "adam": _ADAM + "{p} = {p} - {lr} * {d} / (np.sqrt({s} / (1 - 0.999**{t})) + 1e-8)",
    "adam with momentum": "{v} = beta1 * {v} + (1 - beta1) * {d}\n"
    + _ADAM
    + "{p} = {p} - {lr} * {v} / (1 - beta1**{t}) / (np.sqrt({s} / (1 - 0.999**{t})) + 1e-8)",
}


def update(experiment: Experiment, parameters: tuple[tuple[str, str], ...], lr: str, step: str) -> str:
    """The lines that move parameters by their gradients.

    parameters: of each how it is written and how its name is: (("w[k]", "w"), ...).  lr: how the rate of the step is
    written, step: how its number is, from 0.
    """
    text = _update(experiment)
    return "\n".join(
        text.format(p=p, d=f"d{name}", v=p.replace(name, f"v{name}", 1), s=p.replace(name, f"s{name}", 1), lr=lr, t="t")
        for p, name in parameters
    )


def remembered(experiment: Experiment) -> tuple[str, ...]:
    """What the rule remembers: "v" gradients added up or averaged, "s" their squares likewise."""
    text = _update(experiment)
    return tuple(letter for letter in "vs" if f"{{{letter}}} =" in text)


def counts_steps(experiment: Experiment) -> bool:
    """Whether the rule needs the number of the step."""
    return "{t}" in _update(experiment)


def momentum_setting(experiment: Experiment) -> list[str]:
    """The line that names the momentum, where the run has any."""
    text = _update(experiment)
    return [f"{name} = {experiment.momentum!r}" for name in ("momentum", "beta1") if name in text]


def _update(experiment: Experiment) -> str:
    rule = experiment.optimizer
    if rule in ("sgd", "momentum", "nesterov"):
        return _UPDATES[("momentum" if rule == "sgd" else rule) if experiment.momentum else "sgd"]
    shrink = _SHRINK if rule == "adamw" else ""
    rule = "adam" if rule == "adamw" else rule
    with_momentum = f"{rule} with momentum"
    return shrink + _UPDATES[with_momentum if experiment.momentum and with_momentum in _UPDATES else rule]


# What a schedule's function says, with the names of the step and of how many there are.
_SHAPES = {
    "step": "return 0.1 ** ({step} // max(1, round(0.3 * {steps})))",
    "exponential": "return 0.01 ** ({step} / {steps})",
    "cosine": "return (1 + math.cos(math.pi * {step} / {steps})) / 2",
    "linear": "return 1 - {step} / {steps}",
    "warm-up": "return min(1, (step + 1) / (steps / 10))",
    "one-cycle": """\
top = 0.3 * steps - 1
if step <= top:
    start, end, part = 1 / 25, 1, step / top
else:
    start, end, part = 1, 1 / 250_000, (step - top) / (steps - 1 - top)
return end + (start - end) * (1 + math.cos(math.pi * part)) / 2""",
    "cyclical": """\
half = max(1, round(steps / 20))
return 0.1 + 0.9 * (1 - abs(1 - step % (2 * half) / half))""",
    "restarts": """\
length = math.ceil(steps / 15)
while step >= length:
    step, length = step - length, 2 * length
return (1 + math.cos(math.pi * step / length)) / 2""",
}
_SAYS = {
    "step": "a tenth after each 30 % of the run",
    "exponential": "the same factor at each step, down to 1 % as the run ends",
    "cosine": "half a cosine down to 0",
    "linear": "a straight line down to 0",
    "warm-up": "a straight climb over the first tenth of the run",
    "one-cycle": "half a cosine up from 1/25 over 30 % of the run, then one down to almost 0",
    "cyclical": "up and down in straight lines between a tenth and all of it, ten times",
    "restarts": "half a cosine down to 0 again and again, each time twice as long",
}
_WARMED = """\
climb = math.ceil(steps / 10)
if step < climb:
    return min(1, (step + 1) / (steps / 10))
"""
PLATEAU_STATE = "best, waited, lr_t = math.inf, 0, lr"
PLATEAU_STEP = """\
if loss < best * (1 - 1e-4):
    best, waited = loss, 0
else:
    waited = waited + 1
if waited > 10:  # no better for more than 10 epochs: a tenth, but at least 1/10 000 of the first
    lr_t, waited = max(0.1 * lr_t, 1e-4 * lr), 0"""


def scheduled(experiment: Experiment) -> bool:
    """Whether the rate of a step follows from its number."""
    return experiment.schedule not in ("constant", PLATEAU)


def schedule(experiment: Experiment) -> str:
    """The function that says what the learning rate is multiplied by; "" where there is none."""
    if not scheduled(experiment):
        return ""
    name = experiment.schedule.removeprefix("warm-up-")
    warmed = name != experiment.schedule
    body = _SHAPES[name]
    if "{step}" in body:
        step, steps = ("(step - climb)", "(steps - climb)") if warmed else ("step", "steps")
        body = body.format(step=step, steps=steps)
    says = f"{_SAYS['warm-up']}, then {_SAYS[name]}" if warmed else _SAYS[name]
    lines = ((_WARMED if warmed else "") + body).replace("\n", "\n    ")
    return f'def schedule(step):\n    """What the learning rate is multiplied by: {says}."""\n    {lines}'
