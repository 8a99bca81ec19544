"""What stands in for a Streamlit process, at a port of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def hanging(port: int = 0) -> Iterator[int]:
    """A process that hangs: the system takes its connections, and nobody answers."""
    with socket.create_server(("127.0.0.1", port), backlog=1000) as listener:
        yield listener.getsockname()[1]


@contextmanager
def answering(body: bytes = b"here", slow: int = 0, port: int = 0) -> Iterator[int]:
    """A process that answers a GET at once, but the first ones, so many of them, after .7 s."""
    late = iter([0.7] * slow)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(next(late, 0.0))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextmanager
def telling(keep: str, status: int = 200) -> Iterator[tuple[int, list[str]]]:
    """A process that answers each GET with its path and this Cache-Control; its port, and what it was asked for, with
    the encodings that were taken.
    """
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {self.headers.get('Accept-Encoding', 'plain')}")
            self.send_response(status)
            for name, value in {"Cache-Control": keep, "Vary": "Accept-Encoding", "ETag": 'W/"1"'}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(self.path)))
            self.end_headers()
            self.wfile.write(self.path.encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], asked
        server.shutdown()
