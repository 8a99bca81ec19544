"""What pages are built of: the lane card, charts with words beside them, receipts and downloads."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from core import Diagnosis, Experiment, History, dataset, stability_limit
from core.charts import COLOURS, ZONES, Spec, lane_colours, loss_curve, meter_gauge
from core.export import to_csv
from core.frames import LANE_LETTERS, Axis, Table, other_scaling
from core.training import TORCH_MISSING, torch_is_installed
from core.words import number
from pages import controls, runs

_TITLES = {"low": "Too low", "good": "Good", "high": "Too high", "open": "Not the rate"}
_METER_HELP = (
    "Learning rate times curvature along the step. Below 1: small and steady. From 1 to 2: each step jumps past "
    "the minimum, yet lands lower. Above 2: each step lands higher."
)
_FAR_APART = 100  # limits that differ by so much deserve a word


def theme() -> str:
    """light or dark, as the reader has it."""
    return "dark" if st.context.theme.type == "dark" else "light"


def chart(spec: Spec, tables: dict[str, Table], *, alt: str, key: str, **options: Any) -> Any:
    """Draw a spec of core/charts.py with this run's tables; `alt` says in words and numbers what it shows."""
    data = {**spec.get("datasets", {}), **tables}
    return st.vega_lite_chart(None, {**spec, "datasets": data}, alt=alt, key=key, **options)


def lane_card(
    history: History,
    lane: int,
    diagnosis: Diagnosis,
    roles: tuple[str, ...],
    curve: Table,
    leave: Table,
    axis: Axis,
) -> None:
    """One learning rate: its controls, its curve, its meter, its numbers and the verdict."""
    letter, role, loss = LANE_LETTERS[lane], roles[lane], history.loss[lane]
    mine, exits = curve[curve["lane"] == letter], leave[leave["lane"] == letter]
    st.html(f'<div class="lane-title"><span style="background:{COLOURS[role][0]}">{letter}</span>{_TITLES[role]}</div>')
    controls.learning_rate(lane)
    chart(
        loss_curve(theme(), role, lane_colours(roles)[lane], axis.low, axis.high, history.experiment.epochs),
        {"curve": mine[["epoch", "loss"]], "exit": exits[["epoch", "loss", "words"]]},
        alt=f"Loss against epoch at learning rate {number(history.experiment.learning_rates[lane])}: "
        f"from {number(loss[0])} to {number(loss[-1])}. {diagnosis.reason}",
        key=f"loss-{lane}",
    )
    _meter(mine, lane)
    _numbers(history, lane)
    st.markdown(f"**{diagnosis.title}.** {diagnosis.reason}")
    left = f"Left the chart at epoch {exits['left'].iloc[0]:,}. " if len(exits) else ""
    st.caption(left + diagnosis.evidence)
    st.markdown(f":material/arrow_forward: {diagnosis.advice}")


def _meter(curve: Table, lane: int) -> None:
    reading = curve["meter"].iloc[-1]
    if math.isnan(reading):
        words = "not readable"
    else:
        zone = "small and steady" if reading < 1 else "overshoots, converges" if reading < 2 else "unstable"
        words = f"**{number(reading)}** · {zone}"
    st.markdown(f"Meter {words}", help=_METER_HELP)
    chart(
        meter_gauge(theme()),
        {"curve": curve[["epoch", "meter"]]},
        alt=f"Meter {words.replace('*', '')}, on a scale with marks at 1 and 2.",
        key=f"meter-{lane}",
    )


def _numbers(history: History, lane: int) -> None:
    assert history.parameters is not None
    w, b = history.parameters[lane, -1].tolist()
    cells = {"final loss": float(history.loss[lane, -1]), "w": w, "b": b}
    shown = {name: number(value) if abs(value) < float("inf") else "overflow" for name, value in cells.items()}
    # The exact number on demand: hovering shows every digit.
    columns = (f'<div title="{cells[name]!r}"><div>{name}</div><div>{shown[name]}</div></div>' for name in cells)
    st.html(f'<div class="numbers">{"".join(columns)}</div>')


def zone_legend() -> None:
    """The zones of the meter and the ruler: colour and word."""
    entries = (f'<span><i style="background:{colour}"></i>{zone}</span>' for zone, colour in ZONES.items())
    st.html(f'<div class="legend">{"".join(entries)}</div>')


def with_units(name: str, units: str) -> str:
    """What an axis is called: "flipper length (mm)"."""
    return f"{name} ({units})" if units else name


def parity_receipt(experiment: Experiment) -> None:
    """The line that says how far both trainers agree, or why it can't be said."""
    receipt = runs.receipt(experiment)
    if receipt:
        st.markdown(
            ":material/receipt_long: **Parity receipt.** The two trainers, NumPy from scratch and PyTorch, agree to "
            f"**{receipt.difference:.0e}**: the largest relative difference of any loss in the first "
            f"{receipt.epochs} epochs, {receipt.precision}."
        )
    elif torch_is_installed():
        st.caption("PyTorch is still loading; the parity receipt comes with your next change.")
    else:
        st.caption(f"No parity receipt: {TORCH_MISSING}.")


def scaling_note(experiment: Experiment) -> None:
    """Why a rate that is fine elsewhere explodes here: both limits, where scaling x moves them much."""
    limit, other = stability_limit(experiment), stability_limit(other_scaling(experiment))
    if 1 / _FAR_APART < limit / other < _FAR_APART:
        return
    raw, scaled = (other, limit) if experiment.standardize else (limit, other)
    name = dataset(experiment.data, experiment.seed).x_name
    st.info(
        f"**Units decide.** The limit is {number(raw)} with {name} as measured and {number(scaled)} with {name} "
        "standardised, because the loss is steep where x is large. A rate of 0.01 lies between: it explodes on the "
        "one and is fine on the other. The switch is in the settings.",
        icon=":material/straighten:",
    )


def numbers_and_download(history: History) -> None:
    """The run as a table and as a file."""
    with st.container(horizontal=True, vertical_alignment="center"):
        as_table = st.toggle("Show the numbers as a table")
        st.download_button(
            "Download CSV",
            lambda: to_csv(history),
            "learning-rates.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    if as_table:
        st.dataframe(history.frame(points=60), hide_index=True)
