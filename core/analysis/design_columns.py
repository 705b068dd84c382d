"""Columns of an atlas as values of samples: covariates, donors that pair, studies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.analysis.pseudobulk import UnitParams, units_of
from core.atlas.store import MISSING, Numeric
from core.atlas.vocabulary import ROLE_NAMES, plain
from core.cache.in_process import remembered
from core.errors import InvalidQuery

if TYPE_CHECKING:
    from core.atlas.manifest import ColumnInfo
    from core.atlas.store import Atlas

STUDIES: Final = ("study", "studyid", "studyname", "dataset", "datasetid", "project", "projectid", "accession", "gse")
_TWO: Final = 2


@dataclass(frozen=True)
class UnitColumn:
    """One value of a column for each unit; None where nothing is given.

    `varying` is the first unit with several values, of which `values` holds the first; None where there is none.
    """

    name: str
    values: tuple[str | float | None, ...]
    varying: int | None = None

    @property
    def n_values(self) -> int:
        """Number of distinct values."""
        return len({value for value in self.values if value is not None})


@remembered
def values_of_units(atlas: Atlas, name: str, params: UnitParams) -> UnitColumn:
    """Find the value of each unit in a column, whether or not it varies within a unit."""
    units = units_of(atlas, params)
    column = atlas.column(name)
    if isinstance(column, Numeric):
        given, levels, codes = ~np.isnan(column.values), *np.unique(column.values, return_inverse=True)
    else:
        given, levels, codes = column.codes != MISSING, np.array(column.categories, dtype=object), column.codes
    part = (units.codes < len(units)) & given
    n_levels = max(len(levels), 1)
    met: list[list[str | float]] = [[] for _ in range(len(units))]
    for pair in np.unique(units.codes[part].astype(np.int64) * n_levels + codes[part]).tolist():
        unit, level = divmod(pair, n_levels)
        met[unit].append(levels[level] if isinstance(levels[level], str) else float(levels[level]))
    varying = next((unit for unit, values in enumerate(met) if len(values) > 1), None)
    return UnitColumn(name, tuple(values[0] if values else None for values in met), varying)


def column_of_units(atlas: Atlas, name: str, params: UnitParams) -> UnitColumn:
    """Find the value of each unit in a column that must be constant within it.

    Raises
    ------
    InvalidQuery
        The column varies within a sample.
    """
    found = values_of_units(atlas, name, params)
    if found.varying is not None:
        units = units_of(atlas, params)
        sample = atlas.categorical(params.sample).categories[int(units.sample[found.varying])]
        raise InvalidQuery(
            f"The column {name!r} varies within the sample {sample!r}, so it is no property of samples.",
            "Choose a column with one value for each sample.",
        )
    return found


def study_column(atlas: Atlas) -> str:
    """Name the column of studies of an integrated atlas; empty where it has none, or one study only."""
    for column in atlas.manifest.columns:
        if column.kind == "categorical" and column.n_categories >= _TWO and plain(column.name) in STUDIES:
            return column.name
    return ""


def usable_columns(atlas: Atlas, params: UnitParams) -> list[str]:
    """Name the columns that may be covariates: one value a sample, and not the same in all of them."""
    taken = (params.sides.by, params.sample)
    names = [column.name for column in atlas.manifest.columns if column.kind != "text" and column.name not in taken]
    found = [values_of_units(atlas, name, params) for name in names]
    return [column.name for column in found if column.varying is None and column.n_values > 1]


def pairing_columns(atlas: Atlas, params: UnitParams) -> list[str]:
    """Name the columns of donors of whom two or more stand on both sides, the best known name first."""
    columns = {plain(column.name): column.name for column in _categorical(atlas)}
    known = [columns[name] for name in ROLE_NAMES["sample"] if name in columns]
    return [name for name in dict.fromkeys([*known, params.sample]) if _on_both(atlas, name, params)]


def usable_pairing(atlas: Atlas, params: UnitParams) -> list[str]:
    """Name all columns that may pair: those of donors first, then others, those of the smallest groups first."""
    donors = pairing_columns(atlas, params)
    n = {column.name: _on_both(atlas, column.name, params) for column in _categorical(atlas)}
    others = [name for name, n_levels in n.items() if n_levels and name not in donors]
    return [*donors, *sorted(others, key=lambda name: -n[name])]


def _categorical(atlas: Atlas) -> list[ColumnInfo]:
    return [column for column in atlas.manifest.columns if column.kind == "categorical"]


def _on_both(atlas: Atlas, name: str, params: UnitParams) -> int:
    """Count the levels of a column that stand on both sides; zero where it cannot pair: of one level, or varying."""
    if name == params.sides.by:
        return 0
    column = values_of_units(atlas, name, params)
    sides: dict[object, set[int]] = {}
    for value, side in zip(column.values, units_of(atlas, params).side.tolist(), strict=True):
        sides.setdefault(value, set()).add(side)
    n = sum(value is not None and len(met) == _TWO for value, met in sides.items())
    return n if column.varying is None and n >= _TWO else 0
