"""A card that cannot be drawn says why, in its own place; the others stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from core.errors import AtlasError

if TYPE_CHECKING:
    from collections.abc import Callable

Drawn = TypeVar("Drawn")


def or_words(draw: Callable[[], Drawn], words: Callable[[str], Drawn]) -> Drawn:
    """What `draw` makes; where core refuses, what `words` makes of its sentence."""
    try:
        return draw()
    except AtlasError as error:
        return words(str(error))
