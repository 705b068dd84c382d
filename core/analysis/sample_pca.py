"""Principal components of pseudobulk samples, and which columns go with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.analysis.design_columns import values_of_units
from core.analysis.differences import design, samples
from core.analysis.pseudobulk import sizes_of, sums_of
from core.errors import InvalidQuery
from core.stats.normalization import enough_counts, log_cpm, tmm_factors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.analysis.design import SampleRow
    from core.analysis.differences import DifferencesParams
    from core.arrays import F64
    from core.atlas.store import Atlas
    from core.compute.executor import Workers

N_COMPONENTS: Final = 4
MIN_SAMPLES: Final = 3
DEPTH: Final = "counts (log)"


@dataclass(frozen=True, eq=False)
class SamplePca:
    """Samples by their principal components.

    Attributes
    ----------
    samples : the kept samples
    scores : (n_samples, n_components)
    shares : (n_components,) share of the variance
    columns : values of the columns in the kept samples, by name
    explained : (n_columns + 1, n_components) R² of each column, and of the depth last, with each component; NaN where a
        column has one value, or as many levels as samples
    """

    samples: list[SampleRow]
    scores: F64
    shares: F64
    columns: dict[str, tuple[str | float | None, ...]]
    explained: F64


def sample_pca(atlas: Atlas, params: DifferencesParams, columns: Sequence[str], workers: Workers) -> SamplePca:
    """Find the principal components of log2 counts per million of the tested genes, centred by gene.

    Raises
    ------
    InvalidQuery
        The samples cannot be compared, or there are fewer than three.
    """
    model = design(atlas, params)
    rows = [row for row in samples(atlas, params) if not row.why]
    if len(rows) < MIN_SAMPLES:
        raise InvalidQuery(f"Principal components need {MIN_SAMPLES} samples.", "Select more samples.")
    at = list(sizes_of(atlas, params.design.units, params.by_type).types).index(params.cell_type)
    counts = sums_of(atlas, params.design.units, params.by_type, workers).counts[:, at, model.kept].astype(np.float64)
    counts = counts[enough_counts(counts, min(model.n_a, model.n_b))]
    if not len(counts):
        raise InvalidQuery("No gene has enough counts in these samples.", "Choose a cell type with more cells.")
    values = log_cpm(counts, counts.sum(axis=0) * tmm_factors(counts))
    u, s, _ = np.linalg.svd((values - values.mean(axis=1, keepdims=True)).T, full_matrices=False)
    n = min(N_COMPONENTS, len(rows) - 1)
    scores = u[:, :n] * s[:n]
    # The sign of a component is arbitrary: its largest score is positive.
    scores *= np.where(np.abs(scores.max(axis=0)) >= np.abs(scores.min(axis=0)), 1, -1)
    found = {
        name: tuple(values_of_units(atlas, name, params.design.units).values[unit] for unit in model.kept.tolist())
        for name in columns
    }
    depth = tuple(float(np.log(row.n_counts)) for row in rows)
    explained = np.array([r_squared(each, scores) for each in (*found.values(), depth)])
    return SamplePca(rows, scores, s[:n] ** 2 / np.sum(s**2), found, explained)


def r_squared(values: Sequence[str | float | None], scores: F64) -> F64:
    """Share of the variance of each component that a column explains, (n_components,).

    Samples without a value are left out. A number is fitted by a line, categories by their means (eta squared).
    """
    given = np.array([value is not None for value in values])
    kept = [value for value in values if value is not None]
    levels = set(kept)
    if len(levels) < 2 or (isinstance(kept[0], str) and len(levels) == len(kept)):  # noqa: PLR2004 - it takes two
        return np.full(scores.shape[1], np.nan)
    if isinstance(kept[0], str):
        design = np.array([[value == level for level in sorted(map(str, levels))] for value in kept], dtype=np.float64)
    else:
        design = np.column_stack([np.ones(len(kept)), np.array(kept, dtype=np.float64)])
    y = scores[given] - scores[given].mean(axis=0)
    fitted = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return 1 - np.sum((y - fitted) ** 2, axis=0) / np.sum(y**2, axis=0)
