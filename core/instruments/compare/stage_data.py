"""What the stage is told beside a deck, wherever it stands: on a page, in a report, in a notebook."""

from typing import Any

from ...drawing.charts import lane_colours, lane_dashes, on_colour
from ...drawing.lanes import about_meter
from ...experiment.experiment import BY_NAME, MAX_LANES, Experiment
from ...words import LANE_LETTERS

_LOOKS = {
    "letters": list(LANE_LETTERS),
    "colours": {theme: lane_colours(MAX_LANES, theme) for theme in ("light", "dark")},
    "inks": {theme: [on_colour(hue) for hue in lane_colours(MAX_LANES, theme)] for theme in ("light", "dark")},
    "dashes": lane_dashes(MAX_LANES),
}


def told(experiment: Experiment) -> dict[str, Any]:
    """The lanes of an experiment, how lanes look, and what the meter is."""
    field, start = BY_NAME["learning_rates"], BY_NAME["start"]
    return {
        "rates": list(experiment.learning_rates),
        "limits": [field.low, field.high],
        "startLimits": [start.low, start.high],
        "mostLanes": MAX_LANES,
        "looks": _LOOKS,
        "meterHelp": about_meter(experiment),
    }
