"""Part of a map in an address: ``zoom=X0_X1_Y0_Y1``, by the rules of ``assets/js/3-maps/zoom.js``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from core.errors import InvalidQuery

if TYPE_CHECKING:
    from core.views.explore.bitmaps import Window

ENDS = 4


def read(text: str) -> Window | None:
    """Read the value of the parameter; None for an empty one, which means the whole map.

    Raises
    ------
    InvalidQuery
        The text is not four finite numbers, each pair rising.
    """
    if not text:
        return None
    try:
        ends = [float(part) for part in text.split("_")]
    except ValueError:
        ends = [math.nan]
    if len(ends) != ENDS or not all(map(math.isfinite, ends)) or ends[0] >= ends[1] or ends[2] >= ends[3]:
        raise InvalidQuery(f"zoom={text[:40]!r} is not a part of a map.", "Write zoom=X0_X1_Y0_Y1, or leave it out.")
    return ends[0], ends[1], ends[2], ends[3]


def written(search: str, window: Window | None) -> str:
    """Return a search with the part of the map behind it, to six digits.

    A plus sign in an exponent would be read back as a blank.
    """
    return search if window is None else f"{search}&zoom={'_'.join(f'{end:.6g}' for end in window).replace('+', '')}"
