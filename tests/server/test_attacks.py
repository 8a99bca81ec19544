"""What one client does to the whole lab, as it was once done: each is refused, and others wait no longer for it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

import httpx2
import pytest
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.load import never_seen
from benchmarks.visitor import Visitor
from server.guard import MOST_FILES, PATIENCE
from server.uploads import GRACE
from tests.server.conftest import Lab, run

pytestmark = pytest.mark.slow

CLICKS = 10
LONGER = 0.5  # seconds that the others may wait beyond their time alone
Attack = Callable[[Lab], Awaitable[None]]


def waits(lab: Lab, attack: Attack) -> tuple[float, float]:
    """Seconds that another visitor waits for a click, all but the slowest: alone, and while the attack goes on.

    Other tests run meanwhile: alone is the longer of before and after, and of two measures the shorter counts, which an
    attack that is felt makes long both times.
    """

    async def both() -> tuple[float, float]:
        calm = await visitor_of(lab)
        alone = await clicks(calm)
        enough = asyncio.Event()
        attacking = asyncio.create_task(_again_and_again(attack, lab, enough))
        beside = min([await clicks(calm), await clicks(calm)])
        enough.set()
        await attacking
        alone = max(alone, await clicks(calm))
        await calm.leave()
        return alone, beside

    return run(both())


async def _again_and_again(attack: Attack, lab: Lab, enough: asyncio.Event) -> None:
    while not enough.is_set():
        await attack(lab)


async def clicks(visitor: Visitor) -> float:
    answers = [await visitor.rest(never_seen()) for _ in range(CLICKS)]
    assert all(answer.problem == "" for answer in answers)
    return sorted(answer.seconds for answer in answers)[-2]


async def visitor_of(lab: Lab, cookie: str = "") -> Visitor:
    visitor = Visitor(address=lab.address, cookie=cookie)
    await visitor.connect()
    assert (await visitor.open()).problem == ""
    return visitor


async def get(lab: Lab, path: str, **headers: str) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=f"http://{lab.address}", timeout=60) as client:
        return await client.get(path, headers=headers)


def test_cookies_of_sixty_thousand_backslashes_are_refused_unread(lab: Lab) -> None:
    async def attack(lab: Lab) -> None:
        assert (await get(lab, "/_stcore/health", cookie='a="' + "\\" * 60_000 + '"')).status_code == 431

    alone, beside = waits(lab, attack)
    assert beside < alone + LONGER


def test_five_hundred_idle_sockets_of_one_client_close_the_lab_to_nobody_and_are_closed(lab: Lab) -> None:
    async def connect() -> websockets.ClientConnection | None:
        try:
            return await websockets.connect(f"ws://{lab.address}/_stcore/stream", proxy=None, open_timeout=60)
        except websockets.InvalidStatus as refused:
            assert refused.response.status_code == 429
            return None

    async def idle() -> tuple[int, int, float]:
        calm = await visitor_of(lab)
        alone = await clicks(calm)
        sockets = [socket for socket in await asyncio.gather(*(connect() for _ in range(500))) if socket]
        start = time.perf_counter()
        # This client's address, 127.0.0.1, has no more room; a proxy of this machine speaks for another one.
        other = await get(lab, "/", accept="text/html", **{"x-forwarded-for": "192.0.2.1"})
        assert await clicks(calm) < alone + LONGER
        await asyncio.wait_for(asyncio.gather(*(socket.wait_closed() for socket in sockets)), 3 * PATIENCE)
        await calm.leave()
        return len(sockets), other.status_code, time.perf_counter() - start

    let_in, other, seconds = run(idle())
    assert 390 < let_in < 400, "all that one address may have, less the calm visitor and who has just left"
    assert other == 200
    assert seconds > PATIENCE / 2


def files_asked_for(count: int) -> bytes:
    message = BackMsg()
    message.file_urls_request.request_id = "x"
    message.file_urls_request.file_names.extend(["log.csv"] * count)
    frame: bytes = message.SerializeToString()
    return frame


async def addresses(visitor: Visitor, count: int) -> list[str]:
    """Where this visitor may upload so many files to."""
    await visitor.send(files_asked_for(count))
    async with asyncio.timeout(60):
        while True:
            message = ForwardMsg.FromString(await visitor._socket.recv(decode=False))
            if message.WhichOneof("type") == "file_urls_response":
                return [each.upload_url for each in message.file_urls_response.file_urls]


def test_a_hundred_thousand_addresses_for_files_are_not_given(lab: Lab) -> None:
    async def attack(lab: Lab) -> None:
        rough = await visitor_of(lab)
        for _ in range(5):
            await rough.send(files_asked_for(100_000))
        assert len(await addresses(rough, MOST_FILES)) == MOST_FILES, "the first answer is to what may be asked"
        await rough.leave()

    alone, beside = waits(lab, attack)
    assert beside < alone + LONGER


async def token_of(lab: Lab) -> dict[str, str]:
    """The headers that a browser sends with an upload."""
    cookie = (await get(lab, "/_stcore/health")).headers["set-cookie"].split(";")[0]
    return {"Cookie": cookie, "X-Xsrftoken": cookie.partition("=")[2]}


def test_sixty_files_of_twenty_megabytes_are_not_kept_and_three_are_freed_soon(lab: Lab) -> None:
    async def upload() -> tuple[list[int], float, float]:
        rough, calm, token = await visitor_of(lab), await visitor_of(lab), await token_of(lab)
        alone = await clicks(calm)
        before, beside = lab.memory(), asyncio.create_task(clicks(calm))
        async with httpx2.AsyncClient(base_url=f"http://{lab.address}", timeout=60) as client:
            sent = [
                (await client.put(address, files={"file": bytes(20_000_000)}, headers=token)).status_code
                for address in await addresses(rough, 60)
            ]
            held = lab.memory() - before
            assert await beside < alone + LONGER
            await calm.leave()
            await rough.leave()
            start = time.perf_counter()
            while lab.memory() - before > held / 2:
                await asyncio.sleep(0.05)
        return sent, held, time.perf_counter() - start

    sent, held, seconds = run(asyncio.wait_for(upload(), 180))
    assert sent == [204] * 3 + [413] * 57
    assert held < 150
    assert GRACE - 1 < seconds < GRACE + 10
    assert run(calm_click(lab)) == ""


def test_a_page_that_was_lost_for_a_moment_finds_its_session_and_its_uploads_again_and_may_be_silent(lab: Lab) -> None:
    async def come_back() -> tuple[list[int], list[int]]:
        visitor, token = await visitor_of(lab), await token_of(lab)
        places = await addresses(visitor, 4)
        async with httpx2.AsyncClient(base_url=f"http://{lab.address}", timeout=60) as client:

            async def put(place: str) -> int:
                return (await client.put(place, files={"file": bytes(20_000_000)}, headers=token)).status_code

            before = [await put(place) for place in places[:2]]
            await visitor.leave()
            session = places[0].split("/")[-2]
            again = [websockets.Subprotocol(name) for name in ("streamlit", "token", session)]
            visitor._socket = await websockets.connect(
                f"ws://{lab.address}/_stcore/stream", subprotocols=again, proxy=None, max_size=None
            )
            with pytest.raises(TimeoutError):  # as a browser does, it has nothing to ask for
                await asyncio.wait_for(visitor._socket.wait_closed(), PATIENCE + 2)
            answer = await visitor.rest(never_seen())
            assert answer.problem == ""
            after = [await put(place) for place in places[2:]]
        await visitor.leave()
        return before, after

    before, after = run(come_back())
    assert before == [204, 204]
    assert after == [204, 413], "two of three places are taken still"


async def calm_click(lab: Lab) -> str:
    visitor = await visitor_of(lab)
    answer = await visitor.rest(never_seen())
    await visitor.leave()
    return answer.problem


@pytest.mark.parametrize(("path", "status"), [("{upload}", b"408"), ("/healthz", None), ("/none", None)])
def test_a_body_that_comes_byte_by_byte_is_given_up_within_a_minute(lab: Lab, path: str, status: bytes | None) -> None:
    async def drip() -> tuple[bytes, float]:
        rough, token = await visitor_of(lab), await token_of(lab)
        at = path.format(upload=(await addresses(rough, 1))[0])
        reader, writer = await asyncio.open_connection(*lab.address.split(":"))
        head = {
            "Host": lab.address,
            "Content-Length": "1000",
            "Content-Type": "multipart/form-data; boundary=x",
            **token,
        }
        lines = [f"PUT {at} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
        writer.write("\r\n".join([*lines, "", "--x\r\n"]).encode())
        start = time.perf_counter()
        answer = asyncio.create_task(reader.read())  # until the connection is closed
        while not answer.done():
            with contextlib.suppress(ConnectionError):
                writer.write(b"-")
                await writer.drain()
            await asyncio.wait([answer], timeout=2)
        writer.close()
        await rough.leave()
        # Whoever writes on after an answer may lose it.
        return b"" if answer.exception() else answer.result(), time.perf_counter() - start

    answer, seconds = run(asyncio.wait_for(drip(), 120))
    assert status is None or answer.split()[1] == status
    assert seconds < 75


def test_a_link_to_elsewhere_leads_nowhere_else(lab: Lab) -> None:
    for path in ("//elsewhere/path", "/\\elsewhere", "//elsewhere/", "/sweep", "/sweep/"):
        for query in ("", "?" + "lr=0.1&" * 3000):
            answer = run(get(lab, f"http://{lab.address}{path}{query}"))
            to = httpx2.URL(f"http://{lab.address}{path}").join(answer.headers.get("location", ""))
            assert to.netloc.decode() == lab.address, (path, answer.status_code, answer.headers)
