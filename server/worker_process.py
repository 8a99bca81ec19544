"""What a worker process runs: one job after another, within its limits, until its server is gone."""

import inspect
import os
import pickle
import resource
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

CROWDED = 5  # times the seconds of a processor that a job may take by the clock: there may be other work
_TELL = 0.05  # seconds between two words on how far a job is
_SHOW, _SHARE = 0.2, 10  # seconds at least between two looks at what it has made so far, and times what a look takes
_KEEP = 2.0  # seconds at least of a job that are lost where its process is
_POLITE = 5  # of nice: whoever serves pages goes first


class Job(NamedTuple):
    """task(*arguments), and the seconds it may take of a processor, and `CROWDED` times as many by the clock.

    beside: what must be alive meanwhile, an upload say.
    """

    task: Callable[..., Any]
    arguments: tuple[Any, ...]
    seconds: float
    beside: tuple[Any, ...] = ()


class Progress(NamedTuple):
    """How much of a job is done, from 0 to 1."""

    fraction: float


class Seen(NamedTuple):
    """What a job's result is like so far."""

    value: Any


class Kept(NamedTuple):
    """From where a job can go on, if this process ends before it."""

    value: Any


class Done(NamedTuple):
    """A job's result."""

    result: Any


class Failed(NamedTuple):
    """What a job raised."""

    error: BaseException


class Pause(NamedTuple):
    """The server wants this job to stop where it is and give what it has. Sent to a worker; see `_teller`."""


class Stop(BaseException):
    """The server wants no more of this job. Sent to a worker, and raised in it."""


def main(fd: int, megabytes: int) -> None:
    """Do the jobs that come through the socket `fd`, until the server at its other end is gone."""
    os.nice(_POLITE)
    _load()
    _limit_memory(1_000_000 * megabytes)
    server = Connection(fd)
    with suppress(EOFError, OSError):  # it has ended, and so does this process
        while True:
            job = server.recv()
            if isinstance(job, Job):  # a Stop that came after its job was done is for nobody
                answer = _done(job, server)
                server.send(answer)
                if isinstance(answer, Failed) and isinstance(answer.error, MemoryError):
                    return  # its memory is in pieces


def _done(job: Job, server: Connection) -> Done | Failed:
    _limit_time(job.seconds)
    try:
        show, keep = shower(server.send), shower(server.send, Kept, _KEEP)
        tells = {"progress": _teller(server), "show": show, "keep": keep}
        told = tells.keys() & inspect.signature(job.task).parameters.keys()
        return Done(job.task(*job.arguments, **{name: tells[name] for name in told}))
    except (Exception, Stop) as error:
        return Failed(_to_send(error))
    finally:
        _limit_time(0)


def _limit_time(seconds: float) -> None:
    """The kernel ends this process when its time is over, whatever it is in; 0: it has time again."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, CROWDED * seconds)


def _teller(server: Connection) -> Callable[[float], bool]:
    """What tells the server how far a job is; it says whether to pause, and raises Stop where no more is wanted."""
    last = time.monotonic()

    def tell(fraction: float) -> bool:
        nonlocal last
        if time.monotonic() - last < _TELL:
            return False
        last = time.monotonic()
        if server.poll():
            if isinstance(asked := server.recv(), Pause):
                return True
            raise Stop(asked)
        server.send(Progress(fraction))
        return False

    return tell


def shower(
    send: Callable[[Any], object], kind: Callable[[Any], Seen | Kept] = Seen, least: float = _SHOW
) -> Callable[[Callable[[], Any]], None]:
    """What sends now and then what a job's result is like so far: at most a tenth of the time goes to it.

    kind: of what is sent.  least: seconds between two of them.
    """
    again = 0.0

    def show(make: Callable[[], Any]) -> None:
        nonlocal again
        if time.monotonic() < again:
            return
        begun = time.process_time()
        send(kind(make()))
        again = time.monotonic() + max(least, _SHARE * (time.process_time() - begun))

    return show


def _to_send(error: BaseException) -> BaseException:
    """The error in a form that arrives, with the story of where it was raised."""
    if isinstance(error, MemoryError):
        return MemoryError()
    error.add_note("".join(traceback.format_tb(error.__traceback__)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # of a class that can't be taken apart: its words and its story must do
        return RuntimeError(f"{type(error).__name__}: {error}\n{''.join(error.__notes__)}")
    return error


def _load() -> None:
    """Import what most jobs need, before there is one."""
    import core.instruments.compare.scene
    import core.instruments.network.scene
    import core.instruments.own_data.columns  # noqa: F401


def _limit_memory(most: int) -> None:
    """Bound what this process may use, in bytes: beyond it an allocation raises MemoryError.

    The limit counts what is reserved; what libraries have reserved so far and never used comes on top.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return  # no Linux: time is bounded there, and memory is not
    held = dict(line.split(":") for line in status.read_text().splitlines() if line.startswith(("VmData", "VmRSS")))
    reserved, used = (1024 * int(held[name].split()[0]) for name in ("VmData", "VmRSS"))
    resource.setrlimit(resource.RLIMIT_DATA, (most + max(0, reserved - used),) * 2)
