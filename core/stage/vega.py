"""Vega, Vega-Lite and Vega-Embed as one script, of vl-convert's making: nothing is asked of a CDN."""

import hashlib
import importlib.metadata
import subprocess
import sys
from functools import cache

_GIVES = "window.vegaEmbed = vegaEmbed;"  # of its `vega`, vl-convert gives null
# By a process of its own: vl-convert takes two seconds and 90 MB, and all of this one would stand still meanwhile.
_MAKE = f"import sys, vl_convert; sys.stdout.buffer.write(vl_convert.javascript_bundle({_GIVES!r}).encode())"


@cache
def javascript() -> str:
    """0.9 MB, to stand in a page or beside one: defines `vegaEmbed` on window, and nothing else."""
    made = subprocess.run([sys.executable, "-P", "-c", _MAKE], stdout=subprocess.PIPE, check=True)
    return f"(() => {{{made.stdout.decode()}}})();\n"


@cache
def version() -> str:
    """Another one, of 16 hexadecimal digits, for each state of the script; known before it is made."""
    made_of = f"{importlib.metadata.version('vl-convert-python')} {_GIVES}"
    return hashlib.sha256(made_of.encode()).hexdigest()[:16]
