"""Any number explained: one weight's update at one epoch, in the numbers of the run itself."""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from ...data.features import FEATURES
from ...experiment.experiment import Experiment
from ...training.history import History
from ...training.problems import problem


class WeightIndex(NamedTuple):
    """Where a parameter sits: layer 1 is the first with weights; source counts from 0, None for a bias."""

    layer: int
    source: int | None
    target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One parameter's first step after an epoch, as it was recorded.

    old, new: the parameter before and after.  gradient: of the loss the step was made from (the first batch's).
    rate: the learning rate of that step, by the schedule.  direction: what it was multiplied by, the gradient itself of
    plain gradient descent, the velocity with momentum, the scaled gradient of an adaptive rule (of AdamW with its
    shrinking).
    """

    epoch: int
    old: float
    gradient: float
    rate: float
    direction: float
    new: float


def index(widths: tuple[int, ...], place: WeightIndex) -> int:
    """Where the parameter at a place stands in a row of parameters (P,); see network.py.

    Raises ValueError for a place outside the network.
    """
    if not (1 <= place.layer < len(widths)):
        raise ValueError(f"place must lie in layers {widths}, got {place}")
    before = sum((inputs + 1) * outputs for inputs, outputs in list(pairwise(widths))[: place.layer - 1])
    inputs, outputs = widths[place.layer - 1], widths[place.layer]
    source = inputs if place.source is None else place.source  # biases stand after the last input's weights
    if not (0 <= source < inputs + (place.source is None) and 0 <= place.target < outputs):
        raise ValueError(f"place must lie in layers {widths}, got {place}")
    return before + source * outputs + place.target


def place(widths: tuple[int, ...], parameter: int) -> WeightIndex:
    """Where the parameter that stands there in a row of parameters (P,) sits: what `index` undoes."""
    for layer, (inputs, outputs) in enumerate(pairwise(widths), start=1):
        if parameter < (inputs + 1) * outputs:
            source, target = divmod(parameter, outputs)
            return WeightIndex(layer, source if source < inputs else None, target)
        parameter -= (inputs + 1) * outputs
    raise ValueError(f"parameter must be one of a network {widths}, got one {parameter + 1:,} beyond its last")


def moment(history: History, epoch: int) -> int:
    """The last snapshot at or before an epoch that a step follows."""
    assert history.snapshot_epochs is not None
    reached = history.snapshot_epochs[:-1] <= epoch
    return max(int(reached.sum()) - 1, 0)


def update(history: History, lane: int, place: WeightIndex, epoch: int) -> Update:
    """The Update of a network's parameter after the last snapshot at or before the epoch.

    Raises ValueError for a place outside the network.
    """
    assert history.snapshots is not None and history.snapshot_gradients is not None
    assert history.snapshot_moves is not None and history.snapshot_epochs is not None
    k, p = moment(history, epoch), index(history.experiment.widths, place)
    old, move = float(history.snapshots[lane, k, p]), float(history.snapshot_moves[lane, k, p])
    rate = float(history.rates(history.snapshot_epochs[[k]])[lane, 0])
    return Update(
        epoch=int(history.snapshot_epochs[k]),
        old=old,
        gradient=float(history.snapshot_gradients[lane, k, p]),
        rate=rate,
        direction=-move / rate,
        new=old + move,
    )


def title(experiment: Experiment, place: WeightIndex) -> str:
    """What a parameter is called: "the weight from x to unit 3 of hidden layer 1"."""
    last = len(experiment.widths) - 1
    to = _unit(place.target, place.layer, last, experiment.widths)
    if place.source is None:
        return f"the bias of {to}"
    if place.layer == 1:
        return f"the weight from {input_names(experiment)[place.source]} to {to}"
    return f"the weight from {_unit(place.source, place.layer - 1, last, experiment.widths)} to {to}"


def input_names(experiment: Experiment) -> tuple[str, ...]:
    """What the inputs are called, with their units where they have any."""
    if experiment.features:
        return tuple(FEATURES[name].title for name in experiment.features)
    return experiment.dataset().columns


def _unit(number: int, layer: int, last: int, widths: tuple[int, ...]) -> str:
    if layer == last:
        return "the output" if widths[last] == 1 else f"output {number + 1}"
    return f"unit {number + 1} of hidden layer {layer}"


def learns_from(history: History) -> int:
    """How many rows the first step of an epoch sees."""
    return history.experiment.batch_size or len(problem(history.experiment).inputs)
