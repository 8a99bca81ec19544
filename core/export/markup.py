"""The lab's texts, which are light Markdown, as HTML that needs nothing else to be read."""

import re
from html import escape

_SYMBOLS = {
    r"\cdot": "·",
    r"\times": "×",
    r"\lambda": "λ",
    r"\eta": "η",
    r"\to": "→",
    r"\approx": "≈",
    r"\le": "≤",
    r"\ge": "≥",
    r"\qquad": "  ",
    r"\quad": " ",
    r"\left": "",
    r"\right": "",
    r"\,": " ",
}
_FORMULA, _CODE = re.compile(r"\$([^$\n]*[\\^_=][^$\n]*)\$"), re.compile(r"`([^`\n]+)`")
_BOLD, _ITALIC = re.compile(r"\*\*(.+?)\*\*", re.S), re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])")
_ICON, _COLOUR = re.compile(r":material/\w+: ?"), re.compile(r":(?:green|orange|red|blue|primary|gray)\[([^\]]*)\]")


def paragraphs(text: str) -> str:
    """Each paragraph of the text as a <p>; everything that HTML takes for its own is escaped."""
    return "".join(f"<p>{inline(part.strip())}</p>" for part in text.split("\n\n") if part.strip())


def inline(text: str) -> str:
    """One paragraph: **bold**, *italic*, `code`, and formulas in words where they are LaTeX; icons are left out."""
    text = _COLOUR.sub(r"\1", _ICON.sub("", escape(text, quote=False)))
    text = _FORMULA.sub(lambda found: f"<i>{formula(found[1])}</i>", text)
    text = _CODE.sub(r"<code>\1</code>", text)
    return _ITALIC.sub(r"<em>\1</em>", _BOLD.sub(r"<strong>\1</strong>", text)).replace("\n", "<br>")


def formula(latex: str) -> str:
    """A short formula in plain letters: a fraction is (a)/(b)."""
    text = re.sub(r"\\[td]?frac\s*{([^{}]*)}\s*{([^{}]*)}", r"(\1)/(\2)", latex)
    text = re.sub(r"\\[td]?frac(\d)(\d)", r"\1/\2", text)
    text = re.sub(r"\\(?:mathrm|text|mathbf){([^{}]*)}", r"\1", text)
    for name in sorted(_SYMBOLS, key=len, reverse=True):
        text = text.replace(name, _SYMBOLS[name])
    return re.sub(r"[{}\\]", "", text.replace("^2", "²").replace("^3", "³"))
