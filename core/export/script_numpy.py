"""An experiment as a NumPy script: the gradient by hand, one learning rate after the other."""

from ..experiment.experiment import Experiment
from ..methods.schedules import PLATEAU
from . import script_data as data
from . import script_rules as rules
from .script_changes import changes
from .script_parts import Parts, indented, lines, train_settings, training

_SIGMOID = """\
def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))  # 1 / (1 + exp(-z)), written so that no exp overflows"""
_SOFTMAX = """\
def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))  # the largest off first, so that no exp overflows
    return e / e.sum(axis=1, keepdims=True)"""
# Of z, the scores, and y, the classes.
_TWO_CLASSES = "np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z))))"
_SHIFTED = ["z = z - z.max(axis=1, keepdims=True)  # the largest off first, so that no exp overflows"]
_MORE_CLASSES = "np.mean(np.log(np.exp(z).sum(axis=1)) - (y * z).sum(axis=1))"

_QUIET = 'np.seterr(all="ignore")  # too high a rate overflows: inf and nan come as they come'

# Activations, of z; and their derivatives, of the activations a[k].
_ACTIVATIONS = {"tanh": "np.tanh(z)", "relu": "np.maximum(z, 0)", "sigmoid": "sigmoid(z)", "identity": "z"}
_DERIVATIVES = {
    "tanh": " * (1 - a[k] ** 2)",
    "relu": " * (a[k] > 0)",
    "sigmoid": " * a[k] * (1 - a[k])",
    "identity": "",
}


def parts(experiment: Experiment) -> Parts:
    """The script's steps."""
    network = experiment.network()
    return Parts(
        imports="import math\n\nimport numpy as np",
        data=lines(
            *data.settings(experiment), data.arrays(experiment, network is not None, False), _precision(experiment)
        ),
        start=lines(
            *train_settings(experiment),
            "" if rules.plain(experiment) else f"{rules.momentum(experiment)} = {experiment.momentum!r}",
            _steps(experiment),
            _start(experiment),
            _functions(experiment),
        ),
        train=lines(_QUIET, rules.schedule_setting(experiment), _training(experiment)),
    )


def _precision(experiment: Experiment) -> str:
    if experiment.precision == "float64":
        return ""
    return data.turned(experiment, lambda name: f"{name}.astype(np.float32)")


def _steps(experiment: Experiment) -> str:
    """How many steps there are, where the schedule asks for it."""
    if not rules.scheduled(experiment):
        return ""
    if experiment.steps_per_epoch == 1:
        return "steps = epochs"
    return "steps_per_epoch = math.ceil(len(x) / batch_size)\nsteps = epochs * steps_per_epoch"


def _start(experiment: Experiment) -> str:
    network = experiment.network()
    if network is None:
        return "n = len(x)" if experiment.steps_per_epoch == 1 else ""
    scaled = "" if experiment.gain == 1 else f"{experiment.gain!r} * "
    kind = "" if experiment.precision == "float64" else ".astype(np.float32)"
    drawn = f"{scaled}draw.uniform(-limit, limit, {{}}){kind}"
    words = "even in +-1 / sqrt(inputs), as torch.nn.Linear draws its own."
    if not experiment.hidden:
        inputs, outputs = network.widths
        return f"""\
# Weights, then biases, {words}
draw = np.random.default_rng(seed)
limit = {inputs}**-0.5
w_start = {drawn.format(f"({inputs}, {outputs})")}
b_start = {drawn.format(outputs)}"""
    return f"""\
# Layer by layer weights, then biases, {words}
widths = {list(network.widths)}
draw = np.random.default_rng(seed)
w_start, b_start = [], []
for inputs, outputs in zip(widths, widths[1:]):
    limit = inputs**-0.5
    w_start.append({drawn.format("(inputs, outputs)")})
    b_start.append({drawn.format("outputs")})"""


def _functions(experiment: Experiment) -> str:
    """What training calls: the bend, the forward pass, the loss, the schedule."""
    network, made = experiment.network(), []
    if network is not None:
        crossed, several = network.loss == "cross-entropy", network.widths[-1] > 1
        if (experiment.hidden and network.activation == "sigmoid") or (crossed and not several):
            made.append(_SIGMOID)
        if experiment.hidden:
            made.append(_forward(network.activation))
        if crossed and several:
            made.append(_SOFTMAX)
        made.append(_penalty(experiment))
    made.append(_loss(experiment))
    made += rules.functions(experiment)
    return "".join(f"\n\n{function}\n" for function in made if function).rstrip("\n")


def _forward(activation: str) -> str:
    activated = _ACTIVATIONS[activation]
    layer = "a.append(z)" if activated == "z" else f"a.append({activated} if k < len(w) - 1 else z)"
    return f'''\
def forward(x, w, b):
    """What every layer says of x: [x, hidden layers, outputs]."""
    a = [x]
    for k in range(len(w)):
        z = a[k] @ w[k] + b[k]
        {layer}
    return a'''


def _loss(experiment: Experiment) -> str:
    """The function that is made small; of the training rows, or where some are held out of any rows."""
    network, given = experiment.network(), ", x, y" if experiment.test_share else ""
    if network is None:
        return f"def loss_of(w, b{given}):\n    return np.mean((y - (w * x + b)) ** 2)"
    crossed, several = network.loss == "cross-entropy", network.widths[-1] > 1
    outputs = "forward(x, w, b)[-1]" if experiment.hidden else "x @ w + b"
    body = [f"z = {outputs}" + ("  # scores; y: classes" if crossed else "")]
    body += _SHIFTED if crossed and several else []
    loss = (_MORE_CLASSES if several else _TWO_CLASSES) if crossed else "np.mean((y - z) ** 2)"
    body.append(f"return {loss}{' + penalty(w)' if experiment.l1 or experiment.l2 else ''}")
    return f"def loss_of(w, b{given}):\n{indented(lines(*body), 1)}"


def _penalty(experiment: Experiment) -> str:
    """The function that says what l1 and l2 add to the loss; "" without them."""
    terms = []
    for size, name, term in ((experiment.l1, "l1", "np.abs({})"), (experiment.l2, "l2", "({}**2)")):
        if size:
            one = term.format("w_k" if experiment.hidden else "w") + ".sum()"
            terms.append(f"{name} * " + (f"sum({one} for w_k in w)" if experiment.hidden else one))
    return f"def penalty(w):\n    return {' + '.join(terms)}" if terms else ""


def _penalty_gradient(experiment: Experiment, w: str) -> str:
    return (f" + l1 * np.sign({w})" if experiment.l1 else "") + (f" + 2 * l2 * {w}" if experiment.l2 else "")


def _training(experiment: Experiment) -> str:
    by_batch, plateau = experiment.steps_per_epoch > 1, experiment.schedule == PLATEAU
    given = ", x, y" if experiment.test_share else ""
    epoch = lines(
        changes(experiment),
        f"loss = loss_of(w, b{given})\nlosses[lr].append(loss)"
        if plateau
        else f"losses[lr].append(loss_of(w, b{given}))",
        rules.PLATEAU_STEP if plateau else "",
        "" if by_batch else _predict(experiment, "x"),
    )
    end = lines(
        f"losses[lr].append(loss_of(w, b{given}))",
        "test_loss[lr] = loss_of(w, b, x_test, y_test)" if experiment.test_share else "",
    )
    first = [_first(experiment), rules.state(experiment), rules.PLATEAU_STATE if plateau else ""]
    return training(experiment, first, epoch, end, _batch(experiment) if by_batch else _step(experiment, "epoch"))


def _first(experiment: Experiment) -> str:
    """Where a rate sets out from."""
    if experiment.network():
        return "w, b = list(w_start), list(b_start)" if experiment.hidden else "w, b = w_start, b_start"
    numbers = [repr(number) for number in experiment.start or (0.0, 0.0)]
    if experiment.precision == "float32":
        numbers = [f"np.float32({number})" for number in numbers]
    return f"w, b = {', '.join(numbers)}"


def _predict(experiment: Experiment, x: str) -> str:
    if experiment.hidden:
        return f"a = forward({x}, w, b)\ny_pred = a[-1]"
    return f"y_pred = {x} @ w + b" if experiment.network() else f"y_pred = w * {x} + b"


def _batch(experiment: Experiment) -> str:
    return lines(
        "x_batch, y_batch = x[batch], y[batch]",
        _predict(experiment, "x_batch"),
        "step = epoch * steps_per_epoch + i // batch_size" if rules.scheduled(experiment) else "",
        _step(experiment, "step", "_batch"),
    )


def _step(experiment: Experiment, step: str, rows: str = "") -> str:
    """The lines of one step, from the prediction on. step: how its number is called."""
    scheduled = rules.scheduled(experiment)
    lr = "lr_t" if scheduled or experiment.schedule == PLATEAU else "lr"
    before = f"lr_t = {rules.rate(experiment, step)}" if scheduled else ""
    if experiment.hidden:
        layer = lines(
            f"dw = a[k].T @ error{_penalty_gradient(experiment, 'w[k]')}",
            "db = error.sum(axis=0)",
            f"if k > 0:\n    error = error @ w[k].T{_DERIVATIVES[experiment.activation]}  # to the layer below",
            rules.update(experiment, lr),
        )
        return lines(before, _error(experiment, rows), f"for k in reversed(range(len(w))):\n{indented(layer, 1)}")
    return lines(before, _gradient(experiment, rows), rules.update(experiment, lr))


def _error(experiment: Experiment, rows: str) -> str:
    """How the loss changes with each output."""
    y = f"y{rows}"
    if experiment.resolved_loss() == "mse":
        return f"error = 2 * (y_pred - {y}) / {y}.size  # how the loss changes with each output"
    probabilities = "softmax(y_pred)" if experiment.widths[-1] > 1 else "sigmoid(y_pred)"
    return f"error = ({probabilities} - {y}) / len({y})  # how the loss changes with each output"


def _gradient(experiment: Experiment, rows: str) -> str:
    """dw and db without hidden layers."""
    x, y = f"x{rows}", f"y{rows}"
    if experiment.network() is None:
        n = "n" if not rows else f"len({x})"
        return f"dw = (-2 / {n}) * np.sum({x} * ({y} - y_pred))\ndb = (-2 / {n}) * np.sum({y} - y_pred)"
    return lines(
        _error(experiment, rows), f"dw = {x}.T @ error{_penalty_gradient(experiment, 'w')}", "db = error.sum(axis=0)"
    )
