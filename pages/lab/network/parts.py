"""The network page's parts: a lane, the lanes over the run, and what is said of them."""

from collections.abc import Mapping

import streamlit as st

from core import NETWORK_PRESETS, Experiment
from core.diagnosis.remarks import remarks
from core.diagnosis.theory import edge
from core.drawing.axes import padded
from core.drawing.charts import loss_curve
from core.drawing.lanes import curve_in_words, heading
from core.instruments.network.charts import confusion, fitted_curve, over_epochs, sharpness_curve, surface
from core.instruments.network.pictures import POINT_COLOURS, SCALE_COLOURS, plane
from core.instruments.network.scene import NetworkScene
from core.instruments.network.second_opinion import second_opinion
from core.training.problems import problem
from core.words import LANE_LETTERS, number
from pages.lab.network import by_hand
from pages.lecture import slides
from pages.session import runs, uploads
from pages.widgets import cards, controls

_TALLEST = 440  # px of a slide, that what the network says may take
_STRAIGHT = "straight-epochs"
_TRAINING = "three networks trained by the advice"
_TEST_HELP = "Trains a third of the rate, three times the rate and a network twice as wide, for as long as this one."


def what_to_look_at(experiment: Experiment) -> None:
    """The preset's own words, while it is shown as it is."""
    for preset in NETWORK_PRESETS.values():
        if preset.experiment == experiment:
            st.info(f"**{preset.title}.** {preset.look}", icon=":material/visibility:")


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
        format_func=lambda straight: "even axis" if straight else "log axis",
        default=False,
        required=True,
        key=_STRAIGHT,
        label_visibility="collapsed",
        help="The epoch axis: log gives the first epochs room, even shows what lasts.",
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
        cards.meter(scene, which)
    if scene.history.sharpness is not None:
        with slides.part("sharpness", which):
            _sharpness(scene, which)
    with slides.part("what-happened", which):
        _numbers(scene, which)
        if scene.history.finished:
            cards.verdict(scene.lanes[which])
            if not scene.history.experiment.changes:  # what it trains has none
                _second_opinion(scene, which)
        else:
            st.caption("So far. It may change until all epochs are trained.")


def _second_opinion(scene: NetworkScene, which: int) -> None:
    """A button that trains the advice, and what came of it."""
    key = f"opinion-{which}"
    asked = (scene.history.experiment, which)
    if st.button("Test this diagnosis", key=f"ask-{which}", icon=":material/science:", help=_TEST_HELP):
        experiment, diagnosis = scene.history.experiment, scene.lanes[which].diagnosis
        seconds = 3 * experiment.seconds()  # of two more rates and a wider network, at most
        found = runs.made(
            second_opinion,
            scene.history,
            diagnosis,
            which,
            seconds=seconds,
            what=_TRAINING,
            key=(second_opinion, *asked),
        )
        st.session_state[key] = (asked, found)
    kept, opinion = st.session_state.get(key, (None, None))
    if opinion is None or kept != asked:
        return
    heading = {True: ":material/check: **Confirmed.**", False: ":material/close: **Not confirmed.**", None: ""}
    st.markdown(f"{heading[opinion.right]} {opinion.words}")
    cells = {trial.name: trial.loss for trial in opinion.trials}
    cards.numbers(cells)
    st.caption("Loss at the end of each, median of its last tenth.")


def _view(scene: NetworkScene, which: int) -> None:
    """The decision surface; of one column the fitted curve, of other classes the table of what they are taken for."""
    experiment = scene.history.experiment
    task, data = problem(experiment), experiment.dataset()
    dash, colour = cards.looks(which)
    lane, key = f"Lane {LANE_LETTERS[which]}", f"view-{which}"
    name = f"What the network says, {cards.at_rate(scene, which)}"
    if data.x.shape[1] == 1 and not data.classes:
        xs, ys = data.x[:, 0].tolist(), data.y.tolist()
        spec = uploads.built(fitted_curve, experiment)(cards.theme(), dash, colour, _stretch(xs), _stretch(ys))
        tables = {"points": scene.points, "fits": scene.views[which]}
        cards.chart(spec, tables, alt=f"{lane}: the fit.", key=key, name=name, tallest=_TALLEST)
        uploads.drawn_note(len(data.y))
    elif data.x.shape[1] != 2 and not data.classes:
        st.caption(f"No picture: {data.x.shape[1]} columns lie on no plane. The loss tells how well it fits.")
    elif data.x.shape[1] != 2:
        spec = uploads.built(confusion, experiment)(cards.theme(), data.classes)
        of = ("held-out " if task.test_labels is not None else "training ") + _row(experiment.data)
        words = f"{lane}: for each true class, the classes its {of} are taken for at the epoch shown."
        cards.chart(spec, {"pictures": scene.views[which]}, alt=words, key=key, name=name, tallest=_TALLEST)
    else:
        box = plane(task)
        colours = POINT_COLOURS[: len(data.classes)] if data.classes else SCALE_COLOURS
        x, y = (box.x.low, box.x.high), (box.y.low, box.y.high)
        columns = (data.columns[0], data.columns[1])
        spec = uploads.built(surface, experiment)(cards.theme(), x, y, columns, colours, data.classes)
        words = f"{lane}: what the network says over the plane, and {len(data.y)} points of {data.title}."
        tables = {"pictures": scene.views[which], "points": scene.points}
        cards.chart(spec, tables, alt=words, key=key, name=name, tallest=_TALLEST)
        uploads.drawn_note(len(data.y))


def _row(name: str) -> str:
    return "images" if name == "digits" else "rows"


def _stretch(values: list[float]) -> tuple[float, float]:
    low, high = padded(min(values), max(values))
    return low, high


def _losses(scene: NetworkScene, which: int) -> None:
    history, lane = scene.history, scene.lanes[which]
    loss, tested = history.loss[which], history.test_loss is not None
    (dash, colour), axis = cards.looks(which), scene.losses
    words = curve_in_words(history.experiment.learning_rates[which], loss, lane.diagnosis)
    if history.test_loss is not None:
        words += f" On held-out points it ends at {number(history.test_loss[which, -1])}."
    cards.chart(
        loss_curve(
            cards.theme(),
            dash,
            colour,
            axis.low,
            axis.high,
            history.experiment.epochs,
            height=210,
            tested=tested,
            straight=_straight(),
        ),
        {"curve": lane.curve, "exit": lane.exit, "test": scene.tests[which]},
        alt=cards.so_far(scene, which, "Loss against epoch") or words,
        key=f"loss-{which}",
        name=f"Loss, {cards.at_rate(scene, which)}",
        tallest=slides.TALLEST_BESIDE,
    )


def _sharpness(scene: NetworkScene, which: int) -> None:
    """Learning rate times sharpness, where it was measured."""
    history = scene.history
    line, rate = edge(history.experiment), history.experiment.learning_rates[which]
    seen = scene.sharpness[which].column("product").to_pylist()
    words = f"Learning rate × sharpness, unstable above {line:g}: "
    words += f"from {number(seen[0])} to {number(seen[-1])} at learning rate {number(rate)}." if seen else "not finite."
    cards.chart(
        sharpness_curve(
            cards.theme(),
            *cards.looks(which),
            history.experiment.epochs,
            line,
            scene.sharpness_top,
            straight=_straight(),
        ),
        {"sharpness": scene.sharpness[which]},
        alt=cards.so_far(scene, which, "Learning rate × sharpness") or words,
        key=f"sharpness-{which}",
        name=f"Sharpness, {cards.at_rate(scene, which)}",
    )


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
    held = scene.history.test_loss is not None
    norms, units = scene.gradient_norms, scene.measures.dead.shape[2]
    shown = {
        "accuracy": ("accuracy, held-out points" if held else "accuracy", 0.0, 1.0, False),
        "gradient_norm": ("gradient norm", norms.low, norms.high, True),
        "dead": (f"dead units of {units}", 0.0, float(max(units, 1)), False),
    }
    with slides.slide("over-the-run"):
        cards.lane_legend(scene)
        _charts_over_the_run(scene, shown)


def _charts_over_the_run(scene: NetworkScene, shown: Mapping[str, tuple[str, float, float, bool]]) -> None:
    epochs, theme, dead = scene.history.experiment.epochs, cards.theme(), scene.measures.dead
    with cards.side_by_side(290):
        for name, (title, low, high, log) in shown.items():
            if name not in scene.over or (name == "dead" and not dead.any()):  # none died: nothing to see
                continue
            cards.chart(
                over_epochs(theme, scene.roles, epochs, title, low, high, log, straight=_straight()),
                {"lanes": scene.over[name]},
                alt=f"{title.capitalize()} of each lane against the epoch.",
                key=f"over-{name}",
                name=title.capitalize(),
            )
