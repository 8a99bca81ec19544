"""What happens on the way, told where it happens."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from core import NETWORK_PRESETS, Experiment, train
from core.diagnosis.measures import measures
from core.diagnosis.theory import edge
from core.instruments.network.events import Event, events


def told(experiment: Experiment) -> tuple[Event, ...]:
    history = train(experiment)
    return events(history, measures(history))


def of(found: tuple[Event, ...], words: str) -> list[Event]:
    return [event for event in found if words in event.words]


@pytest.fixture(scope="module")
def catapult():
    history = train(NETWORK_PRESETS["catapult"].experiment)
    return history, events(history, measures(history))


def test_a_catapult_is_told_at_its_peak_and_no_other_lane_has_one(catapult):
    history, found = catapult
    (peak,) = of(found, "its loss peaks")
    assert peak.lane == 1
    assert history.loss[1, peak.epoch] == history.loss[1].max() > history.loss[1, 0]
    assert peak.sentence.startswith(f"Epoch {peak.epoch:,}, lane B: its loss peaks at ")


def test_the_edge_is_told_where_the_measured_product_first_reaches_its_line():
    experiment = NETWORK_PRESETS["edge"].experiment
    history = train(experiment)
    found = of(events(history, measures(history)), "has climbed to its line at 2")
    assert {event.lane for event in found} == {1, 2}, "A is too low a rate to get there"
    for event in found:
        k = list(history.sharpness_epochs).index(event.epoch)
        product = experiment.learning_rates[event.lane] * history.sharpness[event.lane]
        assert product[k] >= edge(experiment) > product[:k].max()


def test_warm_up_is_told_where_it_ends_and_what_it_is_for():
    experiment = NETWORK_PRESETS["warm-up"].experiment
    found = told(replace(experiment, schedule="warm-up"))
    assert [event.epoch for event in of(found, "warm-up ends")] == [round(experiment.epochs / 10)]
    assert not of(told(replace(experiment, schedule="constant", epochs=20)), "warm-up")


def test_what_is_changed_by_hand_and_what_overflows_is_told():
    found = told(
        Experiment(
            data="circles",
            hidden=(4,),
            loss="mse",
            activation="relu",
            learning_rates=(0.1, 1e5),
            epochs=60,
            changes=("A_20_lr_0.5", "A_30_p3_1.5"),
        )
    )
    assert Event(20, 0, "its rate is set to 0.5 by hand") in found
    assert Event(30, 0, "the weight from x to unit 4 of hidden layer 1 is set to 1.5 by hand") in found
    assert [event.lane for event in of(found, "overflows")] == [1]
    assert [event.epoch for event in found] == sorted(event.epoch for event in found)


def test_from_where_nothing_changes_any_more_is_the_first_such_epoch():
    history = train(Experiment(data="xor", hidden=(), learning_rates=(0.3, 3.0), epochs=500))
    (last,) = of(events(history, measures(history)), "no lane's loss changes")
    near = np.abs(history.loss / history.loss[:, -1:] - 1) <= 0.01
    assert near[:, last.epoch :].all()
    assert last.epoch == 0 or not near[:, last.epoch - 1].all()


def test_a_run_that_still_moves_at_its_end_has_no_such_mark():
    history = SimpleNamespace(
        loss=np.array([np.geomspace(1, 0.1, 101)]),
        diverged_at=np.array([-1]),
        done=100,
        finished=True,
        sharpness=None,
        sharpness_epochs=None,
        experiment=Experiment(data="xor", hidden=(2,), epochs=100),
    )
    assert events(history, SimpleNamespace(accuracy=None)) == ()


def test_nearly_all_right_is_told_at_the_first_epoch_looked_at_where_it_is_so():
    history = train(NETWORK_PRESETS["circles"].experiment)
    seen = measures(history)
    (right,) = of(events(history, seen), "95% of the training points right")
    k = list(seen.epochs).index(right.epoch)
    assert right.lane == 1
    assert seen.accuracy[1, k] >= 0.95 > seen.accuracy[1, :k].max()
