"""Papers that compare many runs: batch sizes, schedules, range tests, search without gradients, pairs of rates."""

import math
from dataclasses import replace

import numpy as np
from numpy import ndarray as Array

from ...diagnosis import alternatives
from ...drawing.axes import Axis, whole_decades
from ...experiment.experiment import Experiment
from ...training.train import Progress, part_of
from ...words import number
from ..range_test.trial import RULES, trial
from ..schedules.comparison import clean, comparison_pieces, joined_comparison, noisy
from ..sweep.findings import alike, best, typical
from ..sweep.sweep import grid, sweep, train_piece
from ..trainability.trainability import STEPS, Window, trainability
from .paper import Expected, Measured, Paper, picture

_DIGITS = Experiment(data="digits", hidden=(32,), epochs=5)
_BATCHES, _KEPT_TO = (1, 4, 16, 64, 256, 1797), 64  # the last: all points; up to where the rule holds here
_FALLING = Experiment(data="noisy-line", schedule="linear", epochs=100)
_SEEDS = 5  # that each seed of a comparison stands for
_PROBLEMS = (  # that range tests are held against, and the rates each is swept over
    (Experiment(epochs=100), grid(1e-4, 0.2, 25)),
    (Experiment(data="noisy-line", batch_size=8, epochs=50), grid(1e-4, 2, 25)),
    (Experiment(data="penguins", standardize=True, batch_size=32, epochs=20), grid(1e-4, 2, 25)),
    (Experiment(data="circles", hidden=(8,), batch_size=16, epochs=50), grid(1e-3, 30, 25)),
    (Experiment(data="moons", hidden=(16,), batch_size=16, epochs=50), grid(1e-3, 30, 25)),
    (Experiment(data="xor", hidden=(8,), batch_size=16, epochs=50), grid(1e-3, 30, 25)),
)
_FINDERS = ("minimum", "torch_lr_finder", "valley", "lightning_now")
_ADAM = Experiment(data="moons", hidden=(32, 32, 32), optimizer="adam", momentum=0.9, epochs=30, batch_size=20)
_AROUND = 10**1.25  # times the best rate, to each side, over which sensitivity is taken
_DIMENSIONS = (2, 10, 30, 100)
_SIZES = (1, 2, 4, 8, 16)  # of boxes, in cells
_ZOOM = 16.0  # times closer a window is than the one before, along each axis, in equal steps of its logarithm


def _three(seed: int) -> range:
    """The seeds of the runs that one seed of a paper stands for, where it takes medians."""
    return range(3 * seed, 3 * seed + 3)


def linear_scaling(seed: int, progress: Progress | None = None) -> Measured:
    """The best rate of six batch sizes for as many epochs, and the stretch that can't be told from it."""
    found = []
    for k, batch in enumerate(_BATCHES):
        one = replace(_DIGITS, batch_size=min(batch, _DIGITS.points))
        table = sweep(one, grid(1e-3, 3.2, 15), _three(seed), progress=part_of(progress, k, len(_BATCHES)))
        found.append((float(table.learning_rates[best(table.final_loss)]), *alike(table)))
    rates, low, high = np.array(found).T
    batches, small = np.array(_BATCHES, float), np.array(_BATCHES) <= _KEPT_TO
    slope = float(np.polyfit(np.log(batches[small]), np.log(rates[small]), 1)[0])
    in_proportion = "in proportion"
    drawn = picture(
        "The best rate of each batch size",
        {
            "best rate": (batches, rates),
            "as good, from": (batches, low),
            "as good, to": (batches, high),
            in_proportion: (batches, rates[0] * batches),
        },
        Axis(low=1, high=2000, title="batch size", scale="log"),
        Axis(low=1e-3, high=10, title="learning rate", scale="log"),
        f"The best rates of batches of {', '.join(map(str, _BATCHES))}: {', '.join(map(number, rates))}.",
        level=in_proportion,
    )
    return Measured(values=(slope, float(rates[-1] / rates[small][-1])), pictures=(drawn,))


def schedules_under_noise(seed: int, progress: Progress | None = None) -> Measured:
    """A rate that falls to 0 against a constant one, each at its best rate, with noisy and with clean steps."""
    rates, seeds, gains, pictures = grid(5e-4, 1, 23), range(_SEEDS * seed, _SEEDS * (seed + 1)), [], []
    for title, one in (("Noisy steps", noisy(_FALLING)), ("Clean steps", clean(_FALLING))):
        done = [train_piece(piece) for piece in comparison_pieces(one, rates, seeds)]
        found = joined_comparison(one, rates, seeds, done)
        assert found is not None
        gains.append(found.gain)
        runs = dict(iter(found.curves.groupby("runner")))
        drawn = picture(
            f"{title}: loss above the best line's",
            {
                f"{name}, rate {number(rate)}": (
                    runs[name]["epoch"].to_numpy(float),
                    runs[name]["loss"].to_numpy(float),
                )
                for name, rate in zip(("constant", "linear"), found.rates, strict=True)
            },
            Axis(low=0, high=_FALLING.epochs, title="epoch"),
            whole_decades(1e-7, float(found.curves["loss"].max()), title="loss above the best"),
            f"With {title.lower()} linear decay ends {number(found.gain)} times lower.",
        )
        pictures.append(drawn)
    return Measured(values=tuple(gains), pictures=tuple(pictures))


def finder_rules(seed: int, progress: Progress | None = None) -> Measured:
    """How far four rules' suggestions lie from the best rate of a sweep: the median of six problems, in decades."""
    off: dict[str, list[float]] = {name: [] for name in _FINDERS}
    for k, (one, rates) in enumerate(_PROBLEMS):
        table = trial(one, _three(seed), rates, progress=part_of(progress, k, len(_PROBLEMS))).table
        for name, ratio in zip(table["rule"], table["ratio"], strict=True):
            if name in off and math.isfinite(ratio):
                off[name].append(math.log10(ratio))
    medians = tuple(float(np.median(off[name])) for name in _FINDERS)
    drawn = picture(
        "Suggested rate against the best, over all runs",
        {RULES[name].title: (np.linspace(0, 100, len(of)), np.sort(10.0 ** np.array(of))) for name, of in off.items()}
        | {"the best rate": (np.array([0.0, 100.0]), np.ones(2))},
        Axis(low=0, high=100, title="% of the runs"),
        Axis(low=1e-7, high=1e2, title="times the best rate", scale="log"),
        f"Medians, in decades from the best rate: {', '.join(map(number, medians))}.",
        level="the best rate",
    )
    return Measured(values=medians, pictures=(drawn,))


def race_by_dimension(seed: int, progress: Progress | None = None) -> Measured:
    """Evaluations that evolution needs for a loss of 1e-6, as a multiple of gradient descent's, in 2 to 100 numbers."""
    times = []
    for k, dimensions in enumerate(_DIMENSIONS):
        task = alternatives.task(dimensions)
        descent = int((alternatives.gradient_descent(task, 3000)[0] <= 1e-6).argmax())
        runs = alternatives.evolution(task, 60_000, 9, seed, target=1e-6)
        times.append(float(np.median((runs <= 1e-6).argmax(axis=1))) / descent)
        if progress:
            progress((k + 1) / len(_DIMENSIONS))
    numbers, as_many = np.array(_DIMENSIONS, float), "as many"
    drawn = picture(
        "Evolution's evaluations, as a multiple of gradient descent's",
        {"evolution": (numbers, np.array(times)), as_many: (numbers, np.ones(len(numbers)))},
        Axis(low=1, high=100, title="numbers to find", scale="log"),
        Axis(low=0.1, high=100, title="times as many", scale="log"),
        f"In {', '.join(map(str, _DIMENSIONS))} numbers: {', '.join(map(number, times))} times as many.",
        level=as_many,
    )
    return Measured(values=tuple(times), pictures=(drawn,))


def sensitivities(seed: int, progress: Progress | None = None) -> Measured:
    """Adam's learning-rate sensitivity with a warm-up over that without, each centred on its own best rate."""
    rates, found, curves = np.geomspace(1e-4, 30, 45), [], {}
    for k, (title, schedule) in enumerate((("constant", "constant"), ("warm-up", "warm-up"))):
        table = sweep(replace(_ADAM, schedule=schedule), rates, _three(seed), progress=part_of(progress, k, 2))
        end, first = typical(table.final_loss), float(typical(table.losses[:, :, 0])[0])
        at = int(end.argmin())
        near = (rates >= rates[at] / _AROUND) & (rates <= rates[at] * _AROUND)
        found.append((float(rates[at]), float(np.minimum(end[near], first).mean() - end[at])))
        curves[f"{title}, best {number(rates[at])}"] = (rates / rates[at], np.minimum(end, first))
    (rate, lost), (warm_rate, warm_lost) = found
    drawn = picture(
        "Loss at the end, around each one's best rate",
        curves,
        Axis(low=1 / _AROUND, high=_AROUND, title="times its best rate", scale="log"),
        Axis(low=0.03, high=1, title="loss", scale="log"),
        f"Lost on average around the best rate: {number(lost)} at a constant rate, {number(warm_lost)} with a warm-up.",
    )
    return Measured(values=(lost, warm_lost / lost, warm_rate / rate), pictures=(drawn,))


def box_dimension(inside: Array) -> tuple[float, Array]:
    """(dimension, boxes (5,)) of the boundary of a region (side, side): how the boxes that meet it grow as they shrink.

    Boxes of 1, 2, 4, 8 and 16 cells; the slope of log count against log 1 / size. A smooth curve has 1, an area 2.
    """
    edge = np.zeros_like(inside)
    edge[:-1] |= inside[:-1] != inside[1:]
    edge[:, :-1] |= inside[:, :-1] != inside[:, 1:]
    side = len(inside)
    boxes = [edge.reshape(side // k, k, side // k, k).any(axis=(1, 3)).sum() for k in _SIZES]
    return float(-np.polyfit(np.log(_SIZES), np.log(boxes), 1)[0]), np.array(boxes)


def boundary(seed: int, progress: Progress | None = None) -> Measured:
    """The dimension of the boundary of what trains, and of two pieces of it, each 16 times as close."""
    draw, window, dimensions, counts = np.random.default_rng(seed), Window(), [], {}
    for zoom in range(3):
        inside = trainability(window, progress=part_of(progress, zoom, 3)).measure > 0
        dimension, boxes = box_dimension(inside)
        dimensions.append(dimension)
        counts["the whole map" if not zoom else f"{_ZOOM**zoom:g} times as close"] = boxes
        edges = np.argwhere(inside[:-1] != inside[1:])
        row, column = edges[draw.integers(len(edges))]
        across, up = window.rates()
        wide, high = (
            (end / begin) ** (0.5 / _ZOOM) for begin, end in ((window.left, window.right), (window.low, window.high))
        )
        at, level = float(across[column]), float(up[row])
        window = Window(left=at / wide, right=at * wide, low=level / high, high=level * high)
    size = np.array(_SIZES, float)
    drawn = picture(
        "Boxes that meet the boundary",
        {name: (size, boxes.astype(float)) for name, boxes in counts.items()},
        Axis(low=1, high=16, title="size of a box, in cells", scale="log"),
        Axis(low=1, high=1e4, title="boxes", scale="log"),
        f"The slopes, dimensions of the boundary: {', '.join(map(number, dimensions))}.",
    )
    return Measured(values=(float(np.mean(dimensions)),), pictures=(drawn,))


COMPARED = {
    "linear-scaling": Paper(
        title="Linear scaling",
        claim="Make the batch k times as large and the learning rate k times as high, and training goes as before, up "
        "to a batch beyond which it does not.",
        source="Goyal and others (2017)",
        arxiv="1706.02677",
        recipe="Handwritten digits, one hidden layer of 32, 5 epochs; batches of 1, 4, 16, 64, 256 and all 1,797; "
        "15 rates each, trained from three seeds for each seed.",
        differs="Theirs is ImageNet with a warm-up, batches of 256 to 8,192.",
        expected=(
            Expected(
                words="slope of the best rate, batches 1 to 64; in proportion is 1", each=(0.5, 1.3), median=(0.65, 1.2)
            ),
            Expected(words="best rate of all points over that of 64; in proportion 28", each=(0.1, 6)),
        ),
        result=linear_scaling,
        seconds=12.0,
        page="sweep",
        experiment=replace(_DIGITS, batch_size=16, learning_rates=(0.001, 3.2)),
    ),
    "schedules-under-noise": Paper(
        title="Schedules pay under noise",
        claim="A learning rate that falls to 0 averages out the noise of small batches; where steps have no noise, a "
        "constant rate, well chosen, is about as good.",
        source="Robbins and Monro (1951); Defazio and others (2023)",
        arxiv="2310.07831",
        recipe="A line through noisy points, 100 epochs, batches of 4 and all points, constant and falling in a "
        "straight line, each at the best of 23 rates; the median of five seeds for each seed.",
        differs="Theirs are a proof for falling rates, and many large experiments.",
        expected=(
            Expected(words="times lower with a falling rate, noisy steps", each=(5, 1000)),
            Expected(words="times lower, clean steps", each=(0.3, 3)),
        ),
        result=schedules_under_noise,
        seconds=1.5,
        page="schedules",
        experiment=replace(_FALLING, learning_rates=(0.001, 0.5)),
    ),
    "finder-rules": Paper(
        title="What range tests suggest",
        claim="A range test raises the rate from step to step; rules read a good rate off its curve. They differ by "
        "decades.",
        source="Smith (2015), and the tools fastai, torch-lr-finder and Lightning",
        arxiv="1506.01186",
        recipe="Six problems, three seeds each: a range test of 100 steps, then 25 rates really trained. Off by: the "
        "median of log10 (suggested / best).",
        differs="Tools of 2025, on small problems; other problems give other medians.",
        expected=(
            Expected(words="minimum / 10, decades off", each=(-1.2, 0.5)),
            Expected(words="torch-lr-finder's steepest", each=(-1.2, 0.5)),
            Expected(words="fastai's valley", each=(-1.8, -0.4)),
            Expected(words="Lightning's since 2.5.3", each=(-5.5, -3)),
        ),
        result=finder_rules,
        seconds=1.5,
        page="range-test",
        experiment=replace(_PROBLEMS[4][0], learning_rates=(0.001, 30)),
    ),
    "race-by-dimension": Paper(
        title="Without gradients, by dimension",
        claim="A method that never sees a gradient needs more evaluations the more numbers there are to find, about in "
        "proportion.",
        source="Nesterov and Spokoiny (2017); Rechenberg (1973)",
        arxiv="",
        recipe="Bowls of condition number 70 in 2, 10, 30 and 100 numbers, a (1+1) evolution strategy to a loss of "
        "10⁻⁶, nine runs; a gradient counts as three evaluations.",
        differs="The law is theirs for other methods too; the bowls are ours.",
        expected=(
            Expected(words="times as many as gradient descent in 2 numbers", each=(0.15, 0.6)),
            Expected(words="in 10", each=(1.8, 3.2)),
            Expected(words="in 30", each=(6, 10.5)),
            Expected(words="in 100", each=(22, 35)),
        ),
        result=race_by_dimension,
        seconds=1.0,
        page="without-gradients",
    ),
    "ragged-boundary": Paper(
        title="A ragged boundary",
        claim="The boundary between learning rates that train and those that diverge is a fractal: zoom in, and it is "
        "as ragged as before.",
        source="Sohl-Dickstein (2024)",
        arxiv="2402.06184",
        recipe=f"Two layers, a rate for each, 128 × 128 networks, {STEPS} steps; the map, and two pieces of its "
        "boundary, 16 times as close each. Boxes of 1 to 16 cells are counted.",
        differs="Theirs has maps of 4,096 × 4,096 and finds 1.17 to 1.98; ours is coarse.",
        expected=(Expected(words="dimension, mean of three zooms; a smooth curve has 1", each=(1.1, 1.8)),),
        result=boundary,
        seconds=3.0,
        page="map",
    ),
    "sensitivity": Paper(
        title="Less sensitive with a warm-up",
        claim="A longer warm-up makes a network lose less at rates around its best one: its learning-rate sensitivity "
        "falls.",
        source="Wortsman and others (2023)",
        arxiv="2309.14322",
        recipe="Two moons, tanh 2-32-32-32-1, Adam, batches of 20, 30 epochs, 45 rates, the median of three seeds for "
        "each seed; the mean loss above the best within a factor of 18 of each one's own best rate.",
        differs="Theirs are Transformers, which are unstable in ways that this network is not. Here a warm-up raises "
        "the best rate, as in theirs, and the sensitivity hardly changes.",
        expected=(
            Expected(words="lost on average around the best constant rate", each=(0.05, 0.4)),
            Expected(words="with a warm-up, in times that; below 1 it would help", each=(0.4, 2), median=(0.9, 1.6)),
            Expected(words="best rate with a warm-up over the best without", each=(0.2, 6), median=(1, 4)),
        ),
        result=sensitivities,
        seconds=5.0,
        page="sweep",
        experiment=replace(_ADAM, learning_rates=(1e-4, 30)),
        reproduced=False,
    ),
}
