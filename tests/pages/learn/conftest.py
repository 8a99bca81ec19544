"""A lesson as a server runs it, without a browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.pages.app import open_page, read


class LessonPage:
    """One lesson in a fresh session; every run must end without an error."""

    def __init__(self, file: str, **query: str) -> None:
        link = {name.replace("_", "-"): value for name, value in query.items()}
        self.app = open_page(f"learn/{file}.py", **link)

    def run(self) -> None:
        self.app.run()
        assert not self.app.exception, self.app.exception

    def said(self) -> str:
        """All the page says, formulas and refusals included."""
        app = self.app
        blocks = [*app.markdown, *app.caption, *app.text, *app.info, *app.warning, *app.error, *app.success]
        html = [body for each in app.get("html") if not (body := each.proto.body).lstrip().startswith("<style")]
        said = [block.value for block in blocks] + html
        return read(" ".join(said + [data["says"][data["at"]] for data in self.dragged()]))

    def dragged(self) -> list[dict[str, Any]]:
        """What the page gives its dragged charts, but for their tables."""
        parts = (each.proto for each in self.app.get("bidi_component"))
        return [json.loads(part.mixed.json) for part in parts if part.component_name == "dragged_chart"]

    def lacks(self, claims: dict[str, str]) -> list[str]:
        """The claims whose words the page does not say."""
        said = self.said()
        return [claim for claim, words in claims.items() if words not in said]

    def gates(self) -> list[str]:
        """Keys of the questions that are open, in the order of the page."""
        fields = [*self.app.radio, *self.app.number_input]
        return [field.key.removeprefix("guess-") for field in fields if (field.key or "").startswith("guess-")]

    def answer(self, key: str, answer: float) -> None:
        """Commit to an answer: the index of a choice, or a number."""
        field = next(f for f in [*self.app.radio, *self.app.number_input] if f.key == f"guess-{key}")
        field.set_value(answer)
        self._press("Commit", key)

    def skip(self, key: str) -> None:
        self._press("Skip", key)

    def enter(self, label: str, value: float) -> None:
        """Type a number into the field with this label."""
        next(field for field in self.app.number_input if field.label == label).set_value(value)
        self.run()

    def press(self, label: str) -> None:
        next(button for button in self.app.button if button.label == label).click()
        self.run()

    def _press(self, label: str, key: str) -> None:
        next(b for b in self.app.button if b.label == label and f"gate-{key}" in b.proto.form_id).click()
        self.run()


@pytest.fixture
def open_lesson() -> Callable[..., LessonPage]:
    """open_lesson("one_step", gate="0") is the lesson at that link; `_` in a name stands for `-`."""
    return LessonPage
