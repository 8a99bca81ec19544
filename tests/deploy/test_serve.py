"""Several processes behind nginx: who is sent where, what is compressed, closed and refused, and what comes back."""

from __future__ import annotations

import gzip
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

import psutil
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from core.instruments.log.text import MOST_BYTES
from deploy import children, front, serve
from server.decks import deck_address
from server.stage_files import stage_address
from tests.deploy.conftest import COOKIE, ROOT, Lab, are_gone, free_port, until

pytestmark = pytest.mark.slow


def given(headers) -> list[str]:
    """The values of the cookie an answer sets."""
    return re.findall(rf"{COOKIE}=(\w+)", " ".join(headers.get_all("Set-Cookie") or []))


def test_a_page_is_served_and_a_cookie_given_once(lab):
    status, headers, body = lab.get("/network?lr=0.1")
    assert status == 200 and b'<div id="root">' in body
    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]  # by the app alone
    assert headers.get_all("Referrer-Policy") == ["same-origin"]
    (process,) = given(headers)
    (cookie,) = headers.get_all("Set-Cookie")
    assert cookie == f"{COOKIE}={process}; Path=/; HttpOnly; SameSite=Lax"
    _, headers, _ = lab.get("/", Cookie=f"{COOKIE}={process}")
    assert headers.get_all("Set-Cookie") is None


def test_the_frame_of_a_course_page_gets_its_cookie_over_https(lab):
    _, headers, _ = lab.get("/", X_Forwarded_Proto="https")
    assert headers["Set-Cookie"].endswith("; HttpOnly; SameSite=None; Secure; Partitioned")


def test_new_visitors_are_dealt_out_evenly(lab):
    processes = [given(lab.get("/")[1])[0] for _ in range(20)]
    assert processes.count("0") == processes.count("1") == 10


@pytest.mark.parametrize("process", ["0", "1"])
@pytest.mark.parametrize("path", ["/", "/healthz", "/_stcore/health", "/media/none.png"])
def test_a_cookie_leads_to_its_process_whatever_is_asked(lab, path, process):
    for _ in range(5):  # a cookie would be set were it another one's answer
        assert given(lab.get(path, Cookie=f"{COOKIE}={process}")[1]) == []


@pytest.mark.parametrize("cookie", ["7", "-1", "", "0 1", "x" * 3000])
def test_a_cookie_of_no_process_is_replaced(lab, cookie):
    status, headers, _ = lab.get("/", Cookie=f"{COOKIE}={cookie}")
    assert status == 200 and given(headers)[0] in ("0", "1")


def test_without_cookies_everything_of_a_browser_reaches_one_process(lab):
    with lab.socket() as opened:
        (process,) = given(opened.response.headers)
    assert {given(lab.get("/_stcore/health", User_Agent=opened.request.headers["User-Agent"])[1])[0]} == {process}


def test_streamlits_own_files_come_compressed_and_for_good(lab):
    _, _, page = lab.get("/")
    (script,) = re.findall(rb'src="\.(/static/js/index\.[^"]+\.js)"', page)
    status, headers, body = lab.get(script.decode(), Accept_Encoding="gzip")
    assert (status, headers["Content-Encoding"], headers["Vary"]) == (200, "gzip", "Accept-Encoding")
    assert "immutable" in headers["Cache-Control"]
    assert headers["Content-Type"] == "application/javascript"
    assert headers["X-Content-Type-Options"] == "nosniff"
    _, headers, plain = lab.get(script.decode())
    assert headers["Content-Encoding"] is None
    assert gzip.decompress(body) == plain


def test_a_deck_and_what_draws_it_are_answered_though_no_process_can_once_somebody_has_asked(lab):
    words = {"epochs": ["20"]}
    addresses = [f"/{deck_address(words)}", *(f"/{stage_address(name)}" for name in ("vega.js", "stage.js"))]

    def answers() -> list[bytes]:
        told = [lab.get(path, Accept_Encoding=form) for path in addresses for form in ("gzip", "identity")]
        assert [(status, given(headers)) for status, headers, _ in told] == [(200, [])] * len(told)
        assert all("nosniff" in headers["X-Content-Type-Options"] for _, headers, _ in told)
        return [body for *_, body in told]

    before = answers()
    assert [gzip.decompress(packed) for packed in before[::2]] == before[1::2]
    stopped = [psutil.Process(pid) for pid in lab.pids().values()]
    for process in stopped:
        process.suspend()
    try:
        assert answers() == before
    finally:
        for process in stopped:
            process.resume()


def test_every_kind_of_streamlits_files_has_a_type(lab):
    static = next(lab.folder.glob("*/static"))
    for kind in {path.suffix for path in static.rglob("*") if path.is_file()} - {".gz"}:
        path = next(path for path in static.rglob(f"*{kind}"))
        assert lab.get(f"/static/{path.relative_to(static)}")[1]["Content-Type"] != "application/octet-stream", kind


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "//_stcore/metrics", "/_stcore/%6detrics", "/x/../_stcore/metrics"]
)
def test_metrics_are_closed(lab, path):
    assert lab.get(path)[0] == 404


def test_the_processes_listen_to_this_machine_only(lab):
    for process in lab.family():
        addresses = {at.laddr.ip for at in process.net_connections("tcp") if at.status == psutil.CONN_LISTEN}
        assert addresses <= ({"0.0.0.0"} if process.name() == "nginx" else {"127.0.0.1"})


def test_the_processes_share_the_cores_out_among_their_workers(lab):
    labs = [each for each in lab.family() if "streamlit" in each.cmdline()]
    most = [int(each.environ()["LAB_WORKERS"]) for each in labs]
    assert len(most) == 2 and min(most) >= 1 and sum(most) <= max(2, os.cpu_count() or 1)


def test_the_version_of_nginx_is_not_told(lab):
    for path in ("/", "/static/none.js"):
        assert lab.get(path)[1]["Server"] == "nginx"


def test_nothing_is_logged_of_who_opened_what(lab):
    lab.get("/network?lr=0.12345", X_Forwarded_For="203.0.113.7")
    lab.get("/static/none.js")
    for word in ("0.12345", "203.0.113.7", "none.js", "GET"):
        assert word not in lab.said()


def test_a_link_of_60_000_characters_is_still_answered(lab):
    assert lab.get("/?notes=" + "x" * 60_000)[0] == 200


def test_a_body_larger_than_any_upload_is_refused_before_it_is_read(lab):
    for size, answer in ((MOST_BYTES + 100_000, "100 Continue"), (MOST_BYTES + 3_000_000, "413 ")):
        with socket.create_connection(("127.0.0.1", lab.port), timeout=10) as caller:
            lines = [
                "PUT /_stcore/upload_file/a/b HTTP/1.1",
                "Host: x",
                "Expect: 100-continue",
                f"Content-Length: {size}",
            ]
            caller.sendall("\r\n".join([*lines, "", ""]).encode())
            assert caller.recv(100).decode().startswith(f"HTTP/1.1 {answer}")


def test_a_socket_opens_from_our_own_page_and_tells_its_process(lab):
    with lab.socket("1") as opened:
        assert opened.response.status_code == 101
        assert given(opened.response.headers) == []
    with lab.socket("9") as opened:
        assert given(opened.response.headers)[0] in ("0", "1")


@pytest.mark.parametrize(
    "origin", ["http://elsewhere.example", "null", "http://127.0.0.1.example", "http://127.0.0.1:1"]
)
def test_a_socket_from_somebody_elses_page_is_refused(lab, origin):
    with pytest.raises(InvalidStatus) as refused, lab.socket(origin=origin):
        pass
    assert refused.value.response.status_code == 403


def session_of(opened: ClientConnection) -> str:
    """Start the page as a browser does, and read which session the process has made for it."""
    opened.send(BackMsg(rerun_script=ClientState()).SerializeToString())
    while True:
        message = ForwardMsg.FromString(opened.recv(timeout=20))
        if message.WhichOneof("type") == "new_session":
            return message.new_session.initialize.session_id


def test_a_session_is_known_to_the_process_of_its_cookie_and_to_no_other(lab):
    """By an upload, which a process takes only for a session of its own."""
    (token,) = re.findall("_streamlit_xsrf=([^;]+)", str(lab.get("/_stcore/health")[1]))
    body = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f.csv"\r\n\r\na,b\n1,2\n\r\n--x--\r\n'
    for process, other in ("01", "10"):
        with lab.socket(process) as opened:
            path = f"/_stcore/upload_file/{session_of(opened)}/file"
            for cookie, status in ((process, 204), (other, 400)):
                cookies = f"{COOKIE}={cookie}; _streamlit_xsrf={token}"
                kind = "multipart/form-data; boundary=x"
                assert lab.put(path, body, Cookie=cookies, X_Xsrftoken=token, Content_Type=kind) == status


def test_an_upload_that_comes_byte_by_byte_is_given_up_within_a_minute(lab):
    (token,) = re.findall("_streamlit_xsrf=([^;]+)", str(lab.get("/_stcore/health")[1]))
    with lab.socket("0") as opened, socket.create_connection(("127.0.0.1", lab.port), timeout=5) as caller:
        lines = [
            f"PUT /_stcore/upload_file/{session_of(opened)}/file HTTP/1.1",
            f"Host: 127.0.0.1:{lab.port}",
            f"Cookie: {COOKIE}=0; _streamlit_xsrf={token}",
            f"X-Xsrftoken: {token}",
            "Content-Type: multipart/form-data; boundary=x",
            "Content-Length: 1000",
        ]
        caller.sendall("\r\n".join([*lines, "", "--x\r\n"]).encode())
        begun, answer = time.monotonic(), b""
        while not answer:
            assert time.monotonic() - begun < 90
            caller.sendall(b"-")
            with suppress(TimeoutError):
                answer = caller.recv(1000)
        assert answer.startswith(b"HTTP/1.1 408 ")
        with suppress(ConnectionResetError):  # a byte more came after its end
            assert caller.recv(1000) == b""


def test_a_process_that_is_killed_takes_nobody_with_it_and_comes_back(lab):
    killed = lab.pids()[0]
    with lab.socket("0") as lost, lab.socket("1") as kept:
        os.kill(killed, signal.SIGKILL)
        with pytest.raises(ConnectionClosed):
            while True:
                lost.recv(timeout=10)
        with lab.socket("0") as again:
            assert given(again.response.headers) == ["1"]
        status, headers, _ = lab.get("/", Cookie=f"{COOKIE}=0")
        assert status == 200 and given(headers) == ["1"]
        assert kept.ping().wait(10)
    until(lambda: lab.pids()[0] != killed)
    until(lambda: given(lab.get("/", Cookie=f"{COOKIE}=0")[1]) == [])
    with lab.socket("0") as back:
        assert given(back.response.headers) == []


def test_a_process_that_hangs_keeps_no_newcomer_waiting_and_is_replaced(lab):
    hung = lab.pids()[1]
    with lab.socket("1") as lost, lab.socket("0") as kept:
        os.kill(hung, signal.SIGSTOP)
        waited = []
        while lab.pids()[1] == hung:
            begun = time.monotonic()
            assert lab.get("/")[0] == 200
            waited.append(time.monotonic() - begun)
        assert len(waited) > 10 and max(waited) < 5  # half a second where nothing else runs; it hung for 16
        assert "process 1 did not answer and was started again" in lab.said()
        with pytest.raises(ConnectionClosed):
            while True:
                lost.recv(timeout=10)
        assert kept.ping().wait(10)
    assert not psutil.pid_exists(hung)
    until(lambda: given(lab.get("/", Cookie=f"{COOKIE}=1")[1]) == [])


def test_nothing_is_left_after_ctrl_c(open_folder):
    folder = open_folder()
    lab = Lab(1, folder)
    until(lambda: b'"loaded"' in lab.get("/healthz")[2])  # PyTorch, which writes too
    family = lab.family()
    with lab.socket():
        assert len(list(folder.iterdir())) == 1
        assert {process.name() for process in family} >= {"nginx"}
        assert lab.end() == 0, lab.said()
    until(lambda: are_gone(family), 1)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("killed", ["python", "nginx"])
def test_nothing_is_left_when_serve_or_nginx_is_killed(open_folder, killed):
    folder = open_folder()
    lab = Lab(1, folder)
    family = lab.family()
    with lab.socket():
        master = next(each for each in family if each.name() == "nginx")
        os.kill(lab.process.pid if killed == "python" else master.pid, signal.SIGKILL)
        until(lambda: are_gone(family), 20)
    assert lab.process.wait(10) == (-signal.SIGKILL if killed == "python" else 1)
    assert ("nginx has ended" in lab.said()) == (killed == "nginx")
    until(lambda: list(folder.iterdir()) == [], 5)
    serve._must_be_free("0.0.0.0", lab.port)


@pytest.mark.parametrize("number", ["0", "-1", "two", "1.5", "65"])
def test_a_number_of_processes_that_makes_no_sense_is_refused(capsys, number):
    with pytest.raises(SystemExit, match="2"):
        serve.main([f"--processes={number}"])
    assert f"a whole number from 1 to 64, not '{number}'" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["0", "65536", "eighty"])
def test_a_port_that_makes_no_sense_is_refused(capsys, port):
    with pytest.raises(SystemExit, match="2"):
        serve.main([f"--port={port}"])
    assert f"a whole number from 1 to 65535, not '{port}'" in capsys.readouterr().err


def test_a_taken_port_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(serve.CannotServe, match=f"can't listen at 127.0.0.1, port {port}: Address already in use"):
            serve.serve(1, "127.0.0.1", port, threading.Event())


def test_without_nginx_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(serve, "SBIN", ())
    monkeypatch.setenv("PATH", "")
    with pytest.raises(serve.CannotServe, match="apt install nginx-light"):
        serve.serve(1, "127.0.0.1", free_port(), threading.Event())


def test_a_full_temporary_folder_is_said_in_a_line_and_nothing_is_left(open_folder):
    """Full for any file beyond 500 kB, which some of Streamlit's own are."""
    folder = open_folder()
    command = [sys.executable, "-m", "deploy.serve", "--processes=1", f"--port={free_port()}"]
    limited = ["sh", "-c", 'ulimit -f 500; exec "$@"', "sh", *command]
    run = subprocess.run(
        limited, cwd=ROOT, env={**os.environ, "TMPDIR": str(folder)}, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 1
    assert run.stderr.startswith("error: can't write to the temporary folder. File too large")
    assert run.stderr.count("\n") == 1
    assert list(folder.iterdir()) == []


def test_an_app_that_does_not_start_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(children, "ROOT", tmp_path)  # where there is no app.py
    monkeypatch.setattr(front, "static_files", lambda target: None)  # seconds that are not the point
    with pytest.raises(serve.CannotServe, match="the app does not start"):
        serve.serve(1, "127.0.0.1", free_port(), threading.Event())
