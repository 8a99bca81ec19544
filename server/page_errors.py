"""Errors of a page: the reader gets a sentence and an id, the log the id and the whole story."""

import logging
import secrets

import streamlit as st

_LOG = logging.getLogger("lab")


def show_error(error: Exception) -> bool:
    """Say on the page that it failed, and under which id the log has it: never a path, never a trace."""
    name = secrets.token_hex(4)
    _LOG.error("a page failed, error %s", name, exc_info=error)
    st.error(
        f"Something went wrong on our side, error {name}. Open the lab anew, without the part of the address after "
        "the ?. If it happens again, tell whoever hosts the lab this number."
    )
    return True
