"""What is read from a log: its runs, and what was done to read them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy import ndarray as Array

from ...diagnosis.rules import Diagnosis
from .verdict import verdict


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """One training run as its log has it, by rising step.

    axis           what its steps count: "step", "epoch" or "record" where the log counts nothing
    steps, loss    (n,) inf and nan losses are kept: they are the divergence
    learning_rate  (n,) the rate in force at each of these steps; None where the log has none
    epochs         (n,) the epoch each was recorded in, whole or not; None where the log has none
    validation_steps, validation   (m,) at steps of their own, inf and nan kept; None where there are none
    """

    name: str
    axis: str
    steps: Array
    loss: Array
    learning_rate: Array | None = None
    epochs: Array | None = None
    validation_steps: Array | None = None
    validation: Array | None = None

    @property
    def rate(self) -> float | None:
        """The learning rate, where it is known, above 0 and stays the same for the whole run."""
        rates = self.learning_rate
        if rates is None or not rates[0] > 0 or np.ptp(rates) > 1e-9 * rates[0]:
            return None
        return float(rates[0])

    @property
    def diagnosis(self) -> Diagnosis:
        """The verdict of its loss, in its own steps."""
        return verdict(self.loss, self.steps, self.axis, learning_rate=self.learning_rate, epochs=self.epochs)

    @property
    def every(self) -> float:
        """How many steps apart its losses are, typically; nan for a single one."""
        return float(np.median(np.diff(self.steps))) if len(self.steps) > 1 else math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """runs: in the order of the log.  notes: what was taken, skipped and assumed, in at most three plain sentences.

    columns: those that may be chosen in place of others.  chosen: the one read as each of CHOICES, "" for none.
    """

    runs: tuple[Run, ...]
    notes: tuple[str, ...]
    columns: tuple[str, ...] = ()
    chosen: Mapping[str, str] = field(default_factory=dict)
