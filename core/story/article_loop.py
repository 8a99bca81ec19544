"""The article's loop, and a recorder that runs the very text a page shows and notes what each line changes.

`article_loop` is the loop as a student writes it: plain, one model, one rate. `script` makes its body a text
that runs anywhere, and `record` runs that text under a line tracer; nothing is computed a second time.
"""

# ruff: noqa: B007  (the loop is shown as students write it, with an `epoch` that nothing reads)
import inspect
import sys
import textwrap
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np
from numpy import ndarray as Array

from ..words import number

MOST_EPOCHS = 1000  # the article's; as many are recorded in a tenth of a second
LINE = "y\u00a0=\u00a0w\u00a0x\u00a0+\u00a0b"  # as a sentence says it: no line of text ends in the middle of it
A_PASS = 7  # steps of one pass: `for`, and the six lines in it


def article_loop(lr: float, epochs: int) -> tuple[float, float, np.floating]:
    """w, b and the last pass's loss, of full-batch gradient descent on y = 2x at x = 1, 2, ..., 5 from w = b = 0."""
    x = np.array([1, 2, 3, 4, 5])
    y = 2 * x
    n = len(x)
    w = 0.0
    b = 0.0

    for epoch in range(epochs):
        y_pred = w * x + b
        loss = np.mean((y - y_pred) ** 2)
        dw = (-2 / n) * np.sum(x * (y - y_pred))
        db = (-2 / n) * np.sum(y - y_pred)
        w = w - lr * dw
        b = b - lr * db
    return w, b, loss


def script(lr: float, epochs: int) -> str:
    """The loop as a text that runs as it stands: its two numbers, then the body of `article_loop`, word for word."""
    body = inspect.getsource(article_loop).splitlines()[2:-1]  # without `def`, its docstring and `return`
    return f"import numpy as np\n\nlr = {lr!r}\nepochs = {epochs!r}\n" + textwrap.dedent("\n".join(body)) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line has run. line: its number in the script, from 1.  name, value: the variable it set."""

    line: int
    name: str
    value: Any

    @property
    def words(self) -> str:
        """As a page says it: w = 0.44."""
        return f"{self.name} = {in_words(self.value)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the script as it is shown after a step.

    state: the variable that still holds what this line set, in words; "" where there is none.  was: what that held
    before, where it is one number and this line has just run.  age: "now" for the line that has just run, "old" for
    a line of the loop that has not run in this pass yet, "new" for all others.
    """

    line: int
    code: str
    state: str
    was: str
    age: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """A finished run of the script. before: the steps ahead of the loop.  steps: those of the loop, in order.

    losses (epochs,): what the line `loss = ...` found in each pass: column k is the loss after k updates.
    """

    lines: tuple[str, ...]
    before: tuple[Step, ...]
    steps: tuple[Step, ...]
    losses: Array

    def state(self, at: int) -> dict[str, Step]:
        """The step that set each variable last, after `at` steps of the loop."""
        # Two passes back is far enough: the last whole pass set every variable of the loop.
        return {step.name: step for step in (*self.before, *self.steps[max(0, at - 2 * A_PASS) : at])}

    def found(self, at: int) -> Array:
        """(k,) the losses that have been found after `at` steps of the loop."""
        return self.losses[: sum(step.name == "loss" for step in self.steps[:at])]

    def words(self, at: int) -> str:
        """Which line has just run, and what it set."""
        if not at:
            return "Everything is ready. The loop has not begun."
        return f"Line {self.steps[at - 1].line} has just run: `{self.steps[at - 1].words}`"

    def rows(self, at: int) -> tuple[Row, ...]:
        """The script, line by line, as it stands after `at` steps of the loop."""
        set_by = {step.line: step for step in self.state(at).values()}
        pass_began = (at - 1) // A_PASS * A_PASS if at else 0
        stale = {step.line for step in self.steps[:A_PASS]} - {step.line for step in self.steps[pass_began:at]}
        last = self.steps[at - 1] if at else None
        earlier = self.state(at - 1) if at else {}
        rows = []
        for line, code in enumerate(self.lines, 1):
            step = set_by.get(line)
            state = step.words if step and not self._says_itself(step) else ""
            was, age = "", "old" if line in stale else "new"
            if last and line == last.line:
                age, before = "now", earlier.get(last.name)
                was = in_words(before.value) if before and not np.ndim(before.value) else ""
            rows.append(Row(line=line, code=code, state=state, was=was, age=age))
        return tuple(rows)

    def _says_itself(self, step: Step) -> bool:
        """Whether a line ahead of the loop shows its value as it stands: lr = 0.01."""
        value = in_words(step.value).replace(",", "")
        return step.line < self.steps[0].line and value in self.lines[step.line - 1].replace(",", "")


def record(lr: float, epochs: int) -> Recording:
    """Run script(lr, epochs) and note each variable a line sets, in order. inf and nan come as they come."""
    text = script(lr, epochs)
    code = compile(text, "<the article's loop>", "exec")
    variables: dict[str, Any] = {}
    seen: dict[str, Any] = {}
    steps: list[Step] = []
    running = 0

    def look(frame: FrameType, event: str, _: Any) -> Any:
        """Called before each line and at the end: what is another object than before was set by the line before."""
        nonlocal running
        if frame.f_code is not code:
            return None  # inside NumPy
        if event in ("line", "return"):
            for name, value in variables.items():
                if seen.get(name, seen) is not value:
                    seen[name] = value
                    steps.append(Step(line=running, name=name, value=value))
            running = frame.f_lineno
        return look

    tracer = sys.gettrace()  # a debugger's or a coverage tool's; a tracer holds for this thread alone
    with np.errstate(over="ignore", invalid="ignore"):
        sys.settrace(look)
        try:
            exec(code, {}, variables)
        finally:
            sys.settrace(tracer)
    first = next(place for place, step in enumerate(steps) if step.name == "epoch")
    return Recording(
        lines=tuple(text.splitlines()),
        before=tuple(step for step in steps[:first] if step.name != "np"),
        steps=tuple(steps[first:]),
        losses=np.array([step.value for step in steps if step.name == "loss"]),
    )


def in_words(value: Any) -> str:
    """A variable's value rounded for reading; "overflow" for what is not finite."""
    if np.ndim(value):
        return "[" + ", ".join(in_words(each) for each in value) + "]"
    return number(value) if np.isfinite(value) else "overflow"
