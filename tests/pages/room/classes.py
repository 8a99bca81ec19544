"""A class in a room, and what the room's pages say of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from streamlit.testing.v1 import AppTest

from room.plan import read_plan
from room.rooms import Rooms
from tests.pages.app import open_page

BOUNCE = "vote:one_step/one-step-bounce:0"  # its choices: B is right
PLAN = (BOUNCE, "limit:data=article", "sweep:lr=1e-05&lr=1")
_OF_SEATS = ("Deal another name", "Remove", "Erase this room", "Deal groups", "No groups")


class Class:
    """A room with its host's secret, and seats that answer."""

    def __init__(self, rooms: Rooms, plan: Sequence[str] = PLAN) -> None:
        self.rooms = rooms
        self.code, self.secret = rooms.create(read_plan(plan))
        self.seats: list[Any] = []

    def come_in(self, count: int) -> None:
        self.seats += [self.rooms.join(self.code) for _ in range(count)]

    def answer(self, *values: Any) -> None:
        """The first seats answer the step that is open."""
        now = self.rooms.told(self.code)
        for seat, value in zip(self.seats, values, strict=False):
            self.rooms.answer(self.code, seat.token, now["step"], now["round"], value)

    def do(self, *actions: str) -> None:
        for action in actions:
            self.rooms.do(self.code, action)

    def host(self) -> AppTest:
        return open_page("room/host.py", room=self.code)

    def hall(self) -> AppTest:
        return open_page("room/hall.py", room=self.code)


def html(app: AppTest) -> str:
    """All that a page says as HTML, and as text."""
    return " ".join([*(str(each.proto.body) for each in app.get("html")), *(each.value for each in app.text)])


def read(app: AppTest) -> str:
    """The page's HTML as one reads it."""
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", html(app)))


def labels(app: AppTest) -> list[str]:
    """The buttons of the host, in their order; those of a seat and of erasing left out."""
    return [button.label for button in app.button if button.label not in _OF_SEATS]


def primary(app: AppTest) -> list[str]:
    """The emphasised ones of these."""
    return [each.label for each in app.button if each.proto.type == "primary" and each.label not in _OF_SEATS]


def charts(app: AppTest) -> list[str]:
    """The words of the charts."""
    return [each.proto.alt for each in [*app.get("vega_lite_chart"), *app.get("arrow_vega_lite_chart")]]
