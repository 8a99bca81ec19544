"""The schedules page's parts: which schedule, its comparison with the constant rate, what it is."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import streamlit as st

from core import Experiment
from core.drawing.axes import Axis
from core.drawing.frames import departures, moments
from core.drawing.tables import arrow
from core.instruments.schedules import charts
from core.instruments.schedules.comparison import (
    CONSTANT,
    Comparison,
    Runs,
    clean,
    comparison_pieces,
    conclusion,
    explained,
    joined_comparison,
    loss_axis,
    noisy,
    outcome,
    pays,
    runs_so_far,
)
from core.instruments.sweep.sweep import Piece
from core.methods.schedules import TITLES
from core.words import number
from pages.session import link, page_charts, runs
from pages.session.lecture_words import presents
from pages.widgets import next_steps
from pages.widgets.affordable import affordable_pieces
from pages.widgets.cards import Place, theme
from pages.widgets.play_bar import play_bar

T = TypeVar("T")
_KEY = "shape"
_TALLEST = 480  # px of a slide: a title stands above and a sentence below
_KEYS = "noisy", "clean"  # of both comparisons


def shape() -> str:
    """Which schedule is shown: a choice that edits the Experiment's own."""
    names = [name for name in TITLES if name != CONSTANT]
    now = link.current().schedule
    st.session_state[_KEY] = now if now in names else None
    if presents():  # the way to the page stands below, and all of them would leave it no room
        st.selectbox("Schedule", names, format_func=TITLES.__getitem__, key=_KEY, on_change=_take)
    else:
        st.pills("Schedule", names, format_func=TITLES.__getitem__, key=_KEY, on_change=_take)
    return now


def _take() -> None:
    if st.session_state[_KEY] is not None:
        link.change(schedule=st.session_state[_KEY])


def asked(rates: tuple[float, ...], seeds: tuple[int, ...]) -> list[Experiment] | None:
    """All that both comparisons train; None, with a sentence on the page, where they can't be."""

    def both(experiment: Experiment) -> list[Experiment]:
        pair = noisy(experiment), clean(experiment)
        return [piece for one in pair for piece in comparison_pieces(one, rates, seeds)]

    return affordable_pieces(link.current(), both)


class Cards:
    """Both comparisons, side by side under the play bar, which fill in."""

    def __init__(self, titles: Sequence[str], epochs: int) -> None:
        self._titles, self._epochs, self._has_bar = titles, epochs, False
        self._bar, self._places, self._ended = st.container(key="play-bar-line"), [], []
        with st.grid(2, min_column_width=420, gap="large"):
            for key, title in zip(_KEYS, titles, strict=True):
                with st.container():
                    st.markdown(f"#### {title}")
                    # One below the other, so that an epoch stands at one place in both; on a slide there is no room.
                    above, below = st.columns([3, 2]) if presents() else (st.container(), st.container())
                    with above:
                        losses = Place(f"losses-{key}")
                    with below:
                        rates = Place(f"rates-{key}")
                    self._places.append((losses, rates))
                    self._ended.append(st.container())

    def draw(self, pair: Sequence[Runs | None]) -> None:
        """Draw what there is."""
        there = [each for each in pair if each]
        if there and not self._has_bar:
            self._has_bar = True
            with self._bar:
                play_bar(moments(self._epochs))
        for k, drawn in enumerate(pair):
            if drawn:
                self._draw(k, drawn, loss_axis(there))
            else:
                for place in self._places[k]:
                    place.clear()
            if not isinstance(drawn, Comparison):
                self._say(k, "")

    def _say(self, which: int, words: str) -> None:
        """Below one comparison's charts, in the place of what was said of a run before."""
        self._ended[which] = self._ended[which].markdown(words)

    def _draw(self, k: int, drawn: Runs, axis: Axis) -> None:
        """One comparison: loss and rate over one axis of epochs, and who ended lower once that is known."""
        (losses, rates), key = self._places[k], _KEYS[k]
        names, titles = (CONSTANT, drawn.schedule), ("Constant rate", TITLES[drawn.schedule])
        tables, highest = {"runs": arrow(drawn.curves)}, float(drawn.curves["rate"].max())
        left = departures(drawn.curves, axis, dict(zip(names, titles, strict=True)))
        lost, rated = (f"{what} against epoch, so far, while others are trained." for what in ("Loss", "Learning rate"))
        whole = isinstance(drawn, Comparison)
        if isinstance(drawn, Comparison):
            said = outcome(drawn)
            marked = f"\n\n:small[:gray[{left} A triangle marks it.]]" if left else ""
            self._say(k, said + marked)
            lost = f"Loss against epoch. {said.replace('*', '')} {left}".strip()
            rated = (
                f"The learning rate against epoch: constant at {number(drawn.rates[0])}, and {titles[1].lower()} up "
            )
            rated += f"to {number(highest)}."
        spec = charts.losses(theme(), names, titles, self._epochs, axis)
        losses.chart(
            spec,
            tables,
            whole,
            alt=f"{lost} {self._titles[k]}.",
            key=f"losses-{key}",
            name=f"Loss. {self._titles[k]}",
            tallest=_TALLEST,
        )
        spec = charts.rates(theme(), names, titles, self._epochs, highest)
        rates.chart(
            spec, tables, whole, alt=f"{rated} {self._titles[k]}.", key=f"rates-{key}", name=f"Rate. {self._titles[k]}"
        )


def compare(
    cards: Cards,
    experiments: tuple[Experiment, Experiment],
    rates: tuple[float, ...],
    seeds: tuple[int, ...],
    asked: list[Experiment],
) -> tuple[Comparison, Comparison] | None:
    """Both comparisons, drawn curve by curve as they are trained; None, with a sentence, where one always overflows."""
    half = len(asked) // 2

    def both(make: Callable[..., T | None], done: list[Piece]) -> list[T | None]:
        parts = zip(experiments, (done[:half], done[half:]), strict=True)
        return [make(one, rates, seeds, part) for one, part in parts]

    with st.container(key="under-way"):
        words, drawn = st.empty(), -1

        def so_far(done: list[Piece]) -> None:
            nonlocal drawn
            whole = 2 * len(done) // half
            if whole > drawn:  # no curve is drawn, which takes a run, for nothing
                drawn = whole
                words.markdown(f"So far: {whole} of 4 curves. Each is of the best of {len(rates)} rates.")
                cards.draw(both(runs_so_far, done))

        noisy, clean = both(joined_comparison, runs.trained(asked, so_far))
        words.empty()
    if noisy is None or clean is None:
        st.warning("At every one of these rates half of the runs overflow: sweep lower ones.", icon=":material/info:")
        return None
    cards.draw((noisy, clean))
    return noisy, clean


def what_it_says(pair: tuple[Comparison, Comparison], experiment: Experiment) -> None:
    """Both comparisons in a sentence or two.  experiment: the noisy one, to take the scheduled run away by."""
    best = pair[0].rates[1]
    words = f"Of the noisy run with the schedule, at its best rate, {number(best)}."
    page_charts.code(replace(experiment, learning_rates=(best,), sharpness=0), words)
    st.markdown(f":material/flag: {conclusion(*pair)}")
    if experiment.schedule.startswith("warm-up") and not any(map(pays, pair)):
        next_steps.to("When does warm-up help?", "lab/network/page.py", "warm-up")
    else:
        next_steps.carry("Which schedule is best here?", "sweep", next_steps.SCHEDULES)


def formula(schedule: str) -> None:
    """What the schedule does, its formula and its code."""
    words, code = explained(schedule)
    with st.expander(f"{TITLES[schedule]}: the formula, and the code as it ran", icon=":material/code:"):
        st.code(words.strip(), language=None, wrap_lines=True)
        st.code(code.strip(), language="python")
