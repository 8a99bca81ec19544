"""Numbers as people and programs write them: one convention of decimals and thousands a file, never a date or time."""

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

GAPS = {
    "",
    "na",
    "n/a",
    "n.a.",
    "<na>",
    "none",
    "null",
    "missing",
    "-",
    "--",
    "–",
    "—",
    "?",
    ".",
    "..",
    "...",
    ":",
    "…",
}
_NAN = {"nan", "+nan", "-nan", "nan(ind)", "-nan(ind)", "1.#qnan", "1.#ind", "-1.#ind"}
_INF = {"inf": 1, "+inf": 1, "infinity": 1, "+infinity": 1, "1.#inf": 1, "∞": 1, "-inf": -1, "-infinity": -1}
_MONEY = (
    r"(?:US\$|A\$|C\$|R\$|HK\$|[$€£¥₹₽₩₺₴₫฿₪₱₦¢]"
    r"|USD|EUR|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|kr\.?|zł|Kč|Fr\.|Rs\.?)"
)
_SPACES = " \u00a0\u202f\u2009"
# A sign or a bracket, money, digits with marks between them, an exponent, percent or money, what closes.
_WRITTEN = re.compile(
    rf"(\()?([-+\u2212])?({_MONEY})?[{_SPACES}]?([-+\u2212])?"
    rf"([0-9][0-9.,'\u2019{_SPACES}]*|[.,][0-9]+)([eE][-+]?[0-9]+)?[{_SPACES}]?([%‰]|{_MONEY})?(\))?(-)?"
)
_PLAIN = re.compile(r"([-+]?)([0-9]+(?:\.[0-9]*)?)")
_IN_THREES = re.compile(rf"[0-9]{{1,3}}(?:[{_SPACES}'\u2019][0-9]{{3}})+(?:[.,][0-9]*)?")
_POINTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]*)?")
_COMMAS = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3})(?:\.[0-9]*)?")  # or 1,50,000
_PADDED = re.compile(r"[0-9]{2}\.(?:[0-9]{2}|[0-9]{4})")  # 08.30, 24.12 or 03.2024: a clock or a calendar, if a 0 leads
_DAY = re.compile(r"(?:19|20)[0-9]{6}")
_DATED = re.compile(
    r"(?:[0-9]{1,2}([-/.])[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})|[0-9]{4}([-/.])[0-9]{1,2}\2[0-9]{1,2})"
    r"(?:[T ,]+[0-9:.]+.{0,8})?"
    r"|[0-9]{1,2}[:.][0-9]{2}[:.][0-9]{2}(?:[.,][0-9]+)?"
    r"|[0-9]{1,2}:[0-9]{2}(?: ?[AaPp]\.?[Mm]\.?)?|[0-9]{4}-[0-9]{2}|[0-9]{1,2}/[0-9]{4}"
)
_MONTH = re.compile(
    r"(?:[0-9]{1,2}[. -]{1,2})?(?:jan|feb|mar|m\u00e4r|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-z\u00e4]{0,7}"
    r"[. ,-]{1,2}(?:[0-9]{1,2}, ?)?[0-9]{2,4}",
    re.I,
)
_LOOKED_AT = 100  # cells of a column, which tell that it holds no dates
_LONGEST = 400  # characters: the largest float has 309 digits


class Numeral(NamedTuple):
    """A number as it is written. digits: with its marks, but without signs and spaces.

    mark: which of "." and "," is surely decimal, "" where neither has to be.  either: the one mark that could be
    decimal or part thousands, as in 1.234.  unit: what is written beside it, "%" or a currency.
    """

    negative: bool
    digits: str
    exponent: str
    mark: str
    either: str
    unit: str

    def value(self, decimal: str) -> float | None:
        """The number where this mark is decimal and the other one parts thousands; None where it is none then."""
        if self.mark and self.mark != decimal:
            return None
        parts = "," if decimal == "." else "."
        number = float(self.digits.replace(parts, "").replace(decimal, ".") + self.exponent)
        return -number if self.negative else number


def numeral(cell: str) -> Numeral | None:
    """A cell as a Numeral; None where it is no number: a word, a date, a version, two numbers."""
    if len(cell) > _LONGEST:
        return None
    if plain := _PLAIN.fullmatch(cell):  # what most cells are, and a quarter of the time
        sign, digits = plain.groups()
        marks = _marks(digits, "")
        return Numeral(sign == "-", digits, "", *marks, "") if marks else None
    if not (found := _WRITTEN.fullmatch(cell)):
        return None
    opened, sign, before, second, digits, exponent, after, closed, last = found.groups(default="")
    if bool(opened) != bool(closed) or sum(map(bool, (opened, sign, second, last))) > 1 or (before and after):
        return None
    if not digits[-1].isdigit() and digits[-1] in _SPACES + "'\u2019":
        digits = digits[:-1]
    if any(mark in digits for mark in _SPACES + "'\u2019"):
        if not _IN_THREES.fullmatch(digits):
            return None
        digits = "".join(c for c in digits if c.isdigit() or c in ".,")
        sure = next((mark for mark in ".," if mark in digits), "")
        marks = (sure, "")
    else:
        marks = _marks(digits, exponent)
    if marks is None:
        return None
    negative = bool(opened or last) or "-" in sign + second or "\u2212" in sign + second
    return Numeral(negative, digits, exponent, *marks, before or after)


def _marks(digits: str, exponent: str) -> tuple[str, str] | None:
    """(the mark that is surely decimal, the one that may be decimal or part thousands); None where it is no number."""
    points, commas = digits.count("."), digits.count(",")
    if not points and not commas:
        return "", ""
    if points + commas == 1:
        mark = "." if points else ","
        whole, part = digits.split(mark)
        threes = len(part) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0" and not exponent
        return ("", mark) if threes else (mark, "")
    if digits[0] == "0" or (exponent and not (points and commas)):
        return None
    if _POINTS.fullmatch(digits):
        return ",", ""
    return (".", "") if _COMMAS.fullmatch(digits) else None


def not_finite(cell: str) -> float | None:
    """nan or an infinity, as tools write them; None for anything else."""
    word = cell.lower()
    return float("nan") if word in _NAN else _INF[word] * float("inf") if word in _INF else None


def is_time(cells: Iterable[str]) -> bool:
    """Whether a column's cells, nearly all, are dates or times: 2024-03-01, 01.03.24, 20240301, 8:30, 08.30."""
    there = [cell for cell in cells if cell.lower() not in GAPS]
    first = there[:_LOOKED_AT]
    if 2 * sum(is_date(cell) or _is_day(cell) or bool(_PADDED.fullmatch(cell)) for cell in first) < len(first):
        return False
    padded = [cell for cell in there if _PADDED.fullmatch(cell)]
    if not any(cell[0] == "0" for cell in padded):
        padded = []  # 12.50 is a price
    most = max(len(padded), sum(map(is_date, there)), sum(map(_is_day, there)))
    return most > 0 and most >= 0.9 * len(there)


def is_date(cell: str) -> bool:
    """Whether one cell is a date or a time beyond doubt."""
    return bool(_DATED.fullmatch(cell[:60]) or _MONTH.fullmatch(cell[:60]))


def _is_day(cell: str) -> bool:
    if not _DAY.fullmatch(cell):
        return False
    try:
        datetime.date(int(cell[:4]), int(cell[4:6]), int(cell[6:]))
    except ValueError:
        return False
    return True


def convention(columns: Iterable[Mapping[str, Numeral | None]], separator: str) -> tuple[str, list[str]]:
    """(the mark that is decimal in a file, what is to be said of it), from its columns' cells and what they are.

    Where no number decides, 1,234 is a decimal between semicolons and 1,234 units between commas, and 1.234 a decimal;
    but beside whole numbers below a thousand only, both part thousands.
    """
    sure: Counter[str] = Counter()
    open_: dict[str, str] = {}
    thousands: set[str] = set()
    for cells in columns:
        found = [each for each in cells.values() if each]
        sure.update(each.mark for each in found if each.mark)
        either = {each.either: cell for cell, each in cells.items() if each and each.either}
        open_ |= either
        plain = [each.digits for each in found if not each.mark and not each.either]
        if plain and max(map(len, plain)) <= 3:
            thousands |= either.keys()
    if not separator and (sure["."] or "." in open_):  # a workbook's own numbers have a point
        return ".", []
    if sure:
        decimal = "," if sure[","] > sure["."] else "."
        said = ["Commas in numbers were read as decimal commas."] if decimal == "," else []
        if min(sure["."], sure[","]):
            other = "points" if decimal == "," else "commas"
            said.append(f"Numbers with decimal {other} among them were taken as text: write all of them one way.")
        elif decimal == "," and "." in open_:
            said = ["Commas in numbers were read as decimal commas, and points as parting thousands."]
        return decimal, said
    if not open_:
        return ".", []
    if "," in open_:
        decimal = "." if "," in thousands or separator == "," else ","
    else:
        decimal = "," if "." in thousands else "."
    if separator == ",":
        return decimal, []  # a comma within quotation marks could hardly be decimal
    mark = "," if "," in open_ else "."
    only = numeral(open_[mark])
    value = only.value(decimal) if only else None
    name = "comma" if mark == "," else "point"
    return decimal, [
        f'"{open_[mark][:20]}" was read as {value:.12g}: no number tells whether its {name} is decimal or parts '
        "thousands."
    ]
