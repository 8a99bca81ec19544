"""The first page of the site, and where its other pages are."""

from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path

from ..experiment.presets import LINE_PRESETS, NETWORK_PRESETS, Preset
from ..story.lessons import LESSONS, Lesson
from .markup import inline
from .offline_page import offline_page

HOME, COMPARE, VEGA = "index.html", "compare.html", "vega.js"
_STYLE = (Path(__file__).parent / "site.css").read_text("utf-8")
_IDEA = (
    "See what a learning rate does - too low, good, too high, side by side on the same model from the same start - "
    "and why."
)
_LIVE = (
    "**Any rate, any data.** Type a rate and it is trained while you wait. Take other data, draw points by hand, or "
    "upload a table of your own.",
    "**Any network.** Choose its layers, its update rule and its schedule, watch it while it trains, change a rate "
    "on the way, and click a weight to see its arithmetic.",
    "**More instruments.** Sweeps over hundreds of rates, the range test, update rules side by side, schedules, a map "
    "of two rates, and a reader for your own log.",
    "**The lessons with pictures to play with.** Here they are sheets to print.",
)
_RUN = "git clone <its repository> learning-rate-lab && cd learning-rate-lab\nmake run"


def line_page(name: str) -> str:
    """The address of a preset of a line."""
    return f"{COMPARE}?preset={name}"


def network_page(name: str) -> str:
    """The address of a network preset's recording."""
    return f"network-{name}.html"


def lesson_pages(lesson: Lesson) -> tuple[str, str]:
    """The addresses of a lesson's two sheets: the questions, and the answers."""
    return f"lesson-{lesson.url}.html", f"lesson-{lesson.url}-answers.html"


def csv_of(kind: str, name: str) -> str:
    """The address of a preset's numbers; kind: compare or network, as their pages are called."""
    return f"{kind}-{name}.csv"


def index(pictures: Mapping[str, str]) -> str:
    """The page: what there is to see, and what needs the live lab.

    pictures: a thumbnail of each preset, by its name.
    """
    body = f"""<header><div><h1>Learning-Rate Lab</h1><p class="look">{inline(_IDEA)}</p></div>
<button type="button" class="theme"></button></header>
<main>
<section><h2>Move a rate yourself</h2>
<p>A straight line, fitted at two or three learning rates. Drag a rate along the ruler: each rate it stops at
was trained.</p>
{_cards(LINE_PRESETS, line_page, pictures)}</section>
<section><h2>Networks, recorded</h2>
<p>One network at three learning rates, A, B and C, from the same weights. Press play and see all three learn, or fail
to.</p>
{_cards(NETWORK_PRESETS, network_page, pictures)}</section>
<section><h2>Lessons on paper</h2>
<p>Each is a sheet of questions to print. Predict first, then look at the answers.</p>
<ol class="lessons">{"".join(map(_lesson, LESSONS))}</ol></section>
<section><h2>What only the live lab can do</h2>
<p>These pages are files: what they show was trained before. The lab itself trains while you look.</p>
<ul>{"".join(f"<li>{inline(words)}</li>" for words in _LIVE)}</ul>
<p>To run it you need Python 3.11 or newer:</p><pre><code>{escape(_RUN)}</code></pre></section>
</main>"""
    return offline_page("What a learning rate does", body, style=_STYLE, script="themed(() => {});")


def _cards(presets: Mapping[str, Preset], address: Callable[[str], str], pictures: Mapping[str, str]) -> str:
    cards = (
        f'<li><a href="{address(name)}">{pictures.get(name, "")}<strong>{escape(preset.title)}</strong></a>'
        f"<p>{inline(preset.look)}</p></li>"
        for name, preset in presets.items()
    )
    return f'<ul class="cards">{"".join(cards)}</ul>'


def _lesson(lesson: Lesson) -> str:
    questions, answers = lesson_pages(lesson)
    return (
        f'<li><a href="{questions}">{escape(lesson.title)}</a><p>{inline(lesson.idea)} '
        f'<a class="soft" href="{answers}">Answers<span class="unseen"> of {escape(lesson.title)}</span></a></p></li>'
    )
