"""Update rules and schedules as lines of a NumPy script: the lab's own functions, and the lines that call them."""

from ..experiment.experiment import Experiment
from ..methods.optimizers import UPDATE_RULES
from ..methods.schedules import PLATEAU, SCHEDULES, after_warm_up
from .source import standing_alone

PLATEAU_STATE = "best, waited, lr_t = math.inf, 0, lr"
PLATEAU_STEP = """\
if loss < best * (1 - 1e-4):
    best, waited = loss, 0
else:
    waited = waited + 1
if waited > 10:  # no better for more than 10 epochs: a tenth, but at least 1/10 000 of the first
    lr_t, waited = max(0.1 * lr_t, 1e-4 * lr), 0"""


def plain(experiment: Experiment) -> bool:
    """Whether a step is rate times gradient and no more, so that the rule needs no function of its own."""
    return experiment.optimizer in ("sgd", "momentum", "nesterov") and not experiment.momentum


def scheduled(experiment: Experiment) -> bool:
    """Whether the rate of a step follows from its number."""
    return experiment.schedule not in ("constant", PLATEAU)


def functions(experiment: Experiment) -> list[str]:
    """The functions of the schedule and of the update rule, where the run needs any."""
    found = []
    if scheduled(experiment):
        found += [standing_alone(SCHEDULES[_after(experiment)])]
        found += [standing_alone(after_warm_up)] if _warmed(experiment) else []
    return found if plain(experiment) else [*found, standing_alone(UPDATE_RULES[experiment.optimizer].update)]


def schedule_setting(experiment: Experiment) -> str:
    """The line that puts a warm-up before a schedule; "" without."""
    return f"schedule = after_warm_up({SCHEDULES[_after(experiment)].__name__})" if _warmed(experiment) else ""


def rate(experiment: Experiment, step: str) -> str:
    """The rate of a step by its number, as the script works it out; for a scheduled run."""
    return f"lr * {'schedule' if _warmed(experiment) else SCHEDULES[experiment.schedule].__name__}({step}, steps)"


def momentum(experiment: Experiment) -> str:
    """What the rule calls its momentum."""
    return "beta1" if experiment.optimizer in ("adam", "adamw") else "momentum"


def state(experiment: Experiment) -> str:
    """The line that says what the rule remembers at first: nothing; "" where it never remembers."""
    nothing = "[None] * len(w)" if experiment.hidden else "None"
    return "" if plain(experiment) else f"w_state, b_state = {nothing}, {nothing}"


def update(experiment: Experiment, lr: str) -> str:
    """The lines that move w and b, or those of layer k, by their gradients; lr: how the rate of the step is written."""
    k = "[k]" if experiment.hidden else ""
    if plain(experiment):
        return "\n".join(f"{p}{k} = {p}{k} - {lr} * d{p}" for p in "wb")
    rule = UPDATE_RULES[experiment.optimizer]
    kept = f"(1 - {lr} * {rule.weight_decay}) * " if rule.weight_decay else ""
    return "\n".join(
        f"change, {p}_state{k} = {rule.update.__name__}(d{p}, {p}_state{k}, {lr}, {momentum(experiment)})\n"
        f"{p}{k} = {kept}{p}{k} + change"
        for p in "wb"
    )


def _warmed(experiment: Experiment) -> bool:
    return experiment.schedule.startswith("warm-up-")


def _after(experiment: Experiment) -> str:
    """The schedule, or the one after the warm-up."""
    return experiment.schedule.removeprefix("warm-up-")
