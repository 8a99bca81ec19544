"""Token buckets: so many at once, then so many a second; one of a socket, or one of each address."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_MOST_ADDRESSES = 10_000  # with a bucket of their own; beyond these the one that asked longest ago starts anew


class Bucket:
    """A token bucket: so many at once, then so many a second."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._tokens, self._at = float(burst), clock()

    def wait(self) -> float:
        """Take a token; the seconds to wait until it is there."""
        self._fill()
        self._tokens -= 1
        return max(0.0, -self._tokens / self._rate)

    def take(self, tokens: float = 1) -> bool:
        """Take so many tokens where there are as many; whether there were."""
        self._fill()
        there = self._tokens >= tokens
        self._tokens -= tokens * there
        return there

    def there(self) -> bool:
        """Whether a token is there; it stays."""
        self._fill()
        return self._tokens >= 1

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now


class Buckets:
    """A bucket for each address, full when it asks for the first time."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._of: OrderedDict[str, Bucket] = OrderedDict()

    def of(self, address: str) -> Bucket:
        """The bucket of this address."""
        bucket = self._of.pop(address, None) or Bucket(self._rate, self._burst)
        self._of[address] = bucket
        if len(self._of) > _MOST_ADDRESSES:
            self._of.popitem(last=False)
        return bucket


class Metered:
    """ASGI middleware of a route: each address may ask so often, at once and a second; then it is refused with 429.

    For a route of our own: `Route(path, endpoint, middleware=[Middleware(Metered, rate=20, burst=100)])`.
    """

    def __init__(self, app: ASGIApp, rate: float, burst: int) -> None:
        self._app, self._buckets = app, Buckets(rate, burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say that this was too often."""
        if self._buckets.of(address(scope)).take():
            await self._app(scope, receive, send)
        else:
            words = "Too many requests from your address: ask again in a second."
            await PlainTextResponse(words, 429, headers={"Retry-After": "1"})(scope, receive, send)


def address(scope: Scope) -> str:
    """Who asks: an IPv4 address, or the first half of an IPv6 one, of which a household has 2^64; "" for nobody known.

    Behind a proxy of this machine it is the last address of X-Forwarded-For, the one which that proxy has seen: see
    `proxies_of_this_machine`. Nobody else's header counts.
    """
    host = str((scope.get("client") or ("",))[0])
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host  # a name, as of a test's client
    if isinstance(found, ipaddress.IPv4Address):
        return host
    # A server that listens to both kinds has IPv4 addresses as ::ffff:192.0.2.1.
    return str(found.ipv4_mapped or ipaddress.ip_network(f"{found}/64", strict=False))


def proxies_of_this_machine(app: ASGIApp) -> ASGIApp:
    """Take client and scheme from the X-Forwarded headers of a proxy that speaks from here, by each of its addresses.

    uvicorn does so for 127.0.0.1 alone, which a server that listens to IPv6 too never sees.
    """
    return ProxyHeadersMiddleware(app, ["127.0.0.1", "::1", "::ffff:127.0.0.1"])  # type: ignore[arg-type,return-value]
