"""What the server knows of the lanes that the browser draws: their verdicts."""

from core import Diagnosis, Experiment
from core.experiment.cost import AT_ONCE_SECONDS
from core.instruments.compare.stage import judged, verdicts
from pages.session import runs


def verdicts_of_lanes(experiment: Experiment) -> tuple[Diagnosis, ...]:
    """The Diagnosis of each lane; none where it takes more than a moment, as the page must not wait for it."""
    seconds = judged(experiment).seconds()
    if seconds > AT_ONCE_SECONDS:
        return ()
    return runs.made(verdicts, experiment, seconds=seconds, what="the verdicts")
