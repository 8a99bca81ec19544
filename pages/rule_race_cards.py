"""The sweep page's fourth view: the update rules, each at its own best rate."""

from __future__ import annotations

import streamlit as st

from core import Experiment
from core.optimizers import UPDATE_RULES
from core.rule_race import RULES, RuleRace, by_epoch, by_rate, joined_race, loss_axis, moral, race_pieces, standings
from core.rule_race_chart import by_epoch as epoch_chart
from core.rule_race_chart import by_rate as rate_chart
from core.scene import arrow
from core.words import number
from pages import cards, runs

_TITLES = tuple(UPDATE_RULES[name].title for name in RULES)


def rule_race_card(experiment: Experiment, rates: tuple[float, ...], seeds: tuple[int, ...]) -> None:
    """Sweep every rule, race them at their own rates, and say who won."""
    asked = runs.affordable_pieces(lambda: race_pieces(experiment, rates, seeds))
    if asked is None:
        return
    race = joined_race(experiment, rates, seeds, runs.trained(asked))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("#### Every rule at every rate")
        _by_rate(race, rates)
    with right:
        st.markdown("#### The race, each at its own best rate")
        _by_epoch(race, experiment.epochs)
    st.markdown(f":material/flag: {moral(race)}")
    _table(race)
    st.caption(
        f"Losses are medians of {len(seeds)} seeds. Momentum and beta1 are 0.9, the usual first try; all else is "
        "torch's default. A rule that wins here need not win elsewhere."
    )


def _by_rate(race: RuleRace, rates: tuple[float, ...]) -> None:
    axis, best = loss_axis(race), standings(race)
    spec = rate_chart(cards.theme(), RULES, _TITLES, (rates[0], rates[-1]), (axis.low, axis.high))
    words = "Final loss against learning rate, a line for each update rule. " + _in_words(race)
    cards.chart(spec, {"rates": arrow(by_rate(race)), "best": arrow(best)}, alt=words, key="race-rates")


def _by_epoch(race: RuleRace, epochs: int) -> None:
    axis = loss_axis(race)
    spec = epoch_chart(cards.theme(), RULES, _TITLES, epochs, (axis.low, axis.high))
    words = "Loss against epoch, each update rule at its own best rate. " + _in_words(race)
    cards.chart(spec, {"ways": arrow(by_epoch(race))}, alt=words, key="race-epochs")


def _in_words(race: RuleRace) -> str:
    rows = standings(race).to_dict("records")
    parts = (f"{UPDATE_RULES[row['rule']].title} {number(row['loss'])} at {number(row['rate'])}" for row in rows)
    return f"Best losses and rates: {'; '.join(parts)}."


def _table(race: RuleRace) -> None:
    rows = standings(race).to_dict("records")
    shown = [
        {
            "update rule": UPDATE_RULES[row["rule"]].title,
            "best rate": number(row["rate"]),
            "as good from": number(row["from"]),
            "to": number(row["to"]),
            "final loss": number(row["loss"]),
            "sensitivity": number(row["sensitivity"]),
        }
        for row in rows
    ]
    st.dataframe(shown, hide_index=True)
