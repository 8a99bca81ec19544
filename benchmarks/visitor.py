"""A visitor without a browser: opens a page by Streamlit's own websocket protocol, and clicks."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import websockets
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

_MOST = 60.0  # seconds a visitor waits for an answer, as a rule
_DONE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
_REMEMBERED = 2  # script runs for which a browser keeps what it may be spared to be sent again


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One run of the page. seconds: from the click until its last element.  size: bytes.  problem: what it says went
    wrong, "" where all is well.
    """

    seconds: float
    size: int
    problem: str


@dataclass(slots=True, kw_only=True)
class Visitor:
    """A page, open. address: of the server, as 127.0.0.1:8501.  page: its address, "" the first's.  query: its words.

    cookie: what the server has given this browser, as a browser sends it back.
    deck: the address of what the compare page's stage draws, from the server's own on; "" where there is none.
    """

    address: str
    page: str = ""
    query: str = ""
    cookie: str = ""
    patience: float = _MOST
    deck: str = ""
    _socket: websockets.ClientConnection = field(init=False)
    _widgets: dict[str, WidgetState] = field(default_factory=dict)
    _fields: dict[str, tuple[str, str]] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)
    _stage: tuple[str, str] = "", ""
    _page_hash: str = ""
    _runs: int = 0

    async def connect(self) -> None:
        """Open the socket, as a browser of the same site does."""
        self._socket = await websockets.connect(
            f"ws://{self.address}/_stcore/stream",
            subprotocols=[websockets.Subprotocol("streamlit")],
            origin=websockets.Origin(f"http://{self.address}"),
            additional_headers={"Cookie": self.cookie} if self.cookie else None,
            max_size=None,
            open_timeout=_MOST,
            compression=None,
            proxy=None,
        )

    async def leave(self) -> None:
        """Close the tab."""
        await self._socket.close()

    async def open(self) -> Answer:
        """Ask for the page, and wait until all of it is there."""
        start = time.perf_counter()
        await self.send(self._message(""))
        return await self._answer(start)

    async def set(self, key: str, value: float | str) -> Answer:
        """Change the field of this key, and wait for the page that follows."""
        start = time.perf_counter()
        await self.send(self.changed(key, value))
        return await self._answer(start)

    def changed(self, key: str, value: float | str) -> bytes:
        """The message a browser sends when the field of this key is changed, one for a number or for text."""
        name, part = self._fields[key]
        kind = {"string_value": value} if isinstance(value, str) else {"double_value": value}
        self._widgets[name] = WidgetState(id=name, **kind)
        return self._message(part)

    async def rest(self, rates: Sequence[float]) -> Answer:
        """Move the lanes of the compare page to these rates, and wait for what it says when the hand rests."""
        start = time.perf_counter()
        await self.send(self.rested(rates))
        return await self._answer(start)

    def rested(self, rates: Sequence[float]) -> bytes:
        """The message a browser sends when the hand that moved the lanes to these rates rests."""
        name, part = self._stage
        told = [{"event": "rested", "value": list(rates)}]
        return self._message(
            part, WidgetState(id=_make_trigger_id(name, "events"), json_trigger_value=json.dumps(told))
        )

    async def send(self, frame: bytes | str) -> None:
        """Send a frame as it is."""
        await self._socket.send(frame)

    async def listen(self) -> None:
        """Take what comes and forget it; raises websockets' ConnectionClosed when the socket is."""
        while True:
            await self._socket.recv(decode=False)

    def _message(self, part: str, *triggers: WidgetState) -> bytes:
        """The wish to run the page again; part: the id of the part (`st.fragment`) of it that will do.

        triggers: what is told this once.
        """
        message = BackMsg()
        run = message.rerun_script
        run.fragment_id = part
        run.query_string, run.page_script_hash = self.query, self._page_hash
        run.page_name = "" if self._page_hash else self.page
        run.widget_states.widgets.extend([*self._widgets.values(), *triggers])
        run.cached_message_hashes.extend(self._seen)
        frame: bytes = message.SerializeToString()
        return frame

    async def _answer(self, start: float) -> Answer:
        """Read until the script has finished; what is an error on screen is a problem here."""
        size, problem = 0, ""
        self._runs += 1
        async with asyncio.timeout(self.patience):
            while True:
                frame = await self._socket.recv(decode=False)
                size += len(frame)
                message = ForwardMsg.FromString(frame)
                kind = message.WhichOneof("type")
                self._keep(message)
                if kind == "delta" and message.delta.new_element.WhichOneof("type") in ("exception", "alert"):
                    problem = str(message.delta.new_element)
                elif kind == "new_session":
                    self._page_hash = message.new_session.page_script_hash
                elif kind == "page_info_changed":
                    self.query = message.page_info_changed.query_string
                elif kind == "script_finished" and message.script_finished in _DONE:
                    break
        self._seen = {name: run for name, run in self._seen.items() if self._runs - run < _REMEMBERED}
        return Answer(seconds=time.perf_counter() - start, size=size, problem=problem)

    def _keep(self, message: ForwardMsg) -> None:
        """Remember what a browser does: fields, and the part of the page they run, and what need not be sent again."""
        known = message.ref_hash or (message.hash if message.metadata.cacheable else "")
        if known:
            self._seen[known] = self._runs
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind in ("number_input", "text_area"):
            name = getattr(element, kind).id  # $$ID-<hash>-<key>
            self._fields[name.split("-", 2)[2]] = name, message.delta.fragment_id
        elif kind == "bidi_component" and element.bidi_component.component_name == "stage":
            self._stage = element.bidi_component.id, message.delta.fragment_id
            self.deck = json.loads(element.bidi_component.json).get("address", "")
