"""Plans that are taken as they are: their titles, how long they take, and their steps."""

from .plan import Plan

_LINE = "lr=1e-05&lr=1"
_RING = "data=circles&hidden=8&hidden=8&lr=0.001&lr=100&epochs=300"
_READY = (
    (
        "One step, voted twice",
        10,
        ("vote:one_step/one-step:0", "vote:one_step/one-step-bounce:0", "vote:one_step/one-step-bounce:7"),
    ),
    ("The class finds the rate", 15, ("run:lr=1", f"sweep:{_LINE}", "limit:data=noisy-line")),
    (
        "Too high, too low",
        20,
        ("run:lr=1e-06", "run:lr=0.01", "vote:too_high_too_low/too-high:0", "limit:data=noisy-line", f"sweep:{_LINE}"),
    ),
    (
        "What a loss curve tells",
        35,
        (
            "vote:from_scratch/scratch-loop:0",
            "vote:from_scratch/scratch-loop:5",
            "vote:fog/fog-steep:0",
            "fog:ravine:20",
            "vote:fog/fog-level:0",
            "vote:backpropagation/backprop-zero:0",
            f"sweep:{_RING}",
            "mystery:17",
        ),
    ),
    (
        "The article, from one step to deep learning",
        45,
        (
            "vote:one_step/one-step:0",
            "vote:fog/fog-limit:0",
            "vote:from_scratch/scratch-loop:0",
            "vote:too_high_too_low/too-high:0",
            f"sweep:{_LINE}",
            "limit:data=noisy-line",
            "vote:backpropagation/backprop-gradient:0",
            "vote:backpropagation/backprop-zero:0",
            "vote:input_hidden_output/network-line:0",
            "vote:without_gradients/without-two:0",
            "vote:without_gradients/without-many:0",
            "vote:what_made_it_deep/deep-swap:0",
        ),
    ),
)


def ready() -> dict[str, Plan]:
    """The plans by their titles, the shortest first."""
    return {title: Plan(title=title, steps=steps, minutes=minutes) for title, minutes, steps in _READY}
