"""Design of a comparison of samples: which samples are kept and why, covariates, pairing, the design matrix."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from core.analysis.design_columns import (
    UnitColumn,
    column_of_units,
    pairing_columns,
    study_column,
    values_of_units,
)
from core.analysis.pseudobulk import UnitParams, units_of
from core.analysis.sides import A, B, Sides
from core.errors import InvalidQuery
from core.selection.model import Selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.analysis.pseudobulk import Units
    from core.arrays import F64, I64
    from core.atlas.store import Atlas

MIN_CELLS: Final = 10
MIN_COUNTS: Final = 1_000
MIN_SAMPLES: Final = 2
MAX_SAMPLES: Final = 1_000
MAX_COVARIATES: Final = 10


@dataclass(frozen=True)
class DesignParams:
    """Parameters of a design.

    Attributes
    ----------
    units : sides, column of samples, selection
    covariates : columns with one value a sample, categories or numbers
    paired : column of donors that stand on both sides; empty for none
    min_cells, min_counts : samples with fewer are dropped
    """

    units: UnitParams
    covariates: tuple[str, ...] = ()
    paired: str = ""
    min_cells: int = MIN_CELLS
    min_counts: int = MIN_COUNTS

    @classmethod
    def of(  # noqa: PLR0913 - each is one word of the question
        cls,
        atlas: Atlas,
        sides: Sides,
        *,
        sample: str = "",
        covariates: Sequence[str] = (),
        paired: str = "",
        selection: Selection | None = None,
        min_cells: int = MIN_CELLS,
        min_counts: int = MIN_COUNTS,
    ) -> DesignParams:
        """Make the canonical parameters; the samples are those of the atlas unless a column is named.

        Raises
        ------
        UnknownColumn, InvalidQuery
            A column does not exist, is used twice, or there are no samples.
        """
        sample = sample or atlas.manifest.roles.get("sample", "")
        if not sample:
            raise InvalidQuery(f"{atlas.id} has no column of samples.", "Name a categorical column: sample=COLUMN.")
        atlas.categorical(sample)
        if paired:
            atlas.categorical(paired)
        names = tuple(dict.fromkeys(name for name in covariates if name))
        if len(names) > MAX_COVARIATES:
            raise InvalidQuery(f"There are {len(names)} covariates; {MAX_COVARIATES} is the limit.", "Remove some.")
        for name in names:
            atlas.column(name)
            if name in (sides.by, paired, sample):
                use = "is what is compared" if name == sides.by else "is used already"
                raise InvalidQuery(f"The column {name!r} {use}, so it cannot be a covariate.", "Remove it.")
        if paired and paired == sides.by:
            raise InvalidQuery(f"The column {paired!r} is what is compared, so it cannot pair.", "Choose another one.")
        return cls(UnitParams(sides, sample, selection or Selection()), names, paired, min_cells, min_counts)


@dataclass(frozen=True)
class SampleRow:
    """One sample on one side, kept or dropped.

    Attributes
    ----------
    sample, side : its name, and 1 for A or 0 for B
    n_cells, n_counts : of the cell type in question
    why : reason for dropping it; empty where it is kept
    donor : level of the column that pairs; empty without pairing
    values : of the covariates, in their order; None where nothing is given
    """

    sample: str
    side: int
    n_cells: int
    n_counts: int
    why: str
    donor: str = ""
    values: tuple[str | float | None, ...] = ()


@dataclass(frozen=True, eq=False)
class Design:
    """Design of one comparison.

    Attributes
    ----------
    kept : (n,) units that take part
    side : (n,) 1 for A, 0 for B
    matrix : (n, n_coefficients) float64, intercept first, then the side
    terms : names of the terms behind the intercept
    pairs : (n,) number of the pair of each unit; None without pairing
    notes : warnings
    study : column of studies that is not in the model and should be; empty for none
    """

    kept: I64
    side: I64
    matrix: F64
    terms: tuple[str, ...]
    pairs: I64 | None
    notes: tuple[str, ...] = field(default=())
    study: str = ""

    @property
    def contrast(self) -> F64:
        """A minus B."""
        contrast = np.zeros(self.matrix.shape[1])
        contrast[1] = 1
        return contrast

    @property
    def formula(self) -> str:
        """The model in the usual notation: ``~ Group + Sex``."""
        return f"~ {' + '.join(self.terms)}"

    @property
    def n_a(self) -> int:
        """Samples on the side A."""
        return int((self.side == A).sum())

    @property
    def n_b(self) -> int:
        """Samples on the side B."""
        return int((self.side == B).sum())


def samples_of(atlas: Atlas, params: DesignParams, n_cells: I64, n_counts: I64) -> list[SampleRow]:
    """Decide of each unit whether it takes part, and why not.

    Parameters
    ----------
    n_cells, n_counts : (n_units,) of the cell type in question

    Raises
    ------
    InvalidQuery
        A covariate, or the column that pairs, varies within a sample.
    """
    units = units_of(atlas, params.units)
    names = atlas.categorical(params.units.sample).categories
    columns = [column_of_units(atlas, name, params.units) for name in params.covariates]
    donors = column_of_units(atlas, params.paired, params.units) if params.paired else None
    whys = [
        _why(params, int(n_cells[at]), int(n_counts[at]), [column for column in (*columns, donors) if column], at)
        for at in range(len(units))
    ]
    if donors is not None:
        _leave_out_single(whys, donors, units, params.units.sides)
    return [
        SampleRow(
            names[int(units.sample[at])],
            int(units.side[at]),
            int(n_cells[at]),
            int(n_counts[at]),
            whys[at],
            "" if donors is None else str(donors.values[at] or ""),
            tuple(column.values[at] for column in columns),
        )
        for at in range(len(units))
    ]


def _why(params: DesignParams, cells: int, counts: int, columns: Sequence[UnitColumn], at: int) -> str:
    if cells < params.min_cells:
        return f"fewer than {params.min_cells:,} cells" if cells else "no cells"
    if counts < params.min_counts:
        return f"fewer than {params.min_counts:,} counts" if counts else "no counts"
    missing = next((column.name for column in columns if column.values[at] is None), None)
    return f"no value of {missing}" if missing else ""


def _leave_out_single(whys: list[str], donors: UnitColumn, units: Units, sides: Sides) -> None:
    """Drop the samples whose donor has no sample on the other side."""
    met: dict[object, set[int]] = {}
    for at, why in enumerate(whys):
        if not why:
            met.setdefault(donors.values[at], set()).add(int(units.side[at]))
    for at, why in enumerate(whys):
        if not why and len(met[donors.values[at]]) == 1:
            other = sides.names[0 if units.side[at] == B else 1]
            whys[at] = f"its {donors.name} has no sample in {other}"


def design_of(atlas: Atlas, params: DesignParams, rows: Sequence[SampleRow]) -> Design:
    """Build the design matrix of the samples that are kept.

    Raises
    ------
    InvalidQuery
        A side has fewer than two samples, a sample is on both sides without pairing, terms of the design coincide, or
        there are as many coefficients as samples.
    """
    kept = np.array([at for at, row in enumerate(rows) if not row.why], dtype=np.int64)
    used = [rows[at] for at in kept]
    side = np.array([row.side for row in used], dtype=np.int64)
    _check_numbers(params, side)
    if not params.paired:
        _check_one_side(params, used)
    notes = _notes(atlas, params, side)
    study, of_study = _study(atlas, params, kept, side)
    notes += [of_study] if of_study else []
    terms = [(params.units.sides.by or "side", side[:, None].astype(np.float64))]
    for at, name in enumerate(params.covariates):
        values = [row.values[at] for row in used]
        if len(set(values)) == 1:
            notes.append(f"All samples have the same {name}, {values[0]}: it is left out of the model.")
            continue
        if not isinstance(values[0], str):
            notes.append(f"{name} is numeric: one slope for all samples.")
        terms.append((name, _block(values)))
    pairs = None
    if params.paired:
        donors = [row.donor for row in used]
        terms.append((params.paired, _block(donors)))
        pairs = np.unique(donors, return_inverse=True)[1].astype(np.int64)
    _check_rank(terms, params)
    matrix = np.hstack([np.ones((len(used), 1)), *(block for _, block in terms)])
    if matrix.shape[0] <= matrix.shape[1]:
        raise InvalidQuery(
            f"The model has {matrix.shape[1]} coefficients for {matrix.shape[0]} samples, so no variance can be "
            "estimated.",
            "Remove a covariate, or the pairing.",
        )
    return Design(kept, side, matrix, tuple(name for name, _ in terms), pairs, tuple(notes), study)


def _block(values: Sequence[str | float | None]) -> F64:
    """Columns of one term: a centred number, or an indicator of each level but the first."""
    if isinstance(values[0], str):
        levels = sorted({str(value) for value in values})
        return np.array([[value == level for level in levels[1:]] for value in values], dtype=np.float64)
    numbers = np.array(values, dtype=np.float64)
    centred = numbers - numbers.mean()
    return (centred / centred.std())[:, None]


def _check_numbers(params: DesignParams, side: I64) -> None:
    for name, code in zip(params.units.sides.names, (A, B), strict=True):
        n = int((side == code).sum())
        if n < MIN_SAMPLES:
            limits = f"{params.min_cells:,} cells" + (f" and {params.min_counts:,} counts" if params.min_counts else "")
            pairs = f" and a partner by {params.paired}" if params.paired else ""
            raise InvalidQuery(
                f"{name} has {n or 'no'} sample{'' if n == 1 else 's'} with {limits}{pairs}; a comparison of samples "
                f"needs {MIN_SAMPLES} on each side.",
                "Choose other sides or cells; Markers compares cells, which says nothing of other donors.",
            )
    if len(side) > MAX_SAMPLES:
        raise InvalidQuery(f"There are {len(side):,} samples; {MAX_SAMPLES:,} is the limit.", "Select fewer.")


def _check_one_side(params: DesignParams, used: Sequence[SampleRow]) -> None:
    on_a, on_b = ({row.sample for row in used if row.side == code} for code in (A, B))
    if both := sorted(on_a & on_b):
        n = f"The sample {both[0]!r} is" if len(both) == 1 else f"{len(both)} samples, such as {both[0]!r}, are"
        raise InvalidQuery(
            f"{n} on both sides, so the sides are not independent.",
            f"Pair by the sample: paired={params.units.sample}.",
        )


def _check_rank(terms: Sequence[tuple[str, F64]], params: DesignParams) -> None:
    """Refuse terms that coincide, by name."""
    names = {params.units.sides.by or "side": "the sides"}
    before: list[tuple[str, F64]] = []
    for name, block in terms:
        if _is_deficient([each for _, each in before] + [block]):
            for size in range(len(before) + 1):
                for some in combinations(before, size):
                    if _is_deficient([*(each for _, each in some), block]):
                        others = [names.get(each, repr(each)) for each, _ in some]
                        with_what = " and ".join(others) or "each other"
                        raise InvalidQuery(
                            f"{name!r} coincides with {with_what}: their effects cannot be told apart.",
                            "Remove one of them, or choose other samples.",
                        )
        before.append((name, block))


def _is_deficient(blocks: Sequence[F64]) -> bool:
    matrix = np.hstack([np.ones((len(blocks[0]), 1)), *blocks])
    return int(np.linalg.matrix_rank(matrix)) < matrix.shape[1]


def _notes(atlas: Atlas, params: DesignParams, side: I64) -> list[str]:
    notes: list[str] = []
    if min(int((side == A).sum()), int((side == B).sum())) == MIN_SAMPLES:
        notes.append("A side has two samples only: a single unusual donor decides, and little can be found.")
    if not params.paired and (columns := pairing_columns(atlas, params.units)):
        notes.append(f"Several {columns[0]} have samples on both sides: a design paired by {columns[0]} finds more.")
    return notes


def _study(atlas: Atlas, params: DesignParams, kept: I64, side: I64) -> tuple[str, str]:
    """Name the column of studies that the model should have, and warn that it has not, or that it cannot."""
    study = study_column(atlas)
    if not study or study in (*params.covariates, params.paired, params.units.sides.by):
        return "", ""
    values = values_of_units(atlas, study, params.units).values
    levels = [values[at] for at in kept.tolist()]
    n = len(set(levels) - {None})
    if n <= 1:
        return "", ""
    if not params.paired and None not in levels and _is_deficient([side[:, None].astype(np.float64), _block(levels)]):
        return "", (
            f"The samples come from {n} levels of {study}, which coincide with the sides: what differs between "
            "studies cannot be told from what differs between the sides."
        )
    return study, f"The samples come from {n} levels of {study}: add it as a covariate."
