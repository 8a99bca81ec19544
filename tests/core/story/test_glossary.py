"""The glossary: short, in order, each word once, and the terms of the lab's own lists are in it."""

from __future__ import annotations

import pytest

from core.methods.optimizers import UPDATE_RULES
from core.story.glossary import GLOSSARY, look_up


def test_each_entry_is_one_short_sentence():
    for term in GLOSSARY:
        assert len(term.meaning.split()) <= 30, term.name
        assert term.meaning[0].isupper() and term.meaning[-1] == ".", term.name
        assert ". " not in term.meaning and '"' not in term.meaning, term.name  # a tooltip in Markdown ends at a "


def test_it_is_in_order_and_no_word_means_two_things():
    names = [term.name.lower() for term in GLOSSARY]
    assert names == sorted(names)
    words = [word.lower() for term in GLOSSARY for word in (term.name, *term.also)]
    assert len(words) == len(set(words))


def test_a_word_is_found_by_any_name_in_the_singular_and_plural():
    asked = ("Loss", "losses", "learning rates", "SGD", "mini-batches", "update rules")
    found = ["Loss", "Loss", "Learning rate", "Stochastic gradient descent", "Batch", "Optimizer"]
    assert [look_up(word).name for word in asked] == found
    with pytest.raises(KeyError, match="no entry for 'wiggle'"):
        look_up("wiggle")


def test_every_optimizer_that_the_lab_offers_has_an_entry():
    for rule in UPDATE_RULES.values():
        assert look_up(rule.title).name == rule.title


def test_what_a_newcomer_meets_first_is_in_it():
    asked = """learning rate, gradient, loss, epoch, step, evaluation, batch, batch size, stochastic, momentum,
    sharpness, curvature, condition number, hessian, divergence, overflow, edge of stability, catapult, warm-up,
    schedule, cosine, plateau, optimizer, weight decay, activation, dead unit, hidden layer, backpropagation,
    forward pass, autograd, standardize, overfitting, validation loss, held-out loss, seed, parity receipt, range
    test, sweep, line search, stability limit, NaN"""
    for word in asked.split(","):
        look_up(" ".join(word.split()))
