"""Refusals of core, shown in the place of the part that cannot be drawn while the other parts stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from core.errors import AtlasError
from core.figures.violin import nothing

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.figures.theme import Json, Theme

Shown = TypeVar("Shown")


def shown_or_refusal(show: Callable[[], Shown], refuse: Callable[[str], Shown]) -> Shown:
    """Return what `show` makes; where core refuses, what `refuse` makes of the message."""
    try:
        return show()
    except AtlasError as error:
        return refuse(str(error))


def figure_or_fault(draw: Callable[[], Json], theme: Theme) -> tuple[Json, str]:
    """Return a figure and no message; where core refuses to draw, a blank figure and the message."""
    try:
        return draw(), ""
    except AtlasError as error:
        return nothing(theme), str(error)
