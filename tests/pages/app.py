"""What the tests of the lab's pages share: a page as a fresh session sees it, and what it says."""

from __future__ import annotations

import base64
import gzip
import json
import re
import struct
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.testing.v1 import AppTest

from core import Experiment
from core.drawing.deck import Deck, Words

FRAME = str(Path(__file__).parents[2] / "pages" / "frame.py")
TIMEOUT = 120  # seconds: the first run that measures sharpness loads PyTorch


@cache
def registered() -> dict:
    """The pages there are, which AppTest learns from running one."""
    return AppTest.from_file(FRAME, default_timeout=TIMEOUT).run()._registered_pages


def fresh(**query: str | list[str]) -> AppTest:
    """A session that nothing was run in yet, with this link in its address bar."""
    app = AppTest.from_file(FRAME, default_timeout=TIMEOUT)
    app._registered_pages = registered()
    for key, values in query.items():
        app.query_params[key] = values
    return app


def open_page(name: str, **query: str | list[str]) -> AppTest:
    """The page as a fresh session sees it at this link, run to its end without an error."""
    app = to_the_end(fresh(**query).switch_page(name).run())
    assert not app.exception
    return app


def to_the_end(app: AppTest) -> AppTest:
    """The page once nothing is trained on it any more: where a browser would look again by itself, so does this."""
    while "looked-at-run" in app.session_state and not app.warning and not app.exception:
        time.sleep(0.05)
        app.run()
    return app


def open_takeaway(name: str, **query: str | list[str]) -> AppTest:
    """The page with its "Export" open, as after a click on it."""
    app = fresh(**query)
    app.session_state["takeaway"] = True
    to_the_end(app.switch_page(name).run())
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    """All that the page says."""
    return read(" ".join(block.value for block in [*app.markdown, *app.caption, *app.text, *app.warning, *app.info]))


def read(text: str) -> str:
    """The text as one reads it, without its links to the glossary."""
    return re.sub(r'\[([^\]]+)\]\(glossary\S* "[^"]*"\)', r"\1", text)


def tables(app: AppTest) -> list[list[dict[str, str]]]:
    """The rows of each table of pages/widgets/rows.py that the page shows."""
    bodies = [str(each.proto.body) for each in app.get("html")]
    found = []
    for table in (body for body in bodies if '<table class="rows"' in body):
        lines = re.findall(r'<tr role="row">(<td.*?)</tr>', table)
        found.append([dict(re.findall(r'data-column="([^"]*)">([^<]*)<', line)) for line in lines])
    return found


def shown(app: AppTest) -> Experiment:
    """The session's experiment."""
    experiment: Experiment = app.session_state["experiment"]
    return experiment


@dataclass(frozen=True, eq=False)
class Stage:
    """What a page gives the stage to draw. data: all of it; deck, header: what its deck holds, which came along."""

    data: dict[str, Any]
    deck: Deck
    header: dict[str, Any]

    def words(self) -> list[Words]:
        """What is said of each lane."""
        of_rate = dict(zip(self.deck.rates.tolist(), self.deck.words, strict=True))
        return [of_rate[rate] for rate in self.data["rates"]]

    def said(self) -> str:
        """All that it says of the lanes and of the ruler."""
        return " ".join([*(" ".join(words) for words in self.words()), self.header["limit"]["words"]])


def stage(app: AppTest) -> Stage:
    """The page's stage. Where the pages run without the lab's own server, as here, its deck comes along."""
    data = json.loads(_component(app).json)
    content = gzip.decompress(base64.b64decode(data["deck"]))
    (length,) = struct.unpack_from("<I", content)
    return Stage(data=data, deck=Deck.from_bytes(content), header=json.loads(content[4 : 4 + length]))


def tell(app: AppTest, event: str, value: Any) -> None:
    """Run the page again as when its stage has told this, whatever it is."""
    states = app._tree.get_widget_states()
    told = states.widgets.add(id=_make_trigger_id(_component(app).id, "events"))
    told.json_trigger_value = json.dumps([{"event": event, "value": value}])
    app._run(states)
    assert not app.exception


def _component(app: AppTest) -> Any:
    (found,) = (each.proto for each in app.get("bidi_component") if each.proto.component_name == "stage")
    return found
