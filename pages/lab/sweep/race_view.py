"""The sweep page's last views: the update rules, or schedules, each at its own best rate."""

import math

import streamlit as st

from core import Experiment
from core.drawing.axes import Axis
from core.drawing.frames import departures
from core.drawing.tables import arrow
from core.instruments.race.charts import by_epoch as epoch_chart
from core.instruments.race.charts import by_rate as rate_chart
from core.instruments.race.race import (
    RUNNERS,
    Race,
    by_epoch,
    by_rate,
    conclusion,
    joined_race,
    loss_axis,
    race_pieces,
    standings,
)
from core.instruments.sweep.sweep import Piece
from core.words import number
from pages.session import runs
from pages.widgets import cards, next_steps
from pages.widgets.affordable import affordable_pieces
from pages.widgets.cards import Place
from pages.widgets.rows import rows

KINDS = {"optimizer": "Update rules", "schedule": "Schedules"}
_FOOT = {
    "optimizer": "Momentum and beta1 are 0.9, the usual first try; all else is torch's default. A rule that wins here "
    "need not win elsewhere.",
    "schedule": "Each at its default shape. Compare noisy steps with clean ones: set the batch size to 4, then to all "
    "points.",
}


def race_card(experiment: Experiment, kind: str, rates: tuple[float, ...], seeds: tuple[int, ...]) -> None:
    """Sweep all of a kind, race them at their own rates, and say who won."""
    asked = affordable_pieces(experiment, lambda one: race_pieces(one, kind, rates, seeds))
    if asked is None:
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"#### {KINDS[kind]}, at every rate")
        over_rates = Place("over-rates")
    with right:
        st.markdown("#### The race, each at its own best rate")
        over_epochs = Place("over-epochs")
    with st.container(key="under-way"):
        words = st.empty()

        def so_far(done: list[Piece]) -> None:
            there = joined_race(experiment, kind, rates, seeds, done)
            words.markdown(f"So far: {len(there.sweeps)} of {len(RUNNERS[kind])} {KINDS[kind].lower()} trained.")
            if there.sweeps:
                _draw((over_rates, over_epochs), there, rates, experiment.epochs, "So far, while others are trained.")

        race = joined_race(experiment, kind, rates, seeds, runs.trained(asked, so_far))
        words.empty()
    _draw((over_rates, over_epochs), race, rates, experiment.epochs, _in_words(race))
    st.markdown(f":material/flag: {conclusion(race)}")
    _table(race)
    st.caption(f"Losses are {f'medians of {len(seeds)} seeds' if len(seeds) > 1 else 'of one seed'}. {_FOOT[kind]}")
    if kind == "optimizer":
        next_steps.to("How do the rules differ?", "lab/update_rules/page.py")
    else:
        next_steps.carry("How does a schedule compare with a constant rate?", "schedules")


def _draw(places: tuple[Place, Place], race: Race, rates: tuple[float, ...], epochs: int, came: str) -> None:
    """Both charts, each in its place.  came: what came of it, in words."""
    runners, losses = RUNNERS[race.kind], loss_axis(race)
    named = tuple(runners), tuple(runners.values())
    spec = rate_chart(cards.theme(), *named, Axis(low=rates[0], high=rates[-1]), losses)
    tables = {"rates": arrow(by_rate(race)), "best": arrow(standings(race))}
    words = f"Final loss against learning rate, a line for each of them. {came}"
    places[0].chart(spec, tables, alt=words, key="race-rates", name="Final loss against learning rate")
    spec = epoch_chart(cards.theme(), *named, epochs, losses)
    ways = by_epoch(race)
    words = f"Loss against epoch, each at its own best rate. {came} {departures(ways, losses, runners)}".strip()
    name = "Loss against epoch, each at its best rate"
    places[1].chart(spec, {"ways": arrow(ways)}, alt=words, key="race-epochs", name=name)


def _in_words(race: Race) -> str:
    rows = standings(race).to_dict("records")
    parts = (f"{RUNNERS[race.kind][row['runner']]} {number(row['loss'])} at {number(row['rate'])}" for row in rows)
    return f"Best losses and rates: {'; '.join(parts)}."


def _table(race: Race) -> None:
    shown = [
        {
            KINDS[race.kind].lower(): RUNNERS[race.kind][row["runner"]],
            "best rate": number(row["rate"]),
            "as good from": number(row["from"]),
            "to": number(row["to"]),
            "final loss": number(row["loss"]),
            "sensitivity": "not told" if math.isnan(row["sensitivity"]) else number(row["sensitivity"]),
        }
        for row in standings(race).to_dict("records")
    ]
    rows(shown, "The best rate of each")
