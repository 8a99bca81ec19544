"""The network lab's settings, the same for all lanes."""

from collections.abc import Sequence

import streamlit as st

from core import NETWORK_PRESETS, Experiment, dataset
from core.data.datasets import DATASETS, NETWORK_DATA, NOISE
from core.data.features import FEATURES
from core.experiment.experiment import MAX_LAYERS
from core.words import number
from pages.lecture import lock
from pages.session import link, uploads
from pages.session.shown import options, sent, show
from pages.widgets import fields

_UNITS = 8  # of a layer that is added where there was none; else as many as the last
_MOMENTS = 30  # at which sharpness is measured when it is switched on
_PENALTIES = [0.0, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0]
_SCALED = ("penguins-species", "digits")  # columns of quite different sizes: no rate suits them as measured
_ACTIVATIONS = {"tanh": "tanh", "relu": "ReLU", "sigmoid": "sigmoid", "identity": "identity (none)"}
_LOSSES = {"auto": "The usual for this data", "mse": "Mean squared error", "cross-entropy": "Cross-entropy"}


def sidebar() -> None:
    """All settings of the network lab."""
    with st.sidebar:
        st.markdown("##### Start from")
        fields.presets(presets())
        problem(NETWORK_DATA)
        training(measured=True)


def presets() -> dict[str, Experiment | None]:
    """Experiments worth opening, by what they are called, each group below its heading."""
    titled: dict[str, Experiment | None] = {}
    for group in dict.fromkeys(preset.group for preset in NETWORK_PRESETS.values()):
        titled[group] = None
        titled |= {preset.title: preset.experiment for preset in NETWORK_PRESETS.values() if preset.group == group}
    return titled


def problem(names: Sequence[str]) -> None:
    """The data, one of these, and the network."""
    st.markdown("##### Data")
    _data(names)
    st.markdown("##### Network")
    _layers()
    fields.choice("activation", "Activation", _ACTIVATIONS, "What bends each hidden unit.")


def training(measured: bool, scheduled: bool = True) -> None:
    """How it is trained, and what is seldom changed. measured, scheduled: whether sharpness, schedule are asked for."""
    st.markdown("##### Training, the same for all rates")
    fields.epochs()
    fields.batch()
    fields.update_rule()
    if scheduled:
        fields.schedule()
    if measured:
        _sharpness()
    with st.expander("More settings"):
        fields.seed("Draws the weights, the data and the order of batches. The same seed always gives the same run.")
        fields.engine()
        _features()
        fields.switch("standardize", "Standardize inputs", "Shift and stretch each to mean 0 and deviation 1.")
        _loss()
        _penalty("l1", "L1 penalty", "Adds l1 times the sum of all |weight| to the loss.")
        _penalty("l2", "L2 penalty", "Adds l2 times the sum of all weight² to the loss.")
        _gain()
        fields.precision()


def _data(names: Sequence[str]) -> None:
    lock.control("data", "Data set")
    show("data", link.current().data)
    titles = uploads.offered(names, lines=False)
    st.selectbox("Data set", tuple(titles), format_func=lambda name: titles[name], key="data", on_change=_take_data)
    if link.current().data in NOISE:
        usual = NOISE[link.current().data]
        show("noise", usual if link.current().noise is None else link.current().noise)
        lock.control("noise", "Noise")
        st.slider("Noise", *fields.ends("noise"), step=0.01, key="noise", on_change=_take_noise)
    lock.control("test", "Share held out", "test_share")
    show("test_share", link.current().test_share)
    st.slider(
        "Share held out for testing",
        *fields.ends("test_share"),
        step=0.05,
        format="percent",
        key="test_share",
        on_change=_take_share,
    )


def _take_data() -> None:
    name = sent("data")
    if name is None:
        return
    plain = {"noise": None, "features": (), "batch_size": None, "start": (), "loss": "auto"}
    # Of somebody's own columns nobody knows the sizes.
    link.change(data=name, standardize=name in _SCALED or name not in DATASETS, **plain)


def _take_noise() -> None:
    noise = sent("noise")
    if noise is None:
        return
    noise = round(noise, 2)
    link.change(noise=None if noise == NOISE.get(link.current().data) else noise)


def _take_share() -> None:
    share = sent("test_share")
    if share is not None:
        link.change(test_share=round(share, 2), batch_size=None)


def _layers() -> None:
    hidden = link.current().hidden
    lock.control("hidden", "Hidden layers", "layers", "units")
    show("layers", len(hidden))
    st.number_input(
        "Hidden layers", 0, MAX_LAYERS, key="layers", step=1, help="None: a linear model.", on_change=_take_layers
    )
    least, most = map(int, fields.ends("hidden"))
    with st.container(horizontal=True, gap="xsmall", key="units"):
        for layer, units in enumerate(hidden):
            show(f"units-{layer}", units)
            st.number_input(
                f"Units {layer + 1}",
                least,
                most,
                key=f"units-{layer}",
                step=None,
                on_change=_take_units,
                args=(layer,),
                width=72,
            )


def _take_layers() -> None:
    count, hidden = sent("layers"), link.current().hidden
    if count is not None:
        link.change(hidden=(*hidden[:count], *[(hidden or (_UNITS,))[-1]] * (count - len(hidden))), start=())


def _take_units(layer: int) -> None:
    units, hidden = sent(f"units-{layer}"), link.current().hidden
    if units is not None and layer < len(hidden):  # a click before this one may have taken it away
        link.change(hidden=(*hidden[:layer], units, *hidden[layer + 1 :]))


def _gain() -> None:
    lock.control("gain", "Size of the first weights")
    show("gain", link.current().gain)
    words = "Times the usual: the first weights are drawn as torch.nn.Linear draws its own. Larger ones start sharper."
    st.slider(
        "Size of the first weights",
        *fields.ends("gain"),
        step=0.1,
        key="gain",
        help=words,
        on_change=fields.take,
        args=("gain",),
    )


def _sharpness() -> None:
    lock.control("sharpness", "Measure sharpness", "sharp")
    show("sharp", link.current().sharpness > 0)
    st.toggle(
        "Measure sharpness",
        key="sharp",
        help="The largest curvature of the loss, at some epochs: learning rate × sharpness against 2 decides.",
        on_change=_take_sharpness,
    )


def _take_sharpness() -> None:
    on = sent("sharp")
    if on is not None:
        link.change(sharpness=_MOMENTS if on else 0)


def _features() -> None:
    if dataset(link.current().data).x.shape[1] != 2:
        return
    lock.control("features", "Input features")
    show("features", list(link.current().features or ("x", "y")))
    st.pills(
        "Input features",
        tuple(FEATURES),
        selection_mode="multi",
        format_func=lambda name: FEATURES[name].title,
        key="features",
        on_change=_take_features,
    )


def _take_features() -> None:
    asked = sent("features")
    if asked is None:
        return
    chosen = tuple(name for name in FEATURES if name in asked)
    link.change(features=() if chosen in ((), ("x", "y")) else chosen)


def _loss() -> None:
    classes = dataset(link.current().data).task == "classes"
    names = _LOSSES if classes else {name: words for name, words in _LOSSES.items() if name != "cross-entropy"}
    words = "On classes the mean squared error takes -1 and +1 as targets; cross-entropy takes the outputs as logits."
    fields.choice("loss", "Loss", names, words)


def _penalty(field: str, label: str, explanation: str) -> None:
    lock.control(field, label)
    show(field, getattr(link.current(), field))
    st.select_slider(
        label,
        options(field, _PENALTIES),
        format_func=number,
        key=field,
        help=explanation,
        on_change=fields.take,
        args=(field,),
    )
