"""Groups to compare: each category of a column with all others, or one selection with another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from core.atlas.store import EXPRESSION, MISSING
from core.errors import EmptySelection, InvalidQuery
from core.selection.masks import mask_of
from core.selection.model import Selection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.arrays import I64
    from core.atlas.store import Atlas

    U8 = NDArray[np.uint8]

METHOD = (
    "Wilcoxon rank-sum test with normal approximation and tie correction, or Fisher’s exact test on detection where "
    "too few cells express a gene; Benjamini–Hochberg correction across genes within each category"
)
NOT_REPLICATES = (
    "These p-values treat cells as independent, which they are not. With thousands of cells, even trivial differences "
    "become significant. Use donor-level results for inference."
)
MIN_CATEGORIES = 2
# A table of 100 categories and 30,000 genes takes 200 MB.
MAX_CATEGORIES = 100
# A mean or a percentage of fewer is that of single cells.
MIN_CELLS = 3
A, B = "A", "B"


@dataclass(frozen=True)
class Groups:
    """Groups of cells to compare.

    Attributes
    ----------
    codes : (n_cells,) uint8, places in `names`; ``len(names)`` for a cell that takes no part
    names : those with cells, in display order
    sizes : (n_groups,) cells of each
    n_samples : samples of each; None without that role
    n_all_samples : samples of all of them together
    """

    codes: U8
    names: tuple[str, ...]
    sizes: I64
    n_samples: tuple[int, ...] | None
    n_all_samples: int | None

    @property
    def n(self) -> int:
        """Cells that take part."""
        return int(self.sizes.sum())

    @property
    def listed(self) -> list[int]:
        """Places of the groups that have rows in the table: those of three cells or more, with as many outside."""
        return np.flatnonzero((self.sizes >= MIN_CELLS) & (self.n - self.sizes >= MIN_CELLS)).tolist()


@dataclass(frozen=True)
class MarkersParams:
    """Each category of a column against the rest, in a selection; with the content hash, the key of the answer."""

    by: str
    layer: str = EXPRESSION
    selection: Selection = field(default_factory=Selection)

    @classmethod
    def of(cls, atlas: Atlas, by: str = "", layer: str = "", selection: Selection | None = None) -> MarkersParams:
        """Make the canonical parameters; a column and a layer that are not named are the atlas' own.

        Raises
        ------
        UnknownColumn, InvalidQuery
            Something named does not exist, or the column holds numbers.
        """
        column = atlas.categorical(by or by_default(atlas)).name
        return cls(column, atlas.layer(layer or EXPRESSION).name, selection or Selection())

    def groups(self, atlas: Atlas) -> Groups:
        """Return the categories that the selection holds; cells without a category take no part.

        Raises
        ------
        InvalidQuery
            There are fewer than two categories, too many, or none of three cells with as many outside.
        """
        column = atlas.categorical(self.by)
        # One more place than there are categories: -1, nothing given, indexes the last.
        places = np.where(mask_of(atlas, self.selection), column.codes, MISSING)
        counts = np.bincount(places + 1, minlength=len(column.categories) + 1)[1:]
        kept = np.flatnonzero(counts)
        within = f"the selection ({self.selection.words()})"
        if len(kept) < MIN_CATEGORIES:
            held = f"only {column.categories[kept[0]]!r}" if len(kept) else "no cell with a category"
            raise InvalidQuery(
                f"In {self.by}, {within} has {held}; markers need at least two categories.",
                "Select more cells, or choose another column.",
            )
        if len(kept) > MAX_CATEGORIES:
            raise InvalidQuery(
                f"In {self.by}, {within} has {len(kept):,} categories; {MAX_CATEGORIES} is the limit.",
                "Select fewer of them, or choose another column.",
            )
        place = np.full(len(counts) + 1, len(kept), dtype=np.uint8)
        place[kept] = np.arange(len(kept))
        groups = _groups(atlas, place[places], tuple(column.categories[at] for at in kept))
        if not groups.listed:
            raise InvalidQuery(
                f"No category of {self.by} has {MIN_CELLS} cells in {within}, and {MIN_CELLS} outside.",
                "Select more cells, or choose another column.",
            )
        return groups


@dataclass(frozen=True)
class ComparisonParams:
    """One selection, A, against another, B; all other cells take no part."""

    a: Selection
    b: Selection
    layer: str = EXPRESSION

    @classmethod
    def of(cls, atlas: Atlas, a: Selection, b: Selection, layer: str = "") -> ComparisonParams:
        """Make the canonical parameters; raises InvalidQuery without such a layer."""
        return cls(a, b, atlas.layer(layer or EXPRESSION).name)

    def groups(self, atlas: Atlas) -> Groups:
        """Return the groups A and B.

        Raises
        ------
        InvalidQuery
            One of them holds fewer than three cells, or some cells are in both.
        """
        mask_a, mask_b = mask_of(atlas, self.a), mask_of(atlas, self.b)
        for name, mask, selection in ((A, mask_a, self.a), (B, mask_b, self.b)):
            if not mask.any():
                raise EmptySelection(f"{name} ({selection.words()}) contains no cells.", "Choose other cells.")
        n_both = int((mask_a & mask_b).sum())
        if n_both:
            cells = "1 cell is" if n_both == 1 else f"{n_both:,} cells are"
            raise InvalidQuery(
                f"{cells} both in A ({self.a.words()}) and in B ({self.b.words()}).",
                "Choose two selections that have no cell in common.",
            )
        for name, mask in ((A, mask_a), (B, mask_b)):
            n = int(mask.sum())
            if n < MIN_CELLS:
                raise InvalidQuery(
                    f"{name} contains {n} cell{'' if n == 1 else 's'}; a comparison needs {MIN_CELLS} on either side.",
                    "Choose more cells.",
                )
        codes = np.full(atlas.n_cells, 2, dtype=np.uint8)
        codes[mask_a], codes[mask_b] = 0, 1
        return _groups(atlas, codes, (A, B))


ContrastParams: TypeAlias = MarkersParams | ComparisonParams


def by_default(atlas: Atlas) -> str:
    """Choose the column of the cell types, else the first one of 2 to 100 categories.

    Raises
    ------
    InvalidQuery
        There is none.
    """
    usable = usable_columns(atlas)
    cell_type = atlas.manifest.roles.get("cell_type", "")
    if cell_type in usable:
        return cell_type
    if not usable:
        raise InvalidQuery(
            f"{atlas.id} has no column of {MIN_CATEGORIES} to {MAX_CATEGORIES} categories, so there is nothing to "
            "compare.",
            "Compare two selections of cells instead.",
        )
    return usable[0]


def usable_columns(atlas: Atlas) -> list[str]:
    """Names of the categorical columns of 2 to 100 categories, in the order of the file, a derived one last."""
    return [
        column.name
        for column in atlas.columns
        if column.kind == "categorical" and MIN_CATEGORIES <= column.n_categories <= MAX_CATEGORIES
    ]


def _groups(atlas: Atlas, codes: U8, names: tuple[str, ...]) -> Groups:
    sizes = np.bincount(codes, minlength=len(names))[: len(names)].astype(np.int64)
    samples = atlas.role("sample")
    if samples is None:
        return Groups(codes, names, sizes, None, None)
    part = (codes < len(names)) & (samples.codes != MISSING)
    met = np.zeros((len(names), len(samples.categories)), dtype=bool)
    met[codes[part], samples.codes[part]] = True
    return Groups(codes, names, sizes, tuple(met.sum(axis=1).tolist()), int(met.any(axis=0).sum()))
