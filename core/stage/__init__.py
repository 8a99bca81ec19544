"""The stage: modules of JavaScript that draw decks in a browser and answer the hand, and their stylesheet.

stage.js is the entry and imports the others. The app serves them, and a report holds them, as the one module that is
made here: plain text work, without a build step.

vega           the libraries that draw charts, as one script
"""

import hashlib
import re
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_ENTRY = "stage.js"
_IMPORT = re.compile(r"^import\s+(.*?)\s*from\s*(['\"])(.*?)\2;?[ \t]*\n", re.M | re.S)
_NAMES = re.compile(
    r"\{\s*[\w$]+(\s*,\s*[\w$]+)*\s*,?\s*\}"
)  # neither `as` nor a default: all modules share their names in the end
_EXPORT = re.compile(r"^export (?=(?:async |function\b|class\b|const\b|let\b))", re.M)
_LEFT = re.compile(r"^(?:import\b|export\b).*", re.M)
_DEFINED = re.compile(r"^(?:export )?(?:default )?(?:async )?(?:function\*?|class|const|let|var)\s+([\w$]+)", re.M)


@cache
def module() -> str:
    """All modules as the text of one, whose default export is stage.js's: `mount`."""
    return bundled(_FOLDER)


@cache
def css() -> str:
    """The stylesheet."""
    return "\n".join(path.read_text("utf-8") for path in sorted(_FOLDER.glob("*.css")))


@cache
def version() -> str:
    """Another one, of 16 hexadecimal digits, for each state of the module and the stylesheet."""
    return hashlib.sha256(f"{module()}\0{css()}".encode()).hexdigest()[:16]


@cache
def numbers() -> str:
    """The module that writes and reads numbers, as functions to put before another component's own."""
    return _without_exports("numbers.js", (_FOLDER / "numbers.js").read_text("utf-8"))


def bundled(folder: Path) -> str:
    """The modules of a folder as one: stage.js and all it imports, each behind what it imports itself.

    Raises ValueError where two define the same top-level name, and for an import or export that this can't put
    together: names are taken as they are, `import {a, b} from './x.js'`, and given where they are defined.
    """
    modules: dict[str, str] = {}
    _collect(folder, _ENTRY, modules, set())
    defined: dict[str, str] = {}
    for name, text in modules.items():
        for found in _DEFINED.findall(text):
            if defined.setdefault(found, name) != name:
                raise ValueError(f"{defined[found]} and {name} both define {found}: rename one of them")
    return "\n".join(f"// {name}\n{_without_exports(name, text)}" for name, text in modules.items())


def _collect(folder: Path, name: str, modules: dict[str, str], seen: set[str]) -> None:
    """Add a module's text, without its imports, behind those of the modules that it imports."""
    seen.add(name)
    text = (folder / name).read_text("utf-8")
    for names, _, other in _IMPORT.findall(text):
        if not _NAMES.fullmatch(names) or not re.fullmatch(r"\./[\w-]+\.js", other):
            raise ValueError(f"{name} can import names only, as in {{a, b}}, of a module beside it: {names} of {other}")
        if other[2:] not in seen:
            _collect(folder, other[2:], modules, seen)
    modules[name] = _IMPORT.sub("", text).strip("\n") + "\n"


def _without_exports(name: str, text: str) -> str:
    """A module's text with what it exports defined only; stage.js keeps its default."""
    text = _EXPORT.sub("", text)
    left = [line for line in _LEFT.findall(text) if name != _ENTRY or not line.startswith("export default ")]
    if left:
        raise ValueError(f"{name} exports what can't stand in one module with others: {left[0]}")
    return text
