"""Questions asked before a result is shown, and what is said to each answer.

The texts are made from the numbers of the run the question is about; a question holds no drawing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..words import number as words


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is said to one answer: whether it is right, the answer in words, and why it is or is not so."""

    right: bool
    answer: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceQuestion:
    """Which of these will happen?

    key: unique in the whole story.  ask: the question, markdown.  choices: what is said to who takes each option.
    right: index of the true one.  outcome: what happened, with the numbers of the run.
    """

    key: str
    ask: str
    choices: Mapping[str, str]
    right: int
    outcome: str

    def judge(self, answer: int) -> Judgement:
        """What is said to the choice with this index."""
        option, why = list(self.choices.items())[answer]
        return Judgement(right=answer == self.right, answer=option, why=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberQuestion:
    """Which number will it be?

    answer: the true number.  within: how far off still counts as right, as a share of the answer.
    mistakes: numbers that known slips lead to, each with its explanation.  otherwise: what is said to
    any other wrong number.  above: what is said to a number that is near but above the answer, where that is wrong
    too; "": it is not.  outcome: what happened.
    """

    key: str
    ask: str
    answer: float
    outcome: str
    within: float = 0.02
    mistakes: tuple[tuple[float, str], ...] = ()
    otherwise: str = ""
    above: str = ""

    def judge(self, answer: float) -> Judgement:
        """What is said to this number."""
        text = words(answer)
        if self.near(answer):
            why = self.above if answer > self.answer else ""
            return Judgement(right=not why, answer=text, why=why)
        why = next((why for number, why in self.mistakes if self._near(answer, number)), self.otherwise)
        return Judgement(right=False, answer=text, why=why)

    def near(self, answer: float) -> bool:
        """Whether it is no farther off than `within`."""
        return self._near(answer, self.answer)

    def _near(self, answer: float, number: float) -> bool:
        return abs(answer - number) <= self.within * abs(number) + 1e-12


Question = ChoiceQuestion | NumberQuestion
