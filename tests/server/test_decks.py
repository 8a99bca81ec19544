"""Decks by address: what is answered, how long it is kept, what is refused, and that a class has each built once."""

from __future__ import annotations

import asyncio
import gzip
import random
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import httpx2
import numpy as np
import psutil
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from core import Experiment, train
from core.data.datasets import upload
from core.drawing import deck
from core.drawing.axes import Axis
from core.drawing.deck import Deck
from core.instruments.compare import stage
from server import builds, decks
from tests.cases import for_each
from tests.server.conftest import run

SHORT = {"epochs": "20"}
LONG = {"epochs": "200000"}  # by estimate longer than a tenth of a second


@pytest.fixture
def visitor():
    return TestClient(app())


def app() -> Starlette:
    return Starlette(routes=[Route(decks.PATH, decks.Decks().answer)])


@pytest.fixture
def built(monkeypatch):
    """The experiments whose decks would be built, in this process and by workers, which are threads here."""
    built: list[Experiment] = []

    def packed(experiment: Experiment, losses: Axis | None) -> bytes:
        built.append(experiment)
        return gzip.compress(random.Random(len(built)).randbytes(1000))

    def do(job: Any, *, progress: Callable[[float], object], **_: Any) -> bytes:
        progress(0.0)
        return packed(*job.arguments)

    monkeypatch.setattr(stage, "packed", packed)
    monkeypatch.setattr(builds, "workers", lambda: SimpleNamespace(do=do))
    return built


def test_a_deck_has_the_links_rates_and_others_of_its_family(visitor):
    answer = visitor.get(decks.PATH, params={"lr": ["0.0123", "1.0"], **SHORT})
    assert answer.status_code == 200
    family = deck.family(Experiment(learning_rates=(0.0123, 1.0), epochs=20))
    assert answer.content == gzip.decompress(stage.packed(family))
    assert {0.0123, 1.0, 0.01} <= set(Deck.from_bytes(answer.content).rates.tolist())


def test_a_rate_that_joins_comes_alone(visitor):
    answer = visitor.get(decks.PATH, params={"lr": "0.0123", "alone": "on", **SHORT})
    assert Deck.from_bytes(answer.content).rates.tolist() == [0.0123]


def test_a_rate_that_joins_is_told_where_it_leaves_the_axis_of_the_deck_that_it_joins(visitor):
    loss = train(Experiment(learning_rates=(0.0123, 0.2), epochs=20)).loss
    for axis, low, high in (("-7_5", 1e-7, 1e5), ("0_2", 1.0, 100.0), ("-319_308", 1e-319, 1e308)):
        words = {"lr": ["0.0123", "0.2"], "alone": "on", "axis": axis, **SHORT}
        exits = Deck.from_bytes(visitor.get(decks.PATH, params=words).content).exits
        for lane in (0, 1):
            off = np.flatnonzero((loss[lane] < low) | (loss[lane] > high))
            assert exits[lane, 2] == (off[0] if off.size else 0), (axis, lane)
            assert np.sign(exits[lane, 1]) == (np.sign(loss[lane, off[0]] - high) if off.size else 0), (axis, lane)


def test_decks_on_different_axes_are_different_ones(visitor):
    words = {"lr": "0.2", "alone": "on", **SHORT}
    asked = [visitor.get(decks.PATH, params=words | axis) for axis in ({}, {"axis": "0_2"}, {"axis": "0_3"})]
    assert len({answer.headers["etag"] for answer in asked}) == 3
    assert len({answer.content for answer in asked}) == 3


NO_AXIS = ["x", "_", "5_-7", "1_1", "-400_5", "0_309", "1.5_2", "1_2_3", " 0_2", "0_2\n", "1e0_2", "9" * 9000 + "_1"]


@for_each("axis", NO_AXIS)
def test_an_axis_that_is_none_is_refused_in_a_sentence(axis, visitor):
    answer = visitor.get(decks.PATH, params={"lr": "0.2", "alone": "on", "axis": axis, **SHORT})
    assert answer.status_code == 400
    assert answer.text == "axis must be two powers of ten, the lower one first, as in axis=-7_5."
    assert answer.headers["cache-control"] == "no-store"


def test_it_is_packed_for_who_can_unpack_it(visitor):
    packed = visitor.get(decks.PATH, params=SHORT)
    plain = visitor.get(decks.PATH, params=SHORT, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2


def test_an_address_of_this_version_is_kept_for_good_and_any_other_is_asked_for_again(visitor):
    here = visitor.get("/" + decks.deck_address(SHORT | {"lr": ["0.01", "0.02"]}))
    assert here.headers["cache-control"] == "public, immutable, max-age=31536000"
    for old in ({}, {"deck": "0123456789abcdef"}):
        answer = visitor.get(decks.PATH, params=SHORT | old)
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.content == here.content, "its lanes are among the rates of the family"


def test_another_state_of_the_source_has_other_addresses(tmp_path, monkeypatch):
    for name in ("core/__init__.py", "core/data/heights.csv", "core/notes.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    monkeypatch.setattr("core.__file__", str(tmp_path / "core" / "__init__.py"))
    fresh = decks.version.__wrapped__
    versions = [fresh()]
    for name in ("core/__init__.py", "core/data/heights.csv", "core/notes.md"):
        (tmp_path / name).write_text("2")
        versions.append(fresh())
    assert len(set(versions[:3])) == 3
    assert versions[3] == versions[2], "what makes no deck changes no address"
    assert decks.version() == decks.version() != versions[0]


def test_an_etag_is_answered_with_304_and_nothing_is_built_for_it(visitor, built):
    first = visitor.get(decks.PATH, params=SHORT)
    tag = first.headers["etag"]
    for asked in (tag, f'"other", {tag}'):
        again = TestClient(app()).get(decks.PATH, params=SHORT, headers={"if-none-match": asked})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert len(built) == 1
    other = visitor.get(decks.PATH, params={"epochs": "21"}, headers={"if-none-match": tag})
    assert (other.status_code, other.headers["etag"] == tag) == (200, False)


def test_what_was_built_is_kept_and_the_oldest_goes_where_it_is_too_much(visitor, built, monkeypatch):
    def ask(epochs: int) -> None:
        assert visitor.get(decks.PATH, params={"epochs": epochs, "alone": "on"}).status_code == 200

    ask(20)
    ask(20)
    assert len(built) == 1
    monkeypatch.setattr(decks, "_MOST_BYTES", 5000)  # four
    for epochs in range(21, 41):
        ask(epochs)
    ask(40)
    assert len(built) == 21, "the youngest is there"
    ask(20)
    assert len(built) == 22, "the oldest has gone"


def together(app: Starlette, *asked: dict[str, Any]) -> list[httpx2.Response]:
    """What all get who ask at the same time."""

    async def ask() -> list[httpx2.Response]:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://lab") as browser:
            return await asyncio.gather(*(browser.get(decks.PATH, params=words) for words in asked))

    return run(ask())


@for_each("words", [SHORT, LONG])
def test_thirty_who_ask_together_have_it_built_once(words, built):
    built.clear()
    lanes = [["0.01", "1e-6"], ["0.01", "1e-6", "0.01"], ["1e-6", "0.01"]]
    answers = together(app(), *(words | {"lr": lanes[i % 3]} for i in range(30)))
    assert [answer.status_code for answer in answers] == [200] * 30
    assert len({answer.content for answer in answers}) == len(built) == 1


def test_what_cant_be_built_is_told_in_a_sentence(visitor, monkeypatch):
    def do(*_: Any, **__: Any) -> bytes:
        raise builds.Unfinished("it needs more memory than the 300 MB that there are for one visitor")

    monkeypatch.setattr(builds, "workers", lambda: SimpleNamespace(do=do))
    answer = visitor.get(decks.PATH, params=LONG)
    assert answer.status_code == 503
    assert answer.text == (
        "This deck can't be made now: it needs more memory than the 300 MB that there are for one visitor."
    )
    assert answer.headers["cache-control"] == "no-store"


@for_each("words", [{"data": "circles"}, {"hidden": "8"}, {"l2": "0.1"}, {"data": "digits", "hidden": "64x64"}])
def test_a_network_has_none_yet(words, visitor):
    answer = visitor.get(decks.PATH, params=words)
    assert answer.status_code == 400
    assert answer.text == "A deck is of a line, y = w x + b: take data with one input, and no hidden layers."


def test_an_upload_has_none_whether_it_is_there_or_not(visitor, built):
    held = upload(x=np.arange(5.0), y=np.arange(5.0), title="Mine", source="here")
    for words in ({"data": held.name}, {"data": "upload:0123"}, {"data": [held.name, "article"]}):
        answer = visitor.get(decks.PATH, params=words)
        assert answer.status_code == 404
        assert answer.text.startswith("The deck of an upload has no address: an upload is kept for one visit")
        assert held.name not in answer.text
    assert built == []


def test_without_pytorch_it_is_trained_by_numpy_as_on_a_page(visitor, built, monkeypatch):
    monkeypatch.setattr("core.training.train.torch_is_installed", lambda: False)
    assert visitor.get(decks.PATH, params={"engine": "torch", **SHORT}).status_code == 200
    assert [experiment.engine for experiment in built] == ["numpy"]


HOSTILE = [
    "lr=nan&lr=inf&lr=-1&lr=1e999",
    "lr=" + "9" * 5000,
    "&".join(f"lr=0.0{k}1" for k in range(1, 60)),
    "epochs=1e15",
    "epochs=-1&seed=99999999999999999999",
    "start=1e308&start=nan",
    "data=%00&data=../../etc/passwd",
    "data=points:" + ";".join("1e9,-1e9" for _ in range(3)),
    "data=points:0,0;0,0",
    "data=points:nan,1;2",
    "%ff%fe=%ed%a0%80&lr=%ff",
    "lr=%f0%9f%98%80&noise=%00",
    "momentum=0.999&optimizer=nesterov&lr=1e6&lr=1e-12",
    "alone=on&alone=on&deck=%0d%0aSet-Cookie:x=1",
    "&".join(f"{k}=1" for k in range(500)),
    "&;=&&==&%",
    "optimizer=<script>&engine=rm -rf",
]


@for_each("query", HOSTILE)
def test_hostile_words_are_repaired_as_on_a_page(query, visitor):
    short = "" if "epochs" in query else "&epochs=5"
    answer = visitor.get(f"{decks.PATH}?{query}{short}")
    assert answer.status_code == 200
    made = Deck.from_bytes(answer.content)
    assert 1 <= len(made.rates) <= 120
    assert made.moments[-1] <= 1000
    assert set(answer.headers) == {
        "vary",
        "etag",
        "cache-control",
        "content-length",
        "content-type",
        "content-encoding",
    }
    assert len(answer.headers["etag"]) == 36


def test_no_link_asks_for_more_than_any_page_would_train():
    from core.experiment.cost import MAX_CELLS, MAX_SECONDS

    for words in ({"epochs": "500000", "lr": [f"0.0{k}1" for k in range(1, 9)]}, {"epochs": "4000000", "lr": "0.1"}):
        experiment, repairs = Experiment.from_query(words)
        assert repairs == ()
        family = deck.family(experiment)
        assert family.seconds() <= MAX_SECONDS
        assert len(family.learning_rates) * family.epochs <= MAX_CELLS


@pytest.mark.slow
def test_a_long_one_is_built_by_a_real_worker_the_same_to_the_last_digit(visitor):
    words = {"data": "noisy-line", "batch_size": "4"}
    experiment, _ = Experiment.from_query(words)
    assert stage.seconds(deck.family(experiment)) > 0.1
    answer = visitor.get(decks.PATH, params=words)
    assert answer.content == gzip.decompress(stage.packed(deck.family(experiment)))


@pytest.mark.slow
def test_the_app_answers_with_them_behind_its_door(lab):
    address = f"http://{lab.address}/{decks.deck_address(SHORT)}"
    answer = httpx2.get(address)
    assert answer.status_code == 200
    assert answer.content == gzip.decompress(stage.packed(deck.family(Experiment(epochs=20))))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"].startswith("public, immutable, max-age=")
    assert "set-cookie" not in answer.headers, "shared caches keep no answer with one"
    again = httpx2.get(address, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.slow
def test_a_browser_that_goes_away_ends_the_work_for_it(lab):
    def spent() -> float:
        seconds = 0.0
        for process in lab.process.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                seconds += sum(process.cpu_times()[:2])
        return seconds

    def until(what: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end
            time.sleep(0.05)

    host, port = lab.address.split(":")
    begun = spent()
    with socket.create_connection((host, int(port))) as browser:
        browser.sendall(f"GET /deck?epochs=200000&batch_size=1 HTTP/1.1\r\nHost: {lab.address}\r\n\r\n".encode())
        until(lambda: spent() > begun + 1, 60)  # of some fifteen that it would take

    def rests() -> bool:
        before = spent()
        time.sleep(0.5)
        return spent() < before + 0.1  # a worker that waits looks now and then whether it is still wanted

    until(rests, 30)
