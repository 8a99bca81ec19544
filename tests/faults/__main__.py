"""Puts each fault of faults.toml into a copy of the checkout, and says whether the tests it names catch it.

    python -m tests.faults [--only WORD]

Its exit status is 0 where every fault is caught, else 1.
"""

import argparse
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tests.faults import FAULTS, ROOT, Fault

AT_ONCE = 2
# By pytest's exit status. 2: a test file could not even be imported; what is not here is an error of the entry.
VERDICTS = {0: "NOT CAUGHT", 1: "caught", 2: "caught"}


def copied(into: Path) -> Path:
    """A copy of all tracked files."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, into / name)
    return into


def tested(copy: Path, tests: list[str]) -> tuple[int, str]:
    """(pytest's exit status, what it said)."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests]
    run = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    return run.returncode, run.stdout + run.stderr


def tried(fault: Fault, copies: queue.Queue[Path]) -> tuple[str, float, str]:
    """(verdict, seconds, what pytest said) of the fault in a copy that has no other; then it is taken out again."""
    copy = copies.get()
    path = copy / fault.file
    sound, times = path.read_text(), path.stat()
    began = time.monotonic()
    path.write_text(fault.put_into(sound))
    status, said = tested(copy, fault.tests)
    path.write_text(sound)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # else what was compiled with the fault would still do
    copies.put(copy)
    return VERDICTS.get(status, f"ERROR {status}"), time.monotonic() - began, said


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="WORD", default="", help="try the faults whose name holds this word")
    word = parser.parse_args().only
    faults = [fault for fault in FAULTS if word in fault.name]
    for fault in faults:
        fault.put_into((ROOT / fault.file).read_text())  # raises where it can't be
    needed = sorted({test for fault in faults for test in fault.tests})
    copies, count = queue.Queue[Path](), 0
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        made = [copied(Path(folder) / str(number)) for number in range(AT_ONCE)]
        shares = [(copy, tests) for k, copy in enumerate(made) if (tests := needed[k::AT_ONCE])]
        for status, said in pool.map(lambda share: tested(*share), shares):
            if status:
                raise SystemExit(f"{said}\nThese tests fail without a fault, so that they fail with one tells nothing.")
        for copy in made:
            copies.put(copy)
        running = {pool.submit(tried, fault, copies): fault for fault in faults}
        try:
            for done in as_completed(running):
                verdict, seconds, said = done.result()
                count += verdict == "caught"
                print(f"{verdict:<10} {seconds:6.1f} s  {running[done].name}", flush=True)
                if verdict.startswith("ERROR"):
                    print(said)
        finally:
            pool.shutdown(cancel_futures=True)  # whoever stops it waits for no more than what is running
    print(f"{count} of {len(faults)} faults caught")
    return 0 if count == len(faults) else 1


if __name__ == "__main__":
    raise SystemExit(main())
