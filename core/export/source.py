"""The lab's own functions as text that stands alone: for scripts that run where the lab is not."""

import ast
import inspect
import re
import sys
from collections.abc import Callable
from typing import Any


def standing_alone(function: Callable[..., Any]) -> str:
    """The function as it is written, without types, and of its docstring the first sentence.

    Above it stand the constants and the functions of its module that it uses, written likewise.
    """
    constants: dict[str, str] = {}
    functions: dict[str, str] = {}
    _collect(function, constants, functions)
    text = "\n\n\n".join([*["\n".join(constants.values())][: len(constants)], *functions.values()])
    for name in constants:
        text = re.sub(rf"\b{name}\b", name.strip("_").lower(), text)  # beta2 where it is one of a few settings
    return text


def _collect(function: Callable[..., Any], constants: dict[str, str], functions: dict[str, str]) -> None:
    """Add the function to `functions`, after those that it calls, and what it needs to `constants`."""
    module = sys.modules[function.__module__]
    text, used = _untyped(function)
    for name in used:
        value = getattr(module, name, None)
        if isinstance(value, float | int) and name not in constants:
            constants[name] = re.findall(rf"^{name} = .*", inspect.getsource(module), re.MULTILINE)[0]
        elif inspect.isfunction(value) and value.__module__ == module.__name__ and value is not function:
            _collect(value, constants, functions)
    functions.setdefault(function.__name__, text)


def _untyped(function: Callable[..., Any]) -> tuple[str, list[str]]:
    """(the text of a function without types, the names it uses in their order)."""
    text = inspect.getsource(function)
    lines, tree = text.splitlines(), ast.parse(text)
    made = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for node in reversed(made):  # an inner function first, so that the lines above it keep their numbers
        for argument in node.args.args:
            argument.annotation = None
        head, body = [f"def {node.name}({ast.unparse(node.args)}):"], node.body[0].lineno - 1
        if words := ast.get_docstring(node):
            head, body = [*head, f'    """{words.splitlines()[0]}"""'], node.body[0].end_lineno or 0
        lines[node.lineno - 1 : body] = [" " * node.col_offset + line for line in head]
    names = [node.id for statement in made[0].body for node in ast.walk(statement) if isinstance(node, ast.Name)]
    return "\n".join(lines), list(dict.fromkeys(names))
