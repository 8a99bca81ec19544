"""Are the verdicts true? Each run is trained again at 3, 10, 1/3 and 1/10 of its rate, and held to that.

    python benchmarks/verdicts.py [how many networks]     263 experiments, about ten minutes
    python benchmarks/verdicts.py quadratics              300 random lines, against their exact limit

Wrong: "too low" where neither higher rate falls 5 % further, "too high" where neither lower rate ends 5 % lower, "good"
where the loss fell less than half as far as at another, a plateau where another rate falls half as far again.
Harmful: advice in the wrong direction, which makes it clearly worse.
"""

import itertools
import sys
from dataclasses import replace
from typing import Any

import numpy as np

from core import Experiment, diagnose, stability_limit, train

TIMES = np.array([0.1, 1 / 3, 1, 3, 10])
FURTHER = 1.05  # times: how much further advice must bring a loss
LITTLE = 1e-3  # of the first loss: below that nothing is left to gain


def experiments() -> list[Experiment]:
    """Data sets, networks and update rules at rates from far too low to far too high, from a fixed seed."""
    rng, made = np.random.default_rng(0), []
    data = ["circles", "moons", "xor", "bumps", "plane"]
    rules = [
        ("sgd", 0.0, (1e-3, 10)),
        ("momentum", 0.9, (1e-4, 1)),
        ("adam", 0.9, (1e-5, 1)),
        ("rmsprop", 0.0, (1e-5, 1)),
    ]
    for name, (rule, momentum, (low, high)), hidden in itertools.product(data, rules, [(), (4,), (8, 8)]):
        for _ in range(5):
            rate = float(f"{np.exp(rng.uniform(np.log(low), np.log(high))):.3g}")
            batch = int(rng.choice([0, 0, 32]))
            fields: dict[str, Any] = {"batch_size": batch} if batch else {}
            fields["schedule"] = str(rng.choice(["constant", "constant", "constant", "cosine", "warm-up"]))
            experiment = Experiment(
                data=name, optimizer=rule, momentum=momentum, hidden=hidden, learning_rates=(rate,),
                epochs=int(rng.choice([60, 140, 300])), **fields,
            )  # fmt: skip
            made.append(experiment)
    return [made[k] for k in rng.permutation(len(made))[:263]]


def level(loss: np.ndarray) -> float:
    """The median of the last tenth, inf where it overflowed."""
    tail = loss[-max(1, len(loss) // 10) :]
    return float(np.median(tail)) if np.isfinite(loss).all() else np.inf


def truth(experiment: Experiment) -> tuple[str, bool, bool]:
    """(what is said, whether it is wrong, whether it is harmful)."""
    (rate,) = experiment.learning_rates
    (found,) = diagnose(train(experiment))
    rates = np.clip(TIMES * rate, 1e-12, 1e6)
    history = train(replace(experiment, learning_rates=tuple(rates)))
    ends, least = np.array([level(loss) for loss in history.loss]), LITTLE * history.loss[0, 0]
    here, lower, higher = ends[2], ends[:2].min(), ends[3:].min()
    first, best, wrong, harmful = history.loss[0, 0], min(lower, higher), False, False
    fell = first - here
    if found.role == "low":
        wrong = not first - higher > FURTHER * fell
        harmful = bool(ends[3] > 1.1 * here + least and ends[4] > 1.1 * here + least)
    elif found.role == "high":
        wrong = bool(np.isfinite(here)) and not lower < here / FURTHER
        harmful = bool(wrong and first - higher > 2 * fell)
    elif found.role == "good":
        wrong = fell < (first - best) / 2
        harmful = not here < 1.05 * first + least
    elif found.label == "plateau" and "Raise the rate" not in found.advice:
        wrong = first - best > 1.5 * fell + least
    return found.label, wrong, harmful


def networks(count: int) -> None:
    """Prints what is wrong among the first so many of the experiments."""
    total = np.zeros(2, int)
    for experiment in experiments()[:count]:
        label, wrong, harmful = truth(experiment)
        total += (wrong, harmful)
        if wrong or harmful:
            print("harmful:" if harmful else "wrong:", label, experiment.data, experiment.optimizer, experiment.hidden)
            print("   ", experiment.learning_rates, experiment.epochs, experiment.batch_size, experiment.schedule)
    print(f"{count} verdicts: {total[0]} wrong, {total[1]} harmful")


def quadratics() -> None:
    """Prints how many of 300 random lines are told on the wrong side of their limit."""
    rng, wrong = np.random.default_rng(1), 0
    names = ["article", "noisy-line", "penguins"]
    for _ in range(300):
        base = Experiment(
            data=str(rng.choice(names)), standardize=bool(rng.integers(2)), epochs=int(rng.choice([30, 100, 1000]))
        )
        limit = stability_limit(base)
        share = float(np.exp(rng.uniform(np.log(1e-6), np.log(30))))
        (found,) = diagnose(train(replace(base, learning_rates=(share * limit,))))
        right = {
            "high": share > 0.9,
            "good": 1e-3 < share < 1.001,
            "open": share < 1.001,
            "low": share < 1 / 3,
        }[found.role]
        wrong += not right
        if not right:
            print(f"{share:.4g} of the limit: {found.label}, {base.data}, {base.epochs} epochs")
    print(f"300 random quadratics: {wrong} wrong")


if __name__ == "__main__":
    quadratics() if sys.argv[1:] == ["quadratics"] else networks(int(sys.argv[1]) if sys.argv[1:] else 263)
