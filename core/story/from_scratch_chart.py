"""The picture of lesson 3: the loop as a listing, each line beside the variable it set."""

import html
from collections.abc import Iterable

# The blue is light enough for a dark page and stands out on a light one.
_STYLE = """<style>
.loop { font-family: "Source Code Pro", monospace; font-size: .95rem; line-height: 1.35; }
.loop div { display: flex; flex-wrap: wrap; column-gap: .8rem; min-height: 1.55em; padding: .1rem .6rem .1rem .3rem;
  border-left: 4px solid transparent; font-variant-numeric: tabular-nums; }
.loop i { flex: 0 0 1.3em; text-align: right; font-style: normal; opacity: .75; }
.loop code { white-space: pre; background: none; color: inherit; padding: 0; font: inherit; }
.loop span { margin-left: auto; }
.loop small { opacity: .75; font-weight: 400; }
.loop .old span { opacity: .75; }
.loop .now { border-color: #56B4E9; background: rgba(86, 180, 233, .22); font-weight: 700; }
@media (max-width: 640px) { .loop { font-size: .7rem; } .loop div { column-gap: .5rem; padding-right: .2rem; } }
</style>"""


def listing(rows: Iterable[tuple[str, str, str, str]]) -> str:
    """HTML of (code, state, what the state was before or "", age) for each line; age is now, new or old."""
    lines = (_row(line, *row) for line, row in enumerate(rows, 1))
    return f'{_STYLE}<div class="loop">{"".join(lines)}</div>'


def _row(line: int, code: str, state: str, was: str, age: str) -> str:
    current = ' aria-current="step"' if age == "now" else ""
    before = f" <small>was {html.escape(was)}</small>" if was else ""
    code, state = html.escape(code), html.escape(state)
    return f'<div class="{age}"{current}><i>{line}</i><code>{code}</code><span>{state}{before}</span></div>'
