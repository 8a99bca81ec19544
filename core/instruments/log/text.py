"""The bytes of a log as text, or one sentence on why they are none."""

import codecs
import gzip
import io
import re
import zlib

MOST_BYTES = 20_000_000
MOST_PASTED = 2_000_000  # characters: what is pasted, unlike a file, travels again with every click
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# The start of the first line that holds anything and is no comment; ^ so that each line is looked at once.
_FIRST = re.compile(r"^(?!#)[^\S\n]*\S", re.M)
_COLOUR = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]")
_BACK = re.compile(r"\x08+")
_BARS = 3  # lines drawn over themselves, from which on each of them is one record
# What files that are often taken for a log begin with.
_OTHERS = (
    (b"PK", "a zip archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8", "a picture"),
)


class Unreadable(ValueError):
    """Says in one sentence what was found in what was given and what to do about it."""


class UnreadableLog(Unreadable):
    """The same of a log.  columns: those that hold numbers, of which one may be chosen as the loss."""

    columns: tuple[str, ...] = ()


def unpacked(content: bytes) -> bytes:
    """What a gzip archive holds, of which no more is unpacked than is read; anything else as it is."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as archive:
            found = archive.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise UnreadableLog("This gzip archive is damaged: pack the log again, or choose it unpacked.") from None
    if len(found) > MOST_BYTES:
        raise UnreadableLog(
            f"Unpacked, the log has over {MOST_BYTES / 1e6:.0f} MB: keep step, loss and rate, or fewer rows."
        )
    return found


def to_text(content: bytes | str) -> str:
    """The log's text, its lines ended by a line feed, without comments and empty lines at its head.

    Read are UTF-8 and, with a byte order mark, UTF-16. Raises UnreadableLog for anything else.
    """
    plain = content if isinstance(content, bytes) or content.isascii() else content.encode("utf-8", "replace")
    size = len(plain)
    if size > MOST_BYTES:
        raise UnreadableLog(
            f"The log has {size / 1e6:,.1f} MB; {MOST_BYTES / 1e6:.0f} are allowed: keep step, loss and rate, or fewer "
            "rows."
        )
    return as_shown(decoded(content, "log", for_log=True))


def as_shown(text: str) -> str:
    """The text as a terminal shows it: without colours, and of a bar that is drawn over itself the last state.

    A text whose lines all end in a carriage return alone, or one bar that is a whole run, keeps each of them.
    """
    if "\x1b" in text:
        text = _COLOUR.sub("", text)
    if "\b" in text:
        text = _BACK.sub("\r", text)
    if "\r" not in text:
        return text
    lines = text.split("\n")
    if sum("\r" in line.strip("\r") for line in lines) < _BARS:
        return text.replace("\r", "\n")
    return "\n".join(line.rstrip("\r ").rsplit("\r", 1)[-1] for line in lines)


def decoded(content: bytes | str, thing: str, for_log: bool = False) -> str:
    """As `to_text`, of any size; thing: what it is called.  for_log: carriage returns within a line
    are kept, and so is a comment right above the first line that has as many words: it names them.
    """
    if isinstance(content, bytes):
        text = _decoded(content)
    else:
        text = content if content.isascii() else content.encode("utf-8", "replace").decode()
    if "\0" in text:
        raise UnreadableLog(f"{_what(text[:8].encode())}: export the {thing} as CSV, in UTF-8.")
    text = (text.replace("\r\n", "\n") if "\r" in text else text).lstrip("\ufeff")
    text = text if for_log else text.replace("\r", "\n")
    if not (first := _FIRST.search(text)):
        raise UnreadableLog(f"There is nothing to read: the {thing} is empty. Paste its rows, or choose another file.")
    if for_log and (names := _names_above(text[: first.start()], text[first.start() :])):
        return f"{names}\n{text[first.start() :]}"
    return text[first.start() :]


def _names_above(head: str, text: str) -> str:
    """The names in the last comment above a text, as "# step loss lr" above three columns; "" for none."""
    comment = head.rstrip().rpartition("\n")[2].strip().lstrip("#").strip()
    first = text.split("\n", 1)[0]
    for separator in (",", "\t", None):
        names = comment.split(separator)
        if len(names) > 1 and len(names) == len(first.split(separator)) and not any(map(str.isdigit, comment)):
            return comment
    return ""


def _decoded(content: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        byte = content[error.start] if error.start < len(content) else 0
        raise UnreadableLog(
            f"{_what(content)}: byte 0x{byte:02X} at place {error.start:,} is not {encoding.upper()[:6].rstrip('-')}. "
            'Save it as UTF-8 (in a spreadsheet: "CSV UTF-8") and try again.'
        ) from None


def _what(content: bytes) -> str:
    kind = next((name for mark, name in _OTHERS if content.startswith(mark)), None)
    return f"This is {kind}, not a text file" if kind else "This is no text in a known encoding"
