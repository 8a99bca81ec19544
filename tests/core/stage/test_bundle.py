"""The stage's modules as one: in the order of their imports, and told apart where they can't be put together."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from core import stage

MODULES = {
    "numbers.js": "/** Twice. */\nexport const twice = (x) => 2 * x;\nexport function half(x) {\n  return x / 2;\n}\n",
    "words.js": "import {\n  twice,\n} from './numbers.js';\n\n"
    "export async function say(x) {\n  return `${twice(x)}`;\n}\n",
    "stage.js": (
        "import { say } from './words.js';\nimport {half, twice} from \"./numbers.js\"\n\n"
        "class Stage {}\nexport default function mount(x) {\n  return [twice(half(x)), say(x), new Stage()];\n}\n"
    ),
}


@pytest.fixture
def folder(tmp_path):
    for name, text in (MODULES | {"package.json": '{"type": "module"}'}).items():
        (tmp_path / name).write_text(text)
    return tmp_path


def node(module: Path, said: str) -> str:
    """What it prints, when `m` is the module of this file."""
    program = f"const m = await import({json.dumps(module.as_uri())}); console.log({said})"
    run = ["node", "--input-type=module", "-e", program]
    return subprocess.run(run, capture_output=True, text=True, check=True).stdout


def test_a_javascript_engine_runs_them_as_one_as_it_runs_them_apart(folder, tmp_path):
    said = "m.default(3)[0], await m.default(3)[1], Object.keys(m)"
    one = tmp_path / "one.js"
    one.write_text(stage.bundled(folder))
    assert node(one, said) == node(folder / "stage.js", said) == "3 6 [ 'default' ]\n"


def test_each_module_stands_once_behind_what_it_imports(folder):
    text = stage.bundled(folder)
    assert [line[3:] for line in text.splitlines() if line.startswith("// ")] == list(MODULES)
    assert "import" not in text and text.count("export") == 1


def test_the_same_name_in_two_modules_is_refused_with_both(folder):
    (folder / "words.js").write_text(MODULES["words.js"] + "const twice = 3;\n")
    with pytest.raises(ValueError, match=r"numbers\.js and words\.js both define twice"):
        stage.bundled(folder)


@pytest.mark.parametrize(
    "line",
    [
        "import { twice as two } from './numbers.js';",
        "import * as numbers from './numbers.js';",
        "import numbers from './numbers.js';",
        "import { twice } from '../numbers.js';",
        "import { twice } from 'https://cdn.example.org/numbers.js';",
        "import './numbers.js';",
        "export { say as tell };",
        "export * from './numbers.js';",
        "export default 3;",
    ],
)
def test_what_cant_be_put_together_is_refused_with_its_file(line, folder):
    (folder / "words.js").write_text(f"{line}\n{MODULES['words.js']}")
    with pytest.raises(ValueError, match=r"^words\.js "):
        stage.bundled(folder)


def test_the_stages_own_modules_are_one_that_an_engine_takes_and_mount_is_its_default(tmp_path):
    one = tmp_path / "one.mjs"
    one.write_text(stage.module())
    assert node(one, "typeof m.default") == "function\n"
    assert len(stage.version()) == 16
    assert stage.version() == stage.version()
