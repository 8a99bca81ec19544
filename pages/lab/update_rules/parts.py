"""The update rules page's parts: its controls, a card for each rule, the race, the formulas."""

import inspect
from collections.abc import Mapping

import streamlit as st

from core.data.surfaces import Surface, contours, surface
from core.drawing.frames import departures, moments
from core.drawing.tables import arrow
from core.instruments.update_rules import charts as charts
from core.instruments.update_rules.runs import (
    TRIED,
    Run,
    arrow_table,
    best_rate,
    caveat,
    conclusion,
    height_axis,
    outcome,
    path_table,
    race_table,
    run_rule,
    square_table,
)
from core.methods.optimizers import UPDATE_RULES
from core.words import number
from pages.session import runs
from pages.session.link_words import WORDS
from pages.widgets import cards, link_fields

_TALLEST = 420  # px of a slide: under it stand numbers and a sentence
_EACH_STEP = 100  # up to so many steps the play bar stops at each
EARLY = 6  # where the play bar begins: arrows and squares are still large
FAIR, SHARED, OWN = WORDS["whose-rate"].field.choices
_PLACES = {name: place for place, name in enumerate(UPDATE_RULES)}
_TITLES = {rule.title: name for name, rule in UPDATE_RULES.items()}
_SQUARES = "Squares: the size of slope it remembers along w and along b; each step is divided by it. "


def rules() -> tuple[str, ...]:
    """The update rules to race, in their usual order."""
    first = WORDS["rules"].field.default
    chosen = st.pills(
        "Update rules",
        tuple(_TITLES),
        selection_mode="multi",
        default=first,
        **link_fields.word("rules"),
    )
    return tuple(name for title, name in _TITLES.items() if title in (chosen or first[:1]))


def settings() -> tuple[str, float, int]:
    """(which rates, momentum, steps)."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        explained = (
            "With one rate for all, a race shows only which rule that rate suits. "
            f"Each its own best: the best of {TRIED} rates tried."
        )
        mode = link_fields.choice("whose-rate", explained)
        words = "Of the rules that have one; Adam calls it beta1"
        momentum = link_fields.slider("momentum", step=0.01, help=words, width=240)
        steps = link_fields.stops("steps", width=240)
    return mode, momentum, int(steps)


def run_on_surface(name: str, rule: str, rate: float, momentum: float, steps: int) -> Run:
    """One rule's way, computed once for all sessions."""
    found: Run = runs.once(_run_on_surface, name, rule, rate, momentum, steps)
    return found


def _run_on_surface(name: str, rule: str, rate: float, momentum: float, steps: int) -> Run:
    return run_rule(surface(name), rule, rate, momentum, steps)


def own_best(name: str, rule: str, momentum: float, steps: int) -> float:
    """The rule's own best rate, computed once for all sessions."""
    found: float = runs.once(_best, name, rule, momentum, steps)
    return found


def _best(name: str, rule: str, momentum: float, steps: int) -> float:
    return best_rate(surface(name), rule, momentum, steps)


def card(land: Surface, rule: str, mode: str, shared: float, momentum: float, steps: int) -> Run:
    """One rule: its rate, its way with what it remembers, how it ends."""
    st.markdown(f"#### {UPDATE_RULES[rule].title}")
    rate = own_best(land.name, rule, momentum, steps) if mode != SHARED else shared
    if mode == OWN:
        rate = link_fields.number(f"rate-{rule}", default=rate)
    way = run_on_surface(land.name, rule, rate, momentum, steps)
    squares = way.square is not None
    tables = {
        "contours": runs.once(_contours, land.name),
        "path": arrow(path_table(way)),
        "arrows": arrow(arrow_table(land, way)),
        "squares": arrow(square_table(way)),
        "places": [{"w": w, "b": b} for w, b in land.minima],
    }
    spec = charts.way(cards.theme(), _PLACES[rule], land.w_range, land.b_range, squares)
    words = f"{UPDATE_RULES[rule].title} at learning rate {number(rate)}. {outcome(way, steps)}"
    name = f"{UPDATE_RULES[rule].title}: path over w and b"
    cards.chart(spec, tables, alt=f"{words} {land.shape}", key=f"way-{rule}", name=name, tallest=_TALLEST)
    cards.numbers({"learning rate": rate, "final height": float(way.height[-1])})
    st.markdown(outcome(way, steps))
    return way


def _contours(name: str) -> object:
    return arrow(contours(surface(name)))


def legend(ways: Mapping[str, Run]) -> None:
    """What arrows and squares are."""
    velocity = any(way.velocity is not None for way in ways.values())
    squares = any(way.square is not None for way in ways.values())
    st.caption(
        "Plain arrow: straight downhill, where gradient descent would go. "
        + ("Coloured arrow: the velocity it remembers. " if velocity else "")
        + (_SQUARES if squares else "")
        + "Sizes are drawn by their square root, so that small ones can be seen. Crosses: lowest points."
    )


def race(land: Surface, ways: Mapping[str, Run], steps: int, fair: bool) -> None:
    """All rules side by side: heights, and how near each is to its own stability line."""
    names, places = tuple(ways), tuple(_PLACES[name] for name in ways)
    titles = tuple(UPDATE_RULES[name].title for name in names)
    axis, rows, said = height_axis(ways), race_table(ways), conclusion(ways, fair)
    table, left = arrow(rows), departures(rows, axis, dict(zip(names, titles, strict=True)), "step")
    with st.grid(2, min_column_width=420, gap="large"):
        with st.container():
            st.markdown("#### The race")
            spec = charts.heights(cards.theme(), names, titles, places, steps, axis)
            words = f"Height against step. {said.replace('*', '')} {left}".strip()
            named = "Height against step, every rule"
            cards.chart(spec, {"ways": table}, alt=words, key="heights", name=named, tallest=_TALLEST)
            if left:
                st.caption(f"{left} A triangle marks it.")
            st.markdown(f":material/flag: {said} {caveat(land, ways)}")
        with st.container():
            st.markdown("#### How close each is to becoming unstable")
            spec = charts.shares(cards.theme(), names, titles, places, steps)
            words = "Learning rate times sharpness over what makes each rule unstable, against step."
            named = "How close each is to becoming unstable"
            cards.chart(spec, {"ways": table}, alt=words, key="shares", name=named, tallest=_TALLEST)
            st.markdown(
                "Rate × sharpness, with each rule's own scaling, divided by where that rule becomes unstable: "
                "**above 1 it is unstable**. On a quadratic gradient descent and momentum keep one value. RMSprop "
                "and Adam divide by an average of recent gradients, so their value can rise when these get small. "
                "Adagrad sums all gradients, so there its value only falls."
            )


def formulas(chosen: tuple[str, ...]) -> None:
    """The formulas as they run."""
    sources = dict.fromkeys(inspect.getsource(UPDATE_RULES[name].update) for name in chosen)
    with st.expander("The code of these rules, as it ran", icon=":material/code:"):
        st.code("\n\n".join(source.strip() for source in sources), language="python")


def stops(steps: int) -> list[int]:
    """The steps the play bar stops at: each of the first hundred, then fewer."""
    return list(range(steps + 1)) if steps <= _EACH_STEP else moments(steps)
