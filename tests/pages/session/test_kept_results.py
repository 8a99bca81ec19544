"""What a session keeps: found again without being made anew, and bounded in bytes, the oldest out first."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core import Experiment
from pages.session import kept_results, runs
from pages.session.kept_results import MOST_BYTES, forget, kept, last, share, shared, size_of


@pytest.fixture(autouse=True)
def session(monkeypatch):
    """A session's state."""
    state = {}
    monkeypatch.setattr("streamlit.session_state", state)
    return state


def array(share: float) -> np.ndarray:
    """An array that takes this share of what a session may keep."""
    return np.zeros(round(share * MOST_BYTES / 8))


def taken(state) -> int:
    return sum(size_of(entry.value) for entry in state["kept-results"].values())


def has(key) -> bool:
    """Whether the session keeps this."""
    return key in kept_results._entries()


def never():
    raise AssertionError("it is kept")


def test_what_is_kept_is_not_made_again():
    assert kept("a", lambda: 1) == 1
    assert kept("a", never) == 1
    assert has("a") and not has("b")


def test_nothing_at_all_can_be_a_result():
    assert kept("a", lambda: None) is None
    assert kept("a", never) is None


def test_the_session_never_holds_more_and_the_oldest_go_first(session):
    for key in range(50):
        kept(key, lambda: array(0.09))
        assert taken(session) <= MOST_BYTES
    assert [key for key in range(50) if has(key)] == list(range(39, 50))


def test_what_is_asked_for_again_is_young_again():
    for key in range(11):
        kept(key, lambda: array(0.09))
    kept(0, never)
    kept(11, lambda: array(0.09))
    assert has(0) and not has(1)


def test_what_alone_is_too_much_is_kept_until_something_else_comes():
    kept("small", lambda: array(0.1))
    kept("huge", lambda: array(2))
    assert has("huge") and not has("small")
    kept("next", lambda: array(0.1))
    assert has("next") and not has("huge")


def test_what_the_page_needs_stays_whatever_it_takes():
    keys = [("piece", k) for k in range(20)]
    kept("old", lambda: array(0.1))
    for _ in range(2):
        made = [key for key in keys if not has(key)]
        for key in keys:
            kept(key, lambda: array(0.2), needed=keys)
    assert made == [] and not has("old")


def test_what_is_of_an_upload_goes_with_it():
    kept("a", lambda: 1, about="upload:1")
    kept("b", lambda: 1, about="upload:2")
    kept("c", lambda: 1)
    forget("upload:1")
    assert [has(key) for key in "abc"] == [False, True, True]


def test_what_fails_or_is_stopped_is_not_kept():
    with pytest.raises(ZeroDivisionError):
        kept("a", lambda: 1 // 0)
    assert not has("a")


def test_of_a_kind_the_last_one_is_kept():
    assert last("run", 1, lambda: "first") == last("run", 1, never) == "first"
    assert last("other", 1, lambda: "apart") == "apart"
    assert last("run", 2, lambda: "second") == "second"
    assert last("run", 1, lambda: "anew") == "anew"


@dataclass
class Held:
    first: np.ndarray
    rest: dict


def test_the_size_of_a_result_is_that_of_all_it_holds():
    ten = np.zeros(1250)
    frame = pd.DataFrame({"a": np.zeros(1250)})
    for value in (ten, frame, pa.table({"a": ten}), [ten], (ten,), {"a": ten}, "x" * 10_000, b"x" * 10_000):
        assert size_of(value) == pytest.approx(10_000, rel=0.05)
    assert size_of(Held(ten, {"a": [ten, frame], "b": Experiment})) == pytest.approx(30_000, rel=0.05)
    assert size_of(Experiment()) < 10_000


def test_pieces_of_many_sweeps_stay_within_the_bound_and_the_last_sweep_is_whole(session, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE_SECONDS", 0.0)
    monkeypatch.setattr(runs, "work", lambda *asked, **options: array(0.06))
    for k in range(5):
        asked = [Experiment(learning_rates=(0.1 + k,), seed=seed, epochs=1) for seed in range(10)]
        assert len(runs.trained(asked)) == 10
        assert taken(session) <= MOST_BYTES
    monkeypatch.setattr(runs, "work", lambda *asked, **options: never())
    runs.trained(asked)


def test_what_is_made_in_a_moment_is_shared_and_takes_nothing_of_the_session(session):
    first, again = (runs.trained([Experiment(learning_rates=(0.7,), epochs=3)]) for _ in range(2))
    assert first[0] is again[0]
    assert "kept-results" not in session


def test_what_is_shared_is_made_once_for_all_sessions_that_want_it_together():
    made, begin = [], threading.Barrier(8)

    def ask() -> object:
        begin.wait()
        return shared("one", lambda: made.append(1) or array(0.01))

    with ThreadPoolExecutor(8) as sessions:
        found = [each.result() for each in [sessions.submit(ask) for _ in range(8)]]
    assert len(made) == 1
    assert all(each is found[0] for each in found)


def test_what_is_shared_is_bounded_in_bytes_and_the_oldest_go_first(monkeypatch):
    monkeypatch.setattr(kept_results, "MOST_SHARED", MOST_BYTES)
    for key in range(12):
        share(("old", key), array(0.09))
    assert kept_results.find_shared(("old", 0)) is None
    assert shared(("old", 11), never) is not None


def test_all_sessions_together_keep_no_more_than_they_may_and_who_keeps_most_loses_first(monkeypatch):
    monkeypatch.setattr(kept_results, "MOST_OF_ALL_SESSIONS", MOST_BYTES)
    small, large = {}, {}
    monkeypatch.setattr("streamlit.session_state", small)
    kept("mine", lambda: array(0.2))
    monkeypatch.setattr("streamlit.session_state", large)
    for key in range(9):
        kept(key, lambda: array(0.1))
    assert not has(0) and has(8)
    monkeypatch.setattr("streamlit.session_state", small)
    assert has("mine")
