"""Known vulnerabilities of the run-time packages, as they are installed: `python -m deploy.audit`, or make audit.

pip-audit asks the package index about every package of requirements.txt and all that they bring. Where one can't be
asked about, the audit fails: no answer is not a good answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

from packaging.version import Version

from deploy.packages import closure


def main() -> int:
    """0 where every package was asked about and none has a known vulnerability."""
    # The index knows 2.13.0, and not the +cpu that says how it was built.
    versions = {name: Version(package.version).public for name, package in closure().items()}
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "requirements.txt"
        asked.write_text("".join(f"{name}=={version}\n" for name, version in versions.items()))
        # Nothing is resolved: what is asked about is what is installed.
        options = [
            "--disable-pip",
            "--no-deps",
            "--strict",
            "--format=json",
            "--progress-spinner=off",
            "-r",
            str(asked),
        ]
        done = subprocess.run([sys.executable, "-m", "pip_audit", *options], capture_output=True, text=True)
    trouble = verdict(versions, done.stdout)
    if trouble is None:
        sys.stdout.write(f"{len(versions)} packages, none with a known vulnerability\n")
        return 0
    last_words = done.stderr.strip().splitlines()[-1:]
    sys.stderr.write("\n".join([*last_words, f"error: {trouble}\n"]))
    return 1


def verdict(asked: Collection[str], answer: str) -> str | None:
    """What is wrong, by pip-audit's answer; None where all is known and well."""
    try:
        audited = {package["name"]: package.get("vulns") for package in json.loads(answer)["dependencies"]}
    except ValueError:  # it gave up before it could answer
        audited = {}
    known = [f"{name}: {found['id']}" for name, vulns in audited.items() for found in vulns or []]
    if known:
        return f"known vulnerabilities: {', '.join(known)}."
    silent = [name for name in asked if audited.get(name) is None]
    if silent:
        return (
            f"the package index gave no answer about {len(silent)} of {len(asked)} packages, so nothing is audited. "
            "A mirror may know no vulnerabilities: ask from where pypi.org can be reached."
        )
    return None


if __name__ == "__main__":
    raise SystemExit(main())
