"""The second half of lesson 4: where zig-zags come from, the double valley, the catapult and the budget."""

from collections.abc import Sequence
from typing import Any, Literal

import streamlit as st

from core.drawing.axes import Axis
from core.drawing.chart_parts import Spec
from core.drawing.lines import Fields, lines
from core.drawing.stops import Stop
from core.methods.wide_net import STEPS
from core.story import catapult, maps
from core.story.bifurcation_chart import bifurcation
from core.story.too_high_too_low import budget_belief, budget_table, budgets, zigzags
from core.words import many, number
from pages.learn.gate import gate
from pages.session import runs
from pages.widgets import cards, link_fields
from pages.widgets.dragged import Moved, dragged

_READABLE = 800  # px; wider than that a line of text is hard to follow
_ORBIT = "w against step at rate {}"
_LEGEND = 44  # px a legend takes: added, so that pictures side by side are of one size


def belief(words: str, width: int | Literal["stretch"] = "stretch") -> None:
    """What many believe, and what this page's runs say to it."""
    st.info(words, icon=":material/psychology:", width=width)


def picture(
    table: Any,
    styles: tuple[str, ...],
    x: Axis,
    y: Axis,
    *,
    alt: str,
    key: str,
    name: str,
    marks: Any = None,
    height: int = 240,
) -> None:
    """Named lines (columns name, x, y), with marked points where there are some."""
    names = tuple(dict.fromkeys(table["name"]))
    spec = lines(
        cards.theme(), names, styles, x, y, height=height + _LEGEND * (len(names) > 1), marks=marks is not None
    )
    tables = {"curves": table} | ({} if marks is None else {"marks": marks})
    cards.chart(spec, tables, alt=alt.replace("*", ""), key=key, name=name)


def _lines(
    stops: Sequence[Stop], styles: tuple[str, ...], x: Axis, y: Axis, height: int = 240, leaves: bool = False
) -> Spec:
    """What draws the lines of these stops. leaves: whether it marks where one leaves; their x is called epoch then."""
    names = tuple(dict.fromkeys(stops[0].tables["curves"]["name"]))
    height += _LEGEND * (len(names) > 1)
    of = Fields(x="epoch") if leaves else Fields()
    return lines(cards.theme(), names, styles, x, y, height=height, of=of, leaves=leaves)


def four_zigzags() -> bool:
    """The four places where something does go up and down; whether they are shown."""
    st.markdown("#### Where the zig-zag really lives")
    left, right = st.columns([2, 3], gap="medium", vertical_alignment="center")
    with left:
        curve, begin = runs.once(maps.shape)
        low, high = maps.SIDES
        x, y = Axis(title="w", low=low, high=high), Axis(title="loss", low=0, high=0.6)
        alt = f"Two valleys, at w = −1 and w = 1, a hill between them; w starts at {maps.START}, in the right one."
        name = "Loss against w, two valleys"
        picture(curve, ("one",), x, y, alt=alt, key="valley", name=name, marks=begin, height=180)
    right.markdown(
        "The loss of a line is a bowl, and there plain gradient descent, with all points in each step, never makes "
        f"the loss zig-zag. Most losses are not bowls. Take **{maps.FORMULA}**: two valleys, at w = −1 and w = 1, "
        "and a hill between them. The dot is where "
        f"w starts, {maps.START}."
    )
    if not gate(runs.once(maps.question)):
        return False
    st.markdown("Four places where zig-zags do come from, each counted in its own run:")
    with st.grid(2, min_column_width=320, gap="large"):
        for at, found in enumerate(runs.once(zigzags)):
            with st.container():
                st.markdown(f"##### {found.title}")
                (x, y), key = found.axes, f"zigzag-{at}"
                name = f"Zig-zag {found.title[0].lower()}{found.title[1:]}: {y.title} against {x.title}"
                picture(found.table, found.styles, x, y, alt=found.words, key=key, name=name, height=200)
                st.markdown(found.words)
    return True


def doubling() -> bool:
    """The doubling route to chaos."""
    st.markdown("#### Raise the rate: doubling, then chaos")
    st.markdown(
        "The same valley. Each column of dots is one of 400 rates, trained from the same start for thousands of steps: "
        "it shows which values w visits at the end. One dot: it has settled. Two: it bounces. The doubling ends at "
        "about 1.3023. A "
        "cloud beyond it: w does not repeat; the white stripes are rates where it repeats again."
    )
    with st.grid(4, min_column_width=240):
        rate = link_fields.number("valley-rate", "Any number. Try 1.01, 1.25, 1.3 and 1.45.")
    every, step = (
        bifurcation(cards.theme(), maps.RATES, maps.LIMIT),
        Axis(title="step", low=maps.LATE[0], high=maps.LATE[1]),
    )
    if dragged_rates := runs.once(maps.orbits, rate):
        places, steps = dragged_rates
        one = _lines(steps, ("one",), step, Axis(title="w", low=0, high=1.3), 340)
        late = Moved("bifurcation", "w after many steps against learning rate", every, places)
        dragged("valley-rate", rate, late, Moved("orbit", _ORBIT.format(number(rate)), one, steps))
    else:
        _orbit(runs.once(maps.orbit, rate), rate)
    st.caption(runs.once(maps.milestones))
    return True


def _orbit(found: maps.Orbit, rate: float) -> None:
    """What a rate does that lies outside the picture of all rates."""
    st.markdown(f"**{found.words}**")
    low, high = maps.reach(found.steps)
    first, last = int(found.steps["x"].min()), int(found.steps["x"].max())
    x, y = Axis(title="step", low=first, high=max(last, first + 1)), Axis(title="w", low=low, high=high)
    name = _ORBIT.format(number(rate))
    picture(found.steps, ("one",), x, y, alt=f"{name}. {found.words}", key="orbit", name=name, height=200)


def rising_loss() -> bool:
    """The catapult; whether it is shown."""
    st.markdown("#### A network above its limit")
    if not gate(runs.once(catapult.question)):
        return False
    with st.grid(4, min_column_width=240):
        start = link_fields.number("catapult")
    losses, products = runs.once(catapult.flights, start)
    step, product = Axis(title="step", low=0, high=STEPS), Axis(title="lr × sharpness", low=0, high=5)
    loss = _lines(losses, ("one", "good"), step, catapult.LOSS_AXIS, leaves=True)
    turn = _lines(products, ("one", "open"), step, product, leaves=True)
    up = Moved("catapult-loss", "Loss against step above the limit", loss, losses)
    dragged("catapult", start, up, Moved("catapult-turn", "Rate × sharpness against step", turn, products))
    belief(runs.once(catapult.belief), _READABLE)
    return True


def one_best_rate() -> bool:
    """The best rate against the budget."""
    st.markdown("#### There is no one best rate")
    with st.grid(4, min_column_width=240):
        epochs = link_fields.pick("budget")
    y, stops = runs.once(budgets)
    left, right = st.columns(2, gap="medium")
    with left:
        x = Axis(title="learning rate", low=0, high=float(stops[0].tables["curves"]["x"].max()))
        spec = lines(cards.theme(), ("loss",), ("one",), x, y, marks=True)
        name = f"Loss against learning rate, {many(epochs, 'epoch')}"
        dragged("budget", epochs, Moved("budget-curve", name, spec, stops))
    with right:
        st.markdown(runs.once(budget_table))
        st.caption("The loss after so many epochs, at the best rate of each. Bold: the least of its column.")
    belief(runs.once(budget_belief), _READABLE)
    return True


SECTIONS = (four_zigzags, doubling, rising_loss, one_best_rate)
