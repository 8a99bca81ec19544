"""What there is to say of a lane whose rate in force was not its own, or never reached the parameters."""

from dataclasses import dataclass, replace

import numpy as np
from numpy import ndarray as Array

from ...diagnosis.rules import Diagnosis
from ...words import number

_REMEDY = "hand the schedule over, as scheduler=lambda optimizer: ..."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RateRemarks:
    """Of one lane. rate: its own.  group_rates (epochs, G): those in force, of each group of parameters.

    left: how many of the `given` numbers to train are in no group, or frozen by the optimizer.  unstepped: whether the
    optimizer came with a schedule that nobody steps.
    """

    rate: float
    group_rates: Array
    left: int
    given: int
    unstepped: bool

    @property
    def own_throughout(self) -> bool:
        """Whether the rate in force was the lane's own in all groups and epochs."""
        return bool(np.isclose(self.group_rates, self.rate, rtol=1e-6, atol=0).all())

    @property
    def _held(self) -> bool:
        """Whether a schedule stood still."""
        return self.unstepped and bool((self.group_rates == self.group_rates[0]).all())

    def clauses(self) -> tuple[str, ...]:
        """What is worth knowing of them, as evidence of a Diagnosis."""
        found = ["the optimizer came with a schedule that was never stepped"] if self._held else []
        low, high = np.nanmin(self.group_rates, initial=np.inf), np.nanmax(self.group_rates, initial=-np.inf)
        still = int((self.group_rates == 0).all(axis=0).sum())
        groups = self.group_rates.shape[1]
        if not self.own_throughout and np.isfinite(low):
            span = number(low) if low == high else f"from {number(low)} to {number(high)}"
            found.append(f"the rate in force was {span}, the lane's is {number(self.rate)}")
        if 0 < still < groups:
            found.append(f"{still} of {groups} groups of parameters had the rate 0 throughout, and were not trained")
        if self.left:
            found.append(f"no rate reached {self.left:,} of {self.given:,} parameters: they are in no group, or frozen")
        return tuple(found)

    def said_in(self, found: Diagnosis) -> Diagnosis:
        """The Diagnosis with them; of a rate that reached nothing it speaks of nothing else."""
        found = found.adding(*self.clauses())
        if (self.group_rates == 0).all():
            reason = "The rate in force was 0 throughout: nothing was trained."
            advice = "Give the optimizer a rate." if not self._held else f"{_REMEDY[0].upper()}{_REMEDY[1:]}."
            return replace(found, label="too_slow", reason=reason, advice=advice)
        if self._held:
            return replace(found, advice=f"First {_REMEDY}. {found.advice}")
        return found
