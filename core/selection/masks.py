"""Masks: the cells that a selection means."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np
from cachetools import LRUCache, cached
from rapidfuzz import process

from core.arrays import Mask
from core.atlas.embedding_axes import plane_of
from core.atlas.store import MISSING, Atlas, Numeric
from core.errors import InvalidQuery, UnknownColumn
from core.selection.model import filter_text
from core.selection.polygon import inside

if TYPE_CHECKING:
    from core.selection.model import Lasso, Range, Selection, Threshold

# For the masks of all atlases: 128 of a million cells.
MAX_BYTES: Final = 128 << 20
# Of a selection, which is the key of its mask: a lasso has hundreds of points.
KEY_BYTES: Final = 4096


def _size_of(mask: Mask) -> int:
    return KEY_BYTES + mask.nbytes


def _key_of(atlas: Atlas, selection: Selection) -> tuple[str, Selection]:
    return atlas.manifest.content_hash, selection


_kept: LRUCache[tuple[str, Selection], Mask] = LRUCache(MAX_BYTES, getsizeof=_size_of)


@cached(_kept, key=_key_of, lock=Lock())
def mask_of(atlas: Atlas, selection: Selection) -> Mask:
    """Find the cells that a selection means; kept by the content of the atlas.

    Returns
    -------
    (n_cells,) bool, read-only; a cell whose number is missing lies in no range, and one without a place in no lasso.

    Raises
    ------
    UnknownColumn
        A column or category does not exist; carries the nearest names.
    UnknownGene
        A threshold names a gene that does not exist.
    InvalidQuery
        A categorical filter names a numeric column, or a range a categorical one; or there is no such map.
    """
    mask = np.ones(atlas.n_cells, dtype=bool)
    for column, categories in selection.where:
        mask &= _one_of(atlas, column, categories)
    for bounds in selection.ranges:
        mask &= _within(atlas, bounds)
    for threshold in selection.thresholds:
        mask &= _between(atlas, threshold)
    for plane in dict.fromkeys(lasso.plane for lasso in selection.lassos):
        mask &= _inside_any(atlas, plane, [lasso for lasso in selection.lassos if lasso.plane == plane])
    for other in selection.excluded:
        mask &= ~mask_of(atlas, other)
    mask.flags.writeable = False
    return mask


def _one_of(atlas: Atlas, name: str, categories: tuple[str, ...]) -> Mask:
    try:
        return _of_categories(atlas, name, categories)
    except (InvalidQuery, UnknownColumn) as error:
        if (escaped := _with_equals_sign(atlas, name, categories)) is None:
            raise
        raise UnknownColumn(
            error.message, f"Write {escaped}: an equals sign within a name needs a backslash before it."
        ) from error


def _of_categories(atlas: Atlas, name: str, categories: tuple[str, ...]) -> Mask:
    column = atlas.categorical(name)
    # One more place than there are categories, so that -1 (nothing given) indexes the last.
    wanted = np.zeros(len(column.categories) + 1, dtype=bool)
    place = {category: code for code, category in enumerate(column.categories)}
    for category in categories:
        if category and category not in place:
            near = tuple(
                str(match) for match, _, _ in process.extract(category, column.categories, limit=3, score_cutoff=50)
            )
            remedy = f"Did you mean {', '.join(near)}?" if near else f"It has {len(place):,} other categories."
            raise UnknownColumn(
                f"The column {name!r} of {atlas.id} has no category {category!r}.", remedy, suggestions=near
            )
        wanted[place[category] if category else MISSING] = True
    return wanted[column.codes]


def _with_equals_sign(atlas: Atlas, name: str, categories: tuple[str, ...]) -> str | None:
    """Return the filter that was meant where the name of a column was cut at an equals sign of its own, else None."""
    for category in categories:
        whole = f"{name}={category}"
        for column in atlas.manifest.columns:
            if "=" in column.name and whole.startswith(f"{column.name}="):
                return filter_text(column.name, whole.removeprefix(f"{column.name}="))
    return None


def _within(atlas: Atlas, bounds: Range) -> Mask:
    column = atlas.column(bounds.column)
    if not isinstance(column, Numeric):
        raise InvalidQuery(
            f"The column {bounds.column!r} of {atlas.id} holds categories, not numbers.",
            f"Write where={bounds.column}=CATEGORY.",
        )
    low = -np.inf if bounds.low is None else bounds.low
    high = np.inf if bounds.high is None else bounds.high
    return (column.values >= low) & (column.values <= high)


def _between(atlas: Atlas, threshold: Threshold) -> Mask:
    values = atlas.layer().dense(atlas.genes.resolve(threshold.gene))
    low = -np.inf if threshold.low is None else threshold.low
    high = np.inf if threshold.high is None else threshold.high
    return (values > low) & (values <= high)


def _inside_any(atlas: Atlas, plane: str, lassos: list[Lasso]) -> Mask:
    info, axes = plane_of(atlas, plane)
    x, y = (atlas.embedding(info.key)[:, axis] for axis in axes)
    found = np.zeros(atlas.n_cells, dtype=bool)
    for lasso in lassos:
        found |= inside(x, y, np.array(lasso.points))
    return found
