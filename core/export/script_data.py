"""The part of an exported script that makes the arrays it trains on; the same lines for both engines."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..data.datasets import NOISE, Dataset, is_upload
from ..data.made_data import CLASSES, REGRESSION
from ..experiment.experiment import Experiment, held_out
from ..training.problems import problem
from .source import standing_alone

_FOLDER = Path(__file__).parents[1] / "data"
COMPANION = "digits.csv"  # too long to stand in a script: 1,797 images
BESIDE = "here / "  # where a script finds them; a notebook's first cell writes them into its own folder
OWN = "your_data.csv"  # an upload: its x columns and y, as they were chosen

# What no function makes; the tests hold it against what datasets.py says.
_RAW = {
    "article": "x = np.array([1.0, 2.0, 3.0, 4.0, 5.0])\ny = 2 * x",
    "article-torch": "x = np.array([1.0, 2.0, 3.0, 4.0])\ny = 2 * x",
    "noisy-line": """\
x = np.linspace(0, 5, 40)
y = 2 * x + 1 + np.random.default_rng(seed).normal(size=40)""",
    "far-from-zero": "x = np.linspace(100, 120, 21)\ny = 0.5 * x - 30",
    "digits": f"""\
# A row for each image: the digit, then its 64 pixels, ink from 0 to 16 as one character in base 17.
y, pixels = np.loadtxt({BESIDE}"{COMPANION}", delimiter=",", skiprows=1, dtype=str).T
x = np.array([[int(pixel, 17) for pixel in row] for row in pixels], float)
y = y.astype(int)""",
}
_BIRDS = "penguins.csv"  # 342 rows would stand before the idea
_PENGUINS = "# Palmer penguins, Gorman, Williams and Fraser (2014), CC0."
_READ = f'np.loadtxt({BESIDE}"{_BIRDS}", delimiter=",", skiprows=1).T'
_HEADS = {
    "penguins": ("flipper_mm", "mass_g"),
    "penguins-species": ("bill_mm", "flipper_mm", "species"),
}
_FEATURES = {
    "x": "x[:, 0]",
    "y": "x[:, 1]",
    "x2": "x[:, 0] ** 2",
    "y2": "x[:, 1] ** 2",
    "xy": "x[:, 0] * x[:, 1]",
    "sinx": "np.sin(6 * x[:, 0])",
    "siny": "np.sin(6 * x[:, 1])",
}


def companions(experiment: Experiment) -> dict[str, bytes]:
    """The files, by name, that the script of this experiment reads; {} where its data is made or is a few numbers."""
    data = experiment.dataset()
    if is_upload(experiment.data):
        return {OWN: _table([*(f"x{k + 1}" for k in range(data.x.shape[1])), "y"], data)}
    if experiment.data in _HEADS:
        return {_BIRDS: _table(_HEADS[experiment.data], data)}
    return {COMPANION: (_FOLDER / COMPANION).read_bytes()} if experiment.data == "digits" else {}


def _table(names: Sequence[str], data: Dataset) -> bytes:
    """The columns of x and y as CSV; whole numbers without a point."""
    rows = np.column_stack([data.x, data.y]).tolist()
    return "\n".join(
        [",".join(names), *(",".join(repr(value).removesuffix(".0") for value in row) for row in rows), ""]
    ).encode()


def settings(experiment: Experiment) -> list[str]:
    """The lines that name what data, weights and batches are drawn from, where any are."""
    drawn = experiment.network() or experiment.test_share or experiment.steps_per_epoch > 1
    lines = [f"seed = {experiment.seed}"] if drawn or "(seed)" in _raw(experiment) else []
    if experiment.data in NOISE:
        noise = NOISE[experiment.data] if experiment.noise is None else experiment.noise
        lines.append(f"noise = {noise!r}  # standard deviation")
    return lines


def arrays(experiment: Experiment, columns: bool, class_numbers: bool) -> str:
    """The lines that make x and y, and x_test and y_test where rows are held out.

    columns: x (n, d) and y (n, k) as a network takes them; else x (n,) and y (n,), for a line.
    class_numbers: leave more than two classes as whole numbers, as torch.nn.CrossEntropyLoss takes them.
    """
    lines = [_raw(experiment)]
    if experiment.features:
        made = [_FEATURES[name] for name in experiment.features]
        side_by_side = f"[{', '.join(made)}]"
        if len(side_by_side) > 99:
            side_by_side = f"\n    {side_by_side}\n"
        lines.append(f"x = np.column_stack({side_by_side})" if columns else f"x = {made[0]}")
    elif columns and experiment.widths[0] == 1:
        lines.append("x = x.reshape(-1, 1)")
    lines.append(_targets(experiment, columns, class_numbers))
    if experiment.test_share:
        lines.append(_split(experiment))
    if experiment.standardize:
        lines.append(_standardized(experiment))
    return "\n".join(line for line in lines if line)


def turned(experiment: Experiment, into: Callable[[str], str]) -> str:
    """The lines that turn x and y, and the rows held out, into what `into` says of their names."""
    pairs = (("x", "y"), ("x_test", "y_test")) if experiment.test_share else (("x", "y"),)
    return "\n".join(f"{x}, {y} = {into(x)}, {into(y)}" for x, y in pairs)


def _raw(experiment: Experiment) -> str:
    """x and y as measured or made."""
    data = experiment.dataset()
    if data.name == "penguins":
        return f"{_PENGUINS} Flipper length in mm, body mass in g.\nx, y = {_READ}"
    if data.name == "penguins-species":
        return (
            f"{_PENGUINS} Lengths in mm; {_in_words(data.classes)}.\nbill, flipper, species = {_READ}\n"
            "x, y = np.column_stack([bill, flipper]), species.astype(int)"
        )
    if data.name in NOISE:
        make = (CLASSES | REGRESSION)[data.name].make
        return f"\n\n{standing_alone(make)}\n\n\nx, y = {make.__name__}(np.random.default_rng(seed), noise)"
    return _RAW.get(data.name) or _own(data)


def _own(data: Dataset) -> str:
    """Somebody's own data: a few points as they are, an upload from its file."""
    if not is_upload(data.name):
        return f"x = np.array({data.x[:, 0].tolist()})\ny = np.array({data.y.tolist()})"
    columns = "table[:, 0]" if data.task == "line" else "table[:, :-1]"
    classes = f".astype(int)  # {len(data.classes)} classes" if data.classes else ""
    return (
        f'table = np.loadtxt({BESIDE}"{OWN}", delimiter=",", skiprows=1, ndmin=2)\n'
        f"x, y = {columns}, table[:, -1]{classes}"
    )


def _in_words(classes: tuple[str, ...]) -> str:
    return ", ".join(f"{k}: {name}" for k, name in enumerate(classes))


def _targets(experiment: Experiment, columns: bool, class_numbers: bool) -> str:
    """y as the loss wants it: a column; of more than two classes a row of 0 and 1 each."""
    mse, outputs = experiment.resolved_loss() == "mse", experiment.widths[-1]
    y = "y.reshape(-1, 1)" if columns else "y"
    if outputs == 1:
        classes = experiment.dataset().task == "classes"
        return f"y = 2 * {y} - 1  # -1 and +1" if classes and mse else f"y = {y}" if columns else ""
    if mse:
        return f"y = 2 * np.eye({outputs})[y] - 1  # a row for each: +1 for its class, -1 for all others"
    return "" if class_numbers else f"y = np.eye({outputs})[y]  # a row for each: 1 for its class, 0 for all others"


def _split(experiment: Experiment) -> str:
    held = held_out(len(experiment.dataset().y), experiment.test_share)
    return (
        "order = np.random.default_rng([seed, 1]).permutation(len(x))\n"
        f"test, train = np.sort(order[:{held}]), np.sort(order[{held}:])  # {held} rows are held out\n"
        "x, y, x_test, y_test = x[train], y[train], x[test], y[test]"
    )


def _standardized(experiment: Experiment) -> str:
    """Mean and spread are those of the training rows."""
    lines = ["mean, spread = x.mean(axis=0), x.std(axis=0)"]
    if (np.ptp(problem(experiment).inputs[:, :-1], axis=0) == 0).any():
        lines.append("spread = np.where(spread > 0, spread, 1)  # what never changes is only shifted")
    lines.append("x = (x - mean) / spread")
    if experiment.test_share:
        lines.append("x_test = (x_test - mean) / spread")
    return "\n".join(lines)
