"""What pages are built of: the lane card, charts with words beside them, receipts and downloads."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import Experiment, History
from core.drawing.chart_parts import ZONE_COLOURS, Spec, for_a_hall, for_streamlit
from core.drawing.charts import lane_colours, lane_looks, on_colour
from core.drawing.lanes import Lane, about_meter, heading, meter_in_words
from core.drawing.lines import lines
from core.drawing.picture import Picture
from core.export import network_drawings
from core.export.chart_files import Drawing
from core.instruments.compare.scene import Scene
from core.instruments.network.scene import NetworkScene
from core.training.parity import Parity
from core.training.train import TORCH_MISSING, torch_is_installed
from core.words import LANE_LETTERS, many, number, readable
from pages.lecture import slides
from pages.session import lecture_words, page_charts, runs
from pages.widgets.play_bar import moving_chart
from pages.widgets.terms import linked
from server import stage_files

AnyScene = Scene | NetworkScene
theme = page_charts.theme

# Glyphs of the icon font that Streamlit brings.
_ICONS = {"low": "hourglass_empty", "good": "check_circle", "high": "trending_up", "open": "help"}
_POINTERS = "The full pointer follows the play bar; the hollow one stands at the largest reading."


def chart(
    spec: Spec,
    tables: Mapping[str, Any],
    *,
    alt: str,
    key: str,
    name: str,
    tallest: int = slides.TALLEST,
    follows: bool = True,
    **options: Any,
) -> Any:
    """Draw a spec with this run's tables (Arrow or data frames); `alt` says in words and numbers what it shows.

    name: what it is called where it is taken away: what is drawn against what, in at most some 45 letters.
    tallest: px it may take of a slide.
    follows: whether it follows the page's play bar, where it has one.
    """
    page_charts.chart(spec, tables, alt, key, name)
    in_a_hall = lecture_words.presents()
    if in_a_hall:
        spec = for_a_hall(spec, theme(), tallest)
    sized = in_a_hall and stage_files.served() and not options  # by the browser, as high as its screen allows
    if follows and (sized or page_charts.follows(spec)):
        return moving_chart(spec, tables, alt, key)
    drawn = {**for_streamlit(spec, theme()), "datasets": tables}
    return st.vega_lite_chart(None, drawn, alt=alt, key=key, **options)


class Place:
    """Where a chart is drawn, and drawn again as it fills in.

    Unlike st.empty it is not emptied when the page runs anew, at which charts would blink.
    """

    def __init__(self, name: str) -> None:
        with st.container(key=f"fills-in-{name}", gap=None):
            self._at, self._whole = st.container(gap=None), st.container(gap=None)
        self._fills_in = False

    def clear(self) -> None:
        """Let go of what a run before has left here: this one has nothing to draw yet."""
        self._at, self._whole = _emptied(self._at), _emptied(self._whole)

    def chart(self, spec: Spec, tables: Mapping[str, Any], whole: bool = True, **options: Any) -> None:
        """As `chart`. While it fills in with the same alt each time: with another Streamlit would draw all anew.

        whole: whether all is trained; only then it follows a play bar, in the place of what there was so far.
        """
        if whole and page_charts.follows(spec):
            with self._whole:
                chart(spec, tables, **options)
        else:
            if not self._fills_in:
                self._whole = _emptied(self._whole)
            self._fills_in = True
            with self._at:
                self._at = chart(spec, tables, follows=False, **options)


def _emptied(place: DeltaGenerator) -> DeltaGenerator:
    """What stands there goes at once, not only when the page has been drawn to its end."""
    return place.html("<i></i>")


def draw(drawing: Drawing, tallest: int = slides.TALLEST) -> None:
    """The same, of what is a drawing already."""
    chart(drawing.spec, drawing.tables, alt=drawing.words, key=drawing.key, name=drawing.name, tallest=tallest)


def picture(drawn: Picture, key: str) -> None:
    """Draw a picture of lines under its title."""
    spec = lines(theme(), drawn.names, drawn.styles, drawn.x, drawn.y, drawn.height, marks="marks" in drawn.tables)
    st.markdown(f"**{drawn.title}**")
    chart(spec, drawn.tables, alt=drawn.alt, key=key, name=drawn.name)


def meter(scene: NetworkScene, which: int) -> None:
    """The lane's meter, in words and as a gauge."""
    experiment = scene.history.experiment
    st.markdown(
        f"Meter {meter_in_words(experiment, scene.lanes[which])}", help=f"{about_meter(experiment)} {_POINTERS}"
    )
    draw(network_drawings.meter(scene, which, theme()))


def side_by_side(least: int, **options: Any) -> AbstractContextManager[Any]:
    """A grid of as many columns as there is room for, each `least` px wide at least: one of those frame.css knows."""
    return st.grid(min_column_width=least, key=f"grid-{least}", **options)


def in_a_row(scene: AnyScene, card: Callable[[Any, int], None]) -> None:
    """The cards of all lanes side by side, as far as the screen is wide."""
    with side_by_side(250, border=True):
        # All places first: else the lanes of the run before stand below the first one while it is drawn.
        places = [st.container(gap="xsmall", key=f"lane-{lane}") for lane in range(len(scene.lanes))]
        for lane, place in enumerate(places):
            with place:
                card(scene, lane)


def at_rate(scene: AnyScene, which: int) -> str:
    """The lane in the name of a chart."""
    return f"lane {LANE_LETTERS[which]}: learning rate {number(scene.history.experiment.learning_rates[which])}"


def lane_title(scene: AnyScene, which: int) -> None:
    """The lane's letter, icon and what its rate is called."""
    role, diagnosis = scene.roles[which], scene.lanes[which].diagnosis
    words = heading(diagnosis) + ("" if scene.history.finished else ", so far")
    card_title(LANE_LETTERS[which], lane_looks(which, theme())[1], words, role, _trained(scene.history.experiment))


def hide_other_lanes(experiment: Experiment) -> None:
    """Until they are drawn anew: Streamlit leaves what a page showed before, below words of this experiment."""
    lane, its_own = '[class*="st-key-lane-"]', f'[data-trained="{_trained(experiment)}"]'
    st.html(f"<style>{lane}:has([data-trained]):not(:has({its_own})) {{ visibility: hidden; }}</style>")


def _trained(experiment: Experiment) -> str:
    """Tells experiments apart that differ in more than rates and epochs."""
    same = replace(experiment, learning_rates=(1.0,), changes=(), epochs=1)
    return f"{hash(same):x}"


def card_title(badge: str, colour: str, words: str, role: str = "", trained: str = "") -> None:
    """A badge in the colour of the card's curve, an icon for its role, and words; trained: for `hide_other_lanes`."""
    shown = f'<span class="letter" style="background:{colour};color:{on_colour(colour)}">{badge}</span>'
    icon = f'<span class="icon" aria-hidden="true">{_ICONS[role]}</span>' if role else ""
    of = f' data-trained="{trained}"' if trained else ""
    st.html(f'<div class="lane-title"{of}>{shown}{icon}<span class="words">{escape(words)}</span></div>')


def verdict(lane: Lane, whole: bool = True) -> None:
    """What the lane does, the numbers behind it, and what to do next.

    whole: it is of the whole run; else its epochs are counted from a change, and those of the chart are not told.
    """
    told = lane.diagnosis
    evidence = f":small[:gray[{_leaving(lane) if whole else ''}{told.evidence}]]"
    st.markdown(f"**{told.title}.** {told.reason}\n\n{evidence}\n\n:material/arrow_forward: {told.advice}")


def _leaving(lane: Lane) -> str:
    if lane.left is None:
        return ""
    epoch, below = lane.left
    return f"Fell below the chart at epoch {epoch:,}. " if below else f"Left the chart at epoch {epoch:,}. "


def numbers(values: Mapping[str, float | None]) -> None:
    """Numbers in a row under their names, rounded; hovering shows every digit. None: there is no such number."""
    shown = {name: _shown(value) for name, value in values.items()}
    columns = (f'<div title="{values[name]!r}"><div>{name}</div><div>{shown[name]}</div></div>' for name in values)
    st.html(f'<div class="numbers">{"".join(columns)}</div>')


def _shown(value: float | None) -> str:
    if value is None:
        return "–"
    return number(value) if abs(value) < float("inf") else "overflow"


def lane_legend(scene: AnyScene) -> None:
    """On a slide that has the lanes in one picture: whose colour is whose, as the lanes themselves are out of sight."""
    if not lecture_words.presents():
        return
    rates = scene.history.experiment.learning_rates
    colours = lane_colours(len(rates), theme())
    entries = (
        f'<span><i style="background:{colour};opacity:1"></i>{letter} · {number(rate)}</span>'
        for letter, colour, rate in zip(LANE_LETTERS, colours, rates, strict=False)
    )
    st.html(f'<div class="legend">{"".join(entries)}</div>')


def zone_legend() -> None:
    """The zones of the meter and the ruler: colour and word."""
    entries = (f'<span><i style="background:{colour}"></i>{zone}</span>' for zone, colour in ZONE_COLOURS.items())
    st.html(f'<div class="legend">{"".join(entries)}</div>')


def parity_receipt(experiment: Experiment, rates: str = "lanes") -> None:
    """The line that says how far both trainers agree, or why it can't be said.  rates: what its rates are called."""
    receipt = runs.receipt(experiment)
    if receipt:
        agree = f"to **{readable(f'{receipt.difference:.0e}')}**" if receipt.difference else "**exactly**"
        words = (
            ":material/receipt_long: **Parity receipt.** The two trainers, NumPy from scratch and PyTorch, agree "
            f"{agree}: the largest relative difference of any loss in the first {many(receipt.epochs, 'epoch')}"
            f"{_compared(experiment, receipt, rates)}, {receipt.precision}."
        )
        st.markdown(linked(words, "Parity receipt"))
    elif torch_is_installed():
        st.caption("PyTorch is still loading; the parity receipt comes with your next change.")
    else:
        st.caption(f"No parity receipt: {TORCH_MISSING}.")


def _compared(experiment: Experiment, receipt: Parity, rates: str) -> str:
    all_rates = len(experiment.learning_rates)
    if receipt.rates == all_rates:
        return "" if rates == "lanes" else f" of all {all_rates} {rates}"
    return f" of the {receipt.rates} of {all_rates} {rates} that stay stable (elsewhere every rounding error grows)"


def numbers_as_table(history: Callable[[], History]) -> None:
    """The run as a table, made once it is asked for."""
    if st.toggle("Show the numbers as a table"):
        st.dataframe(history().frame(points=60), hide_index=True)
