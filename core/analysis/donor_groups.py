"""Means of a gene over donors, and a test between groups of donors: the replicates that cells are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.expression import codes_within
from core.selection.masks import mask_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.analysis.expression import Valued
    from core.arrays import Floats
    from core.atlas.store import Atlas
    from core.selection.model import Selection

# A mean of fewer cells is that of single cells.
MIN_CELLS = 10
# Fewer donors in each group cannot differ significantly at any effect.
MIN_DONORS = 3


@dataclass(frozen=True, eq=False)
class DonorMeans:
    """Donors of one row: their names, mean values and numbers of cells, each (n_donors,)."""

    donors: tuple[str, ...]
    means: Floats
    n_cells: tuple[int, ...]


@dataclass(frozen=True)
class GroupTest:
    """Test between groups over donors.

    Attributes
    ----------
    groups, sizes
        Names of the groups of `MIN_DONORS` donors or more, and their numbers of donors.
    difference
        Difference of the medians over donors, second group minus first; None for three groups or more.
    p
        Two-sided: Mann-Whitney for two groups (exact without ties), Kruskal-Wallis for more.
    """

    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    difference: float | None
    p: float

    @property
    def name(self) -> str:
        """Name of the test."""
        return "Mann–Whitney" if len(self.groups) == 2 else "Kruskal–Wallis"  # noqa: PLR2004 - a pair


def donor_means(
    atlas: Atlas, values: Valued, by: str, selection: Selection, split: str = ""
) -> dict[tuple[str, str], DonorMeans]:
    """Average a gene, or a score, over the cells of every donor in each category.

    Returns
    -------
    By category and second category (empty without `split`): the donors with `MIN_CELLS` cells or more in it. Cells
    without a donor or a value count nowhere. Empty where the atlas has no samples, or they are the categories.
    """
    sample = atlas.manifest.roles.get("sample", "")
    if not sample or sample in (by, split):
        return {}
    given = ~np.isnan(values.values)
    mask = mask_of(atlas, selection) & given & (atlas.categorical(sample).codes >= 0)
    outer, outer_names = codes_within(atlas, by, mask)
    inner, inner_names = codes_within(atlas, split, mask) if split else (np.zeros_like(outer), [""])
    names = atlas.categorical(sample).categories
    donors = atlas.categorical(sample).codes[mask].astype(np.int64)
    rows = (outer * len(inner_names) + inner)[mask].astype(np.int64)
    n_rows = len(outer_names) * len(inner_names)
    codes = rows * len(names) + donors
    n = np.bincount(codes, minlength=n_rows * len(names)).reshape(n_rows, len(names))
    sums = np.bincount(codes, weights=values.values[mask].astype(np.float64), minlength=n.size).reshape(n.shape)
    pairs = [(first, second) for first in outer_names for second in inner_names]
    found: dict[tuple[str, str], DonorMeans] = {}
    for pair, counts, totals in zip(pairs, n, sums, strict=True):
        kept = np.flatnonzero(counts >= MIN_CELLS)
        donors_kept = tuple(names[at] for at in kept.tolist())
        found[pair] = DonorMeans(donors_kept, totals[kept] / counts[kept], tuple(counts[kept].tolist()))
    return found


def compare(groups: Mapping[str, Floats]) -> GroupTest | None:
    """Test whether donor means differ between groups; None with fewer than two groups of `MIN_DONORS` donors.

    References
    ----------
    Mann and Whitney, Ann. Math. Stat. 18, 50 (1947); Kruskal and Wallis, J. Am. Stat. Assoc. 47, 583 (1952).
    """
    from scipy.stats import kruskal, mannwhitneyu

    kept = {name: values for name, values in groups.items() if len(values) >= MIN_DONORS}
    if len(kept) < 2:  # noqa: PLR2004 - it takes two to differ
        return None
    samples: Sequence[Floats] = list(kept.values())
    sizes = tuple(len(values) for values in samples)
    if len(np.unique(np.concatenate(samples))) == 1:
        return GroupTest(tuple(kept), sizes, 0.0 if len(kept) == 2 else None, 1.0)  # noqa: PLR2004 - a pair
    if len(kept) == 2:  # noqa: PLR2004 - a pair
        first, second = samples
        p = float(mannwhitneyu(first, second, alternative="two-sided").pvalue)
        return GroupTest(tuple(kept), sizes, float(np.median(second) - np.median(first)), p)
    return GroupTest(tuple(kept), sizes, None, float(kruskal(*samples).pvalue))
