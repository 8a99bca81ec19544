"""What the words of a command ask for: the settings of a link, or a whole link, as an Experiment or a sweep of one."""

import difflib
import sys
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from .experiment.experiment import FIELDS, Experiment
from .experiment.fields import Field, Repair, shorten
from .instruments.sweep.sweep import RATES, SEEDS

_WORDS = {field.in_link: field for field in FIELDS}
_USUALLY = dict.fromkeys(("momentum", "nesterov", "adam", "adamw"), "0.9")  # as torch's users expect; a link says it


class Asked(NamedTuple):
    """What the words ask for.

    experiment: the run.  sweep: how many rates between its ends, and from how many seeds; None for no sweep.
    notes: what was taken that nobody wrote, and what of a link is not used.
    """

    experiment: Experiment
    sweep: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()


def asked_for(words: Sequence[str]) -> Asked:
    """What a link asks for, or what follows its question mark, in one word or several; "-" is read from stdin.

    Of a link, the words of a lecture and of other pages are not used; those of a sweep are.
    Raises ValueError, in one line that names setting, value, what is allowed and the remedy, wherever a page would
    repair the link, and for what a link says twice or not at all.
    """
    texts = [text for word in words for text in (sys.stdin.read() if word == "-" else word).split()]
    given = parse_qs("&".join(map(_query_of, texts)), keep_blank_values=True, errors="replace")
    is_link = any("?" in text or "://" in text for text in texts)
    swept = any(urlsplit(text).path.endswith("/sweep") for text in texts) or {"rates", "seeds"} & given.keys()
    counts = tuple(_count(field, given.pop(field.name, [])) for field in (RATES, SEEDS)) if swept else ()
    unused = [name for name in given if is_link and name not in _WORDS and name != "v"]
    experiment, notes = _experiment({name: said for name, said in given.items() if name not in unused}, is_link)
    if swept and len(set(experiment.learning_rates)) == 1:
        raise ValueError("a sweep goes from one learning rate to another, got one: write lr=0.0001,1")
    if unused:
        notes += (f"not used, of a page: {', '.join(map(shorten, unused))}",)
    return Asked(experiment, (counts[0], counts[1]) if swept else None, notes)


def _experiment(given: dict[str, list[str]], is_link: bool) -> tuple[Experiment, tuple[str, ...]]:
    """The Experiment of these words, and what was taken that they don't say: a rule's usual momentum, but of a link."""
    for name, texts in given.items():
        field = _WORDS.get(name)
        if field and not field.most and len(texts) > 1:
            raise ValueError(f"{name} takes one value, got {', '.join(map(shorten, texts))}: write it once")
        if field and field.most and field.default and not any(texts):
            raise ValueError(f"{name} must hold at least one value, got none: write {name}={field.default[0]}")
    rule = given.get("optimizer", [""])[0]
    notes: tuple[str, ...] = ()
    if rule in _USUALLY and "momentum" not in given and not is_link:
        given = given | {"momentum": [_USUALLY[rule]]}
        notes = (f"momentum={_USUALLY[rule]} is taken, as is usual with {rule}; write momentum=0 for none",)
    experiment, repairs = Experiment.from_query(given)
    if repairs:
        more = f" ({len(repairs) - 1} more like this)" if repairs[1:] else ""
        raise ValueError(_as_error(repairs[0], experiment) + more)
    return experiment, notes


def _count(field: Field, texts: list[str]) -> int:
    """How many rates or seeds a sweep has."""
    if not texts:
        return int(field.default)
    count, repairs = field.read(texts)
    if repairs:
        raise ValueError(f"{field.name}={repairs[0].got}: {repairs[0].reason}; write {field.name}={count}")
    return int(count)


def _query_of(word: str) -> str:
    """What follows the question mark of a link; a word without one is taken as that itself."""
    link = word.partition("#")[0]
    if "://" in link and "?" not in link:
        raise ValueError(f"this link holds no settings, got {shorten(word)}: take the one that Share gives")
    said = link.partition("?")[2] if "?" in link else link
    for setting in said.split("&"):
        if setting and "=" not in setting:
            raise ValueError(f"a setting is written name=value, got {shorten(setting)}: write lr=0.01, for example")
    return said


def _as_error(repair: Repair, used: Experiment) -> str:
    """What a page would repair, as an error: setting, value, why not, what is allowed, what to write."""
    field = _WORDS.get(repair.name)
    if field is None and repair.name != "v":
        return f"{repair.name}: no setting has this name; {_nearest(repair.name)}"
    why = f"{repair.name}={repair.got}: {repair.reason}"
    # Other reasons name what is allowed, or what this value does not go with.
    if field and repair.reason in ("it is not a number", "it must be a whole number", "none of its values is a number"):
        why += f", {field.allowed_text()}"
    if repair.used == "none" or repair.used == "the rest":
        return f"{why}; leave it out"
    if repair.used.startswith("the first"):
        return f"{why}; keep {repair.used}"
    if field and field.most:  # with all that stood beside it
        return f"{why}; write {repair.name}={','.join(field.write(getattr(used, field.name)))}"
    if field and field.kind is str and field.choices and not repair.nearest and repair.used == field.default:
        return why  # it names all there are
    return f"{why}; write {repair.name}={repair.nearest or repair.used}"


def _nearest(name: str) -> str:
    """Which setting a name that is none may have meant: that of a link, or that of an Experiment."""
    spellings = {spelling: word for word, field in _WORDS.items() for spelling in (word, field.name)}
    near = difflib.get_close_matches(name, spellings, n=1)
    return f"did you mean {spellings[near[0]]}?" if near else f"they are {', '.join(_WORDS)}"
