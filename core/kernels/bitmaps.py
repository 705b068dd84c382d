"""Bitmaps: finding the bits that are set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numba.core import types
from numba.extending import intrinsic


@intrinsic
def _trailing_zeros(typing: Any, word: Any) -> Any:  # noqa: ANN401, ARG001 - numba's protocol
    """Count the zeros below the lowest set bit of a 64-bit word, which is not 0."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401, ARG001 - numba's protocol
        return builder.cttz(arguments[0], context.get_constant(types.boolean, 1))

    return types.uint64(types.uint64), build


# numba hands over the first parameter itself, which a type checker cannot know.
lowest = cast("Callable[[Any], np.uint64]", _trailing_zeros)
