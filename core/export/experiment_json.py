"""An experiment as text: JSON to keep in a file and read back, and what a link says."""

import json
from dataclasses import asdict

from ..experiment.experiment import FIELDS, LINK_VERSION, Experiment, shortest
from ..experiment.fields import link_text, shorten

_ALWAYS = ("data", "lr")
_LONGEST = 300  # characters of a message: text of a megabyte must not come back as one


def query(experiment: Experiment) -> str:
    """What a link to the experiment says after its question mark."""
    return link_text(experiment.to_query())


def short_query(experiment: Experiment) -> str:
    """The same, as short as it can be read: what is not as usual, the data and the rates."""
    usual = Experiment().to_query()
    words = {name: texts for name, texts in experiment.to_query().items() if name in _ALWAYS or texts != usual[name]}
    return link_text(shortest(words))


def to_json(experiment: Experiment) -> str:
    """Every field of the experiment by its name, and "v", the version of this form; `from_json` reads it back."""
    return json.dumps(asdict(experiment) | {"v": LINK_VERSION}, indent=1)


def from_json(text: str) -> Experiment:
    """The experiment `to_json` wrote; a field that is left out keeps its default.

    Raises ValueError, in one sentence, for what is no JSON or no object of fields, for a field that is not ours, for
    a version that is not ours, and as Experiment does for a value of the wrong type or out of its range.
    """
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"this is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError):  # a whole number of thousands of digits; brackets thousands deep
        raise ValueError("this is not JSON that can be read: it is too long or too deep") from None
    if not isinstance(given, dict):
        raise ValueError(f"an experiment must be a JSON object of fields, got {shorten(json.dumps(given))}")
    version = given.pop("v", LINK_VERSION)
    if version != LINK_VERSION:
        raise ValueError(f'v must be "{LINK_VERSION}", the one version this lab reads, got {shorten(repr(version))}')
    known = [field.name for field in FIELDS]
    for name in given:
        if name not in known:
            raise ValueError(f"{shorten(name)} is no field of an experiment; the fields are {', '.join(known)}")
    try:
        return Experiment(**given)
    except ValueError as error:
        message = str(error)
        raise ValueError(message if len(message) <= _LONGEST else f"{message[:_LONGEST]}...") from None
