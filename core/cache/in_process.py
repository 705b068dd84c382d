"""Small results kept in the memory of this process, for functions that many pages call with the same arguments.

Results that all processes share go through `core.cache.cache` instead.
"""

from __future__ import annotations

import sys
from dataclasses import fields, is_dataclass
from threading import Lock
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar, cast

from cachetools import LRUCache, cached
from cachetools.keys import hashkey

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from core.atlas.store import Atlas

Given = ParamSpec("Given")
Result = TypeVar("Result")
# For the results of all functions together. Most have some kilobytes; the sums of counts of 17 cell types in 40 samples
# have 160 MB, and a comparison of all types reads them once a type.
MAX_BYTES: Final = 256 << 20
# Of a key: a selection with a lasso has hundreds of points.
KEY_BYTES: Final = 4096


def size_of(value: object) -> int:
    """Bytes that a result takes in memory: the data of arrays and tables, and all that containers hold."""
    n_bytes = getattr(value, "nbytes", None)
    if isinstance(n_bytes, int):
        return n_bytes
    return sys.getsizeof(value) + sum(size_of(part) for part in _parts(value))


def _parts(value: object) -> Iterable[object]:
    if is_dataclass(value):
        return (getattr(value, field.name) for field in fields(value))
    if isinstance(value, dict):
        return [part for pair in cast("dict[object, object]", value).items() for part in pair]
    if isinstance(value, list | tuple | set | frozenset):
        return cast("Iterable[object]", value)
    return ()


_results: LRUCache[Hashable, object] = LRUCache(MAX_BYTES, getsizeof=lambda value: KEY_BYTES + size_of(value))
_lock = Lock()


def remembered(function: Callable[Concatenate[Atlas, Given], Result]) -> Callable[Concatenate[Atlas, Given], Result]:
    """Keep the last results of a function of an atlas and hashable arguments; an exception is not kept.

    A result belongs to the content of the atlas, so that a replaced atlas has results of its own and a removed one is
    not held. All callers share the same object: read it, do not change it.
    """

    def key_of(atlas: Atlas, *args: Hashable, **kwargs: Hashable) -> Hashable:
        return function, hashkey(atlas.manifest.content_hash, *args, **kwargs)

    return cached(_results, key=key_of, lock=_lock)(function)
