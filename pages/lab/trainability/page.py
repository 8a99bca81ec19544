"""The trainability map: a rate for each layer, 128 x 128 networks, and a boundary to zoom into."""

import streamlit as st

from core.instruments.trainability.charts import BOX, trainability_map
from core.instruments.trainability.pictures import picture, pictures
from core.instruments.trainability.trainability import BANDS, SECONDS, SIDE, STEPS, Trainability, Window, band, joined
from core.words import number
from pages.lecture import share
from pages.session import runs
from pages.session.link_words import WORDS
from pages.session.sent import understood
from pages.widgets import cards, next_steps
from pages.widgets.terms import linked

FIELD = WORDS["window"].field
NAME = "Which learning rates of two layers train"


def window() -> Window:
    """The piece of the map that the link asks for; what can't be is told, and the whole map shown."""
    word, repairs = FIELD.read(st.query_params.get_all(FIELD.name) or FIELD.write(FIELD.default))
    if repairs:
        st.warning("This link asks for a piece of the map that can't be; here is all of it.", icon=":material/info:")
    return Window.from_word(word)


def look_at(piece: Window) -> None:
    """Put another piece into the link."""
    st.query_params[FIELD.name] = piece.to_word()


def take_box(key: str) -> None:
    """Zoom into the box that was drawn."""
    if (sides := understood(lambda: _sides(st.session_state[key]["selection"][BOX]))) is None:
        return
    try:
        look_at(Window(**sides))
    except ValueError:
        st.session_state.too_close = True


def _sides(box: dict[str, list[float]]) -> dict[str, float]:
    (left, right), (low, high) = sorted(map(float, box["first"])), sorted(map(float, box["second"]))
    return {"left": left, "right": right, "low": low, "high": high}


def so_far(bands: list[Trainability]) -> None:
    """Draw the rows that are trained."""
    rows = len(bands) * SIDE // BANDS
    words.markdown(f"So far: {rows} of {SIDE} rows, from the lowest rates of layer 2 up.")
    tables = {"picture": pictures(bands), "corners": corners}
    place.chart(spec, tables, alt="The map so far, row by row, while others are trained.", key=key, name=NAME)


here = window()
share.heading(
    linked(
        "## Where a network trains\nTwo layers, a learning rate for each: every pixel is a network that was trained. "
        "**Drag a box on the picture to zoom in.**",
        "learning rate",
    )
)
with st.container(horizontal=True):
    whole = here == Window()
    st.button("The whole map", on_click=look_at, args=(Window(),), disabled=whole, icon=":material/zoom_out_map:")
    st.button("Zoom out", on_click=look_at, args=(here.widened(2),), icon=":material/zoom_out:")
if st.session_state.pop("too_close", False):
    st.caption("Closer than this, two learning rates are one number.")
shown, said = st.columns([3, 2], gap="large")
with shown, st.container(key="map-picture"):
    place = cards.Place("map")
key = f"map-{here.to_word()}"  # of each piece a chart of its own: a box drawn on another is not on this one
spec = trainability_map((here.left, here.right), (here.low, here.high))
corners = {"first": [here.left, here.right], "second": [here.low, here.high]}
with said, st.container(key="under-way"):
    words = st.empty()
    asked = [(here, which) for which in range(BANDS)]
    done = runs.one_by_one(band, asked, [SECONDS / BANDS] * BANDS, "the map's networks", so_far)
    words.empty()
found = joined(done)
trained = float((found.measure > 0).mean())
alt = (
    f"{SIDE} times {SIDE} pairs of learning rates, of layer 1 from {number(here.left)} to {number(here.right)}, of "
    f"layer 2 from {number(here.low)} to {number(here.high)}: {trained:.0%} trained."
)
tables = {"picture": {"image": [picture(found)], "top": [0.0], "part": [1.0]}, "corners": corners}
place.chart(spec, tables, alt=alt, key=key, name=NAME, on_select=lambda: take_box(key), selection_mode=BOX)
with said:
    st.markdown(
        "**Blue: the loss fell**; the stronger the colour, the faster. **Orange: it did not fall**; the stronger the "
        f"colour, the closer it came. In this window {trained:.0%} of {SIDE * SIDE:,} networks trained, {STEPS} steps "
        "each.\n\n"
        "All start from the same weights on the same 8 points; they differ in their two rates alone. Far from the "
        "boundary, neighbours behave alike. Along the boundary a rate a thousandth higher may train where its "
        "neighbour does not: zoom in, and it is as ragged as before. So **no digit of a rate near the boundary can be "
        "trusted**; stay well below it."
    )
    st.caption(
        "The network is v · tanh(W x), 4 inputs, 8 hidden units, no biases; loss: mean squared error, not half of it; "
        "full batch; single precision. After Sohl-Dickstein (2024), The boundary of neural network trainability is "
        "fractal."
    )
    next_steps.to("Which rate is best where all layers share one?", "lab/sweep/page.py")
