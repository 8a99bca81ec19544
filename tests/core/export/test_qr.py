"""The QR code, read by a scanner that did not make it."""

from __future__ import annotations

import io

import pytest
import vl_convert
import zxingcpp
from PIL import Image

from core import NETWORK_PRESETS
from core.export.qr import LONGEST, qr_code

SHORT = "http://localhost:8501/?lr=0.02&lr=0.5&present=1&lock=lr,data"
WHOLE = "https://lab.example.org/network?" + "&".join(
    f"{name}={text}" for name, texts in NETWORK_PRESETS["circles"].experiment.to_query().items() for text in texts
)


def scanned(svg: str) -> list[str]:
    with_size = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="600" ', 1)
    picture = Image.open(io.BytesIO(vl_convert.svg_to_png(with_size)))
    return [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))]


@pytest.mark.parametrize("text", [SHORT, WHOLE])
def test_a_scanner_reads_the_link_back(text):
    assert scanned(qr_code(text).svg) == [text]


def test_a_long_link_is_said_to_be_hard_to_scan_and_a_short_one_not():
    assert qr_code(SHORT).easy
    assert not qr_code(WHOLE).easy
    assert qr_code(WHOLE).modules > qr_code(SHORT).modules


def test_the_code_is_dark_on_white_with_four_white_modules_around():
    code = qr_code(SHORT)
    side = code.modules + 8
    assert f'viewBox="0 0 {side} {side}"' in code.svg
    assert 'fill="#fff"' in code.svg
    assert 'stroke="#000"' in code.svg


def test_what_no_code_holds_is_refused_with_the_limit():
    assert qr_code("x" * LONGEST).modules == 177
    with pytest.raises(ValueError, match=f"at most {LONGEST:,} bytes, got {LONGEST + 1:,}"):
        qr_code("x" * (LONGEST + 1))
