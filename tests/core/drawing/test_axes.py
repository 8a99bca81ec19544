"""Numbers on axes and in tooltips are written as texts write them; Vega itself says what it draws."""

from __future__ import annotations

import re
from html import unescape

import altair as alt
import numpy as np
import vl_convert

from core.drawing.axes import COUNTS, POWERS, POWERS_OF_COUNTS
from core.drawing.chart_parts import told
from core.words import number

RNG = np.random.default_rng(0)


def drawn(expression: str | None, values: list[float]) -> list[str]:
    """What Vega writes for these values, one below the other."""
    rows = alt.Chart(alt.InlineData([{"value": value, "place": place} for place, value in enumerate(values)]))
    made = told(rows, "value") if expression is None else rows.transform_calculate("value_words", expression)
    spec = made.mark_text().encode(y=alt.Y("place:O", axis=None), text="value_words:N").to_dict()
    return [unescape(words) for words in re.findall(r"<text[^>]*>([^<]*)</text>", vl_convert.vegalite_to_svg(spec))]


def test_a_tooltip_says_a_number_as_a_text_does():
    edges = [9.9995e-4, 9.9994e-4, 999.96, 999.94, 999_949, 999_951, 1e-300, 1e308, 9.996e-5, 9.9949e-5, 0.0]
    values = [*edges, *(10 ** RNG.uniform(-30, 30, 200)).tolist(), *(-(10 ** RNG.uniform(-9, 9, 100))).tolist()]
    # Rounded beforehand, as Vega and Python part on what lies in the middle of two.
    values = [float(f"{value:.5g}") for value in values if not f"{value:.5g}".rstrip("0").endswith("5")]
    assert drawn(None, values) == [number(value) for value in values]


def test_a_log_axis_names_powers_of_ten_by_superscripts():
    values = [10.0**power for power in (-300, -12, -3, -1, 0, 1, 2, 3, 7, 28, 308)]
    assert drawn(POWERS, values) == ["10⁻³⁰⁰", "10⁻¹²", "10⁻³", "10⁻¹", "1", "10", "10²", "10³", "10⁷", "10²⁸", "10³⁰⁸"]
    assert drawn(POWERS, [-1000.0, -1.0, 0.0, 1000.0]) == ["−10³", "−1", "0", "10³"]


def test_what_is_counted_is_a_number_until_it_is_long():
    counts = [0.0, 1.0, 10.0, 1000.0, 10_000.0, 100_000.0, 1e6]
    assert drawn(POWERS_OF_COUNTS, counts) == ["0", "1", "10", "1,000", "10,000", "10⁵", "10⁶"]
    assert drawn(COUNTS, [0.0, 80_000.0, 2.5e6, -0.5, -2e-4]) == [
        "0",
        "80,000",
        "2.5\u00a0×\u00a010⁶",
        "−0.5",
        "−2\u00a0×\u00a010⁻⁴",
    ]
