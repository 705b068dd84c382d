"""Columns of an atlas by name or role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import InvalidQuery

if TYPE_CHECKING:
    from core.atlas.store import Atlas


def column_or_role(atlas: Atlas, name: str) -> str:
    """Return the name of a categorical column; that of the cell types unless one is given.

    Raises
    ------
    UnknownColumn, InvalidQuery
        There is none of that name, it holds numbers, or none is given and the atlas knows no cell types.
    """
    name = name or atlas.manifest.roles.get("cell_type", "")
    if not name:
        raise InvalidQuery(f"{atlas.id} has no column of cell types.", "Name a categorical column: by=COLUMN.")
    return atlas.categorical(name).name
