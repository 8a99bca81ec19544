"""The run-time packages: those of requirements.txt and what they bring, with the licence each says it is under.

python -m deploy.packages    writes deploy/LICENCES.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REQUIREMENTS = Path(__file__).parents[1] / "requirements.txt"
PAGE = Path(__file__).parent / "LICENCES.md"

# Permissive: use it, change it, pass it on, with its notice.
PERMISSIVE = {"0BSD", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC", "MIT", "MIT-CMU", "PSF-2.0"}
PERMISSIVE |= {"Apache-2.0", "LLVM-exception", "Zlib"}
# Copyleft, weak: changes to the package itself would have to be published. We change nothing in it.
COPYLEFT = {"certifi": "MPL-2.0"}

# How older packages put it, by its beginning, and SPDX's name. Some say BSD and not which; BSD it stays.
_OLD_WORDS = {
    "Apache": "Apache-2.0",
    "MIT": "MIT",
    "MPL-2.0": "MPL-2.0",
    "BSD 3-Clause": "BSD-3-Clause",
    "BSD-3-Clause": "BSD-3-Clause",
    "3-Clause BSD": "BSD-3-Clause",
    "BSD": "BSD",
    "PSFL": "PSF-2.0",
}
# Their metadata names none; read in the licence file each brings.
_READ = {"vl-convert-python": "BSD-3-Clause"}


def closure() -> dict[str, Distribution]:
    """Every package that is needed at run time on this machine, by name."""
    lines = (line.split("#")[0].strip() for line in REQUIREMENTS.read_text().splitlines())
    asked = [Requirement(line) for line in lines if line]
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    while asked:
        requirement = asked.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) not in seen:
            seen.add((name, extras))
            found[name] = distribution(name)
            asked.extend(_needs(found[name], extras))
    return dict(sorted(found.items()))


def _needs(package: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    for requirement in map(Requirement, package.requires or []):
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            yield requirement


def licence(package: Distribution) -> str:
    """What its metadata says, in SPDX's words where they can be told; `unknown` where it says nothing."""
    for expression in package.metadata.get_all("License-Expression") or []:
        return str(expression)
    for said in _statements(package):
        for beginning, name in _OLD_WORDS.items():
            if said.startswith(beginning):
                return name
    return _READ.get(canonicalize_name(package.name), "unknown")


def _statements(package: Distribution) -> Iterator[str]:
    yield from package.metadata.get_all("License") or []
    for classifier in package.metadata.get_all("Classifier") or []:
        if classifier.startswith("License ::"):
            yield classifier.split("::")[-1].strip()


def terms(licence: str) -> set[str]:
    """The single licences of an expression: of `MIT AND (A OR B)`, MIT, A and B."""
    return set(re.findall(r"[\w.+-]+", licence)) - {"AND", "OR", "WITH"}


def page() -> str:
    """The page on licences."""
    table = "\n".join(f"| {name} | {licence(package)} |" for name, package in closure().items())
    return f"""# Licences of the packages the lab runs on

Written by `make licences` from what the installed packages say of themselves; on Linux, with the CPU build of PyTorch.
The lab itself is under the [MIT licence](../LICENSE).

All are permissive but {_listed(COPYLEFT)}, a list of certificate authorities: who changes it must publish the change.
This is what each package says of itself. What is compiled into it may be under licences of its own: NumPy's licence
file, for one, names libgfortran (GPL-3.0 with GCC's exception, which lets any program link to it) and libquadmath
(LGPL-2.1). nginx, where you use it, is under BSD-2-Clause.

| package | licence |
|---|---|
{table}
"""


def _listed(names: dict[str, str]) -> str:
    return ", ".join(f"{name} ({licence})" for name, licence in names.items())


if __name__ == "__main__":
    PAGE.write_text(page())
