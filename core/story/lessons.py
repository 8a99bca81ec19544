"""The lessons in their order: what each is called, its one idea, and the article that they follow."""

from dataclasses import dataclass

# Where the lab comes from: the first page and README.md say it.
BEGAN = (
    "This lab began from an article that explains gradient descent, from one number to deep networks. Its five points "
    "and its three learning rates are the first preset; its steps are the lessons."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One page of the story. file: its name in pages/learn/ and core/story/.  idea: its one sentence."""

    file: str
    title: str
    idea: str

    @property
    def url(self) -> str:
        """Its own link."""
        return self.file.replace("_", "-")


LESSONS = (
    Lesson(
        file="one_step",
        title="One step by hand",
        idea="Gradient descent is one line of arithmetic, repeated. Do it once with a pencil.",
    ),
    Lesson(
        file="fog",
        title="A mountain in fog",
        idea="Gradient descent sees only the slope under its feet. Find the valley the way it does.",
    ),
    Lesson(
        file="from_scratch",
        title="From scratch",
        idea="The whole method is a loop of six lines. Run it line by line, and read its loss curve.",
    ),
    Lesson(
        file="too_high_too_low",
        title="Too high, too low",
        idea="Between too slow and divergence lies a limit that can be computed before the first step.",
    ),
    Lesson(
        file="backpropagation",
        title="Backpropagation is not gradient descent",
        idea="One finds the gradient, the other uses it. Swap either and see what changes.",
    ),
    Lesson(
        file="input_hidden_output",
        title="Input, hidden, output",
        idea="A network is the same line of arithmetic in layers, and every weight gets its share of the error.",
    ),
    Lesson(
        file="without_gradients",
        title="Without gradients",
        idea="Guessing, evolving and tuning by hand work too, until there are many numbers to find.",
    ),
    Lesson(
        file="what_made_it_deep",
        title="What made it deep",
        idea="Model, loss, optimizer, data: four parts that can be swapped. Then ten curves to read.",
    ),
)
