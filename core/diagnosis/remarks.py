"""Remarks: what is odd about the data an experiment trains on."""

import numpy as np

from ..experiment.experiment import Experiment
from ..training.problems import problem


def remarks(experiment: Experiment) -> tuple[str, ...]:
    """What is odd about the training data, a sentence each: what never changes, and what is never seen."""
    task, data, found = problem(experiment), experiment.dataset(), []
    still = int((np.ptp(task.inputs[:, :-1], axis=0) == 0).sum())
    if still:
        stay = " and stays at 0" if experiment.standardize else ""
        each = (
            f"An input never changes{stay}" if still == 1 else f"{still} inputs never change{stay and ' and stay at 0'}"
        )
        found.append(f"{each} on the training points: weights from there learn nothing that a bias could not.")
    if task.labels is None:
        if len(task.targets) > 1 and not np.ptp(task.targets):
            found.append("All targets are one number, so a constant is the best answer.")
        return tuple(found)
    seen = set(task.labels.tolist())
    unseen = [name for label, name in enumerate(data.classes) if label not in seen]
    if len(seen) == 1:
        only = data.classes[seen.pop()]
        found.append(f"All training points are of one class, {only}: always saying so is enough, and that is learned.")
    elif unseen:
        found.append(f"No training point is of class {', '.join(unseen)}: what is never seen can't be learned.")
    return tuple(found)
