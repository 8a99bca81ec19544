"""Presets: experiments worth opening, by the name a link to them has in the code."""

from dataclasses import dataclass, replace

from .experiment import Experiment


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """title: what a page calls it.  look: what to look at, in a sentence or two.  then: what to try next in the lab.

    group: what it is about, where there are many.
    """

    title: str
    experiment: Experiment
    look: str
    then: str = ""
    group: str = ""


LINE_PRESETS: dict[str, Preset] = {
    "article": Preset(
        title="The article's three",
        experiment=Experiment(),
        look="A hardly moves, B arrives, C overflows. Drag C down until it trains: that is the limit.",
    ),
    # Two curves within 0.06 % of each other.
    "look-alikes": Preset(
        title="Look-alikes",
        experiment=Experiment(learning_rates=(2.4311e-5, 0.0845), epochs=100),
        look="Two curves that look the same, and opposite advice: A is far too low, B is at its limit. Only the meter "
        "tells them apart.",
    ),
    "penguins": Preset(
        title="Penguins: 0.01 explodes",
        experiment=Experiment(data="penguins", learning_rates=(1e-8, 1e-5, 0.01)),
        look="Real data in its own units. 0.01 was good for the article's data; here it explodes, because the loss is "
        "steep where x is large.",
    ),
    "penguins-standardised": Preset(
        title="Penguins, standardized",
        experiment=Experiment(data="penguins", standardize=True, learning_rates=(1e-5, 0.01, 1.1)),
        look="The same penguins, x shifted and stretched to mean 0 and standard deviation 1. Now 0.01 "
        "arrives, though slowly: 0.5 needs one step. The limit is at 1.",
    ),
    "momentum": Preset(
        title="Momentum rings",
        experiment=Experiment(optimizer="momentum", momentum=0.9, learning_rates=(1e-4, 0.01, 0.17), epochs=200),
        look="With momentum the loss itself goes up and down: B swings around the minimum before it settles.",
    ),
}
PRESETS: dict[str, Experiment] = {name: preset.experiment for name, preset in LINE_PRESETS.items()}

# Cohen et al.'s recipe, arXiv 2103.00065: mean of squares on -1 and +1, tanh, full batch.
_MOONS = Experiment(
    data="moons", standardize=True, loss="mse", hidden=(32, 32), learning_rates=(0.05, 0.1, 0.2), sharpness=30
)
NETWORK_PRESETS: dict[str, Preset] = {
    "circles": Preset(
        title="Three rates, one network",
        group="The rate",
        experiment=Experiment(
            data="circles", hidden=(8, 8), learning_rates=(0.003, 0.3, 30.0), epochs=1000, test_share=0.25
        ),
        look="Press play. All three start from the same weights: A hardly moves, B closes the ring, C jumps around. "
        "Then look at the meters, which say why.",
    ),
    "edge": Preset(
        title="The edge of stability",
        group="Sharpness",
        experiment=replace(_MOONS, epochs=3000),
        look="Rate × sharpness climbs by itself until it meets the line at 2, and hovers there while the loss goes on "
        "falling. A is too low a rate to get there; C meets it first.",
    ),
    "catapult": Preset(
        title="A catapult",
        group="Sharpness",
        experiment=replace(_MOONS, gain=3.0, learning_rates=(0.06, 0.11, 0.13), epochs=300),
        look="The first weights are three times the usual size, so the start is sharp. B begins above the line: its "
        "loss shoots up, lands where the ground is flatter, and falls. C begins above 4, twice the line, and does not "
        "return.",
    ),
    "warm-up": Preset(
        title="Why warm up",
        group="Sharpness",
        experiment=replace(
            _MOONS,
            hidden=(32, 32, 32),
            activation="relu",
            gain=3.0,
            learning_rates=(0.003, 0.03, 0.06),
            epochs=1000,
            schedule="warm-up",
        ),
        look="The start is very sharp, but the rate climbs slowly over the first tenth, and sharpness falls ahead of "
        "it: even twenty times A's rate trains.",
        then="Set the schedule to constant, and B and C overflow.",
    ),
    "adam": Preset(
        title="Adam at its edge",
        group="Sharpness",
        experiment=replace(_MOONS, optimizer="adam", momentum=0.9, learning_rates=(0.001, 0.003, 0.01), epochs=2000),
        look="Adam divides each step by the usual size of the gradient. Measured on that scale, rate × sharpness "
        "climbs to 38, as gradient descent's does to 2: C is there first, and its loss begins to jump; B arrives late.",
    ),
    "linear": Preset(
        title="Not powerful enough",
        group="Not the rate",
        experiment=Experiment(data="xor", hidden=(), learning_rates=(0.003, 0.3, 3.0), epochs=500),
        look="No straight line parts these four squares: B and C stop just below ln 2 = 0.693, what a coin would get. "
        "A is flat as well, for another reason.",
        then="Test each diagnosis, then give the network a hidden layer.",
    ),
    "narrow": Preset(
        title="Too narrow",
        group="Not the rate",
        experiment=Experiment(data="circles", hidden=(2,), learning_rates=(0.03, 1.0, 3.0), epochs=2000),
        look="Two units bend the boundary twice, and that can't close a ring: B and C learn what they can, then stop. "
        "A is flat because its rate is low.",
        then="Test the diagnosis: a wider network goes on.",
    ),
    "spirals": Preset(
        title="Spirals need a high rate",
        group="The rate",
        experiment=Experiment(data="spirals", hidden=(16, 16), learning_rates=(0.01, 0.3, 3.0), epochs=3000),
        look="A and B stay behind while C, ten times B's rate, jumps about for hundreds of epochs and then solves it. "
        "There is no one best rate: it depends on the data, the network and how long you train.",
    ),
    "digits": Preset(
        title="Handwritten digits",
        group="The rate",
        experiment=Experiment(
            data="digits",
            standardize=True,
            hidden=(32,),
            learning_rates=(0.001, 0.1, 10.0),
            epochs=60,
            batch_size=64,
            test_share=0.25,
        ),
        look="1,797 real images, in batches of 64. Each picture shows what held-out images are taken for: a good "
        "network leaves only the diagonal. C learns its training images by heart, and is worse than B on these.",
    ),
}

# Sweeps worth opening, by their titles; the rates are the ends of each.
SWEEP_PRESETS: dict[str, Experiment] = {
    "Circle in a ring": Experiment(
        data="circles", hidden=(8, 8), learning_rates=(1e-3, 100.0), epochs=300, test_share=0.25
    ),
    "The article's line": Experiment(learning_rates=(1e-5, 1.0)),
    "A noisy line, mini-batches": Experiment(data="noisy-line", batch_size=4, learning_rates=(1e-4, 1.0), epochs=200),
    "Two spirals": Experiment(data="spirals", hidden=(16, 16), learning_rates=(1e-2, 30.0), epochs=500),
    "Two moons by Adam": Experiment(
        data="moons", hidden=(16, 16), optimizer="adam", momentum=0.9, learning_rates=(1e-5, 1.0), epochs=200
    ),
}

SCHEDULE_PRESETS: dict[str, Experiment] = {
    "A noisy line": Experiment(
        data="noisy-line", batch_size=4, learning_rates=(1e-3, 1.0), epochs=100, schedule="linear"
    ),
    "Two moons": Experiment(
        data="moons", hidden=(16,), batch_size=8, learning_rates=(1e-2, 10.0), epochs=60, schedule="cosine"
    ),
    "The article's line": Experiment(batch_size=2, learning_rates=(1e-3, 1.0), epochs=100, schedule="linear"),
}
