"""Each curve is the loss of a real small run, in plain numpy, with the meter from its definition."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.diagnosis.curve import median
from core.diagnosis.rules import LABELS, Diagnosis, diagnose_curve
from core.words import number
from tests.cases import for_each

pytestmark = pytest.mark.filterwarnings("error")

X, Y = np.arange(1.0, 6.0), 2 * np.arange(1.0, 6.0)


def descend(function, start, rate, steps, momentum=0.0, precision=np.float64, rule="plain"):
    """Losses (steps + 1,) and meters (steps,) of gradient descent; `function` gives loss and gradient.

    `rate` is a number or a function of the step.
    """
    theta = np.atleast_1d(np.asarray(start, precision))
    speed, square, losses, meters = np.zeros_like(theta), np.zeros_like(theta), [], []
    with np.errstate(all="ignore"):
        loss, slope = function(theta)
        losses.append(loss)
        for step in range(steps):
            lr = rate(step) if callable(rate) else rate
            if rule == "adam":
                speed, square = 0.9 * speed + 0.1 * slope, 0.999 * square + 0.001 * slope**2
                move = lr * speed / (1 - 0.9 ** (step + 1)) / (np.sqrt(square / (1 - 0.999 ** (step + 1))) + 1e-8)
            else:
                speed = momentum * speed + slope
                move = lr * speed
            new = (theta - move).astype(precision)
            predicted = float(slope @ (theta - new))
            before, theta = float(loss), new
            loss, slope = function(theta)
            losses.append(loss)
            meters.append(
                2 * (1 - (before - float(loss)) / predicted) if abs(predicted) > 1e-12 * abs(before) else np.nan
            )
    return np.array(losses, precision), np.array(meters)


def line(x=X, y=Y, precision=np.float64):
    """Mean of squares of y - (w x + b) as a function of (w, b)."""
    x, y = np.asarray(x, precision), np.asarray(y, precision)

    def function(theta):
        error = theta[0] * x + theta[1] - y
        return (error**2).mean(), np.array([2 * (error * x).mean(), 2 * error.mean()], precision)

    return function


def article(rate, epochs, **options):
    return descend(line(precision=options.get("precision", np.float64)), [0, 0], rate, epochs, **options)


def bowl(*curvatures, floor=0.0):
    c = np.array(curvatures)
    return lambda theta: (floor + (c * theta**2).sum() / 2, c * theta)


def one_step(theta):
    return ((10 - 2 * theta) ** 2).sum(), -4 * (10 - 2 * theta)


def double_well(theta):
    return ((theta**2 - 1) ** 2 / 4).sum(), theta * (theta**2 - 1)


def exponential(theta):
    return (np.exp(theta) - theta).sum(), np.exp(theta) - 1


def inverse_tail(theta):  # w^4 falls like 1 / t^2
    return (theta**4).sum(), 4 * theta**3


def catapult(theta):  # two layers, target 0: Lewkowycz et al. 2020
    u, v = theta[:64], theta[64:]
    f = u @ v / 8
    return f * f / 2, np.concatenate((f * v, f * u)) / 8


def logistic(x, y):
    """Mean cross-entropy of classes y in {0, 1} given by weights on x and a bias."""
    a = np.c_[x, np.ones(len(y))]

    def function(theta):
        z = a @ theta
        return np.mean(np.logaddexp(0, z) - y * z), a.T @ (1 / (1 + np.exp(-z)) - y) / len(y)

    return function


def moons(seed=0, n=100):
    rng = np.random.default_rng(seed)
    t = np.pi * rng.random(n)
    x = np.r_[np.c_[np.cos(t), np.sin(t)], np.c_[1 - np.cos(t), 0.5 - np.sin(t)]] + 0.2 * rng.standard_normal(
        (2 * n, 2)
    )
    return (x - x.mean(0)) / x.std(0), np.r_[np.ones(n), -np.ones(n)]


def network(x, y, hidden, kind="tanh", batch=None, rng=None):
    """Mean of squares of a network of one or more hidden layers, as a function of its flat weights."""
    sizes = (x.shape[1], *hidden, 1)

    def function(theta):
        xs, ys, layers, at = x, y, [], 0
        for a, b in itertools.pairwise(sizes):
            layers.append((theta[at : at + a * b].reshape(a, b), theta[at + a * b : at + a * b + b]))
            at += a * b + b
        outs = [xs]
        for k, (w, b) in enumerate(layers):
            z = outs[-1] @ w + b
            outs.append(z if k == len(layers) - 1 else np.tanh(z) if kind == "tanh" else np.maximum(z, 0))
        error = outs[-1][:, 0] - ys
        back, slopes = (2 * error / len(ys))[:, None], []
        for k in reversed(range(len(layers))):
            slopes[:0] = [(outs[k].T @ back).ravel(), back.sum(0)]
            if k:
                back = (back @ layers[k][0].T) * (1 - outs[k] ** 2 if kind == "tanh" else outs[k] > 0)
        return (error**2).mean(), np.concatenate(slopes)

    return function, sizes


def weights(sizes, seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    return np.concatenate(
        [
            p
            for a, b in itertools.pairwise(sizes)
            for p in (scale * rng.standard_normal(a * b) / np.sqrt(a), np.zeros(b))
        ]
    )


def moon_net(rate, steps, hidden=(16, 16), seed=0, scale=1.0, **options):
    function, sizes = network(*moons(), hidden, options.pop("kind", "tanh"))
    return descend(function, weights(sizes, seed, scale), rate, steps, **options)


def stochastic(x, y, rate, epochs, batch=1, seed=0, precision=np.float64):
    """Loss over all data after each epoch of mini-batch steps on a line, and no meter."""
    rng, full = np.random.default_rng(seed), line(x, y, precision)
    theta = np.zeros(2, precision)
    losses = [full(theta)[0]]
    for epoch in range(epochs):
        order = rng.permutation(len(x))
        for k in range(0, len(x), batch):
            pick = order[k : k + batch]
            lr = rate(epoch) if callable(rate) else rate
            theta = (theta - lr * line(x[pick], y[pick], precision)(theta)[1]).astype(precision)
        losses.append(full(theta)[0])
    return np.array(losses), None


RNG = np.random.default_rng(3)
NX = RNG.uniform(-1, 1, 40)
NY = 3 * NX + 1 + 0.5 * RNG.standard_normal(40)
NOISE = float(np.mean((NY - np.polyval(np.polyfit(NX, NY, 1), NX)) ** 2))
CLOUD = np.r_[RNG.standard_normal((30, 2)) + 2.5, RNG.standard_normal((30, 2)) - 2.5]
CLASS = np.r_[np.ones(30), np.zeros(30)]
BLUR = CLOUD * 0.3
XOR_X, XOR_Y = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), np.array([-1.0, 1, 1, -1])
XOR_CLASS = (XOR_Y + 1) / 2
PX = np.linspace(-2, 2, 9)

START = np.random.default_rng(5).standard_normal(128)
SHUFFLED = np.random.default_rng(6).permutation(60)


def article_at(rate, steps):
    theta = np.zeros(2)
    for _ in range(steps):
        theta = theta - rate * line()(theta)[1]
    return theta + 1e-3


def without_meter(run):
    return run[0], None


def every_second(run):
    return run[0][::2], run[1][::2]


def appended(first, second):
    """Two runs one after the other, as when a rate is changed midway."""
    return np.r_[first[0], second[0][1:]], np.r_[first[1], second[1]]


def staircase(epochs=600, drop=200):
    return stochastic(NX, NY, lambda k: 0.2 * 0.1 ** (k // drop), epochs, 4)


def bounce(steps):  # one parameter on x = 2, y = 10, from w = 1
    return descend(one_step, 1.0, 0.25, steps)


def late_blow_up():  # the steep direction starts from next to nothing, as rounding leaves it
    return descend(bowl(1.0, 21.0), [3.0, 1e-9], 0.1, 205)


# name: (run, options, labels that are right; the first is the best word)
CURVES = {
    "the article's rate 1e-6": (lambda: article(1e-6, 1000), {}, "too_slow"),
    "the article's rate 1e-6 with its floor": (
        lambda: article(1e-6, 1000),
        {"floor": 0, "baseline": 8},
        "too_slow",
    ),
    "rate 1e-7": (lambda: article(1e-7, 1000), {}, "too_slow"),
    "rate 1e-5": (lambda: article(1e-5, 1000), {}, "too_slow"),
    "the article's rate .01": (lambda: article(0.01, 1000), {}, "good"),
    "rate .01 with its floor": (lambda: article(0.01, 1000), {"floor": 0, "baseline": 8}, "good"),
    "rate .01, 100 epochs": (lambda: article(0.01, 100), {}, "good"),
    "rate .01, 10 epochs": (lambda: article(0.01, 10), {}, "good"),
    "rate .08, 100 epochs": (lambda: article(0.08, 100), {}, "good"),
    "rate .08": (lambda: article(0.08, 1000), {}, "converged"),
    "rate .08 in 5000": (lambda: article(0.08, 5000), {}, "converged"),
    "rate .08 with its floor": (lambda: article(0.08, 1000), {"floor": 0, "baseline": 8}, "converged"),
    "rate .0845": (lambda: article(0.0845, 100), {}, "at_limit"),
    "rate .0845, 1000 epochs": (lambda: article(0.0845, 1000), {}, "at_limit"),
    "its look-alike": (lambda: article(2.4311e-5, 100), {}, "too_slow"),
    "its look-alike with its floor": (
        lambda: article(2.4311e-5, 100),
        {"floor": 0, "baseline": 8},
        "too_slow",
    ),
    "rate .0845 without meter": (lambda: without_meter(article(0.0845, 100)), {}, "too_slow"),
    "look-alike without meter": (lambda: without_meter(article(2.4311e-5, 100)), {}, "too_slow"),
    "rate .085, 100 epochs": (lambda: article(0.085, 100), {}, "exploding"),
    "rate .085": (lambda: article(0.085, 1000), {}, "exploding"),
    "rate .0846": (lambda: article(0.0846, 100), {}, "exploding"),
    "rate .1, 10 epochs": (lambda: article(0.1, 10), {}, "exploding"),
    "rate .1, 5 epochs": (lambda: article(0.1, 5), {}, "exploding"),
    "rate .1, 3 epochs": (lambda: article(0.1, 3), {}, "exploding"),
    "rate .1, 100 epochs": (lambda: article(0.1, 100), {}, "exploding"),
    "rate .1, 1000 epochs": (lambda: article(0.1, 1000), {}, "exploding"),
    "rate .1, 2000 epochs": (lambda: article(0.1, 2000), {}, "diverged"),
    "the article's rate 1": (lambda: article(1.0, 1000), {}, "diverged"),
    "two epochs": (lambda: article(0.01, 2), {}, "too_short"),
    "one-step example at .1": (lambda: descend(one_step, 1.0, 0.1, 30), {}, "converged good"),
    "one-step example at .125": (lambda: descend(one_step, 1.0, 0.125, 30), {}, "converged"),
    "one-step example at .25": (lambda: bounce(100), {}, "plateau"),
    "one-step example at .25, short": (lambda: bounce(8), {}, "plateau"),
    "one-step example at .26": (lambda: descend(one_step, 1.0, 0.26, 50), {}, "exploding"),
    "one-step example at .26, short": (lambda: descend(one_step, 1.0, 0.26, 6), {}, "exploding"),
    "float32 with torch's four points": (
        lambda: descend(line(X[:4], Y[:4], np.float32), [0, 0], 0.12, 100, precision=np.float32),
        {},
        "exploding",
    ),
    "momentum rings": (lambda: article(0.01, 100, momentum=0.9), {}, "good"),
    "momentum rings for 300": (lambda: article(0.01, 300, momentum=0.9), {}, "good converged"),
    "momentum rings for 40": (lambda: article(0.01, 40, momentum=0.9), {}, "good"),
    "momentum, Polyak's best": (lambda: article(0.134876, 56, momentum=0.618513), {}, "good"),
    "momentum, over its limit": (lambda: article(0.165, 60, momentum=0.9), {}, "exploding"),
    "momentum, long": (lambda: article(0.01, 1000, momentum=0.9), {}, "converged"),
    "heavy momentum": (lambda: article(0.001, 400, momentum=0.99), {}, "good"),
    "heavy momentum, 1000": (lambda: article(0.001, 1000, momentum=0.99), {}, "good"),
    "adam .1": (lambda: article(0.1, 300, rule="adam"), {}, "good"),
    "adam .1, long": (lambda: article(0.1, 5000, rule="adam"), {}, "converged"),
    "adam 1e-4": (lambda: article(1e-4, 300, rule="adam"), {}, "too_slow"),
    "double well at 1.2": (lambda: descend(double_well, 0.3, 1.2, 300), {}, "oscillating"),
    "double well at 1.01": (lambda: descend(double_well, 0.3, 1.01, 3000), {}, "oscillating"),
    "double well at 1.3": (lambda: descend(double_well, 0.3, 1.3, 300), {}, "oscillating"),
    "double well at .8": (lambda: descend(double_well, 0.3, 0.8, 300), {}, "converged"),
    "double well at 1.2, short": (lambda: descend(double_well, 0.3, 1.2, 40), {}, "oscillating"),
    "double well, every second": (
        lambda: every_second(descend(double_well, 0.3, 1.2, 300)),
        {},
        "at_limit plateau",
    ),
    "exp(w) - w at 2.3": (lambda: descend(exponential, 1.0, 2.3, 300), {}, "oscillating"),
    "exp(w) - w at 2.6": (lambda: descend(exponential, 1.0, 2.6, 300), {}, "oscillating"),
    "exp(w) - w at .5": (lambda: descend(exponential, 1.0, 0.5, 300), {"floor": 1.0}, "converged"),
    "exp(w) - w at 1.9": (lambda: descend(exponential, 1.0, 1.9, 400), {"floor": 1.0}, "converged"),
    "catapult": (lambda: descend(catapult, 1.2 * START, 1.1, 60), {}, "good converged"),
    "catapult, long": (lambda: descend(catapult, 1.2 * START, 1.1, 600), {}, "converged"),
    "fourth power": (lambda: descend(inverse_tail, 1.0, 0.05, 500), {}, "good"),
    "late blow-up below the start": (late_blow_up, {}, "exploding"),
    "rate raised too far near the end": (
        lambda: appended(article(0.02, 300), descend(line(), article_at(0.02, 300), 0.2, 12)),
        {},
        "exploding",
    ),
    "a spike that recovered": (
        lambda: appended(article(0.01, 300), descend(line(), [1.0, 1.0], 0.01, 300)),
        {},
        "good",
    ),
    "warm-up over the limit for 15 steps": (
        lambda: descend(line(), [0, 0], lambda k: 0.1 if k < 15 else 0.02, 400),
        {},
        "good",
    ),
    "rate 1e-9 in float32": (
        lambda: descend(line(precision=np.float32), [0, 0], 1e-9, 1000, precision=np.float32),
        {},
        "too_slow plateau",
    ),
    "parabola, line": (
        lambda: descend(line(PX, PX**2), [0, 0], 0.05, 400),
        {"baseline": np.var(PX**2)},
        "plateau",
    ),
    "parabola, line, floor known": (
        lambda: descend(line(PX, PX**2), [0, 0], 0.05, 400),
        {"floor": np.var(PX**2), "baseline": np.var(PX**2)},
        "converged",
    ),
    "parabola, line, nothing known": (lambda: descend(line(PX, PX**2), [0, 0], 0.05, 400), {}, "plateau"),
    "half a parabola, a line does well": (
        lambda: descend(line(X, X**2), [0, 0], 0.02, 3000),
        {"baseline": np.var(X**2)},
        "converged",
    ),
    "stuck at ln 2": (
        lambda: descend(logistic(XOR_X, XOR_CLASS), [0.5, -0.3, 0.2], 0.5, 400),
        {"baseline": np.log(2)},
        "plateau",
    ),
    "starts at ln 2, tiny rate": (
        lambda: descend(logistic(CLOUD, CLASS), [0, 0, 0], 1e-6, 400),
        {"baseline": np.log(2)},
        "too_slow",
    ),
    "separable classes, 1/t tail": (
        lambda: descend(logistic(CLOUD, CLASS), [0, 0, 0], 0.5, 1000),
        {"floor": 0},
        "good",
    ),
    "separable classes, 1/t tail, long": (
        lambda: descend(logistic(CLOUD, CLASS), [0, 0, 0], 0.5, 8000),
        {},
        "good",
    ),
    "mixed classes": (
        lambda: descend(logistic(BLUR, CLASS[SHUFFLED]), [1, 1, 1], 0.5, 3000),
        {"baseline": np.log(2)},
        "plateau",
    ),
    "noisy line, full batch": (
        lambda: descend(line(NX, NY), [0, 0], 0.3, 500),
        {"floor": NOISE},
        "converged",
    ),
    "noisy line, float32": (
        lambda: descend(line(NX, NY, np.float32), [0, 0], 0.3, 500, precision=np.float32),
        {"floor": NOISE},
        "converged",
    ),
    "noisy line, nothing known": (lambda: descend(line(NX, NY), [0, 0], 0.3, 500), {}, "plateau converged"),
    "noisy line, float32, nothing known": (
        lambda: descend(line(NX, NY, np.float32), [0, 0], 0.3, 5000, precision=np.float32),
        {},
        "plateau converged",
    ),
    "line in float32": (lambda: article(0.05, 3000, precision=np.float32), {}, "converged"),
    "line in float32, floor known": (
        lambda: article(0.05, 3000, precision=np.float32),
        {"floor": 0.0},
        "converged",
    ),
    "line far from zero in float32": (
        lambda: descend(line(X + 50, Y, np.float32), [0, 0], 1e-4, 3000, precision=np.float32),
        {},
        "plateau converged good",
    ),
    "mini-batches at their floor": (lambda: stochastic(NX, NY, 0.4, 300, 4), {}, "noisy"),
    "mini-batches at their floor, known": (
        lambda: stochastic(NX, NY, 0.4, 300, 4),
        {"floor": NOISE},
        "noisy",
    ),
    "mini-batches, 60 epochs": (lambda: stochastic(NX, NY, 0.4, 60, 2), {"floor": NOISE}, "noisy"),
    "mini-batches, float32": (
        lambda: stochastic(NX, NY, 0.4, 300, 4, precision=np.float32),
        {"floor": NOISE},
        "noisy",
    ),
    "mini-batches without noise": (lambda: stochastic(X, Y, 0.01, 3000, 2), {}, "converged"),
    "mini-batches without noise, float32": (
        lambda: stochastic(X, Y, 0.01, 3000, 2, precision=np.float32),
        {},
        "converged",
    ),
    "mini-batches falling": (lambda: stochastic(X, Y, 0.004, 200, 1), {}, "good"),
    "mini-batches, tiny rate": (lambda: stochastic(X, Y, 1e-6, 200, 1), {}, "too_slow"),
    "mini-batches over the limit": (lambda: stochastic(X, Y, 0.12, 60, 1), {}, "exploding"),
    "step schedule": (staircase, {"floor": NOISE}, "converged"),
    "step schedule, nothing known": (staircase, {}, "plateau converged"),
    "net at the edge": (lambda: moon_net(0.25, 2000), {}, "edge"),
    "net at the edge, .3": (lambda: moon_net(0.3, 1500), {}, "edge"),
    "net at the edge, .3, more epochs": (lambda: moon_net(0.3, 3000), {}, "edge"),
    "net at the edge, other start": (lambda: moon_net(0.25, 2000, seed=2), {}, "edge"),
    "net, every second epoch of the edge": (lambda: every_second(moon_net(0.25, 2000)), {}, "at_limit edge"),
    "net at a modest rate": (lambda: moon_net(0.05, 1500), {}, "good"),
    "net at a tiny rate": (lambda: moon_net(1e-5, 300), {}, "too_slow"),
    "net, far too high": (lambda: moon_net(3.0, 300, kind="relu"), {}, "diverged exploding plateau"),
    "deep net from tiny weights at its saddle": (
        lambda: moon_net(0.1, 300, (8, 8, 8), scale=0.01),
        {"baseline": 1.0},
        "plateau too_slow",
    ),
    "deep net at the linear solution": (lambda: moon_net(0.1, 1500, (8, 8), scale=0.3), {}, "plateau"),
    "dead units": (lambda: moon_net(0.1, 200, (4,), kind="relu", scale=0.0), {"baseline": 1.0}, "plateau"),
    "net thrown about": (
        lambda: moon_net(0.5, 400, (16,), kind="relu", seed=1),
        {"baseline": 1.0},
        "risen",
    ),
    "long flat start, then a fall": (lambda: moon_net(0.1, 125, (8, 8, 8), scale=0.18, seed=4), {}, "good"),
    "log-likelihood that goes below zero": (
        lambda: descend(bowl(1.0, 5.0, floor=-3.0), [3.0, 2.0], 0.1, 400),
        {},
        "plateau converged",
    ),
    "log-likelihood, floor known": (
        lambda: descend(bowl(1.0, 5.0, floor=-3.0), [3.0, 2.0], 0.1, 400),
        {"floor": -3.0},
        "converged",
    ),
    "log-likelihood that explodes": (
        lambda: descend(bowl(1.0, 21.0, floor=-300.0), [3.0, 2.0], 0.1, 60),
        {},
        "exploding",
    ),
    "log-likelihood, slow": (
        lambda: descend(bowl(1.0, 5.0, floor=-300.0), [3.0, 2.0], 1e-5, 200),
        {},
        "too_slow",
    ),
    "all zero": (lambda: (np.zeros(50), None), {}, "broken"),
    "all zero, as it should be": (lambda: (np.zeros(50), None), {"floor": 0.0}, "converged"),
    "starts at its optimum": (lambda: descend(line(), [2.0, 0.0], 0.01, 50), {"floor": 0.0}, "converged"),
    "constant": (lambda: (np.full(50, 3.0), None), {}, "plateau"),
    "constant at its floor": (lambda: (np.full(50, 3.0), None), {"floor": 3.0}, "converged"),
}


@functools.cache
def run(name):
    return CURVES[name][0]()


def label(loss, meter=None, unit=1.0, **known):
    return diagnose_curve(loss, meter=meter, **{key: value * unit for key, value in known.items()}).label


@for_each("name", CURVES)
def test_a_real_run_gets_its_label(name):
    loss, meter = run(name)
    assert label(loss, meter, **CURVES[name][1]) in CURVES[name][2].split()


@for_each("name", CURVES)
def test_the_same_run_kept_in_float32_gets_the_same_label(name):
    loss, meter = run(name)
    with np.errstate(over="ignore"):
        single = loss.astype(np.float32)
    right = CURVES[name][2].split() if np.isfinite(single).all() else ["diverged"]
    assert label(single, meter, **CURVES[name][1]) in right


@for_each("unit", [1e-9, 1e12, 2.0**-40, 7.0])
@for_each("name", CURVES)
def test_the_unit_of_the_loss_does_not_matter(name, unit):
    loss, meter = run(name)
    with np.errstate(over="ignore"):
        scaled = loss * unit
    assert label(scaled, meter, unit, **CURVES[name][1]) == label(loss, meter, **CURVES[name][1])


@for_each("seed", range(8))
@for_each("rate, batch", [(0.4, 4), (0.6, 2), (0.3, 8)])
def test_mini_batches_at_their_floor_are_noisy_whatever_the_seed(rate, batch, seed):
    assert label(stochastic(NX, NY, rate, 200, batch, seed)[0]) == "noisy"


@for_each("seed", range(8))
def test_noise_on_a_falling_trend_is_good(seed):
    assert label(stochastic(X, np.add(Y, [0.1, -0.1, 0, 0.1, -0.1]), 0.004, 100, 1, seed)[0]) == "good"


@for_each("epochs", [20, 100, 400, 1500])
@for_each(
    "rate, allowed",
    [
        (1e-7, "too_slow"),
        (1e-6, "too_slow"),
        (0.01, "good converged"),
        (0.04, "good converged"),
        (0.08, "good converged"),
        (0.0845, "at_limit"),
        (0.085, "exploding"),
        (0.1, "exploding diverged"),
        (0.5, "exploding diverged"),
    ],
)
def test_the_line_reads_right_at_any_length(rate, allowed, epochs):
    assert label(*article(rate, epochs)) in allowed.split()


@for_each("rate", [0.001, 0.003, 0.01, 0.03, 0.1, 0.15])
@for_each("epochs", [50, 100, 300, 1000])
def test_healthy_momentum_is_never_called_exploding_or_noisy(rate, epochs):
    assert label(*article(rate, epochs, momentum=0.9)) in ("good", "converged")


def test_only_the_meter_tells_the_two_look_alikes_apart():
    slow, limit = article(2.4311e-5, 100), article(0.0845, 100)
    assert np.abs(slow[0] / limit[0] - 1).max() < 6e-4
    assert label(*slow) == "too_slow" and label(*limit) == "at_limit"
    assert label(slow[0]) == label(limit[0])
    assert "half the rate" in diagnose_curve(limit[0]).advice


def test_a_known_floor_turns_a_plateau_into_converged():
    loss, meter = run("parabola, line")
    assert label(loss, meter) == "plateau" and label(loss, meter, floor=np.var(PX**2)) == "converged"


@for_each("at", [0, 1, 50, 99])
@for_each("value", [np.inf, -np.inf, np.nan])
def test_one_value_that_is_not_finite_is_diverged(value, at):
    loss = article(0.01, 99)[0]
    loss[at] = value
    assert label(loss) == "diverged"


@pytest.mark.parametrize("loss", [[], [1.0], [3, 2], (3.0, 2.0, 1.0)])
def test_fewer_than_four_losses_are_too_short(loss):
    assert label(loss) == "too_short"


def test_a_short_curve_with_nan_is_diverged():
    assert label([np.nan]) == "diverged"


def test_the_words_of_a_divergence_name_growth_epoch_and_meter():
    found = diagnose_curve(article(1.0, 200)[0], meter=article(1.0, 200)[1])
    assert "grew 514-fold an epoch and overflowed at epoch 113; typical meter 23.66" in found.evidence
    assert "0.08452 of this one" in found.advice  # the limit is .084524


@for_each("name", CURVES)
def test_the_words_are_plain_sentences(name):
    found = diagnose_curve(run(name)[0], meter=run(name)[1], **CURVES[name][1])
    assert isinstance(found, Diagnosis) and found.label in LABELS
    for words in (found.reason, found.evidence, found.advice):
        assert words[0].isupper() or words[0].isdigit()
        assert words.endswith(".") and "!" not in words and "nan" not in words


@pytest.mark.parametrize(
    ("level", "nothing_learned"), [(0.6, False), (0.95, False), (1.0, True), (1.01, True), (1.05, False)]
)
def test_only_a_stop_at_the_best_constant_prediction_says_that_nothing_is_learned(level, nothing_learned):
    loss, meter = descend(bowl(1.0, floor=level), [1.0], 0.2, 400)
    found = diagnose_curve(loss, meter=meter, baseline=1.0)
    assert found.label == "plateau"
    assert ("best constant prediction" in found.reason) == nothing_learned


def test_every_label_is_met_by_some_real_run():
    of_more_than_a_curve = {"range_test", "slow", "too_high"}  # its rates, or other lanes
    assert {label(*run(name), **CURVES[name][1]) for name in CURVES} == set(LABELS) - of_more_than_a_curve


@for_each(
    "field, wrong, complaint",
    [
        ("loss", [[1.0, 2.0]], "loss must be 1-D, got shape"),
        ("loss", 3.0, "loss must be 1-D, got shape"),
        ("loss", "3, 2, 1", "loss must be numbers, got '3, 2, 1'"),
        ("loss", ["3", "2"], "loss must be numbers"),
        ("loss", [[1.0], [1.0, 2.0]], "loss must be one row"),
        ("meter", [1.0], "meter must have one value a step, 4 for 5 losses, got 1"),
        ("meter", "abcd", "meter must be numbers"),
        ("floor", float("nan"), "floor must be a finite number, got nan"),
        ("baseline", "8", "baseline must be a finite number, got '8'"),
    ],
)
def test_bad_input_is_named_with_its_value_and_remedy(field, wrong, complaint):
    given = {"loss": [5.0, 4, 3, 2, 1], field: wrong}
    with pytest.raises(ValueError, match="^" + complaint) as caught:
        diagnose_curve(given.pop("loss"), **given)
    assert ": " in str(caught.value)


@settings(max_examples=150)
@given(arrays(np.float64, st.integers(0, 40), elements=st.floats(width=64)), st.booleans(), st.booleans())
def test_any_numbers_get_a_label_and_no_warning(loss, with_meter, with_levels):
    meter = loss[1:] if with_meter else None
    levels = {"floor": -1.0, "baseline": 1e300} if with_levels else {}
    assert diagnose_curve(loss, meter=meter, **levels).label in LABELS


def test_the_input_is_left_as_it_was():
    loss, meter = article(0.01, 50)
    kept = loss.copy(), meter.copy()
    diagnose_curve(loss, meter=meter)
    assert np.array_equal(loss, kept[0]) and np.array_equal(meter, kept[1])


@for_each(
    "value, words",
    [
        (44, "44"),
        (41.96842, "41.97"),
        (5.511e-5, "5.51\u00a0×\u00a010⁻⁵"),
        (22572, "22,572"),
        (5.60924851e28, "5.61\u00a0×\u00a010²⁸"),
        (0.0845240, "0.08452"),
        (np.inf, "infinity"),
        (-np.inf, "minus infinity"),
        (np.nan, "not a number"),
        (1e-6, "10⁻⁶"),
        (0.01, "0.01"),
        (1.0, "1"),
        (0, "0"),
        (-0.0, "0"),
        (-3.5, "−3.5"),
        (999.96, "1,000"),
        (0.001, "0.001"),
        (0.00099999, "0.001"),
        (999999.7, "10⁶"),
        (999.4, "999.4"),
        (101603.2, "101,603"),
        (1e300, "10³⁰⁰"),
        (np.float32(0.1), "0.1"),
        (-2.5e-7, "−2.5\u00a0×\u00a010⁻⁷"),
        (5e-324, "4.94\u00a0×\u00a010⁻³²⁴"),
    ],
)
def test_number_is_rounded_for_reading(value, words):
    assert number(value) == words


@given(arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e300, 1e300) | st.sampled_from([0.0, 1.0, np.nan])))
def test_the_median_is_numpys_to_the_last_digit(values):
    before = values.copy()
    np.testing.assert_array_equal(median(values), np.median(values))
    np.testing.assert_array_equal(values, before)


def test_at_the_limit_a_run_that_fell_far_before_falls_no_more_and_another_hardly_fell():
    meter, flat = np.full(199, 1.999), np.geomspace(0.9, 0.88, 200)
    fell = np.concatenate([np.geomspace(0.9, 0.013, 50), 0.013 * flat[50:] / 0.9])
    for loss, words in (
        (fell, "The loss hardly falls any more: each step"),
        (flat, "The loss hardly falls: each step"),
    ):
        found = diagnose_curve(loss, meter=meter)
        assert found.label == "at_limit" and found.reason.startswith(words)
