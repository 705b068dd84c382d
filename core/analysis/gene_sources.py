"""Sources of the genes that are given to enrichment and activity: differences, markers of a category, a plain list."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from core.analysis.concordance import QUADRANTS, ConcordanceParams, genes_of
from core.analysis.contrasts import ComparisonParams, MarkersParams
from core.analysis.differences import DifferencesParams
from core.analysis.gene_rankings import Ranking
from core.analysis.markers import rows_of
from core.atlas.store import EXPRESSION
from core.errors import InvalidQuery
from core.genes.lists import require

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from core.atlas.store import Atlas


@dataclass(frozen=True)
class MarkerSource:
    """Markers of one category; its cells are against all others, and no replicates."""

    params: MarkersParams | ComparisonParams
    category: str


@dataclass(frozen=True)
class ListSource:
    """A plain list among all genes that any cell of the atlas expresses, by display names in ascending order."""

    genes: tuple[str, ...]

    @classmethod
    def of(cls, atlas: Atlas, text: str) -> ListSource:
        """Find the genes of a pasted list.

        Raises
        ------
        InvalidQuery, UnknownGene
            There is none.
        """
        return cls(tuple(sorted(require(atlas.genes, text).genes)))


@dataclass(frozen=True)
class ListedSource:
    """A list among the genes that a comparison of samples tested, such as those of a box in its volcano."""

    differences: DifferencesParams
    genes: tuple[str, ...]

    @classmethod
    def of(cls, atlas: Atlas, differences: DifferencesParams, text: str) -> ListedSource:
        """Find the genes of a pasted list; see `ListSource.of` for exceptions."""
        return cls(differences, ListSource.of(atlas, text).genes)


@dataclass(frozen=True)
class FileSource:
    """A ranking in a file, as `core.analysis.gene_rankings.read_ranking` reads it."""

    name: str
    sha256: str

    @classmethod
    def of(cls, path: Path) -> FileSource:
        """Name a file that can be read, and its content."""
        return cls(path.name, hashlib.sha256(path.read_bytes()).hexdigest())


@dataclass(frozen=True)
class QuadrantSource:
    """Genes of one quadrant of a concordance among the orthologs that were tested in both species.

    `quadrant` is one of `core.analysis.concordance.QUADRANTS`.
    """

    params: ConcordanceParams
    quadrant: str

    @classmethod
    def of(cls, params: ConcordanceParams, quadrant: str) -> QuadrantSource:
        """Name a quadrant; raises InvalidQuery for an unknown one."""
        if quadrant not in QUADRANTS:
            raise InvalidQuery(f"There is no quadrant {quadrant[:40]!r}.", f"Use one of: {'; '.join(QUADRANTS)}.")
        return cls(params, quadrant)


GeneSource: TypeAlias = DifferencesParams | MarkerSource | ListSource | ListedSource | FileSource | QuadrantSource


def one_cell_type(atlas: Atlas, params: DifferencesParams) -> DifferencesParams:
    """Return the same differences, if they are those of one cell type.

    Raises
    ------
    InvalidQuery
        They are of each type by itself.
    """
    if params.by_type and not params.cell_type:
        names = [each.cell_type for each in params.each_type(atlas)]
        raise InvalidQuery(
            "Enrichment and activity are of one cell type at a time.",
            f"Name one (cell_type): {', '.join(names[:20])}; or take all cells together (pooled).",
        )
    return params


def ranking_of(atlas: Atlas, source: GeneSource, table: pa.Table | None) -> Ranking:
    """Rank the genes of a source.

    Parameters
    ----------
    table
        Of the differences or the markers; None for a list without a comparison.
    """
    if isinstance(source, ListSource):
        expressed = np.diff(atlas.layer(EXPRESSION).gene_starts) > 0
        names = [name for name, some in zip(atlas.genes.names, expressed, strict=True) if some]
        return Ranking.of_list(source.genes, names)
    if table is None or isinstance(source, FileSource):
        raise ValueError("differences and markers have a table, a file is read by itself")
    if isinstance(source, QuadrantSource):
        genes, tested = genes_of(table, source.quadrant)
        if not genes:
            raise InvalidQuery(
                f"No gene is {source.quadrant} with a verdict that the data support.", "Choose another quadrant."
            )
        return Ranking.of_list(genes, tested)
    if isinstance(source, MarkerSource):
        table = rows_of(table, source.params.groups(atlas), source.category, None)
    found = Ranking.of_table(table)
    return found.listed(source.genes) if isinstance(source, ListedSource) else found
