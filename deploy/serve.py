"""The lab for a class: several Streamlit processes behind nginx, on this machine, as any user.

    python -m deploy.serve --processes 2 --port 8501

Everything it writes goes to a temporary directory, which is gone when it ends.
"""

import argparse
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from deploy import front
from deploy.children import together
from deploy.instance import PATIENCE, Instance

MOST_PROCESSES = 64
EVERYWHERE = "0.0.0.0"  # every address of this machine
SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")  # where Debian keeps nginx, and not every user looks


class CannotServe(Exception):
    """Why the lab can't be served, in a sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop; 1, with the reason on stderr, where that can't be."""
    asked = _parser().parse_args(arguments)
    os.umask(0o022)  # started by root, nginx reads as nobody
    # One secret for all: what one process has signed, the others must be able to read.
    os.environ.setdefault("STREAMLIT_SERVER_COOKIE_SECRET", secrets.token_hex(32))
    # Each would have a worker for long work on every core.
    os.environ.setdefault("LAB_WORKERS", str(max(1, (os.cpu_count() or 1) // asked.processes)))
    stop = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: stop.set())
    try:
        serve(asked.processes, asked.address, asked.port, stop)
    except CannotServe as reason:
        sys.stderr.write(f"error: {reason}\n")
        return 1
    return 0


def serve(processes: int, address: str, port: int, stop: threading.Event) -> None:
    """Start the processes, then nginx, and keep all of it up until stop is set."""
    nginx = _nginx()
    _must_be_free(address, port)
    with ExitStack() as everything:
        with _in_a_sentence():
            children = everything.enter_context(together())
        _say(f"starting {processes} process{'es' if processes > 1 else ''}")
        instances = [Instance(number, free, children, stop) for number, free in enumerate(_free_ports(processes))]
        with _in_a_sentence():
            settings = front.written(children.folder, address, port, [each.port for each in instances])
        if not _all_ready(instances, stop):
            return
        server = children.start([nginx, "-e", "stderr", "-p", str(children.folder), "-c", str(settings)])
        everything.callback(children.end, [server])  # it ends first: nobody is sent to a process that is ending
        for each in instances:
            _say(f"process {each.number} is ready, pid {each.pid}")
        while not _listens(address, port) and not stop.wait(0.1):
            _must_run(server)
        _say(f"the lab is at http://localhost:{port} - Ctrl-C ends it")
        if address == EVERYWHERE and (outward := _outward_address()):
            _say(f"for others in this network: http://{outward}:{port}")
        while not stop.wait(1.0):
            _must_run(server)
            children.keep()
            _look_after(instances)


@contextmanager
def _in_a_sentence() -> Iterator[None]:
    """What can't be written is said as the reason why there is nothing to serve."""
    try:
        yield
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        raise CannotServe(
            f"can't write to the temporary folder. {error.strerror}{where}. Make room there, or name another by TMPDIR."
        ) from None


def _all_ready(instances: Sequence[Instance], stop: threading.Event) -> bool:
    """Wait for every process; False where it was told to stop meanwhile."""
    while not all(each.is_ready() for each in instances) and not stop.wait(0.1):
        troubles = {each.trouble() for each in instances}
        if "had ended" in troubles:
            raise CannotServe("the app does not start; its own message stands above.")
        if troubles != {""}:
            raise CannotServe(f"the app was not ready within {PATIENCE:.0f} seconds; try fewer processes.")
    return not stop.is_set()


def _look_after(instances: Sequence[Instance]) -> None:
    """Start again whichever process has died or hangs; nginx sends its visitors to the others meanwhile."""
    for each in instances:
        if trouble := each.trouble():
            each.start_again()
            _say(f"process {each.number} {trouble} and was started again, pid {each.pid}")


def _must_run(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is not None:
        raise CannotServe("nginx has ended; its own message stands above.")


def _listens(address: str, port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex((address, port)) == 0


def _nginx() -> str:
    found = shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", ""), *SBIN]))
    if found is None:
        raise CannotServe("nginx is not installed. On Debian or Ubuntu: apt install nginx-light. One process: make run")
    return found


def _must_be_free(address: str, port: int) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except OSError as error:
            raise CannotServe(
                f"can't listen at {address}, port {port}: {error.strerror}. Try another --port."
            ) from None


def _outward_address() -> str:
    """This machine's address in its network; "" where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for examples: nothing is sent, it only picks the way out
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def _free_ports(count: int) -> list[int]:
    """Ports of this machine's own that are free now, all of them different."""
    with ExitStack() as held:
        listeners = [held.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in listeners]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.serve", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--processes",
        type=_number(1, MOST_PROCESSES),
        default=2,
        help="one a processor core is a good number; default 2",
    )
    parser.add_argument("--port", type=_number(1, 65535), default=8501, help="where visitors come in; default 8501")
    parser.add_argument("--address", default=EVERYWHERE, help="127.0.0.1 where a proxy of this machine stands in front")
    return parser


def _number(lowest: int, highest: int) -> Callable[[str], int]:
    def whole(text: str) -> int:
        if not text.isdecimal() or not lowest <= int(text) <= highest:
            raise argparse.ArgumentTypeError(f"a whole number from {lowest} to {highest}, not {text!r}")
        return int(text)

    return whole


if __name__ == "__main__":
    raise SystemExit(main())
