"""The field's words, and the lab's few own: one sentence each, and the page that shows it."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One entry.  page: where the app shows it, by its address.  also: other names of the same thing."""

    name: str
    meaning: str
    page: str
    also: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """Its place on the page of the glossary, as Streamlit calls a heading of this name: /glossary#learning-rate."""
        return re.sub(r" |(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", self.name).lower()


GLOSSARY = (
    Term(
        name="Activation",
        meaning="The function that bends the sum in a unit, such as tanh or ReLU: without it, a network of any depth "
        "is a linear model.",
        page="input-hidden-output",
        also=("activation function",),
    ),
    Term(
        name="Adagrad",
        meaning="An optimizer that divides each parameter's step by the root of the sum of its squared gradients so "
        "far.",
        page="update-rules",
    ),
    Term(
        name="Adam",
        meaning="An optimizer that combines momentum with RMSprop's division by the recent size of each parameter's "
        "gradients.",
        page="update-rules",
    ),
    Term(
        name="AdamW",
        meaning="Adam with weight decay that is applied to the weights directly, not through the gradient.",
        page="update-rules",
    ),
    Term(
        name="Autograd",
        meaning="The part of PyTorch that records what the forward pass computes and finds the gradient from it by "
        "backpropagation.",
        page="backpropagation",
        also=("automatic differentiation",),
    ),
    Term(
        name="Backpropagation",
        meaning="A way to compute the gradient of a network: the chain rule, applied layer by layer from the loss "
        "back to the first layer.",
        page="input-hidden-output",
        also=("backward pass",),
    ),
    Term(
        name="Batch",
        meaning="The data points from which one step computes its gradient; the full batch is all of them.",
        page="network",
        also=("mini-batch",),
    ),
    Term(
        name="Batch size",
        meaning="The number of points in a batch: small batches give cheap but noisy gradients.",
        page="sweep",
    ),
    Term(
        name="Catapult",
        meaning="A run above the stability limit whose loss first rises, then falls, because it was thrown to a "
        "place where the curvature is smaller.",
        page="too-high-too-low",
    ),
    Term(
        name="Condition number",
        meaning="The largest curvature divided by the smallest: the larger it is, the more steps gradient descent "
        "needs, even at its best learning rate.",
        page="fog",
    ),
    Term(
        name="Convergence",
        meaning="The parameters come closer and closer to a minimum, and the loss comes closer and closer to a "
        "lowest value.",
        page="compare",
    ),
    Term(
        name="Cosine schedule",
        meaning="A schedule that lowers the learning rate along half a wave of the cosine: slowly, then fast, then "
        "slowly again.",
        page="schedules",
        also=("cosine",),
    ),
    Term(
        name="Cross-entropy",
        meaning="The usual loss for classes: minus the logarithm of the probability that the model gives the right "
        "class, averaged over the points.",
        page="network",
    ),
    Term(
        name="Curvature",
        meaning="How quickly the slope of the loss changes along a direction: the larger it is, the smaller the "
        "stable learning rates are.",
        page="one-step",
    ),
    Term(
        name="Dead unit",
        meaning="A hidden unit that passes no gradient on for any training point, such as a ReLU unit that is always "
        "0: it has stopped learning.",
        page="network",
    ),
    Term(
        name="Divergence",
        meaning="The loss grows and grows instead of falling, as a rule because the learning rate is above the "
        "stability limit.",
        page="too-high-too-low",
    ),
    Term(
        name="Edge of stability",
        meaning="While a network trains on the full batch, learning rate × sharpness often climbs to 2 and stays "
        "near it, and the loss still falls.",
        page="network",
    ),
    Term(
        name="Epoch",
        meaning="One pass over all training points: one step with the full batch, several steps with smaller batches.",
        page="from-scratch",
    ),
    Term(
        name="Evaluation",
        meaning="Computing the loss once: the unit in which methods with and without gradients are compared.",
        page="without-gradients",
    ),
    Term(
        name="Finite differences",
        meaning="A way to estimate the gradient without calculus: change one parameter a little and see how much the "
        "loss changes.",
        page="backpropagation",
    ),
    Term(
        name="Forward pass",
        meaning="Computing the prediction and its loss from the input, one layer after another.",
        page="input-hidden-output",
    ),
    Term(
        name="Gradient",
        meaning="The slopes of the loss, one for each parameter: it points in the direction in which the loss rises "
        "fastest.",
        page="one-step",
    ),
    Term(
        name="Gradient descent",
        meaning="One line, repeated: subtract learning rate × gradient from the parameters.",
        page="one-step",
    ),
    Term(
        name="Held-out loss",
        meaning="The loss on points that are kept out of training: it tells whether the model works on new data.",
        page="network",
        also=("validation loss", "test loss"),
    ),
    Term(
        name="Hessian",
        meaning="The matrix of all second derivatives of the loss: its eigenvalues are the curvatures.",
        page="too-high-too-low",
    ),
    Term(
        name="Hidden layer",
        meaning="A layer of units between the inputs and the output of a network.",
        page="input-hidden-output",
    ),
    Term(
        name="Learning rate",
        meaning="The number that multiplies the gradient in every step: it sets how long the steps are.",
        page="compare",
        also=("rate", "step size"),
    ),
    Term(
        name="Line search",
        meaning="A rule that chooses the length of each step as it takes it, by looking at the loss along the "
        "direction of that step.",
        page="self-choosing",
    ),
    Term(
        name="Loss",
        meaning="One number that says how wrong the predictions are: training makes it small.",
        page="from-scratch",
    ),
    Term(
        name="Mean squared error",
        meaning="The mean of the squared differences between prediction and target, here without the ½ that some "
        "books put before it.",
        page="from-scratch",
        also=("MSE",),
    ),
    Term(
        name="Meter",
        meaning="Learning rate × curvature along the step, computed from how much the loss really fell: near 2 the "
        "rate is at its limit.",
        page="compare",
    ),
    Term(
        name="Momentum",
        meaning="Each step keeps a share of the step before it, so that steps in the same direction add up.",
        page="update-rules",
    ),
    Term(
        name="NaN",
        meaning="Not a number: the result of ∞ − ∞ or 0 / 0, which in training usually follows an overflow.",
        page="diagnose",
        also=("not a number",),
    ),
    Term(
        name="Nesterov momentum",
        meaning="Momentum that takes the gradient a little ahead, where the momentum is about to carry the parameters.",
        page="update-rules",
    ),
    Term(
        name="Optimizer",
        meaning="The rule that turns a gradient into a step, such as gradient descent, momentum or Adam.",
        page="update-rules",
        also=("update rule",),
    ),
    Term(
        name="Overfitting",
        meaning="The training loss keeps falling while the held-out loss rises: the model learns what is true of its "
        "own points only.",
        page="network",
    ),
    Term(
        name="Overflow",
        meaning="A number gets too large to be stored and becomes infinite: with 64 bits, above about 1.8 × 10³⁰⁸.",
        page="too-high-too-low",
    ),
    Term(
        name="Parameter",
        meaning="A number of the model that training changes: a weight or a bias.",
        page="one-step",
    ),
    Term(
        name="Parity receipt",
        meaning="The line below a run that says how closely the two trainers, NumPy from scratch and PyTorch, agree "
        "on its losses.",
        page="compare",
    ),
    Term(
        name="Plateau",
        meaning="A long part of a run in which the loss hardly falls: it may be the end of learning, or not.",
        page="from-scratch",
    ),
    Term(
        name="Range test",
        meaning="One short run whose learning rate rises from step to step: a rule then reads a rate off its losses.",
        page="range-test",
        also=("learning-rate finder",),
    ),
    Term(
        name="RMSprop",
        meaning="An optimizer that divides each parameter's step by the root of a running mean of its squared "
        "gradients.",
        page="update-rules",
    ),
    Term(
        name="Saddle point",
        meaning="A point where the gradient is 0, but from which the loss falls in one direction and rises in another.",
        page="fog",
        also=("saddle",),
    ),
    Term(
        name="Schedule",
        meaning="A rule that changes the learning rate while training runs.",
        page="schedules",
    ),
    Term(
        name="Seed",
        meaning="The number that fixes all random choices of a run: the same seed gives the same run.",
        page="sweep",
    ),
    Term(
        name="Sharpness",
        meaning="The largest curvature of the loss where the parameters are now: the largest eigenvalue of the "
        "Hessian.",
        page="network",
    ),
    Term(
        name="Stability limit",
        meaning="The learning rate above which training is unstable: for gradient descent on the full batch, 2 "
        "divided by the largest curvature.",
        page="too-high-too-low",
    ),
    Term(
        name="Standardize",
        meaning="Shift and scale a feature to mean 0 and standard deviation 1: much larger learning rates often "
        "become stable.",
        page="data",
    ),
    Term(
        name="Step",
        meaning="One update of all parameters.",
        page="one-step",
        also=("update",),
    ),
    Term(
        name="Stochastic gradient descent",
        meaning="Gradient descent whose every step uses a random batch of the data, so its gradients are noisy.",
        page="schedules",
        also=("SGD", "stochastic"),
    ),
    Term(
        name="Sweep",
        meaning="Training the same model at many learning rates, to see which of them end with the lowest loss.",
        page="sweep",
    ),
    Term(
        name="Unit",
        meaning="One number inside a network: the weighted sum of the layer before, bent by the activation.",
        page="input-hidden-output",
        also=("neuron",),
    ),
    Term(
        name="Warm-up",
        meaning="The first part of a schedule: the learning rate climbs from a small value to its full value.",
        page="schedules",
    ),
    Term(
        name="Weight",
        meaning="A parameter that multiplies one input of a unit.",
        page="input-hidden-output",
    ),
    Term(
        name="Weight decay",
        meaning="Every step also makes each weight a little smaller, in proportion to its size.",
        page="network",
    ),
)
_BY_NAME = {name.lower(): term for term in GLOSSARY for name in (term.name, *term.also)}


def look_up(word: str) -> Term:
    """The entry of a word, in the singular or plural, by any of its names.

    KeyError: there is none.
    """
    for singular in (word.lower().removesuffix(ending) for ending in ("", "s", "es")):
        if singular in _BY_NAME:
            return _BY_NAME[singular]
    raise KeyError(f"the glossary, core/story/glossary.py, has no entry for {word!r}")
