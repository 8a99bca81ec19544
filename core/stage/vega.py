"""Vega, Vega-Lite and Vega-Embed as one script, of vl-convert's making: nothing is asked of a CDN."""

import hashlib
import importlib.metadata
import subprocess
import sys
from functools import cache

_GIVES = "window.vegaEmbed = vegaEmbed;"  # of its `vega`, vl-convert gives null
# By a process of its own: vl-convert takes two seconds and 90 MB, and all of this one would stand still meanwhile.
_MAKE = f"import sys, vl_convert; sys.stdout.buffer.write(vl_convert.javascript_bundle({_GIVES!r}).encode())"

# What it clips or shades it names from 1 on, and Streamlit's own Vega does too. The first of a name counts in a page:
# charts of one would be cut where charts of the other end.
_NAMES = {'"clip"+': '"stage-clip"+', '"gradient_"+': '"stage-gradient_"+'}


@cache
def javascript() -> str:
    """0.9 MB, to stand in a page or beside one: defines `vegaEmbed` on window, and nothing else.

    RuntimeError where another version of vl-convert names what it clips in another way.
    """
    made = subprocess.run([sys.executable, "-P", "-c", _MAKE], stdout=subprocess.PIPE, check=True).stdout.decode()
    for theirs, ours in _NAMES.items():
        if made.count(theirs) != 1:
            raise RuntimeError(
                f"vl-convert's Vega names parts of a picture in another way: {theirs} is not there once."
            )
        made = made.replace(theirs, ours)
    return f"(() => {{{made}}})();\n"


@cache
def version() -> str:
    """Another one, of 16 hexadecimal digits, for each state of the script; known before it is made."""
    made_of = f"{importlib.metadata.version('vl-convert-python')} {_GIVES} {_NAMES}"
    return hashlib.sha256(made_of.encode()).hexdigest()[:16]
