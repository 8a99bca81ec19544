"""Every rule of a range test against its source: the answers of the real packages, and their algorithms written anew.

REAL holds what the packages themselves answered for CURVES: fastai 2.8.12 (fastai/callback/schedule.py, with the
smoothing of fastai/learner.py), torch-lr-finder 0.2.2 (torch_lr_finder/lr_finder.py), pytorch-lightning 2.5.2 and 2.5.3
(pytorch_lightning/tuner/lr_finder.py: callback and suggestion). None: it raised, or said that it found nothing.
The functions below them follow the same files step by step, in torch where they use torch, for any other curve.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.experiment.experiment import Experiment
from core.instruments.range_test.rules import RULES, recorded
from core.instruments.range_test.trial import range_test
from tests.cases import for_each

STEP = np.arange(100.0)
RATES = 1e-7 * 1e8 ** (STEP / 99)
FALLS = 2 - 1.5 / (1 + np.exp(-(STEP - 60) / 5)) + np.where(STEP > 85, 2.0 ** (STEP - 85) - 1, 0)
NOISY = FALLS * (1 + 0.1 * np.sin(7.1 * STEP**2))
CURVES = {
    "falls": FALLS,
    "noisy": NOISY,
    "large": 44 * NOISY,
    "rises": 1 + 0.01 * STEP,
    "overflows": np.where(STEP < 70, FALLS, np.where(STEP < 71, np.inf, np.nan)),
    "not a number": np.where(STEP < 70, FALLS, np.nan),
    "short": FALLS[:16],
}
REAL = {
    "falls": (0.073907, 0.0005214, 0.037649, 0.031257, 0.031257, 0.0013219, 0.045349),
    "noisy": (0.073907, 0.005857, 0.065793, 0.031257, 0.037649, 6.4281e-07, 0.065793),
    "large": (0.073907, 0.005857, 0.065793, 0.021544, 0.037649, 6.4281e-07, 0.065793),
    "rises": (6.4281e-08, 6.4281e-07, 6.4281e-07, 0.24201, 6.4281e-07, 8.3022, 0.00011768),
    "overflows": (0.0017886, 8.1113e-05, 0.01485, 8.1113e-05, 0.017886, 0.0013219, 0.037649),
    "not a number": (0.0037649, 0.00014175, 0.031257, 8.1113e-05, 0.037649, 0.0013219, 0.037649),
    "short": (6.4281e-08, 6.4281e-07, None, None, None, 1.353e-06, 1.353e-06),
}
NAMES = ("minimum", "valley", "steep", "slide", "torch_lr_finder", "lightning_now", "lightning_before")
every_rule = for_each("name", NAMES)


def answers(rates, losses, steps=100):
    test = recorded(rates, losses, steps)
    return {name: rule.suggest(test) for name, rule in RULES.items()}


@for_each("curve", CURVES)
@for_each(("place", "name"), list(enumerate(NAMES)))
def test_a_rule_answers_what_its_package_answered(curve, place, name):
    losses = CURVES[curve]
    answer, real = answers(RATES[: len(losses)], losses)[name], REAL[curve][place]
    assert (answer is None) == (real is None)
    if real is not None:
        assert answer == pytest.approx(real, rel=1e-4)


def test_the_articles_line_in_real_lightning_is_smoothed_to_half_its_first_loss():
    # pytorch-lightning 2.5.3, lr_find of y = 2x at x = 1..5, torch.nn.Linear(1, 1) from zero: raw, then smoothed.
    raw, smoothed = [44.0, 43.999794006347656, 43.99949264526367], [22.222222222222197, 29.628551899859747]
    test = recorded(RATES[:3], np.array(raw), 100)
    np.testing.assert_allclose(test.lightning, [*smoothed, 33.330883506428364], rtol=1e-12)


# The algorithms, written anew. Each gives (rates it looks at, score of each place), of which the least wins; or a rate.


def seen_by_fastai(rates, losses, steps):
    """AvgSmoothLoss, the stop of LRFinder.after_batch, and the trimming of lr_find."""
    value, smoothed, best = torch.tensor(0.0), [], math.inf
    for count, loss in enumerate(losses, start=1):
        value = torch.lerp(torch.tensor(loss, dtype=torch.float32), value, 0.98)
        smoothed.append((value / (1 - 0.98**count)).item())
        best = smoothed[-1] if smoothed[-1] < best else best  # nan is not lower
        if smoothed[-1] > 4 * best:
            break
    kept = smoothed[steps // 10 : -5]
    whole = next((k for k, loss in enumerate(kept) if math.isnan(loss)), len(kept))
    lrs = rates[: len(smoothed)][steps // 10 : -5]
    return lrs[:whole], torch.tensor(kept[:whole])


def fastai_minimum(rates, losses, steps):
    lrs, smoothed = seen_by_fastai(rates, losses, steps)
    return lrs, smoothed.numpy()


def fastai_steep(rates, losses, steps):
    lrs, smoothed = seen_by_fastai(rates, losses, steps)
    if len(lrs) < 2:
        return [], []
    logs = torch.tensor(lrs, dtype=torch.float32).log()
    return lrs[:-1], ((smoothed[1:] - smoothed[:-1]) / (logs[1:] - logs[:-1])).numpy()


def fastai_valley(rates, losses, steps):
    lrs, smoothed = seen_by_fastai(rates, losses, steps)
    values = smoothed.tolist()
    if not values:
        return None
    longest = [1] * len(values)
    start = end = 0
    for here in range(len(values)):
        for before in range(here):
            if values[here] < values[before]:
                longest[here] = max(longest[here], longest[before] + 1)
        if longest[here] > longest[end]:
            end, start = here, here - longest[here]
    third = (end - start) / 3
    return lrs[start + int(third) + int(third / 2)]


def fastai_slide(rates, losses, steps):
    lrs, smoothed = seen_by_fastai(rates, losses, steps)
    if len(lrs) < 16:
        return None
    slopes, right, left = np.gradient(smoothed.numpy()), -1, -16
    answer = lrs[left]
    while left >= -len(lrs) and abs(slopes[right] - slopes[left]) > 0.005:
        answer, right, left = lrs[left], right - 1, left - 1
    return answer


def torch_lr_finder(rates, losses, steps):
    """LRFinder.range_test and plot."""
    smoothed = [losses[0]]
    for loss in losses[1:]:
        smoothed.append(0.05 * loss + 0.95 * smoothed[-1])
        if smoothed[-1] > 5 * min(smoothed):
            break
    if len(smoothed) < 17:
        return [], []
    return rates[: len(smoothed)][10:-5], np.gradient(np.array(smoothed[10:-5]))


def seen_by_lightning(rates, losses):
    """_LRCallback.on_train_batch_end, and what suggestion leaves out."""
    mean, best, smoothed = 0.0, 0.0, []
    for step, loss in enumerate(losses, start=1):  # the trainer has counted the step before the callback looks
        mean = 0.98 * mean + 0.02 * loss
        smoothed.append(mean / (1 - 0.98 ** (step + 1)))
        if step > 1 and smoothed[-1] > 4 * best:
            break
        best = smoothed[-1] if step == 1 or smoothed[-1] < best else best
    values = torch.tensor(smoothed[10:-1])
    finite = torch.isfinite(values)
    return rates[: len(smoothed)][10:-1], values[finite], finite.numpy()


def lightning_now(rates, losses, steps):
    lrs, values, finite = seen_by_lightning(rates, losses)
    if len(values) < 2:
        return [], []
    kept = lrs[finite]
    return kept, torch.gradient(values, spacing=[torch.tensor(kept, dtype=torch.float32)])[0].numpy()


def lightning_before(rates, losses, steps):
    lrs, values, _ = seen_by_lightning(rates, losses)
    return (lrs, torch.gradient(values)[0].numpy()) if len(values) >= 2 else ([], [])


SCORES = {
    "minimum": fastai_minimum,
    "steep": fastai_steep,
    "torch_lr_finder": torch_lr_finder,
    "lightning_now": lightning_now,
    "lightning_before": lightning_before,
}
ANSWERS = {"valley": fastai_valley, "slide": fastai_slide}


def by_source(name, rates, losses, steps):
    if name in ANSWERS:
        return ANSWERS[name](rates, losses, steps)
    lrs, scores = SCORES[name](rates, losses, steps)
    if not len(scores):
        return None
    return lrs[np.argmin(scores)] / (10 if name == "minimum" else 1)


RUNS = {
    "line": Experiment(),
    "line, mini-batches": Experiment(data="noisy-line", batch_size=8),
    "real data": Experiment(data="penguins", standardize=True, batch_size=32),
    "circles": Experiment(data="circles", hidden=(8,), batch_size=32),
    "spirals": Experiment(data="spirals", hidden=(16, 16), batch_size=32),
    "full batch": Experiment(data="xor", hidden=(8,)),
    "regression": Experiment(data="plane", hidden=(8,), optimizer="adam", momentum=0.9, batch_size=32),
}


@for_each("seed", [0, 1])
@for_each("run", RUNS)
@every_rule
def test_on_a_recorded_run_a_rule_answers_what_its_source_would(name, run, seed):
    test = range_test(RUNS[run], seed=seed)
    assert RULES[name].suggest(test) == pytest.approx(by_source(name, test.rates, test.losses.tolist(), 100), rel=1e-12)


@every_rule
@given(
    losses=st.lists(
        st.floats(0.01, 100).map(lambda x: round(x, 2)) | st.sampled_from([math.inf, math.nan]), min_size=1
    ),
    steps=st.integers(2, 120),
)
@settings(max_examples=60)
def test_on_any_curve_a_rule_answers_what_its_source_would(name, losses, steps):
    rates = np.geomspace(1e-7, 10, len(losses) + 1)[:-1]
    answer = answers(rates, np.array(losses), steps)[name]
    with np.errstate(all="ignore"):
        source = by_source(name, rates, losses, steps)
        if answer != source and name in SCORES and answer is not None and source is not None:
            # Places that the last bit alone decides between: NumPy and torch may round a logarithm differently.
            lrs, scores = SCORES[name](rates, losses, steps)
            mine = scores[np.argmin(np.abs(np.asarray(lrs) - answer * (10 if name == "minimum" else 1)))]
            assert mine == pytest.approx(min(scores), rel=1e-4)
            return
    assert answer == source


@every_rule
@for_each("points", range(1, 17))
def test_a_rule_with_too_few_points_answers_none_or_a_rate_and_never_raises(name, points):
    answer = answers(RATES[:points], FALLS[:points])[name]
    assert answer is None or RATES[0] / 10 <= answer <= RATES[points - 1]
    if points <= 10:
        assert answer is None


def test_slide_depends_on_the_units_of_the_loss_and_minimum_does_not():
    small, large = answers(RATES, 1e-3 * FALLS), answers(RATES, 1e3 * FALLS)
    assert small["minimum"] == large["minimum"]
    assert small["slide"] > 100 * large["slide"]


def test_against_the_rate_itself_the_steepest_place_lies_decades_below_the_steepest_on_a_log_axis():
    assert answers(RATES, FALLS)["lightning_before"] > 30 * answers(RATES, FALLS)["lightning_now"]
    noisy = answers(RATES, NOISY)
    assert noisy["lightning_before"] > 1e4 * noisy["lightning_now"]


def test_the_blow_up_is_where_the_smoothed_loss_first_exceeds_four_times_its_least():
    losses = np.where(STEP < 50, 1.0, 1e3)
    test = recorded(RATES, losses, 100)
    smoothed = test.fastai.astype(float)
    assert test.blow_up == RATES[50]
    assert smoothed[50] > 4 * smoothed[:50].min() >= max(smoothed[:50])
    assert recorded(RATES, np.ones(100), 100).blow_up is None
    assert recorded(RATES, np.where(STEP < 50, 1.0, np.nan), 100).blow_up == RATES[50]


def test_a_record_ends_with_the_last_tool_to_stop_and_keeps_the_raw_losses():
    test = recorded(RATES, FALLS, 100)
    longest = max(len(test.fastai), len(test.torch_lr_finder), len(test.lightning))
    assert len(test.losses) == len(test.rates) == longest < 100
    np.testing.assert_array_equal(test.losses, FALLS[:longest])


def test_every_rule_has_a_title_and_a_sentence():
    assert tuple(RULES) == NAMES
    assert len({rule.title for rule in RULES.values()}) == len(RULES)
    assert all(rule.words.endswith(".") and rule.words[0].isupper() for rule in RULES.values())
