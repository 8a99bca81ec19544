"""How often one may ask: at once, and for long."""

from __future__ import annotations

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from server.buckets import Bucket, Metered, address, proxies_of_this_machine


def test_a_bucket_gives_a_burst_at_once_and_then_so_many_a_second():
    now = 0.0
    bucket = Bucket(rate=10, burst=3, clock=lambda: now)
    assert [bucket.wait() for _ in range(5)] == pytest.approx([0, 0, 0, 0.1, 0.2])
    now = 0.2
    assert bucket.wait() == pytest.approx(0.1)
    now = 100.0
    assert [bucket.wait() for _ in range(4)] == pytest.approx([0, 0, 0, 0.1]), "a long rest fills it to the burst"


def test_who_asks_where_no_token_is_gets_none_and_owes_none():
    now = 0.0
    bucket = Bucket(rate=1, burst=2, clock=lambda: now)
    assert [bucket.take() for _ in range(9)] == [True, True] + [False] * 7
    now = 1.0
    assert [bucket.take() for _ in range(2)] == [True, False]
    now = 3.0
    assert [bucket.take(0.5), bucket.take(2), bucket.take(1.5)] == [True, False, True], "what costs less gets less"


def test_each_address_has_a_bucket_and_those_of_long_ago_are_forgotten(monkeypatch):
    monkeypatch.setattr("server.buckets._MOST_ADDRESSES", 2)
    metered = Metered(PlainTextResponse("here"), rate=1e-9, burst=1)

    def status(client: str) -> int:
        return TestClient(metered, client=(client, 5000)).get("/healthz").status_code

    assert [status("192.0.2.1") for _ in range(3)] == [200, 429, 429]
    assert [status("192.0.2.2"), status("192.0.2.1")] == [200, 429]
    assert [status("192.0.2.3"), status("192.0.2.2"), status("192.0.2.1")] == [200, 200, 200], "two are remembered"


@pytest.mark.parametrize(
    ("peer", "forwarded", "counts_as"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("::ffff:192.0.2.1", None, "192.0.2.1"),  # on a server that listens to IPv6 too
        ("2001:db8::1", None, "2001:db8::/64"),
        ("192.0.2.1", "203.0.113.1", "192.0.2.1"),  # an outsider may say what they like
        ("127.0.0.1", "203.0.113.1, 192.0.2.1", "192.0.2.1"),  # before what a proxy of this machine adds, too
        ("::1", "203.0.113.1, 192.0.2.1", "192.0.2.1"),
        ("::ffff:127.0.0.1", "203.0.113.1, 192.0.2.1", "192.0.2.1"),
        ("127.0.0.1", "203.0.113.1, 192.0.2.1, 127.0.0.1", "192.0.2.1"),  # two proxies of this machine, in a row
        ("127.0.0.1", "2001:db8::1", "2001:db8::/64"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("testclient", None, "testclient"),
    ],
)
def test_an_address_is_what_this_machine_has_seen_of_it(peer, forwarded, counts_as):
    async def app(scope, receive, send) -> None:
        await PlainTextResponse(address(scope))(scope, receive, send)

    visitor = TestClient(proxies_of_this_machine(app), client=(peer, 5000))
    assert visitor.get("/", headers={"x-forwarded-for": forwarded} if forwarded else {}).text == counts_as
