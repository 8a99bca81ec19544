"""Long and untrusted work of a page, done by a worker process: in turn, under a bar, ended by a click or by leaving."""

import time
from collections.abc import Callable, Hashable
from typing import Any, NoReturn, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.words import duration
from pages.session import travel, uploads
from server import under_way
from server.browsers import browser
from server.worker_process import Job
from server.workers import Lost, Unfinished, workers

T = TypeVar("T")

_PATIENCE = 0.25  # seconds until a bar is worth its place
_BEAT = 0.1  # seconds between two signs of life, at each of which a click or leaving ends the work
_KNOWN = 0.05  # of the work: from here on what it took tells how long the rest takes
_READING_MB = 300.0  # that reading the largest of files takes
_TIMES, _LEAST = 5, 20.0  # of the estimated seconds, and seconds, that work may take of a processor


class Bar:
    """The bar over some work, one job after another; it is drawn once that has taken long enough to be looked at."""

    def __init__(self, what: str, seconds: float = 0.0, beside: Callable[[], object] | None = None) -> None:
        """what: is worked on, as in "of 500 epochs".  seconds: it takes, by estimate; 0: nobody knows.

        beside: draws what stands under the bar, a button say.
        """
        self._slot, self._what, self._seconds, self._beside = st.empty(), what, seconds, beside
        self._bar: DeltaGenerator | None = None
        self._began = self._told = time.monotonic()
        self._first: tuple[float, float] | None = None

    def tell(self, done: float) -> None:
        """Say how much is done. To be called all the time: a click, or leaving, ends the work from in here."""
        words = f"{done:.0%} of {self._what}" if done else f"Working on {self._what}"
        self._say(done, words + (f", about {duration(self._left(done))} to go" if self._seconds else ""))

    def wait(self, before: int) -> None:
        """Say how many come before; 0: it is another one of this visitor's."""
        self._say(0.0, f"Waiting for its turn: {f'{before} before you' if before else 'another page of yours'}")

    def _left(self, done: float) -> float:
        """Seconds: by what it has taken so far, where that tells enough; else by the estimate."""
        now = time.monotonic()
        self._first = self._first or (now, done)
        began, then = self._first
        return (now - began) * (1 - done) / (done - then) if done - then > _KNOWN else self._seconds * (1 - done)

    def _say(self, done: float, words: str) -> None:
        now = time.monotonic()
        if now - self._told < _BEAT:
            return
        self._told = now
        if now - self._began < _PATIENCE:
            self._slot.empty()  # nothing changes; it only gives Streamlit the moment to end this run
            return
        if self._bar is None:
            with self._slot.container():
                self._bar = st.progress(0.0)
                if self._beside:
                    self._beside()
        self._bar.progress(min(max(done, 0.0), 1.0), text=words)

    def instead(self) -> DeltaGenerator:
        """Its place, for what is said in its stead until there is another bar."""
        return self._slot.container()

    def clear(self) -> None:
        """Take it away: the work is done."""
        self._slot.empty()


def work(
    task: Callable[..., Any],
    *asked: Any,
    seconds: float,
    bar: Bar,
    part: tuple[int, int] = (0, 1),
    key: Hashable = None,
    already: Callable[[], Any] = lambda: None,
    seen: Callable[[Any], object] = lambda _: None,
) -> Any:
    """The result of task(*asked), which must be a function of core, by a worker.

    seconds: how long it takes, by estimate.  part: (k, n), it is number k of n parts of what the bar is over.
    key: of its result; who asks for the same waits for it, and then finds it by `already`.
    seen: told now and then what the result is like so far, of a task that takes `show`.
    Raises what the task raises, and Unfinished where it took too much memory or time.
    """

    def progress(done: float) -> None:
        bar.tell((part[0] + done) / part[1])

    job = Job(task, asked, max(_TIMES * seconds, _LEAST), uploads.beside(asked))
    return workers().do(
        job,
        visitor=_visitor(),
        key=key,
        already=already,
        megabytes=_megabytes(asked),
        progress=progress,
        waiting=bar.wait,
        seen=seen,
    )


def under_way_key(task: Callable[..., Any], *asked: Any) -> Hashable:
    """What decides the result of task(*asked), for all sessions; of an upload, for this browser alone."""
    return task, asked, _visitor() if uploads.upload_of(asked) else None


def begin(task: Callable[..., Any], *asked: Any, seconds: float, more: tuple[Any, ...] = ()) -> under_way.Run:
    """The run of task(*asked, *more), which must be a function of core that takes `show`, under way by a worker.

    seconds: how long it takes, by estimate.  more: what does not change its result.
    """
    job = Job(task, (*asked, *more), max(_TIMES * seconds, _LEAST), uploads.beside(asked))
    visitor, megabytes = _visitor(), _megabytes(asked)

    def do(run: under_way.Run) -> Any:
        return workers().do(
            job, visitor=visitor, megabytes=megabytes, progress=run.progress, waiting=run.waiting, seen=run.show
        )

    return under_way.runs().look(under_way_key(task, *asked), session_id(), do)


def read(reader: Callable[..., T], *asked: Any, what: str) -> T | ValueError:
    """What the reader, a function of core, makes of something that a visitor sent; or why it is none, in a sentence."""
    bar = Bar(what)
    try:
        return work(reader, *asked, seconds=0.0, bar=bar)  # type: ignore[no-any-return]
    except ValueError as refusal:
        return refusal
    except Unfinished as reason:
        remedy = "Try it once more" if isinstance(reason, Lost) else "Keep fewer rows or columns"
        return ValueError(f"It can't be read here: {reason}. {remedy}.")
    finally:
        bar.clear()


def file(make: Callable[..., str | bytes], *asked: Any, seconds: float = 0.0) -> Callable[[], str | bytes]:
    """What has a worker make the file make(*asked), when it is clicked: no page is under way then to show a bar."""
    job = Job(make, asked, max(_TIMES * seconds, _LEAST), uploads.beside(asked))
    visitor = ("files", _visitor())  # a file that nobody waits for any more holds up no page

    def made() -> str | bytes:
        written: str | bytes = workers().do(job, visitor=visitor, progress=lambda _: None, waiting=lambda _: None)
        return written

    return made


def _megabytes(asked: tuple[Any, ...]) -> float:
    """Of memory that the work takes at most, by estimate: the largest of its experiments'."""
    return max((part.megabytes() for part in uploads.experiments(asked)), default=_READING_MB)


def tell_unfinished(reason: Unfinished, again: Callable[..., None] | None = None) -> NoReturn:
    """Say why it can't be done, with a way to try again where that may help, and end the page's run.

    again: called before that other try.
    """
    lost = isinstance(reason, Lost)
    remedy = "Try it once more" if lost else "Take fewer epochs, rates or rows"
    st.warning(f"This can't be done here: {reason}. {remedy}.", icon=":material/info:")
    if lost:
        st.button("Try again", icon=":material/refresh:", on_click=again)
    travel.stop()


def session_id() -> Hashable:
    """This page."""
    run = get_script_run_ctx()
    return run and run.session_id


def _visitor() -> Hashable:
    """Who asks: this browser; where it takes no cookies, this page."""
    return browser({name: str(cookie) for name, cookie in st.context.cookies.items()}) or session_id()
