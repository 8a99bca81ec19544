"""Faults on purpose, a line each, which the tests must catch: what a green run is worth. `make faults` tries them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A slip of one line.

    name: the fault in plain words.  file: where, from the root.  find: text that stands there once; replace: what
    stands there with the fault.  tests: the files or folders of tests that must catch it.
    """

    name: str
    file: str
    find: str
    replace: str
    tests: list[str]

    def put_into(self, text: str) -> str:
        """The text of the file with the fault; ValueError where `find` does not stand there exactly once."""
        if (times := text.count(self.find)) != 1:
            raise ValueError(f"{self.name}: {self.find!r} must stand once in {self.file}, got {times} times")
        return text.replace(self.find, self.replace)


FAULTS = [Fault(**each) for each in tomllib.loads((ROOT / "tests/faults/faults.toml").read_text())["fault"]]
