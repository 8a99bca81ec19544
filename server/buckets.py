"""Token buckets: so many at once, then so many a second; one of a socket, or one of each address."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_MOST_ADDRESSES = 10_000  # with a bucket of their own; beyond these the one that asked longest ago starts anew


class Bucket:
    """A token bucket: so many at once, then so many a second."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._tokens, self._at = float(burst), clock()

    def wait(self) -> float:
        """Take a token; the seconds to wait until it is there."""
        self._fill()
        self._tokens -= 1
        return max(0.0, -self._tokens / self._rate)

    def take(self) -> bool:
        """Take a token where there is one; whether there was."""
        self._fill()
        there = self._tokens >= 1
        self._tokens -= there
        return there

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now


class Metered:
    """ASGI middleware of a route: each address may ask so often, at once and a second; then it is refused with 429.

    For a route of our own: `Route(path, endpoint, middleware=[Middleware(Metered, rate=20, burst=100)])`.
    """

    def __init__(self, app: ASGIApp, rate: float, burst: int) -> None:
        self._app, self._rate, self._burst = app, rate, burst
        self._of: OrderedDict[str, Bucket] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say that this was too often."""
        if self._bucket(address(scope)).take():
            await self._app(scope, receive, send)
        else:
            words = "Too many requests from your address: ask again in a second."
            await PlainTextResponse(words, 429, headers={"Retry-After": "1"})(scope, receive, send)

    def _bucket(self, of: str) -> Bucket:
        bucket = self._of.pop(of, None) or Bucket(self._rate, self._burst)
        self._of[of] = bucket
        if len(self._of) > _MOST_ADDRESSES:
            self._of.popitem(last=False)
        return bucket


def address(scope: Scope) -> str:
    """Who asks: an IPv4 address, or the first half of an IPv6 one, of which a household has 2^64; "" for nobody known.

    Behind a proxy of this machine uvicorn has put the last address of X-Forwarded-For there, the one which that proxy
    has seen; it takes no such header from anybody else.
    """
    host = str((scope.get("client") or ("",))[0])
    try:
        if (found := ipaddress.ip_address(host)).version == 6:
            return str(ipaddress.ip_network(f"{found}/64", strict=False))
    except ValueError:
        pass  # no address, as of a test's client: itself then
    return host
