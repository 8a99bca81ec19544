"""Presets: experiments worth opening, by the name a link to them has in the code."""

from __future__ import annotations

from dataclasses import dataclass

from core.experiment import Experiment


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """title: what a page calls it.  look: what to look at, in a sentence or two."""

    title: str
    experiment: Experiment
    look: str


PRESETS: dict[str, Experiment] = {
    # The article's own: too low, good, too high.
    "article": Experiment(),
    # Two curves within 0.06 % of each other whose advice is opposite: only the meter tells them apart.
    "look-alikes": Experiment(learning_rates=(2.4311e-5, 0.0845), epochs=100),
    # Real data in its own units: the article's good rate explodes.
    "penguins": Experiment(data="penguins", learning_rates=(1e-8, 1e-5, 0.01)),
    # The same rate once x is standardised.
    "penguins-standardised": Experiment(data="penguins", standardize=True, learning_rates=(1e-5, 0.01, 1.1)),
    # Where the loss itself goes up and down: momentum rings around the minimum.
    "momentum": Experiment(optimizer="momentum", momentum=0.9, learning_rates=(1e-4, 0.01, 0.17), epochs=200),
}

_MOONS = Experiment(data="moons", standardize=True, loss="mse", hidden=(32, 32), sharpness=30)
NETWORK_PRESETS: dict[str, Preset] = {
    "circles": Preset(
        title="Three rates, one network",
        experiment=Experiment(
            data="circles", hidden=(8, 8), learning_rates=(0.003, 0.3, 30.0), epochs=1000, test_share=0.25
        ),
        look="",
    ),
}
