"""The network page's parts: a lane, the lanes over the run, and what is said of them."""

from typing import Any

import streamlit as st

from core import NETWORK_PRESETS, Experiment
from core.diagnosis.remarks import remarks
from core.drawing.lanes import heading
from core.export import network_drawings
from core.instruments.network.charts import trial_curves
from core.instruments.network.scene import NetworkScene
from core.instruments.network.second_opinion import NAMES, second_opinion
from core.words import LANE_LETTERS
from pages.lab.network import by_hand
from pages.lecture import slides
from pages.session import runs, uploads
from pages.widgets import cards, controls

_TALLEST = 460  # px of a slide, that a lane's picture or its curves may take
_STRAIGHT = "straight-epochs"
_TRAINING = "three networks trained by the advice"
_TEST_HELP = "Trains a third of the rate, three times the rate and a network twice as wide, for as long as this one."


def what_to_look_at(experiment: Experiment) -> None:
    """The preset's own words, while it is shown as it is."""
    for preset in NETWORK_PRESETS.values():
        if preset.experiment == experiment:
            st.info(f"**{preset.title}.** {preset.look} {preset.then}", icon=":material/visibility:")


def odd_data(experiment: Experiment) -> None:
    """What is odd about the data, where anything is."""
    for sentence in remarks(experiment):
        st.caption(f":material/info: {sentence}")


def so_far_in_words(scene: NetworkScene) -> str:
    """How far the run is, and what each lane does."""
    lanes = (
        f"lane {letter} {heading(lane.diagnosis)}" for letter, lane in zip(LANE_LETTERS, scene.lanes, strict=False)
    )
    return f"Trained to epoch {scene.history.done:,}. So far: {', '.join(lanes)}."


def epoch_axis() -> None:
    """Which epoch axis the curves have; a way to look, so it is no part of the link."""
    st.segmented_control(
        "Epoch axis",
        (False, True),
        format_func=lambda straight: "linear axis" if straight else "log axis",
        default=False,
        required=True,
        key=_STRAIGHT,
        label_visibility="collapsed",
        help="The epoch axis: log shows the first epochs in detail, linear shows the later ones.",
    )


def _straight() -> bool:
    return bool(st.session_state.get(_STRAIGHT, False))


def lane_card(scene: NetworkScene, which: int) -> None:
    """One learning rate: what the network says, its losses, meter, sharpness, numbers and verdict."""
    cards.lane_title(scene, which)
    controls.learning_rate(which)
    by_hand.of_lane(scene.history.experiment, which)
    with slides.part("what-the-network-says", which):
        _view(scene, which)
    with slides.part("the-curves", which):
        _losses(scene, which)
    with slides.part("the-meter", which):
        cards.meter(scene, which)
    if scene.history.sharpness is not None:
        with slides.part("sharpness", which):
            _sharpness(scene, which)
    with slides.part("what-happened", which):
        _numbers(scene, which)
        if scene.history.finished:
            changed = any(change.lane == which for change in scene.history.experiment.by_hand())
            with slides.verdict(which):
                cards.verdict(scene.lanes[which], whole=not changed)
            if not scene.history.experiment.changes:  # what it trains has none
                _second_opinion(scene, which)
        else:
            st.caption("So far. It may change until all epochs are trained.")


def _second_opinion(scene: NetworkScene, which: int) -> None:
    """A button that trains the advice, seen while it does, and what came of it."""
    experiment, key = scene.history.experiment, f"opinion-{which}"
    asked = (experiment, which)
    clicked = st.button("Test this diagnosis", key=f"ask-{which}", icon=":material/science:", help=_TEST_HELP)
    kept, opinion = st.session_state.get(key, (None, None))
    if not clicked and kept != asked:
        return
    at = cards.Place(key)
    if clicked:
        diagnosis = scene.lanes[which].diagnosis
        seconds = 3 * experiment.seconds()  # of two more rates and a wider network, at most
        opinion = runs.made(
            second_opinion,
            scene.history,
            diagnosis,
            which,
            seconds=seconds,
            what=_TRAINING,
            key=(second_opinion, *asked),
            seen=lambda curves: _trials(scene, which, curves, at),
        )
        st.session_state[key] = (asked, opinion)
    _trials(scene, which, opinion.curves, at)
    heading = {True: ":material/check: **Confirmed.**", False: ":material/close: **Not confirmed.**", None: ""}
    st.markdown(f"{heading[opinion.right]} {opinion.words}")
    cells = {trial.name: trial.loss for trial in opinion.trials}
    cards.numbers(cells)
    st.caption("Loss at the end of each, median of its last tenth.")


def _trials(scene: NetworkScene, which: int, curves: Any, at: cards.Place) -> None:
    """The losses of the advice and of the lane itself, as far as they are trained."""
    spec = trial_curves(cards.theme(), NAMES, scene.history.experiment.epochs, scene.losses, _straight())
    alt = f"Loss against epoch of lane {LANE_LETTERS[which]} as it was, and of the runs that test its diagnosis."
    name = f"Test of the diagnosis, {cards.at_rate(scene, which)}"
    at.chart(spec, {"trials": curves}, alt=alt, key=f"trials-{which}", name=name)


def _view(scene: NetworkScene, which: int) -> None:
    """What the network says, where that is a picture."""
    data = scene.history.experiment.dataset()
    drawing = network_drawings.view(scene, which, cards.theme())
    if drawing is None:
        st.caption(f"No picture: {data.x.shape[1]} columns lie on no plane. The loss tells how well it fits.")
        return
    cards.draw(drawing, tallest=_TALLEST)
    if "points" in drawing.tables:
        uploads.drawn_note(len(data.y))


def _losses(scene: NetworkScene, which: int) -> None:
    drawing = network_drawings.losses(scene, which, cards.theme(), _straight())
    cards.draw(drawing, tallest=_TALLEST)


def _sharpness(scene: NetworkScene, which: int) -> None:
    if drawing := network_drawings.sharpness(scene, which, cards.theme(), _straight()):
        cards.draw(drawing)


def _numbers(scene: NetworkScene, which: int) -> None:
    history, seen = scene.history, scene.measures
    cells: dict[str, float | None] = {"final loss" if history.finished else "loss now": float(history.loss[which, -1])}
    sound = bool(seen.sound[which, -1])
    if history.test_loss is not None:
        cells["held out"] = float(history.test_loss[which, -1])
    if seen.accuracy is not None:
        cells["accuracy, %"] = 100 * float(seen.accuracy[which, -1]) if sound else None
    if seen.dead.shape[2]:
        cells[f"dead of {seen.dead.shape[2]}"] = float(seen.dead[which, -1].sum()) if sound else None
    cards.numbers(cells)


def over_the_run(scene: NetworkScene) -> None:
    """Accuracy, gradient norm and dead units of all lanes."""
    with slides.slide("over-the-run"):
        cards.lane_legend(scene)
        with cards.side_by_side(290):
            for drawing in network_drawings.over_the_run(scene, cards.theme(), _straight()):
                cards.draw(drawing)
