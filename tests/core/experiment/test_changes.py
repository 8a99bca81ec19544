"""What is changed by hand, as a link and an Experiment have it."""

from dataclasses import replace

import pytest

from core import Experiment
from core.experiment.changes import MAX_CHANGES, Change, change
from core.experiment.described import experiment_words
from core.training.problems import problem

NET = Experiment(data="circles", hidden=(3,), learning_rates=(0.1, 1.0), epochs=50)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("A_120_lr_0.05", Change(0, 120, None, 0.05)),
        ("B_0_p17_-0.4", Change(1, 0, 17, -0.4)),
        ("H_999999999_p5_1e-300", Change(7, 999_999_999, 5, 1e-300)),
    ],
)
def test_a_text_says_lane_epoch_what_and_value_and_comes_back_the_same(text, meant):
    assert change(text) == meant
    assert str(meant) == text


@pytest.mark.parametrize(
    "text",
    ["", "A", "I_1_lr_1", "A_-1_lr_1", "A_1_lr_nan", "A_1_lr_1e999", "A_1_q_1", "A_1_lr_1_2", "A_1_p_1", "x" * 9999],
)
def test_what_is_no_change_is_refused_in_one_short_sentence(text):
    with pytest.raises(ValueError, match="changes must be a lane, an epoch") as refusal:
        change(text)
    assert len(str(refusal.value)) < 200


def test_the_same_changes_are_the_same_experiment_in_whatever_order_and_the_last_word_counts():
    one = replace(NET, changes=("B_9_lr_0.2", "A_5_p1_0.5", "A_5_lr_0.3"))
    assert one == replace(NET, changes=("A_5_lr_0.7", "A_5_lr_0.30", "A_5_p1_.5", "B_9_lr_2e-1"))
    assert one.changes == ("A_5_lr_0.3", "A_5_p1_0.5", "B_9_lr_0.2")
    assert Experiment.from_query(one.to_query()) == (one, ())


@pytest.mark.parametrize(
    ("fields", "text", "why"),
    [
        ({"hidden": (), "data": "article", "learning_rates": (0.1,)}, "A_1_lr_0.2", "be none for a line"),
        ({}, "C_1_lr_0.2", "be of one of its 2 lanes"),
        ({}, "A_50_lr_0.2", "come before epoch 50"),
        ({}, "A_1_lr_0.0", "give a learning rate from"),
        ({}, "A_1_p13_0.2", "be of one of its 13 parameters"),
        ({"schedule": "cosine"}, "A_1_lr_0.2", "leave the learning rate to its schedule"),
    ],
)
def test_what_does_not_fit_is_refused_by_the_experiment_and_left_out_of_a_link_with_the_reason(fields, text, why):
    whole = replace(NET, **fields)
    if "lanes" in why or "epoch" in why:  # cut to fewer, an experiment never comes to it
        assert replace(whole, changes=(text,)).by_hand() == ()
    else:
        with pytest.raises(ValueError, match=why):
            replace(whole, changes=(text,))
    found, repairs = Experiment.from_query(whole.to_query() | {"change": [text, "nonsense"]})
    assert found == whole
    assert [repair.got for repair in repairs] == ["nonsense", text]
    assert why in repairs[1].reason


def test_a_network_has_as_many_parameters_as_it_says():
    assert len(problem(NET).start) == 13
    assert replace(NET, changes=("A_1_p12_0.2",)).changes == ("A_1_p12_0.2",)


def test_a_link_of_very_many_changes_keeps_the_first():
    texts = [f"A_{epoch}_lr_0.1" for epoch in range(40)]
    found, repairs = Experiment.from_query(NET.to_query() | {"change": texts})
    assert len(found.changes) == MAX_CHANGES
    assert len(repairs) == 1


def test_what_ran_names_what_was_changed():
    words = experiment_words(replace(NET, changes=("A_5_lr_0.3", "B_9_p1_0.5")))
    assert words.endswith(
        "; by hand, lane A from epoch 5: learning rate 0.3; by hand, lane B from epoch 9: parameter 1 0.5."
    )
