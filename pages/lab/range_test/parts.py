"""The range test page's parts: its settings, its run, its two charts, the table and what they say."""

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import Experiment
from core.instruments.range_test.charts import range_curve, trial_curve
from core.instruments.range_test.rules import RULES
from core.instruments.range_test.scene import CurveScene, RangeScene, curve_scene
from core.instruments.range_test.trial import check, how_clear, range_seconds, range_test
from core.words import many, number
from pages.session import extras, runs
from pages.widgets import cards, sweep_cards
from pages.widgets.rows import rows

_TALLEST = 460  # px of a slide: above it stands a sentence, and below it another
_SHOWN = {
    "suggestion": "Suggests",
    "ratio": "Times the best rate",
    "final_loss": "Ends at loss",
    "regret": "Regret",
}


def sidebar() -> tuple[float, float]:
    """What is trained and swept, as on the sweep page, and from where to where the range test's rate rises."""
    sweep_cards.start_from()
    st.markdown("##### The range test")
    sweep_cards.extra("range-low", "The rate rises from")
    sweep_cards.extra("range-high", "to")
    sweep_cards.swept()
    return extras.number("range-low"), extras.number("range-high")


def run(
    experiment: Experiment,
    rates: tuple[float, ...],
    seeds: tuple[int, ...],
    ends: tuple[float, float],
) -> RangeScene:
    """Both charts, which fill in: the range test of the first seed at once, then what training says, seed by seed."""
    with st.grid(2, min_column_width=420, gap="large"):
        left, right = st.container(), st.container()
    with st.container(key="under-way"):
        words = st.empty()
        first = range_seconds(experiment)
        test = runs.made(range_test, experiment, *ends, seconds=first, what="the steps of the range test")
        with left:
            test_card(curve_scene(experiment, test), len(seeds))
        with right:
            st.markdown("#### What training says\nEach suggestion was trained for all epochs, and so was a sweep.")
            place = cards.Place("range")

        def show(scene: RangeScene) -> None:
            so_many = f"{len(scene.trial.tests)} of {many(len(seeds), 'seed')}"
            words.markdown(f"So far: {so_many} trained at {len(rates)} rates and at each suggestion.")
            _sweep_chart(place, scene, "So far, while other seeds are trained.")

        scene = runs.run_trial(experiment, rates, seeds, ends, show)
        words.empty()
    with right:
        sweep_card(place, scene)
    return scene


def legal(low: float, high: float) -> bool:
    """Whether a range test can go from low to high; where not, the page says why."""
    try:
        check(low, high)
    except ValueError as refusal:
        st.warning(f"This range test can't be run: {refusal}.", icon=":material/info:")
        return False
    return True


def test_card(scene: CurveScene, seeds: int) -> None:
    """The range test of the first of so many seeds, and what each rule reads off it."""
    st.markdown(
        "#### What the rules read\nA range test is one short run whose learning rate rises at every step; a rule "
        "reads a rate off the loss."
    )
    marks = ", ".join(f"{row['words']} {number(row['rate'])}" for row in scene.test["marks"].to_pylist())
    cards.chart(
        range_curve(cards.theme(), scene.rates, scene.losses, scene.test_rows),
        scene.test,
        alt=f"Loss of each step against its learning rate, of the first seed. Suggestions: {marks or 'none'}.",
        key="range-test",
        name="Range test: loss against learning rate",
        tallest=_TALLEST,
    )
    of = " All of it is of the first seed; the table has medians." if seeds > 1 else ""
    st.caption(f"Dots: the loss of each step; line: smoothed as fastai does.{of}")
    st.markdown(_blow_up(scene))


def _blow_up(scene: CurveScene) -> str:
    """What the blow-up point is worth, with the measured ratio where the limit is known."""
    if math.isnan(scene.blow_up):
        return "The smoothed loss never rose to 4 times its lowest: this test blew up nowhere."
    words = (
        f"It blew up at {number(scene.blow_up)}, and that is not the largest stable rate: an instability takes "
        "steps to grow, and smoothing hides it meanwhile."
    )
    if math.isnan(scene.limit):
        return f"{words} Theory does not know the true limit here."
    return f"{words} The true limit is {number(scene.limit)}: **{scene.blow_up / scene.limit:.1f} times** lower."


def sweep_card(place: cards.Place, scene: RangeScene) -> None:
    """The sweep, with each suggestion where it really ended."""
    best = scene.trial.seeds
    rate = best["best_rate"].median()
    found = "Every rate of the sweep overflowed." if math.isnan(rate) else f"Best rate of the sweep: {number(rate)}."
    _sweep_chart(place, scene, found)
    edge = " In some seeds the best rate is the first or last of the sweep: a better one may lie beyond."
    st.caption(
        f"Lines: the sweep, one a seed. Dots: suggestions, at the loss they reached; dashed: their median."
        f"{edge if best['on_edge'].any() else ''}"
    )


def _sweep_chart(place: cards.Place, scene: RangeScene, found: str) -> None:
    epochs = scene.trial.experiment.epochs
    spec = trial_curve(cards.theme(), scene.swept, scene.ends, scene.sweep_rows, epochs)
    words = f"Loss after {many(epochs, 'epoch')} against the learning rate. {found}"
    name = "Trained: final loss against learning rate"
    place.chart(spec, scene.sweep, alt=words, key="range-sweep", name=name, tallest=_TALLEST)


def standing_card(scene: RangeScene) -> None:
    """Which rule did best, and the medians of all."""
    winner, seeds = scene.trial.winner(), len(scene.trial.tests)
    if winner:
        st.markdown(
            f":material/trophy: **{RULES[winner].title}** did best here: {RULES[winner].words} "
            "That depends on the problem, the batch and the budget: with other settings another rule wins. "
            f"{how_clear(scene.trial)}"
        )
    else:
        st.markdown("No rule did best here: none always answered with a rate that trains.")
    rows([_row(row, seeds) for row in scene.standing.to_dict("records")], "How the rules did")
    of = f"Medians of {seeds} seeds. " if seeds > 1 else ""
    st.caption(
        f"{of}Regret: final loss − lowest final loss of the sweep; below 0 the rule beat every rate that was swept."
    )
    st.download_button(
        "Download CSV",
        lambda: scene.trial.table.to_csv(index=False),
        "range-test.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    if len(rates := scene.suggested()) > 1:
        sweep_cards.side_by_side(rates, scene.trial.experiment, "these suggestions")


def _row(row: Mapping[Any, Any], seeds: int) -> dict[str, str]:
    """A rule in words: nothing found is a dash, and how often it overflowed is told."""
    read = {title: "–" if math.isnan(row[name]) else number(row[name]) for name, title in _SHOWN.items()}
    return {"Rule": row["title"], **read, "Answered": f"{row['found']} of {seeds}", "Overflowed": str(row["diverged"])}
