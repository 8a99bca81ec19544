"""What every file with charts begins and ends with: a report that stands alone, or one page of a site.

It asks nothing of anybody, and forbids itself to.
"""

import json
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from ..stage.vega import javascript

_HERE = Path(__file__).parent
CSS = (_HERE / "report.css").read_text("utf-8")
_THEME = (_HERE / "theme.js").read_text("utf-8")
_NO_SCRIPT = "<noscript><p>The charts need JavaScript, which is switched off here. The numbers do not.</p></noscript>"


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePage:
    """A report as one page of a site; every address is relative, so that it opens from a file too.

    title: its heading.  look: what to look at, HTML.  home: the site's first page.  vega: the script that draws charts,
    once for all pages.  csv: the file with its numbers; "" where there is none.
    """

    title: str
    look: str
    home: str
    vega: str
    csv: str = ""


def offline_page(
    title: str,
    body: str,
    *,
    style: str = "",
    data: Any = None,
    script: str = "",
    evaluates: bool = False,
    site: SitePage | None = None,
) -> str:
    """The HTML file.

    style: CSS after that of all reports.  data: what the script reads, as JSON, from the element #data; with it come
    the libraries that draw charts.  script: a module of JavaScript; theme.js stands before it.  evaluates: whether its
    charts are compiled in the browser.  site: None where the file stands alone, with all it needs inside.
    """
    return f"""<!DOCTYPE html>
<html lang="en" data-theme="light"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_allowed(evaluates, site)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · Learning-Rate Lab</title>
<style>{CSS}{style}</style></head>
<body>{body}
{_data(data) + _vega(site) if data else ""}<script type="module">{_THEME}{script}</script>
</body></html>
"""


def head(title: str, ran: str = "", site: SitePage | None = None) -> str:
    """The heading, the button for light and dark, and of a page of a site the way back and what to look at.

    title: of a file that stands alone.  ran: what ran, HTML.
    """
    way = f'<p class="way"><a href="{site.home}">← All experiments</a></p>' if site else ""
    look = f'<p class="look">{site.look}</p>' if site else ""
    ran = f'<p class="soft">{ran}</p>' if ran else ""
    return (
        f"<header><div>{way}<h1>{escape(site.title if site else title)}</h1>{look}{ran}</div>"
        f'<button type="button" class="theme"></button></header>{_NO_SCRIPT}'
    )


def _allowed(evaluates: bool, site: SitePage | None) -> str:
    """The Content-Security-Policy: a browser's 'self' may leave out files, so they are named."""
    scripts = "'unsafe-inline'" + (" 'unsafe-eval'" if evaluates else "") + (" 'self' file:" if site else "")
    return f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data: blob:"


def _vega(site: SitePage | None) -> str:
    return f'<script src="{site.vega}"></script>\n' if site else f"<script>{javascript()}</script>\n"


def _data(data: Any) -> str:
    """The data as JSON that can't end the element it stands in."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="data">{text}</script>\n'
