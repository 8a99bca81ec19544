"""The lab as a site of files, for a reader without Python: `python -m core.export.site FOLDER` writes it.

The compare page with the deck of every preset, each network preset as a recording, and the lessons' handouts. Every
address in it is relative, so it opens from a folder and from any web server, at any path; nothing in it asks anybody
else. The same lab writes the same bytes.
"""

import sys
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from ..diagnosis.verdicts import diagnose
from ..experiment.described import experiment_words
from ..experiment.presets import LINE_PRESETS, NETWORK_PRESETS, Preset
from ..instruments.network.scene import trained_network_scene
from ..stage.vega import javascript
from ..story.lessons import LESSONS, Lesson
from ..training.history import History
from ..training.train import train
from .handout import answer_sheet, on_paper, question_sheet
from .markup import inline
from .network_drawings import drawings
from .offline_page import SitePage, head
from .report import csv, download, link_words, numbers, report
from .site_index import COMPARE, HOME, VEGA, csv_of, index, lesson_pages, network_page
from .stage_report import on_stage, stage_page
from .thumbnails import curves, views

MOST_BYTES = 12_000_000  # what the README promises
_COMPARE = "Compare learning rates"
_MOVE = "One model, one start, different learning rates. Move a rate and see what it does."


def site() -> Iterator[tuple[str, str]]:
    """Each file of the site: its address, relative to the first page, and its text."""
    pictures: dict[str, str] = {}
    yield VEGA, javascript()
    yield from _compare(pictures)
    for name, preset in NETWORK_PRESETS.items():
        yield from _network(name, preset, pictures)
    for place, lesson in enumerate(LESSONS, 1):
        yield from _lesson(place, lesson)
    yield HOME, index(pictures)


def write_site(folder: Path) -> int:
    """Write the site into a folder, which is made where there is none; how many bytes it has.

    Files of an earlier site are replaced, and nothing else in the folder is touched. Raises ValueError where it would
    be larger than MOST_BYTES, and then writes nothing.
    """
    files = {name: text.encode() for name, text in site()}
    size = sum(map(len, files.values()))
    if size > MOST_BYTES:
        raise ValueError(f"the site must be at most {MOST_BYTES:,} bytes, got {size:,}: record fewer epochs")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return size


def _compare(pictures: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The compare page, which holds the decks of all presets of a line, and the numbers of each as a file."""
    decks, parts = {}, []
    for name, preset in LINE_PRESETS.items():
        history, address = train(preset.experiment), csv_of("compare", name)
        link = {"before": f"preset={name}", "after": "", "usual": list(preset.experiment.learning_rates)}
        decks[name] = {**on_stage(preset.experiment), "link": link}
        parts.append(f'<section data-preset="{name}" hidden>{_numbers(history, address)}</section>')
        pictures[name] = curves(history)
        yield address, csv(history)[0]
    page = SitePage(title=_COMPARE, look=_MOVE, home=HOME, vega=VEGA)
    body = f"""{head("", site=page)}{_picks()}<div class="stage"></div>
<h2>The numbers, as first shown</h2>{"".join(parts)}"""
    yield COMPARE, stage_page(_COMPARE, body, decks, page)


def _picks() -> str:
    """The presets to pick from, and what to look at in the one that is shown."""
    links = (
        f'<a href="?preset={name}" data-pick="{name}">{escape(preset.title)}</a>'
        for name, preset in LINE_PRESETS.items()
    )
    looks = (f'<p data-preset="{name}" hidden>{inline(each.look)}</p>' for name, each in LINE_PRESETS.items())
    return f'<nav class="picks" aria-label="Presets">{"".join(links)}</nav>{"".join(looks)}'


def _numbers(history: History, address: str) -> str:
    ran = f'<p class="soft"><strong>What ran:</strong> {inline(experiment_words(history.experiment))}</p>'
    table = numbers(history, diagnose(history))
    return f"{table}{download(history, address)}{ran}{link_words(history.experiment)}"


def _network(name: str, preset: Preset, pictures: dict[str, str]) -> Iterator[tuple[str, str]]:
    """A network preset as a recording, and its numbers as a file."""
    scene = trained_network_scene(preset.experiment)
    then = f'<br><span class="soft">In the live lab: {inline(preset.then)}</span>' if preset.then else ""
    look, address = inline(preset.look) + then, csv_of("network", name)
    page = SitePage(title=preset.title, look=look, home=HOME, vega=VEGA, csv=address)
    diagnoses = [lane.diagnosis for lane in scene.lanes]
    pictures[name] = views(scene)
    yield address, csv(scene.history)[0]
    yield network_page(name), report(scene.history, diagnoses, scene.moments, drawings(scene), page, scene.events)


def _lesson(place: int, lesson: Lesson) -> Iterator[tuple[str, str]]:
    """The two sheets of a lesson, each with the way to the other."""
    sheet, (questions, answers), home = on_paper(place), lesson_pages(lesson), (HOME, "← All experiments")
    yield questions, question_sheet(sheet, (home, (answers, "Answers")))
    yield answers, answer_sheet(sheet, (home, (questions, "Questions")))


def main(arguments: Sequence[str]) -> int:
    """Write the site into the folder that is named; the exit code, 2 where none is."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(f"usage: python -m {__spec__.name} FOLDER", file=sys.stderr)
        return 2
    size = write_site(Path(arguments[0]))
    print(f"{Path(arguments[0]) / HOME}: {size / 1e6:.1f} MB in all")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
