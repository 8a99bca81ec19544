"""An experiment as a PyTorch script: zero_grad, backward, step, one learning rate after the other."""

from itertools import pairwise

from ..experiment.experiment import Experiment
from ..methods.schedules import PLATEAU
from . import script_data as data
from .script_changes import changes
from .script_parts import Parts, indented, lines, train_settings, training

_ACTIVATIONS = {"tanh": "nn.Tanh()", "relu": "nn.ReLU()", "sigmoid": "nn.Sigmoid()", "identity": ""}


def parts(experiment: Experiment) -> Parts:
    """The script's steps."""
    # One loss for many classes wants their numbers as they are, all others columns.
    arrays = data.arrays(experiment, columns=True, class_numbers=True)
    return Parts(
        imports=lines(
            "import math",
            "\nimport numpy as np\nimport torch\nfrom torch import nn\n",
            "torch.set_num_threads(1)  # on arrays this small more threads only wait for each other",
            "torch.set_default_dtype(torch.float64)" if experiment.precision == "float64" else "",
        ),
        data=lines(*data.settings(experiment), arrays, _tensors(experiment)),
        start=lines(*train_settings(experiment), _steps(experiment), _model(experiment), _penalty(experiment)),
        train=_training(experiment),
    )


def _tensors(experiment: Experiment) -> str:
    whole = experiment.widths[-1] > 1 and experiment.resolved_loss() == "cross-entropy"
    kind = "" if experiment.precision == "float64" else ", dtype=torch.float32"
    return data.turned(experiment, lambda name: f"torch.tensor({name}{'' if whole and name[0] == 'y' else kind})")


def _steps(experiment: Experiment) -> str:
    """How many steps there are, where the schedule asks for it."""
    if experiment.schedule in ("constant", PLATEAU):
        return ""
    each = " * math.ceil(len(x) / batch_size)" if experiment.steps_per_epoch > 1 else ""
    return f"steps = epochs{each}"


def _model(experiment: Experiment) -> str:
    """The function that makes a network at its start; "" for a line."""
    if experiment.network() is None:
        return ""
    widths, activation = experiment.widths, _ACTIVATIONS[experiment.activation]
    layers = []
    for inputs, outputs in pairwise(widths):
        layers += [f"nn.Linear({inputs}, {outputs})", activation]
    hidden_layers = [layer for layer in layers[:-1] if layer]
    made = f"    model = nn.Sequential({', '.join(hidden_layers)})"
    if len(made) > 120:
        made = "    model = nn.Sequential(\n" + "".join(f"        {layer},\n" for layer in hidden_layers) + "    )"
    scaled = "" if experiment.gain == 1 else f"{experiment.gain!r} * "
    return f'''

def new_model():
    """Weights, then biases, even in +-1 / sqrt(inputs), as nn.Linear draws its own, but by NumPy and from the seed."""
{made}
    draw = np.random.default_rng(seed)
    for layer in model:
        if isinstance(layer, nn.Linear):
            inputs, outputs = layer.in_features, layer.out_features
            limit = inputs**-0.5
            with torch.no_grad():
                layer.weight.copy_(torch.tensor({scaled}draw.uniform(-limit, limit, (inputs, outputs))).T)
                layer.bias.copy_(torch.tensor({scaled}draw.uniform(-limit, limit, outputs)))
    return model'''


def _penalty(experiment: Experiment) -> str:
    """The function that says what l1 and l2 add to the loss; "" without them."""
    terms = [
        f"{name} * sum({term}.sum() for w in weights)"
        for size, name, term in ((experiment.l1, "l1", "w.abs()"), (experiment.l2, "l2", "(w**2)"))
        if size
    ]
    if not terms:
        return ""
    return f"""

def penalty(model):
    weights = [layer.weight for layer in model if isinstance(layer, nn.Linear)]
    return {" + ".join(terms)}"""


def _optimizer(experiment: Experiment) -> str:
    """The call that makes the optimizer of torch.optim, without what is its default."""
    momentum = f", momentum={experiment.momentum!r}" if experiment.momentum else ""
    betas = f", betas=({experiment.momentum!r}, 0.999)"
    sgd = f"SGD(model.parameters(), lr=lr{momentum})"
    calls = {
        "sgd": sgd,
        "momentum": sgd,
        "nesterov": f"SGD(model.parameters(), lr=lr{momentum}{', nesterov=True' if momentum else ''})",
        "adam": f"Adam(model.parameters(), lr=lr{betas})",
        "adamw": f"AdamW(model.parameters(), lr=lr{betas})",
        "rmsprop": f"RMSprop(model.parameters(), lr=lr{momentum})",
        "adagrad": "Adagrad(model.parameters(), lr=lr)",
    }
    return f"optimizer = torch.optim.{calls[experiment.optimizer]}"


# Each by its own scheduler; {steps} is how many it runs for.
_SCHEDULERS = {
    "step": "StepLR(optimizer, step_size=max(1, round(0.3 * {steps})), gamma=0.1)",
    "exponential": "ExponentialLR(optimizer, gamma=0.01 ** (1 / {steps}))",
    "cosine": "CosineAnnealingLR(optimizer, T_max={steps})",
    "linear": "LinearLR(optimizer, start_factor=1, end_factor=0, total_iters={steps})",
    "stable-decay": "LambdaLR(optimizer, lambda step: min(1, ({steps} - step) / math.ceil({steps} / 5)))",
    "warm-up-stable-decay": "LambdaLR(\n"
    "    optimizer, lambda step: min(1, ({steps} - step) / math.ceil({steps} / 5))\n)",
    "one-cycle": "OneCycleLR(optimizer, max_lr=lr, total_steps={steps}, cycle_momentum=False)",
    "cyclical": "CyclicLR(\n"
    "    optimizer, base_lr=lr / 10, max_lr=lr, step_size_up=max(1, round({steps} / 20)), cycle_momentum=False\n)",
    "restarts": "CosineAnnealingWarmRestarts(optimizer, T_0=math.ceil({steps} / 15), T_mult=2)",
    PLATEAU: "ReduceLROnPlateau(optimizer, min_lr=lr / 10_000, eps=0)",
}
_MODULE = "torch.optim.lr_scheduler."


def _scheduler(experiment: Experiment) -> str:
    name = experiment.schedule
    if name == "constant":
        return ""
    if not name.startswith("warm-up"):
        return f"scheduler = {_MODULE}{_SCHEDULERS[name].format(steps='steps')}"
    climb = f"{_MODULE}{_climb(experiment)}"
    if name == "warm-up" or experiment.epochs * experiment.steps_per_epoch == 1:  # one step: nothing follows it
        return f"scheduler = {climb}"
    rest = (
        (_SCHEDULERS.get(name) or _SCHEDULERS[name.removeprefix("warm-up-")])
        .format(steps="(steps - climb)")
        .replace("=(steps - climb)", "=steps - climb")
    )
    return f"""\
climb = math.ceil(steps / 10)
warm_up = {climb}
rest = {_MODULE}{rest}
scheduler = {_MODULE}SequentialLR(optimizer, [warm_up, rest], milestones=[climb])"""


def _climb(experiment: Experiment) -> str:
    """The warm-up. LinearLR counts whole steps, so where a tenth of the run is none, the formula is given instead."""
    steps = experiment.epochs * experiment.steps_per_epoch
    if steps % 10 == 0 and steps > 10:
        return "LinearLR(optimizer, start_factor=10 / steps, total_iters=steps // 10 - 1)"
    return "LambdaLR(optimizer, lambda step: min(1, (step + 1) / (steps / 10)))"


def _loss_fn(experiment: Experiment) -> str:
    if experiment.resolved_loss() == "mse":
        return "loss_fn = nn.MSELoss()"
    return "loss_fn = nn.CrossEntropyLoss()" if experiment.widths[-1] > 1 else "loss_fn = nn.BCEWithLogitsLoss()"


def _training(experiment: Experiment) -> str:
    by_batch = experiment.steps_per_epoch > 1
    look = f"loss = {_loss_of(experiment, 'x' if by_batch else '', 'y')}\nlosses[lr].append(loss.item())"
    look = f"with torch.no_grad():\n{indented(look, 1)}" if by_batch else f"y_pred = model(x)\n{look}"
    end = lines(
        f"losses[lr].append({_sum(experiment, 'x', 'y')}.item())",
        f"test_loss[lr] = {_sum(experiment, 'x_test', 'y_test')}.item()" if experiment.test_share else "",
    )
    loop = training(
        experiment,
        [_first(experiment), _optimizer(experiment), _scheduler(experiment)],
        lines(changes(experiment), look, "scheduler.step(loss.item())" if experiment.schedule == PLATEAU else ""),
        f"with torch.no_grad():\n{indented(end, 1)}",
        lines(f"loss = {_loss_of(experiment, 'x[batch]', 'y[batch]')}" if by_batch else "", _step(experiment)),
    )
    return lines(_loss_fn(experiment), loop)


def _first(experiment: Experiment) -> str:
    """The lines that make a model where a rate sets out from."""
    if experiment.network():
        return "model = new_model()"
    w, b = experiment.start or (0.0, 0.0)
    return f"model = nn.Linear(1, 1)\nnn.init.constant_(model.weight, {w!r})\nnn.init.constant_(model.bias, {b!r})"


def _loss_of(experiment: Experiment, x: str, y: str) -> str:
    """The loss at x; "" where the prediction is made already."""
    added = " + penalty(model)" if experiment.l1 or experiment.l2 else ""
    return f"loss_fn({f'model({x})' if x else 'y_pred'}, {y}){added}"


def _sum(experiment: Experiment, x: str, y: str) -> str:
    loss = _loss_of(experiment, x, y)
    return f"({loss})" if " + " in loss else loss


def _step(experiment: Experiment) -> str:
    follows = "scheduler.step()" if experiment.schedule not in ("constant", PLATEAU) else ""
    return lines("optimizer.zero_grad()", "loss.backward()", "optimizer.step()", follows)
