"""README's picture from the real app: `python -m benchmarks.screenshot` writes docs/screenshot.png."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from benchmarks.browser import chromium, server

PICTURE = Path("docs/screenshot.png")
_LARGEST = 300_000  # bytes: a README should open at once


def main() -> None:
    """Open the app as a first visitor does and keep what is seen without scrolling."""
    with (
        server("app.py") as address,
        chromium() as browser,
        # Without the play of a first visit: the picture is of the last epoch.
        browser.new_context(
            viewport={"width": 1440, "height": 1000}, color_scheme="light", reduced_motion="reduce"
        ) as context,
    ):
        page = context.new_page()
        page.goto(address)
        _wait_until_drawn(page)
        picture = page.screenshot()
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_bytes(_smaller(picture))
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1000:.0f} kB")


def _wait_until_drawn(page: Page) -> None:
    page.wait_for_selector(".stage[data-ready]")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")


def _smaller(picture: bytes) -> bytes:
    """The same picture in 256 colours, which charts on a plain ground hardly need."""
    out = io.BytesIO()
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    if out.tell() > _LARGEST:
        raise RuntimeError(f"{PICTURE} would be {out.tell():,} bytes, more than {_LARGEST:,}")
    return out.getvalue()


if __name__ == "__main__":
    main()
