"""Small answers that a process remembers: those of a page that many open, too small and too various for Redis.

What is worth computing once for all processes goes through `core.cache.cache` instead.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import wraps
from threading import Lock
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from core.atlas.store import Atlas

Given = ParamSpec("Given")
Result = TypeVar("Result")
# Of one function; an answer is some kilobytes.
MOST: Final = 128


def remembered(function: Callable[Concatenate[Atlas, Given], Result]) -> Callable[Concatenate[Atlas, Given], Result]:
    """Remember the last answers of a function of an atlas and hashable arguments; what it raises is not kept.

    An answer belongs to the content of the atlas, so that a replaced one has answers of its own. All who ask get the
    same object: it is to be read, not changed.
    """
    kept: OrderedDict[Hashable, Result] = OrderedDict()
    lock = Lock()

    @wraps(function)
    def answered(atlas: Atlas, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        key = (atlas.manifest.content_hash, args, tuple(sorted(kwargs.items())))
        with lock:
            if key in kept:
                kept.move_to_end(key)
                return kept[key]
        found = function(atlas, *args, **kwargs)
        with lock:
            kept[key] = found
            while len(kept) > MOST:
                kept.popitem(last=False)
        return found

    return answered
