"""What every page shares: its settings, the navigation, and on the lab's pages the experiment of the link."""

from itertools import chain
from pathlib import Path

import streamlit as st

from core import NETWORK_PRESETS, SCHEDULE_PRESETS, SWEEP_PRESETS, Experiment
from pages.learn import lesson
from pages.lecture import history, lock, share, slides, takeaway
from pages.session import lecture_words, link, live, navigation, page_charts, travel, unknown_address
from pages.session.navigation import entry, light

st.set_page_config(
    page_title="Learning-Rate Lab",
    page_icon=str(Path(__file__).parent / "icon.svg"),
    layout="wide",
    initial_sidebar_state="auto",
)
lessons = lesson.pages()
lab = {
    entry("lab/compare/page.py", title="Compare", url_path="compare", default=True): Experiment(),
    entry("lab/network/page.py", title="Network", url_path="network"): NETWORK_PRESETS["circles"].experiment,
    entry("lab/sweep/page.py", title="Sweep", url_path="sweep"): next(iter(SWEEP_PRESETS.values())),
    entry("lab/range_test/page.py", title="Range test", url_path="range-test"): SWEEP_PRESETS["The article's line"],
    entry("lab/schedules/page.py", title="Schedules", url_path="schedules"): next(iter(SCHEDULE_PRESETS.values())),
}
compare, network, sweep, range_test, schedules = lab
finding = [
    sweep,
    range_test,
    entry("lab/trainability/page.py", title="Map", url_path="map"),
]
stepping = [
    entry("lab/update_rules/page.py", title="Optimizers on surfaces", url_path="update-rules"),
    schedules,
    entry("lab/self_choosing/page.py", title="Line search & adaptive steps", url_path="self-choosing"),
]
diagnose = entry("lab/diagnose/page.py", title="Diagnose my run", url_path="diagnose")
own_data = entry("lab/own_data/page.py", title="My data", url_path="data")
class_room = entry("room/host.py", title="Class room", url_path="class-room")
hall = entry("room/hall.py", title="Hall of a class room", url_path="hall", hidden=True)
alone = [compare, network, diagnose, own_data]
glossary = entry("learn/glossary.py", title="Glossary", url_path="glossary")
papers = entry("lab/papers/page.py", title="Papers", url_path="papers")
groups = {
    "Find a rate": finding,
    "Optimizers & schedules": stepping,
    "Lessons": [*lessons, papers, glossary, class_room],
}
sections = {"": alone, **groups}
page = st.navigation(
    {**sections, "": [*alone, hall, *unknown_address.pages(sections, hall)]}, position="top", expanded=True
)
navigation.close_on_a_phone()
light([page in group for group in groups.values()], after=len(alone))
came_from = st.session_state.get("page")
st.session_state.page, st.session_state.lessons, st.session_state.experiment_pages = page, lessons, lab
st.session_state.pages = [*chain(*sections.values())]
history.go()
st.html(Path(__file__).parent / "frame.css")
lecture_words.read()
lock.begin()
if presents := lecture_words.presents() and page not in (class_room, hall):
    slides.bar()
notes = st.container()
if page in lab:
    name = page.url_path or "compare"  # Streamlit empties the path of the default page
    before = came_from if came_from is not None and came_from.url_path != page.url_path else None
    link.read(name, lab[page], arrived=before is not None)
    link.to_its_page(name)
    if before is not None:
        travel.arrived(before)
    with st.container():  # there with and without words, so that what follows keeps its place and is not drawn anew
        link.show_repairs()
    link.write()  # before the page runs: what takes long to train is in the address bar while it does
page_charts.begin()
if page is not network:
    live.leave()
if presents:
    share.opening()
page.run()
with notes:
    lock.tell_unknown()
if page not in lessons:  # they have a foot of their own
    takeaway.popover(page.url_path or "compare")
