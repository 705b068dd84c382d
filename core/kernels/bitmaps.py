"""Bitmaps of places: counting the bits that are set before a place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numba import njit
from numba.core import types
from numba.extending import intrinsic


@intrinsic
def _count_ones(typing: Any, word: Any) -> Any:  # noqa: ANN401, ARG001 - numba's protocol
    """Count the set bits of a 64-bit word."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401, ARG001 - numba's protocol
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), build


# numba hands over the first parameter itself, which a type checker cannot know.
ones = cast("Callable[[Any], np.uint64]", _count_ones)


@njit(nogil=True, cache=True, error_model="numpy")
def set_below(bits: np.ndarray, counts: np.ndarray, place: Any) -> Any:  # noqa: ANN401 - elements of arrays
    """Count the set bits below a position; `counts` holds the number of set bits in the words before each."""
    word = place >> 6
    mask = (np.uint64(1) << np.uint64(place & 63)) - np.uint64(1)
    return counts[word] + np.int64(ones(bits[word] & mask))


@njit(nogil=True, cache=True, error_model="numpy")
def place_words(n_places: int) -> int:
    """64-bit words for a bitmap in which one past the last place can be asked for."""
    return (n_places >> 6) + 1
