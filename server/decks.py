"""Decks by address: GET /deck?<words of a link> answers what a browser draws of a line at any learning rate.

Beside an experiment's words an address may have `deck`, the version of the lab that makes it: what has it is kept by
browsers and proxies for a year, unasked, and another version has other addresses. `alone=on` asks for the link's own
rates only, to join a deck that is there; `axis=-7_5`, the powers of ten at the ends of its axis of losses.
"""

import gzip
import hashlib
import importlib.metadata
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from server.builds import Builds, Left
from server.workers import Unfinished

if TYPE_CHECKING:  # else inside functions: the server answers before core is loaded
    from core import Experiment
    from core.drawing.axes import Axis

    _Asked = tuple[Experiment, Axis | None]

PATH = "/deck"
_KEEP = "public, immutable, max-age=31536000"
_AXIS = re.compile(r"(-?\d{1,3})_(-?\d{1,3})")
_MOST_BYTES = 30_000_000  # of decks that are kept; the article's has 34 kB


class Decks:
    """The decks of one process: each is built once, however many ask for it together, and kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Asked, bytes] = OrderedDict()
        self._builds = Builds()

    async def answer(self, request: Request) -> Response:
        """The deck; where there is none, why, in a sentence."""
        try:
            asked = await run_in_threadpool(_asked, request)
            headers = {"Vary": "Accept-Encoding", "ETag": _tag(asked), "Cache-Control": "no-cache"}
            if request.query_params.get("deck") == version():
                headers["Cache-Control"] = _KEEP
            if headers["ETag"] in request.headers.get("if-none-match", ""):
                return Response(status_code=304, headers=headers)
            content = self._kept.get(asked) or await self._built(asked, request)
        except HTTPException as refusal:
            return PlainTextResponse(refusal.detail, refusal.status_code, {"Cache-Control": "no-store"})
        self._keep(asked, content)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
        else:
            content = await run_in_threadpool(gzip.decompress, content)
        return Response(content, media_type="application/octet-stream", headers=headers)

    async def _built(self, asked: "_Asked", request: Request) -> bytes:
        from core.instruments.compare.stage import packed, seconds

        cost = {"seconds": seconds(asked[0]), "megabytes": asked[0].megabytes()}
        try:
            content: bytes = await self._builds.result(packed, asked, request, **cost)
        except Unfinished as reason:
            raise HTTPException(503, f"This deck can't be made now: {reason}.") from None
        except Left:
            raise HTTPException(499, "Whoever asked has left.") from None  # as nginx calls it, and nobody reads
        return content

    def _keep(self, asked: "_Asked", content: bytes) -> None:
        """Keep it as the youngest; the oldest go."""
        self._kept[asked] = content
        self._kept.move_to_end(asked)
        while sum(map(len, self._kept.values())) > _MOST_BYTES:
            self._kept.popitem(last=False)


def _asked(request: Request) -> "_Asked":
    """The family that a link asks for, repaired as the pages repair it, and the axis of the deck that it joins.

    Raises HTTPException where there is none.
    """
    from core import MAX_LANES, Experiment
    from core.data.datasets import UPLOADS_STAY, is_upload
    from core.drawing.deck import family
    from core.training.train import torch_is_installed

    link = {name: request.query_params.getlist(name) for name in request.query_params}
    if any(map(is_upload, link.get("data", []))):
        raise HTTPException(404, f"The deck of an upload has no address: {UPLOADS_STAY}.")
    experiment, _ = Experiment.from_query(link | {"lr": [text for text in link.get("lr", []) if text][:MAX_LANES]})
    if experiment.network():
        raise HTTPException(400, "A deck is of a line, y = w x + b: take data with one input, and no hidden layers.")
    if not torch_is_installed():
        experiment = replace(experiment, engine="numpy")
    return family(experiment, alone=link.get("alone") == ["on"]), _axis(link.get("axis", [""])[-1])


def _axis(text: str) -> "Axis | None":
    from core.drawing.axes import Axis

    if not text:
        return None
    low, high = map(int, found.groups()) if (found := _AXIS.fullmatch(text)) else (0, 0)
    if not -320 < low < high < 309:
        raise HTTPException(400, "axis must be two powers of ten, the lower one first, as in axis=-7_5.")
    return Axis(low=10.0**low, high=10.0**high, scale="log")


def _tag(asked: "_Asked") -> str:
    """The deck's ETag, known before it is built. Weak: it is the same packed and unpacked."""
    return f'W/"{hashlib.sha256(f"{version()} {asked!r}".encode()).hexdigest()[:32]}"'


def deck_address(words: Mapping[str, Sequence[str]]) -> str:
    """Where the deck of a link's words is, from the lab's own address on."""
    return f"{PATH[1:]}?{urlencode({**words, 'deck': version()}, doseq=True)}"


@cache
def version() -> str:
    """Another one for each state of what makes decks: core's sources and data, and NumPy."""
    import core

    made_of = sorted(path for path in Path(core.__file__).parent.rglob("*") if path.suffix in (".py", ".csv"))
    told = hashlib.sha256(importlib.metadata.version("numpy").encode())
    for path in made_of:
        told.update(path.read_bytes())
    return told.hexdigest()[:16]
