"""What ran, in one line."""

from ..data.features import FEATURES
from ..methods.optimizers import UPDATE_RULES
from ..methods.schedules import TITLES
from ..words import lane_name, many, number
from .experiment import Experiment


def experiment_words(experiment: Experiment, besides: str | None = None) -> str:
    """What ran, in one line of Markdown.  besides: the field that was given many values, of which it says none."""
    batch = "full batch" if experiment.batch_size is None else f"batches of {experiment.batch_size}"
    engine = "PyTorch" if experiment.engine == "torch" else "NumPy"
    epochs = many(experiment.epochs, "epoch")
    model = _network_words(experiment) if experiment.network() else _line_words(experiment)
    schedule = "" if experiment.schedule == "constant" else f"schedule: {TITLES[experiment.schedule].lower()}"
    by_hand = "".join(f"; by hand, {words}" for words in changes_in_words(experiment))
    steps = {"optimizer": _rule(experiment), "schedule": schedule, "batch_size": batch}
    told = ", ".join(words for name, words in steps.items() if words and name != besides)
    return f"{model}; {told}, {epochs} by {engine} in {experiment.precision}{by_hand}."


def what_ran(experiment: Experiment) -> str:
    """What ran, its learning rates included."""
    lanes = (f"{lane_name(k)} {number(rate)}" for k, rate in enumerate(experiment.learning_rates))
    return f"{experiment_words(experiment)} Learning rates: {', '.join(lanes)}."


def changes_in_words(experiment: Experiment) -> list[str]:
    """What is changed by hand, each in a few words: "lane A from epoch 120: learning rate 0.05"."""
    made = []
    for change in experiment.by_hand():
        what = "learning rate" if change.parameter is None else f"parameter {change.parameter}"
        made.append(f"lane {lane_name(change.lane)} from epoch {change.epoch:,}: {what} {number(change.value)}")
    return made


def differences(one: Experiment, other: Experiment) -> list[str]:
    """What one run of a line has that another has not, each in a few words: "momentum 0.9", "500 epochs"."""
    told = {
        "data": one.dataset().title,
        "standardize": "x standardized" if one.standardize else "x as measured",
        "epochs": many(one.epochs, "epoch"),
        "batch_size": "full batch" if one.batch_size is None else f"batches of {one.batch_size}",
        "optimizer": _rule(one),
        "momentum": _rule(one),
        "start": "from w = {}, b = {}".format(*map(number, one.start or (0.0, 0.0))),
        "seed": f"seed {one.seed}",
        "engine": "by PyTorch" if one.engine == "torch" else "by NumPy",
        "precision": one.precision,
    }
    return list(dict.fromkeys(words for name, words in told.items() if getattr(one, name) != getattr(other, name)))


def _line_words(experiment: Experiment) -> str:
    w, b = experiment.start or (0.0, 0.0)
    x = "standardized x" if experiment.standardize else "x"
    line = f"y = w·{x} + b on {experiment.points} points, from w = {number(w)}, b = {number(b)}"
    return f"{line}; loss = mean of (y − y_pred)², not half of it"


def _network_words(experiment: Experiment) -> str:
    held = len(experiment.dataset().y) - experiment.points
    widths = "–".join(map(str, experiment.widths))
    bends = f" ({experiment.activation})" if experiment.hidden else ", no hidden layer"
    inputs = ", ".join(FEATURES[name].title for name in experiment.features) or "the columns of the data"
    scaled = ", standardized" if experiment.standardize else ""
    points = f"{experiment.points} points of {experiment.dataset().title}" + (f", {held} held out" if held else "")
    return (
        f"A network {widths}{bends} on {points}; inputs: {inputs}{scaled}; weights drawn from seed {experiment.seed}; "
        f"loss = {_loss(experiment)}"
    )


def _loss(experiment: Experiment) -> str:
    network = experiment.network()
    assert network is not None
    mean = (
        "mean of (output − target)², not half of it"
        if network.loss == "mse"
        else "mean cross-entropy of the outputs as logits"
    )
    sums = (f" + {number(size)} Σ{term}" for size, term in ((network.l1, "|w|"), (network.l2, "w²")) if size)
    return mean + "".join(sums)


def _rule(experiment: Experiment) -> str:
    title, momentum = UPDATE_RULES[experiment.optimizer].title, f"momentum {experiment.momentum:g}"
    match experiment.optimizer:
        case "adam" | "adamw":
            decay = ", weight decay 0.01" if experiment.optimizer == "adamw" else ""
            return f"{title} (beta1 {experiment.momentum:g}, beta2 0.999{decay})"
        case "rmsprop":
            return f"{title} (alpha 0.99" + (f", {momentum})" if experiment.momentum else ")")
        case "adagrad":
            return title
        case "nesterov" if experiment.momentum:
            return f"Nesterov {momentum}"
    return momentum if experiment.momentum else "gradient descent"


def axis_titles(experiment: Experiment) -> tuple[str, str]:
    """What the axes of a line's data are called, with units: ("flipper length (mm)", "body mass (g)")."""
    data = experiment.dataset()
    x_units = "standardized" if experiment.standardize else data.x_units
    return _with_units(data.x_name, x_units), _with_units(data.y_name, data.y_units)


def _with_units(name: str, units: str) -> str:
    return f"{name} ({units})" if units else name
