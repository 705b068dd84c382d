"""Matching cell types of a reference atlas and of others, with the edits of an address."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.cell_type_matching import (
    HOW,
    Edit,
    Match,
    matched,
    read_edits,
    without_match,
    write_edits,
)
from core.errors import InvalidQuery, UnknownColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.atlas.store import Atlas

MAX_LISTED = 5
WORDS = {"name": "by name", "lineage": "by lineage", "edited": "as edited"}


@dataclass(frozen=True)
class Matching:
    """Cell types of a reference atlas and their matches in other atlases.

    Attributes
    ----------
    reference, others : ids of the atlases
    types : cell types with cells, by the id of the atlas
    matches : those of each other atlas, one for each cell type of the reference, by its id
    """

    reference: str
    others: tuple[str, ...]
    types: dict[str, tuple[str, ...]]
    matches: dict[str, list[Match]]

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """Cell types of the reference that match any in another atlas."""
        found = {match.reference for each in self.matches.values() for match in each if match.types}
        return tuple(name for name in self.types[self.reference] if name in found)

    def of(self, cell_type: str, atlas: str) -> Match:
        """Return the match of a cell type in an atlas; that of the reference is the type itself."""
        if atlas == self.reference:
            return Match(cell_type, (cell_type,), "name", "")
        return next(match for match in self.matches[atlas] if match.reference == cell_type)

    def unmatched(self, atlas: str) -> tuple[str, ...]:
        """List the cell types of another atlas that match none of the reference."""
        return without_match(self.matches[atlas], self.types[atlas])

    @property
    def sentence(self) -> str:
        """Say how many cell types match, and how they were matched, for each other atlas."""
        return " ".join(self._sentence(atlas) for atlas in self.others)

    def _sentence(self, atlas: str) -> str:
        matches = [match for match in self.matches[atlas] if match.types]
        n = {by: sum(match.by == by for match in matches) for by in WORDS}
        parts = [f"{n[by]:,} {words}" for by, words in WORDS.items() if n[by]]
        left = self.unmatched(atlas)
        more = f" and {len(left) - MAX_LISTED:,} more" if len(left) > MAX_LISTED else ""
        rest = f"; no match for {', '.join(left[:MAX_LISTED])}{more} of that atlas" if left else ""
        said = f" ({', '.join(parts)})" if parts else ""
        return f"{len(matches):,} of {len(self.matches[atlas]):,} cell types match in {atlas}{said}{rest}."


def types_of(atlas: Atlas) -> tuple[str, ...]:
    """List the cell types of an atlas that have cells, in the order of their column.

    Raises
    ------
    InvalidQuery
        The atlas has no column of cell types.
    """
    column = atlas.role("cell_type")
    if column is None:
        raise InvalidQuery(f"{atlas.id} has no column of cell types, so none can be matched.", "Choose another atlas.")
    n = np.bincount(column.codes + 1, minlength=len(column.categories) + 1)[1:]
    return tuple(name for name, size in zip(column.categories, n.tolist(), strict=True) if size)


def matching(reference: Atlas, others: Sequence[Atlas], edits: Sequence[Edit] = ()) -> Matching:
    """Match the cell types of a reference with those of other atlases.

    Raises
    ------
    InvalidQuery
        An atlas has no cell types.
    """
    types = {atlas.id: types_of(atlas) for atlas in (reference, *others)}
    known = types[reference.id]
    matches = {atlas.id: matched(known, types[atlas.id], _edited(edits, atlas.id, types)) for atlas in others}
    return Matching(reference.id, tuple(atlas.id for atlas in others), types, matches)


def checked(edits: Sequence[Edit], reference: Atlas, others: Sequence[Atlas]) -> list[Edit]:
    """Return the edits with the atlas that each speaks of.

    Raises
    ------
    UnknownColumn
        A cell type or an atlas is not there.
    """
    types = {atlas.id: types_of(atlas) for atlas in (reference, *others)}
    found: list[Edit] = []
    for edit in edits:
        if edit.reference not in types[reference.id]:
            raise UnknownColumn(
                f"There is no cell type {edit.reference[:80]!r} in {reference.id}.",
                "Remove this match.",
            )
        named = [edit.atlas] if edit.atlas else [atlas.id for atlas in others]
        if edit.atlas and edit.atlas not in types:
            raise UnknownColumn(f"{edit.atlas[:80]} is not among the atlases compared.", "Remove this match.")
        fit = [atlas for atlas in named if set(edit.types) <= set(types[atlas])]
        if not fit:
            raise UnknownColumn(
                f"There is no cell type {' and '.join(map(repr, edit.types))[:120]} in {' or '.join(named)}.",
                "Remove this match.",
            )
        found += [Edit(edit.reference, edit.types, atlas) for atlas in fit]
    return found


def with_edit(text: str, reference: str, types: tuple[str, ...], atlas: str) -> str:
    """Return the edits of an address with another match of one cell type in one atlas; no types say no match."""
    kept = [each for each in read_edits(text) if (each.reference, each.atlas) != (reference, atlas)]
    return write_edits([*kept, Edit(reference, types, atlas)])


def _edited(edits: Sequence[Edit], atlas: str, types: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    here = set(types[atlas])
    return {edit.reference: edit.types for edit in edits if edit.atlas in ("", atlas) and set(edit.types) <= here}


__all__ = ["HOW", "Edit", "Match", "Matching", "checked", "matching", "types_of", "with_edit"]
