"""Widths of texts in the font in which figures are printed."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING

from PIL import ImageFont

from core.system.fonts import matched

if TYPE_CHECKING:
    from collections.abc import Iterable

FAMILY = "Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans', sans-serif"
# Size at which fonts are measured: widths are proportional to it.
MEASURED = 100
# Pillow's own font, used where the machine tells no font, is narrower than most.
WIDE = 1.15
# Bold letters are wider by so much.
BOLD = 1.12
BREAK = "<br>"
_TAG = re.compile(r"<[^<>]*>")


def text_width(text: str, size: float, family: str = FAMILY) -> float:
    """Return the width in pixels of a text of Plotly, of the longest line where it has several; markup has none."""
    factor = BOLD if "<b>" in text else 1.0
    return factor * max(_width(unescape(_TAG.sub("", line)), family) for line in text.split(BREAK)) * size / MEASURED


def widest(texts: Iterable[str], size: float, family: str = FAMILY) -> float:
    """Return the width in pixels of the widest text; 0 without any."""
    return max((text_width(text, size, family) for text in texts), default=0.0)


def wrapped(text: str, size: float, room: float, family: str = FAMILY) -> str:
    """Break a text between words into as few lines as fit into `room` pixels; a longer word stands alone."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, family) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return BREAK.join(lines)


@lru_cache(maxsize=16)
def _font(family: str) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, float]:
    _, file = matched(family)
    try:
        return ImageFont.truetype(file, MEASURED), 1.0
    except OSError:  # no such file, or no outlines in it
        return ImageFont.load_default(MEASURED), WIDE


@lru_cache(maxsize=20_000)
def _width(text: str, family: str) -> float:
    font, factor = _font(family)
    return font.getlength(text) * factor
