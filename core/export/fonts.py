"""Fonts that a figure may be set in: those of journals that this server has."""

from __future__ import annotations

from functools import lru_cache

from core.figures.print_style import FAMILY
from core.system.fonts import families, matched

# Journals ask for Arial or Helvetica; these are others that they accept, and free fonts of the same metrics.
KNOWN = (
    *("Arial", "Helvetica", "Helvetica Neue", "Liberation Sans", "Arimo", "Nimbus Sans", "TeX Gyre Heros", "FreeSans"),
    *("DejaVu Sans", "Myriad Pro", "Noto Sans", "Times", "Times New Roman", "Liberation Serif", "Tinos"),
)


@lru_cache(maxsize=1)
def installed() -> tuple[str, ...]:
    """List the fonts of `KNOWN` that this server has; none without fontconfig."""
    found = set(families())
    return tuple(name for name in KNOWN if name in found)


def embedded() -> str:
    """Return the font that files hold where Arial or Helvetica is asked for; empty without fontconfig."""
    return matched(FAMILY)[0]
