"""A real server and a real browser. What can't run fails; nothing here is skipped."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, expect, sync_playwright

from benchmarks.browser import free_port
from tests.browser.page import CHARTS, NOTES, settle

expect.set_options(timeout=30_000)  # of a machine that others use too; what comes sooner is not waited for
ROOT = Path(__file__).parents[2]


def start_server(port: int | None = None, script: str = "app.py") -> tuple[subprocess.Popen[bytes], str]:
    """A fresh server of the app, or of its pages alone, answering on this port, or on a free one."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    server = subprocess.Popen(
        [*command, "--server.headless", "true"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://localhost:{port}"
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{url}/{'healthz' if script == 'app.py' else '_stcore/health'}", timeout=1):
                return server, url
        except OSError:
            time.sleep(0.2)
    server.kill()
    raise RuntimeError("the server did not answer within a minute")


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    process, url = start_server()
    yield url
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    flags = ["--disable-gpu", "--disable-background-networking"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium's sandbox can't be set up by root
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open an address in a fresh browser profile and wait until its charts are drawn (charts=0: its title).

    options: more of the profile, as Playwright calls them; nothing moves by itself but with reduced_motion=None.
    Every page opened so must end without a console error, a page error, a dialog or a request to another host.
    """
    contexts, complaints = [], []

    def open_page(
        url: str, width: int = 1280, height: int = 1000, theme: str = "light", charts: int = 1, **options: Any
    ) -> Page:
        size, still = {"width": width, "height": height}, {"reduced_motion": "reduce"}
        context = browser.new_context(viewport=size, color_scheme=theme, **(still | options))  # type: ignore[arg-type]
        contexts.append(context)
        context.add_init_script(NOTES)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if _is_ours(message) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: _note_dialog(dialog, complaints))
        page.on("request", lambda request: _note_foreign_request(request.url, complaints))
        page.goto(url)
        page.wait_for_selector(CHARTS if charts else "[data-testid=stMainBlockContainer] h2", timeout=180_000)
        settle(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def offline(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a file in a profile that has no network; it must neither complain nor open a dialog nor ask anybody."""
    contexts, complaints = [], []

    def open_file(path: Path, width: int = 1440, theme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,  # type: ignore[arg-type]
            offline=True,
        )
        contexts.append(context)
        context.add_init_script(NOTES)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: _note_dialog(dialog, complaints))
        page.on("request", lambda asked: _note_request(asked.url, complaints))
        page.goto(path.as_uri())
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert complaints == []


def _is_ours(message: ConsoleMessage) -> bool:
    """Errors, but for one of Streamlit's own: on a page's link it first looks for its server below that page."""
    probing = re.search(r"://[^/]+/[^/]+/_stcore/", message.location.get("url", ""))
    return message.type == "error" and not probing


def _note_dialog(dialog: Dialog, complaints: list[str]) -> None:
    complaints.append(f"dialog: {dialog.message}")
    dialog.dismiss()


def _note_request(url: str, complaints: list[str]) -> None:
    if not url.startswith(("file:", "data:", "blob:")):
        complaints.append(f"request to {url}")


def _note_foreign_request(url: str, complaints: list[str]) -> None:
    if not url.startswith(("http://localhost:", "ws://localhost:", "data:", "blob:")):
        complaints.append(f"request to {url}")
