"""The end of a verdict or of a page: one link to the page that answers the question it raises."""

from collections.abc import Sequence

import streamlit as st

from core import NETWORK_PRESETS, Diagnosis, Experiment
from core.words import LANE_LETTERS
from pages.session import lecture_words, link, travel

_ICON = ":material/arrow_forward:"
_WIDTHS, _RULES, SCHEDULES = ["2"], ["3"], ["4"]  # views of the sweep
# By Diagnosis.question. Of the page's own experiment: the question, the page that it is taken to, and its view.
OF_LANES: dict[str, tuple[str, str, list[str]]] = {
    "best rate": ("Which rate is best here?", "sweep", ["0"]),
    "range test": ("Would a range test find a good rate?", "range-test", []),
    "schedule": ("Would a rate that falls end lower?", "schedules", []),
    "stuck": ("Would another update rule end lower?", "sweep", _RULES),
    "narrow": ("Would a wider network end lower?", "sweep", _WIDTHS),
}
# Of somebody's own run: the question, the page, and the network's preset that it opens.
OF_A_LOG = {
    "best rate": ("How is a good rate found?", "lab/range_test/page.py", ""),
    "range test": ("Which rule reads a range test best?", "lab/range_test/page.py", ""),
    "schedule": ("When does a rate that falls end lower?", "lab/schedules/page.py", ""),
    "stuck": ("Is it the rate or the model?", "lab/network/page.py", "linear"),
    "edge": ("What is the edge of stability?", "lab/network/page.py", "edge"),
}


def lanes(experiment: Experiment, diagnoses: Sequence[Diagnosis]) -> None:
    """What the verdicts of the page's lanes make one ask, each question once, with the lanes that raise it."""
    raised: dict[str, list[str]] = {}
    for letter, found in zip(LANE_LETTERS, diagnoses, strict=False):
        question = "narrow" if found.question == "stuck" and experiment.hidden else found.question
        raised.setdefault(question, []).append(letter)
    with st.container(horizontal=True, vertical_alignment="center", key="next-steps"):
        for question, letters in raised.items():
            whose = f"{', '.join(letters)}: " if len(raised) > 1 else ""
            if question in OF_LANES:
                carry(OF_LANES[question][0], *OF_LANES[question][1:], whose=whose)
            elif question in OF_A_LOG:
                to(*OF_A_LOG[question], whose=whose)


def log(found: Diagnosis) -> None:
    """What the verdict of somebody's own run makes one ask."""
    if found.question in OF_A_LOG:
        to(*OF_A_LOG[found.question])


def carry(question: str, page: str, view: Sequence[str] = (), whose: str = "") -> None:
    """A link that takes this page's experiment to the page that answers the question."""
    travel.to(page, f":primary[{whose}{question}]", _ICON, **({"map": [*view]} if view else {}))


def to(question: str, path: str, preset: str = "", whose: str = "") -> None:
    """A link to the page that answers the question, as it opens or with a preset of networks."""
    words = link.to(NETWORK_PRESETS[preset].experiment) if preset else lecture_words.words()
    st.page_link(path, label=f":primary[{whose}{question}]", icon=_ICON, query_params=words, width="content")
