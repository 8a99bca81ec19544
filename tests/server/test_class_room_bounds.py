"""How often a class room may be asked: by cookie for who is in, by address for who tries codes."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, Router
from starlette.testclient import TestClient

from server import class_room
from server.class_room import _Metered


def client() -> TestClient:
    """A room of the code RIGHT, whose seat has the cookie "true"."""

    async def mine(request: Request) -> JSONResponse:
        if request.path_params["code"] != "RIGHT":
            return JSONResponse({}, 404)
        return JSONResponse({}, 200 if request.cookies.get("lab_seat_RIGHT") == "true" else 403)

    rooms = Router(routes=[Route("/room/{code}/mine", mine)])
    return TestClient(Starlette(routes=[Route("/room/{rest:path}", _Metered(lambda: rooms))]))


def test_codes_are_not_guessed_with_made_up_cookies():
    app = client()
    statuses = [
        app.get("/room/WRONG/mine", headers={"cookie": f"lab_seat_WRONG={k}", "user-agent": str(k)}).status_code
        for k in range(400)
    ]
    assert statuses[:300] == [404] * 300 and statuses[-20:].count(429) >= 15


def test_who_is_in_stays_in_while_somebody_at_the_same_address_tries_codes():
    app, seated = client(), {"cookie": "lab_seat_RIGHT=true"}
    assert app.get("/room/RIGHT/mine", headers=seated).status_code == 200
    for k in range(400):
        app.get("/room/WRONG/mine", headers={"user-agent": str(k)})
    assert app.get("/room/RIGHT/mine").status_code == 429
    assert app.get("/room/RIGHT/mine", headers=seated).status_code == 200


def test_nginxs_own_cookie_is_nobodys_seat(monkeypatch):
    monkeypatch.setattr(class_room, "_OF_A_SEAT", (0.001, 2.0))
    app = client()
    for _ in range(20):
        assert app.get("/room/RIGHT/mine", headers={"cookie": "lab_process=0"}).status_code == 403
