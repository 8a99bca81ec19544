"""A run that is changed by hand, stopped and gone on with; PyTorch's own optimizers say the same."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from core import Experiment, History, diagnose, train
from core.instruments.network.explain import WeightIndex, update
from core.training.problems import minibatches, problem
from core.training.train import Training

BY_HAND = ("A_4_lr_0.8", "B_4_p5_0.75", "B_6_lr_0.01")
NET = Experiment(data="moons", hidden=(4,), learning_rates=(0.05, 0.2, 0.05), epochs=12, changes=BY_HAND)
RUNS = {
    "plain": NET,
    "momentum": replace(NET, optimizer="momentum", momentum=0.9, test_share=0.2),
    "adam": replace(NET, optimizer="adam", momentum=0.9, sharpness=6),
    "mini-batches": replace(NET, batch_size=16),
    "plateau": replace(NET, schedule="plateau", changes=("B_4_p5_0.75",), epochs=60),
    "torch": replace(NET, engine="torch", optimizer="adam", momentum=0.9),
    "torch, mini-batches": replace(NET, engine="torch", batch_size=16),
    "torch, float32": replace(NET, engine="torch", precision="float32", sharpness=6),
}


def same(one: History, other: History) -> None:
    for field in fields(one):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, np.ndarray):
            np.testing.assert_array_equal(left, right, err_msg=field.name)
        else:
            assert left == right, field.name


def by_torch(experiment: Experiment, lane: int) -> list[float]:
    """The losses of one lane, by a plain loop over torch.optim that has data and first weights of us, and no more."""
    task, (inputs, hidden, outputs) = problem(experiment), experiment.widths
    x, y = torch.tensor(task.inputs[:, :-1]), torch.tensor(task.targets)
    model = torch.nn.Sequential(
        torch.nn.Linear(inputs, hidden), torch.nn.Tanh(), torch.nn.Linear(hidden, outputs)
    ).double()
    places = []  # where each of our parameters stands in torch's
    for layer in (model[0], model[2]):
        rows, columns = layer.weight.shape
        places += [(layer.weight, (j, i)) for i in range(columns) for j in range(rows)]
        places += [(layer.bias, (j,)) for j in range(rows)]
    with torch.no_grad():
        for (values, at), value in zip(places, task.start, strict=True):
            values[at] = value
    kind = {"sgd": torch.optim.SGD, "momentum": torch.optim.SGD, "adam": torch.optim.Adam}[experiment.optimizer]
    more = {"momentum": {"momentum": 0.9}}.get(experiment.optimizer, {})
    optimizer = kind(model.parameters(), lr=experiment.learning_rates[lane], **more)
    loss_fn, losses = torch.nn.BCEWithLogitsLoss(), []
    for epoch, batches in enumerate(minibatches(experiment, len(x))):
        if (lane, epoch) == (0, 4):
            optimizer.param_groups[0]["lr"] = 0.8
        if (lane, epoch) == (1, 4):
            with torch.no_grad():
                places[5][0][places[5][1]] = 0.75
        if (lane, epoch) == (1, 6):
            optimizer.param_groups[0]["lr"] = 0.01
        losses.append(loss_fn(model(x), y).item())
        for rows in batches:
            optimizer.zero_grad()
            loss_fn(model(x[rows]), y[rows]).backward()
            optimizer.step()
    return [*losses, loss_fn(model(x), y).item()]


@pytest.mark.parametrize("name", ["plain", "momentum", "adam", "mini-batches", "torch", "torch, mini-batches"])
def test_rates_and_weights_change_where_a_plain_loop_changes_them(name):
    experiment = RUNS[name]
    history = train(experiment)
    for lane in range(3):
        np.testing.assert_allclose(history.loss[lane], by_torch(experiment, lane), rtol=1e-9)
    untouched = train(replace(experiment, changes=())).loss
    np.testing.assert_array_equal(history.loss[:2, :4], untouched[:2, :4])
    np.testing.assert_array_equal(history.loss[2], untouched[2])
    assert (history.loss[0, 5:] != untouched[0, 5:]).all()


@pytest.mark.parametrize("name", RUNS)
def test_stopped_kept_and_gone_on_with_it_is_the_run_without_a_stop_to_the_last_bit(name):
    experiment = RUNS[name]
    training = Training(experiment)
    for until in (3, 4, 5, 11):
        training.go_on(until)
        training = Training.of(training.to_bytes(), experiment)
        assert training.epoch == until
    training.go_on()
    same(training.history(), train(experiment))


@pytest.mark.parametrize("name", RUNS)
def test_where_it_stands_is_the_run_of_so_many_epochs_with_its_last_step(name):
    experiment = RUNS[name]
    training = Training(experiment)
    training.go_on(9)
    so_far = training.so_far()
    whole = train(experiment)
    assert so_far.done == 9
    assert training.epoch == 9
    np.testing.assert_array_equal(so_far.loss, whole.loss[:, :10])
    np.testing.assert_array_equal(so_far.meter, whole.meter[:, :9])
    if experiment.steps_per_epoch == 1:
        assert so_far.snapshot_epochs.tolist() == [8, 9]
        found = update(so_far, 2, WeightIndex(1, 0, 1), 8)
        assert found.epoch == 8
        np.testing.assert_allclose(found.new, found.old - found.rate * found.direction, rtol=1e-12)
        assert found.new == so_far.snapshots[2, 1, 1]
        if experiment.optimizer == "sgd" and experiment.precision == "float64":
            np.testing.assert_allclose(found.direction, found.gradient, rtol=1e-6)
    else:
        assert so_far.snapshot_epochs.tolist() == [9]


def test_a_run_can_be_changed_from_where_it_stands_and_nowhere_before():
    plain = replace(NET, changes=())
    training = Training(plain)
    training.go_on(4)
    kept = training.to_bytes()
    changed = Training.of(kept, NET)
    changed.go_on()
    same(changed.history(), train(NET))
    for other in (replace(plain, changes=("A_3_lr_0.8",)), replace(plain, seed=1), replace(plain, epochs=3)):
        with pytest.raises(ValueError, match="up to epoch 4"):
            Training.of(kept, other)


def test_it_stops_where_progress_says_so_and_not_of_itself():
    told = []
    training = Training(replace(NET, epochs=5000))
    training.go_on(progress=lambda done: told.append(done) or len(told) > 2)
    assert 0 < training.epoch < 5000
    assert training.epoch / 5000 == told[-1]
    assert train(NET, progress=lambda done: True).finished


def test_the_rates_are_those_of_each_epoch():
    history = train(NET)
    assert history.rates(np.arange(13)).tolist() == [
        [0.05] * 4 + [0.8] * 9,
        [0.2] * 6 + [0.01] * 7,
        [0.05] * 13,
    ]


def test_the_meter_knows_nothing_of_a_step_after_which_a_weight_was_set():
    meter = train(NET).meter
    assert np.isnan(meter[1, 3])
    assert np.isfinite(np.delete(meter[1], 3)).all()
    assert np.isfinite(meter[[0, 2]]).all()


def test_a_lane_is_judged_by_what_it_did_since_it_was_changed():
    circles = Experiment(data="circles", hidden=(8, 8), learning_rates=(1e-7, 0.3), epochs=1000)
    before = diagnose(train(circles))
    changed = replace(circles, changes=("A_400_lr_0.3", "B_400_lr_1e-07"))
    after = diagnose(train(changed))
    assert [found.role for found in before] == ["low", "good"]
    assert after[0].role == "good"
    assert after[1].role != "good"
    assert all(found.reason.startswith("Since its change at epoch 400, epochs counted from there. ") for found in after)


def test_a_weight_set_by_hand_is_no_catapult():
    circles = Experiment(data="circles", hidden=(8, 8), learning_rates=(0.3,), epochs=1000)
    history = train(replace(circles, changes=("A_300_p0_40",)))
    assert history.loss[0, 300] > 1.5 * history.loss[0, 299]
    (found,) = diagnose(history)
    assert "catapult" not in f"{found.label} {found.reason}".lower()


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("kept_at", [7, 12], ids=["on the way", "at its end"])
def test_more_epochs_go_on_from_where_it_stands_and_end_as_the_longer_run(name, kept_at):
    short = RUNS[name]
    longer = replace(short, epochs=short.epochs + 30)
    training = Training(short)
    training.go_on(kept_at)
    training = Training.of(training.to_bytes(), longer)
    assert training.epoch == kept_at
    training.go_on()
    found, whole = training.history(), train(longer)
    for field in ("loss", "gradient_norm", "meter", "test_loss", "multipliers", "diverged_at"):
        left, right = getattr(found, field), getattr(whole, field)
        if right is not None:
            np.testing.assert_array_equal(left, right, err_msg=field)
    kept = train(short)
    assert found.snapshot_epochs.tolist() == sorted(found.snapshot_epochs)
    for known in (kept, whole):  # each snapshot is the one that either run has at its epoch
        at, there = np.isin(found.snapshot_epochs, known.snapshot_epochs), known.snapshot_epochs
        same_at = np.isin(there, found.snapshot_epochs)
        np.testing.assert_array_equal(found.snapshots[:, at], known.snapshots[:, same_at])
    if short.sharpness:
        both = np.isin(whole.sharpness_epochs, found.sharpness_epochs)
        there = np.isin(found.sharpness_epochs, whole.sharpness_epochs)
        np.testing.assert_allclose(found.sharpness[:, there], whole.sharpness[:, both], rtol=1e-3)


def test_a_run_under_a_schedule_that_goes_by_its_length_can_not_be_made_longer():
    experiment = replace(NET, schedule="cosine", changes=())
    training = Training(experiment)
    training.go_on(4)
    with pytest.raises(ValueError, match="up to epoch 4"):
        Training.of(training.to_bytes(), replace(experiment, epochs=20))
