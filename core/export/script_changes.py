"""What was changed by hand on the way, as lines of a script."""

from ..experiment.changes import Change
from ..experiment.experiment import Experiment
from ..instruments.network.explain import WeightIndex, place
from ..words import LANE_LETTERS
from .script_parts import indented, lines


def changes(experiment: Experiment) -> str:
    """The lines that an epoch begins with; "" where nothing is changed."""
    made = []
    for each in experiment.by_hand():
        if each.parameter is None:
            rate = f"{each.value!r}  # by hand"
            done = f'optimizer.param_groups[0]["lr"] = {rate}' if experiment.engine == "torch" else f"lr = {rate}"
        else:
            done = _in_torch(experiment, each) if experiment.engine == "torch" else _in_numpy(experiment, each)
        made.append(f'if lane == "{LANE_LETTERS[each.lane]}" and epoch == {each.epoch}:\n{indented(done, 1)}')
    return lines(*made)


def by_lane(experiment: Experiment, code: str) -> str:
    """The code with losses by lane, where lanes are changed: two of them may set out at the same rate."""
    if not experiment.changes:
        return code
    letters = LANE_LETTERS[: len(experiment.learning_rates)]
    code = code.replace("for lr in learning_rates:", f'for lane, lr in zip("{letters}", learning_rates):')
    code = code.replace("of every rate", "of every lane")
    return code.replace("[lr]", "[lane]").replace("lr = {lr:g}", "lane {lane}")


def _in_numpy(experiment: Experiment, change: Change) -> str:
    at = _place(experiment, change)
    name = "b" if at.source is None else "w"
    name += f"[{at.layer - 1}]" if experiment.hidden else ""
    index = at.target if at.source is None else f"{at.source}, {at.target}"
    return f"{name} = {name}.copy()  # its own: all lanes set out from the same\n{name}[{index}] = {change.value!r}"


def _in_torch(experiment: Experiment, change: Change) -> str:
    at = _place(experiment, change)
    layer = (at.layer - 1) * (1 if experiment.activation == "identity" else 2)
    where = f"bias[{at.target}]" if at.source is None else f"weight[{at.target}, {at.source}]"
    return f"with torch.no_grad():\n    model[{layer}].{where} = {change.value!r}"


def _place(experiment: Experiment, change: Change) -> WeightIndex:
    assert change.parameter is not None
    return place(experiment.widths, change.parameter)
