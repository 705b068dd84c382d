"""The contrast of one atlas, found again in another: the same levels of its groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.design import DesignParams
from core.analysis.differences import DifferencesParams
from core.analysis.sides import Sides
from core.selection.model import Selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.atlas.store import Atlas


def matched_sides(first: Sides, second: Atlas, by: str = "", a: Sequence[str] = (), b: Sequence[str] = ()) -> Sides:
    """Find the sides of a contrast in another atlas.

    Parameters
    ----------
    first
        Sides in the first atlas.
    by, a, b
        Column and levels in the second; by default the column of the same name, else that of the groups, and those of
        its levels that are called as in the first, whatever the case; where a side has none, the ends of the order.

    Raises
    ------
    UnknownColumn, InvalidQuery
        As `Sides.of` does.
    """
    info = second.column_info(first.by) if first.by and not by else None
    if info is not None and info.kind == "categorical":
        by = first.by
    if first.by and not a and not b:
        column = by or second.manifest.roles.get("group", "")
        names = {name.casefold(): name for name in second.categorical(column).categories} if column else {}
        found = [
            [names[level.casefold()] for level in side if level.casefold() in names] for side in (first.a, first.b)
        ]
        if all(found):
            a, b = found
    return Sides.of(second, by, a, b)


def of_types(  # noqa: PLR0913 - each is one word of the question
    atlas: Atlas,
    sides: Sides,
    types: Sequence[str],
    by_type: str = "",
    engine: str = "",
    *,
    covariates: Sequence[str] = (),
    paired: str = "",
) -> DifferencesParams:
    """Make the parameters of differences in one cell type, in several taken together, or without any in all cells.

    Parameters
    ----------
    covariates, paired
        Columns that are adjusted for, and the one that pairs; see `DesignParams`.

    Raises
    ------
    UnknownColumn, InvalidQuery
        A type or column does not exist, or there are no samples.
    """
    if len(types) == 1:
        design = DesignParams.of(atlas, sides, covariates=covariates, paired=paired)
        return DifferencesParams.of(atlas, design, types[0], by_type, engine)
    column = by_type or atlas.manifest.roles.get("cell_type", "")
    cells = Selection.of({column: list(types)}) if types and column else Selection()
    design = DesignParams.of(atlas, sides, covariates=covariates, paired=paired, selection=cells)
    return DifferencesParams.of(atlas, design, engine=engine, pooled=True)
