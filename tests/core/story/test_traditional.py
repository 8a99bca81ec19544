"""A tree, neighbours and naive Bayes against scikit-learn's, and what is said of them against their numbers."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from core.experiment.experiment import Experiment
from core.story import traditional
from core.training.problems import problem
from tests.cases import for_each

TASKS = {
    f"{data} {seed}": problem(Experiment(data=data, seed=seed, test_share=0.25))
    for data in ("moons", "circles")
    for seed in range(2)
}


@for_each("name", TASKS)
@for_each("depth", [1, 2, 3, 4])
def test_the_tree_is_as_pure_as_scikit_learns_and_answers_alike(name, depth):
    # Where two questions are equally good either may be asked, so a few answers may differ.
    task = TASKS[name]
    ours = traditional.tree_says(traditional.tree(task.points, task.labels, depth), task.points)
    theirs = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(task.points, task.labels)
    assert np.mean(ours == theirs.predict(task.points)) > 0.95
    assert abs(np.mean(ours == task.labels) - theirs.score(task.points, task.labels)) < 0.03


def test_the_first_question_is_scikit_learns():
    task = TASKS["moons 0"]
    root = traditional.tree(task.points, task.labels)
    theirs = DecisionTreeClassifier(max_depth=1).fit(task.points, task.labels).tree_
    assert root.column == theirs.feature[0]
    assert root.threshold == pytest.approx(theirs.threshold[0])


@for_each("name", TASKS)
@for_each("k", [1, 5, 9])
def test_neighbours_answer_as_scikit_learns(name, k):
    task = TASKS[name]
    theirs = KNeighborsClassifier(k).fit(task.points, task.labels).predict(task.test_points)
    assert (traditional.neighbours_say(task.points, task.labels, task.test_points, k) == theirs).all()


@for_each("name", TASKS)
def test_naive_bayes_answers_as_scikit_learns(name):
    task = TASKS[name]
    theirs = GaussianNB(var_smoothing=0).fit(task.points, task.labels).predict(task.test_points)
    assert (traditional.bayes_says(task.points, task.labels, task.test_points) == theirs).all()


def test_what_is_said_of_the_methods_is_true_of_them():
    tree, neighbours, bayes, network = found = traditional.methods()
    assert neighbours.numbers == 150 * 3 and bayes.numbers == 2 * 5 and network.numbers == 2 * 8 + 8 + 8 + 1
    assert tree.numbers == 2 * 5 + 6
    assert all(80 < each.right <= 100 for each in found)
    best = max(each.right for each in found)
    said = traditional.conclusion(found)
    named = said[: said.index("A gradient has")]
    for each in found:
        assert (each.name in named) == (each.right >= best - 3)


def test_a_trees_answers_jump():
    # A threshold that moves by a hundredth changes no answer of these points.
    task = TASKS["moons 0"]
    root = traditional.tree(task.points, task.labels, 1)
    moved = traditional.Split(column=root.column, threshold=root.threshold + 1e-9, yes=root.yes, no=root.no)
    assert (traditional.tree_says(root, task.points) == traditional.tree_says(moved, task.points)).all()
