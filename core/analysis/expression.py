"""One gene in the cells of a selection: its values, and what they are in each category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from core.arrays import Floats
from core.atlas.store import EXPRESSION, MISSING, Atlas
from core.selection.masks import mask_of

if TYPE_CHECKING:
    from core.arrays import I64, Mask
    from core.selection.model import Selection

NOT_GIVEN = "(not given)"


@dataclass(frozen=True)
class Expression:
    """One gene in every cell.

    Attributes
    ----------
    gene, gene_id, index
        Its display name, the file's own name, and its position.
    signed
        True where a value above zero does not mean that the cell expresses the gene.
    values : (n_cells,) in the layer's dtype and `unit`; zeros are zeros, nothing is missing
    """

    gene: str
    gene_id: str
    index: int
    layer: str
    unit: str
    values: Floats
    signed: bool = False


class Valued(Protocol):
    """Number for every cell: a gene, or the score of a gene set, which is NaN where a cell has none."""

    @property
    def values(self) -> Floats:
        """Values in cell order, (n_cells,)."""
        ...


def expression_of(atlas: Atlas, gene: str, layer: str = EXPRESSION) -> Expression:
    """Read the values of one gene in every cell.

    Raises
    ------
    UnknownGene
        The atlas has no such gene.
    InvalidQuery
        It has no such layer.
    """
    opened = atlas.layer(layer or EXPRESSION)
    index = atlas.genes.resolve(gene)
    return Expression(
        gene=atlas.genes.names[index],
        gene_id=atlas.genes.ids[index],
        index=index,
        layer=opened.name,
        unit=opened.info.unit,
        values=opened.dense(index),
        signed=opened.info.signed,
    )


@dataclass(frozen=True)
class Overview:
    """Numbers of a selection: cells, samples (None without that role), expressing cells, cells without a place."""

    n: int
    n_samples: int | None
    n_expressing: int
    n_unplaced: int

    @property
    def pct_expressing(self) -> float:
        """Percent of the cells with a value above zero; NaN for no cells."""
        return 100.0 * self.n_expressing / self.n if self.n else float("nan")


def overview(atlas: Atlas, expression: Expression, selection: Selection, embedding: str = "") -> Overview:
    """Count what a selection holds."""
    mask = mask_of(atlas, selection)
    samples = atlas.role("sample")
    n_samples = None
    if samples is not None:
        n_samples = int(np.count_nonzero(np.bincount(samples.codes[mask] + 1, minlength=1)[1:]))
    unplaced = 0
    if embedding and atlas.embedding_info(embedding).n_missing:
        unplaced = int((mask & ~np.isfinite(atlas.embedding(embedding)).all(axis=1)).sum())
    return Overview(int(mask.sum()), n_samples, int((mask & (expression.values > 0)).sum()), unplaced)


def codes_within(atlas: Atlas, name: str, mask: Mask) -> tuple[I64, list[str]]:
    """Return the category of every cell and the names of the categories; ``(not given)`` comes last, when needed.

    Returns
    -------
    codes : (n_cells,) int64, places in `names`; outside of the mask they need not be among them
    names : every category of the column, with or without cells
    """
    column = atlas.categorical(name)
    missing = mask & (column.codes == MISSING)
    names = [*column.categories, NOT_GIVEN] if missing.any() or not column.categories else list(column.categories)
    return np.where(column.codes == MISSING, len(column.categories), column.codes).astype(np.int64), names
