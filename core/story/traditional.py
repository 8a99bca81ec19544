"""Lesson 7's end: three methods of machine learning that hardly need a gradient, beside a network on the same points.

A decision tree asks one question after another, k nearest neighbours keeps all examples, naive Bayes counts. Each is
small and from scratch here, in NumPy, on two moons; what each keeps is counted in numbers.
"""

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from ..experiment.experiment import Experiment
from ..training.problems import Problem, problem
from ..training.train import train
from ..words import number

DEPTH = 3  # questions, one after another, of the tree
NEIGHBOURS = 5
NETWORK = Experiment(data="moons", hidden=(8,), learning_rates=(3.0,), epochs=1000, test_share=0.25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One question of a tree: is x[column] at most `threshold`? yes, no: what follows, a Split or a class."""

    column: int
    threshold: float
    yes: "Split | int"
    no: "Split | int"


def gini(labels: Array) -> float:
    """How mixed classes 0 and 1 are: 2 p (1 - p), the chance that two drawn with putting back differ."""
    share = float(labels.mean())
    return 2 * share * (1 - share)


def tree(x: Array, labels: Array, depth: int = DEPTH) -> Split | int:
    """A decision tree of at most so many questions deep: at each the one that leaves the purest two parts.

    x (n, d), labels (n,) of 0 and 1.  Thresholds lie half-way between neighbouring values; of equals the first column
    and the lowest. Source: Breiman et al. (1984), Classification and regression trees.
    """
    most = int(labels.mean() > 0.5)
    if depth == 0 or labels.min() == labels.max():
        return most
    found = min((_mixed(x[:, column], labels, threshold), column, threshold) for column, threshold in _asked(x))
    _, column, threshold = found
    yes = x[:, column] <= threshold
    return Split(
        column=column,
        threshold=threshold,
        yes=tree(x[yes], labels[yes], depth - 1),
        no=tree(x[~yes], labels[~yes], depth - 1),
    )


def _asked(x: Array) -> list[tuple[int, float]]:
    """Every (column, threshold) that parts the points."""
    values = [np.unique(x[:, column]) for column in range(x.shape[1])]
    return [(column, float(at)) for column, each in enumerate(values) for at in (each[:-1] + each[1:]) / 2]


def _mixed(values: Array, labels: Array, threshold: float) -> float:
    """How mixed both parts are, weighed by how many points each has."""
    yes = values <= threshold
    return float(yes.mean()) * gini(labels[yes]) + float((~yes).mean()) * gini(labels[~yes])


def tree_says(root: Split | int, x: Array) -> Array:
    """(n,) the class of each point."""
    if isinstance(root, int):
        return np.full(len(x), root)
    return np.where(x[:, root.column] <= root.threshold, tree_says(root.yes, x), tree_says(root.no, x))


def splits(root: Split | int) -> int:
    """How many questions a tree has."""
    return 0 if isinstance(root, int) else 1 + splits(root.yes) + splits(root.no)


def neighbours_say(x: Array, labels: Array, asked: Array, k: int = NEIGHBOURS) -> Array:
    """(m,) the class that most of the k nearest of x (n, d) have, of each asked (m, d)."""
    away = ((asked[:, None] - x) ** 2).sum(axis=2)
    nearest = np.argpartition(away, k, axis=1)[:, :k]
    return np.asarray(labels[nearest].mean(axis=1) > 0.5).astype(int)


def bayes_says(x: Array, labels: Array, asked: Array) -> Array:
    """(m,) Gaussian naive Bayes: of each class its share and each column's mean and variance, taken as unrelated."""
    scores = []
    for each in (0, 1):
        own = x[labels == each]
        mean, variance = own.mean(axis=0), own.var(axis=0)
        likelihood = -((asked - mean) ** 2 / variance + np.log(variance)).sum(axis=1) / 2
        scores.append(likelihood + np.log(len(own) / len(x)))
    return np.asarray(np.argmax(scores, axis=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """What one method came to.

    keeps: what it fits.  numbers: how many that are.  found: how.  right: % of the points held out.
    """

    name: str
    keeps: str
    numbers: int
    found: str
    right: float


def methods() -> tuple[Method, ...]:
    """The three and the network, on the same points, judged on the same held-out ones."""
    task = problem(NETWORK)
    assert task.points is not None and task.test_points is not None
    assert task.labels is not None and task.test_labels is not None
    x, labels, asked = task.points, task.labels.astype(int), task.test_points
    root = tree(x, labels)

    def judged(says: Array) -> float:
        return 100 * float((says == task.test_labels).mean())

    return (
        Method(
            name="decision tree",
            keeps=f"{splits(root)} questions, the first: is {_first(root)}?",
            numbers=2 * splits(root) + splits(root) + 1,
            found="every question is tried; the one that sorts best is kept",
            right=judged(tree_says(root, asked)),
        ),
        Method(
            name=f"{NEIGHBOURS} nearest neighbours",
            keeps=f"all {len(x)} examples",
            numbers=x.size + len(x),
            found="nothing is fitted: the examples are kept",
            right=judged(neighbours_say(x, labels, asked)),
        ),
        Method(
            name="naive Bayes",
            keeps="of each class its share, means and variances",
            numbers=2 * (1 + 2 * x.shape[1]),
            found="counted and averaged, once",
            right=judged(bayes_says(x, labels, asked)),
        ),
        Method(
            name="network 2-8-1",
            keeps="weights and biases",
            numbers=sum((inputs + 1) * outputs for inputs, outputs in ((2, 8), (8, 1))),
            found=f"{NETWORK.epochs:,} steps of gradient descent",
            right=judged(_network_says(task)),
        ),
    )


def _first(root: Split | int) -> str:
    assert isinstance(root, Split)
    return f"{'xy'[root.column]} at most {number(root.threshold)}"


def _network_says(task: Problem) -> Array:
    history = train(NETWORK)
    assert task.network is not None and task.test_inputs is not None and history.snapshots is not None
    outputs = task.network.forward(history.snapshots[:, -1], task.test_inputs[:, :-1])[-1]
    return (outputs[0, :, 0] > 0).astype(int)


def rows(found: tuple[Method, ...]) -> list[dict[str, str]]:
    """The same in words, a row a method."""
    return [
        {
            "method": each.name,
            "keeps": each.keeps,
            "numbers": f"{each.numbers:,}",
            "found by": each.found,
            "right": f"{number(round(each.right, 1))}\u00a0%",
        }
        for each in found
    ]


TEXT = (
    "Three older methods on two moons, beside a network. *Right*: of points that were held out, which no method has "
    "seen."
)


def conclusion(found: tuple[Method, ...]) -> str:
    """What a gradient would and would not do for them."""
    best = max(each.right for each in found)
    as_good = " and ".join(each.name for each in found if each.right >= best - 3)
    return (
        f"On so little data older methods do well: within 3\u00a0% of the best are {as_good}. A gradient has nothing "
        "to do for the three. **A tree's answers jump**: a threshold that moves a little changes no answer, or one at "
        "once, so its slope is 0 or there is none. **Neighbours** have nothing to fit. **Naive Bayes** has its best "
        "numbers in closed form.\n\n**A network has neither**: no closed form, and too many numbers to try. But its "
        "answer changes smoothly with each of its weights, and that is all a gradient needs. Deep learning is many "
        "such weights, so it needed gradient descent more than the others did."
    )
