"""The stage's own modules under Node.js, told and asked from Python."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

STAGE = Path(__file__).parents[1] / "core" / "stage"
# A number that JSON has not is sent, and told, as its name.
_PROGRAM = """
import {{ readFileSync }} from 'node:fs';
import * as m from {module};
const names = ['NaN', 'Infinity', '-Infinity'];
const read = (_, value) => (names.includes(value) ? Number(value) : value);
const write = (_, value) => (names.includes(String(value)) ? String(value) : value);
const given = JSON.parse(readFileSync({given}, 'utf8'), read);
const told = await (async () => {{ {program} }})();
console.log(JSON.stringify(told, write));
"""


def node(module: str, program: str, given: Any = None) -> Any:
    """What a program returns, in which `m` is this module of the stage and `given` what it is given, both as JSON."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(given, file)
        file.flush()
        uri, name = json.dumps((STAGE / module).as_uri()), json.dumps(file.name)
        text = _PROGRAM.format(module=uri, given=name, program=program)
        run = subprocess.run(["node", "--input-type=module"], input=text, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def sendable(value: float) -> float | str:
    """A number as `node` sends it."""
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(str(value), value)
