"""A link as a QR code: dark on white with a quiet zone, as every scanner expects it, whatever the page looks like."""

from dataclasses import dataclass

import segno

_QUIET = 4  # modules of white around the code: the standard's own
_EASY = 57  # modules a side that a phone reads from the back of a hall; beyond, it has to come near
LONGEST = 2953  # bytes; more stand in no QR code at all


@dataclass(frozen=True, slots=True)
class Code:
    """svg: the picture, as large as its place.  modules: how many a side; the fewer, the farther it is read."""

    svg: str
    modules: int

    @property
    def easy(self) -> bool:
        """Whether it is read from far away."""
        return self.modules <= _EASY


def qr_code(text: str) -> Code:
    """The text as a code of the fewest modules: level L, and a higher one where that costs none.

    Raises ValueError where the text is too long for any code.
    """
    if len(text.encode()) > LONGEST:
        raise ValueError(f"a QR code holds at most {LONGEST:,} bytes, got {len(text.encode()):,}")
    code = segno.make_qr(text, error="l")
    svg = code.svg_inline(border=_QUIET, dark="#000000", light="#ffffff", omitsize=True)
    return Code(svg=svg, modules=len(code.matrix))
