"""Names of obs columns in sentences: by what they mean, where the atlas says so, and as in the file elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.atlas.manifest import Manifest, Role

ROLES: dict[Role, str] = {"cell_type": "Cell type", "group": "Group", "sample": "Sample"}


def heading(manifest: Manifest, column: str) -> str:
    """Name a column at the beginning of a title: ``Cell type``, or the name in the file."""
    return next((ROLES[role] for role, name in manifest.roles.items() if name == column), column)


def noun(manifest: Manifest, column: str) -> str:
    """Name a column inside a sentence: ``cell type``, or the name in the file."""
    return heading(manifest, column).lower() if column in manifest.roles.values() else column


def counted(manifest: Manifest, column: str, n: int) -> str:
    """Count the categories of a column: ``17 cell types``, or ``3 categories of Zone`` where it has no role."""
    if column in manifest.roles.values():
        return f"{n:,} {heading(manifest, column).lower()}{'' if n == 1 else 's'}"
    return f"{n:,} categor{'y' if n == 1 else 'ies'} of {column}"
