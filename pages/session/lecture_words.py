"""A lecturer's words, which every page understands and every link within the app carries along.

present=1 shows slides, lock=lr,data hides these controls, gate=0 shows results without asking. They hold for the
session, and stay in the address bar so that they do after a reload too.
"""

import streamlit as st

from pages.session.link_words import LECTURE, WORDS


def read() -> None:
    """Take the words from the address bar, and put those that hold for the session back into it."""
    said = {name: st.query_params.get_all(name) for name in LECTURE if name in st.query_params}
    for name in ("present", "gate"):
        if name in said:
            st.session_state[f"lecture-{name}"], _ = WORDS[name].field.read(said[name])
    if "lock" in said:
        names = (name.strip() for name in ",".join(said["lock"]).split(","))
        st.session_state["lecture-lock"] = tuple(dict.fromkeys(name for name in names if name))
    for name, texts in words().items():
        if said.get(name) != texts:
            st.query_params[name] = texts


def presents() -> bool:
    """Whether this session sees slides."""
    on: bool = st.session_state.get("lecture-present", False)
    return on


def show_slides() -> None:
    """The page as slides."""
    st.session_state["lecture-present"] = True


def leave_slides() -> None:
    """Back to the page."""
    st.session_state["lecture-present"] = False
    st.query_params.pop("present", None)


def locked() -> tuple[str, ...]:
    """The names of the controls to hide."""
    names: tuple[str, ...] = st.session_state.get("lecture-lock", ())
    return names


def asks() -> bool:
    """Whether questions are asked before results in this session."""
    on: bool = st.session_state.get("lecture-gate", True)
    return on


def words() -> dict[str, list[str]]:
    """What a link within the app carries, as it holds here."""
    return written(presents(), locked(), asks())


def written(presents: bool, locked: tuple[str, ...], asks: bool) -> dict[str, list[str]]:
    """The words of a link that asks for this."""
    said = {"present": "1" if presents else "", "lock": ",".join(locked), "gate": "" if asks else "0"}
    return {name: [text] for name, text in said.items() if text}


def without(link: dict[str, list[str]]) -> dict[str, list[str]]:
    """The other words of a link."""
    return {name: texts for name, texts in link.items() if name not in LECTURE}
