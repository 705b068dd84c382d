"""Entries of a group of an HDF5 file by their keys: a key with a slash, such as ``a/b``, lies in a group of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py

from core.ingest.matrix import UNREADABLE, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

# Deeper there are no keys.
MAX_DEPTH = 6
_OWN = ("encoding-type", "h5sparse_format", "_index")


def entries(group: h5py.Group) -> Iterator[tuple[str, h5py.Group, str]]:
    """List the entries of a group, those of plain groups below under keys with slashes.

    Yields key, parent and name in it. An entry is not opened here if it cannot be: that is its reader's to say.
    """
    yield from _entries(group, "", {_place(group)})


def _entries(group: h5py.Group, prefix: str, seen: set[int]) -> Iterator[tuple[str, h5py.Group, str]]:
    """List entries, of each group once: hard links can form circles, and multiply what lies below them."""
    for name in group:
        key = f"{prefix}{text_of(name)}"
        try:
            child = group.get(name)
        except UNREADABLE:
            child = None
        if not isinstance(child, h5py.Group) or not is_between(child) or key.count("/") >= MAX_DEPTH:
            yield key, group, name
        elif (place := _place(child)) not in seen:
            seen.add(place)
            yield from _entries(child, f"{key}/", seen)


def _place(group: h5py.Group) -> int:
    return h5py.h5o.get_info(group.id).addr


def is_between(group: h5py.Group) -> bool:
    """Tell whether a group is part of a key and no entry: it says nothing of itself and holds no arrays of a matrix."""
    named = [text_of(group.attrs[name]) for name in _OWN if name in group.attrs]
    return not named and len(group) > 0 and not {"data", "codes", "values", "levels"} & set(group)
