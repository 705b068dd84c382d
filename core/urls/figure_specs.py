"""Figures of the pages: one table, one row a figure.

A new figure gets a row here and an implementation in `core.views.registry`; permalinks, exports, the API, its OpenAPI
document, the command line and embedded frames follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from core.urls.page_queries import CorrelationQuery, DifferencesQuery, ExploreQuery, MarkersQuery, SpeciesQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.urls.page_queries import PageQuery

# What a visitor may change in an embedded figure; `core.embed.controls` makes them.
Control: TypeAlias = Literal[
    "gene", "gene_a", "gene_b", "panel_gene", "ranked_gene", "matrix_gene", "named_gene", "shown_gene", "map_gene",
    "map_color", "map_scale", "rows", "panel_rows", "parts", "plot", "method", "strata", "compared", "category",
    "measure", "split", "cell_type", "family_gene", "second", "pair_type",
]  # fmt: skip


@dataclass(frozen=True)
class FigureSpec:
    """One figure of a page.

    Attributes
    ----------
    name
        In permalinks, the API and the addresses of frames.
    query
        Query class of its page.
    description
        What it shows, for the API and the command line.
    controls
        What a visitor may change where it is embedded.
    panels
        How many of it a page has.
    first
        Whether an address of the page that names no figure means this one.
    tab
        The part of the page that has to be open for it; empty where it is always shown.
    is_map
        Whether it shows cells at their coordinates, of which an address may show a part.
    has_rows
        Whether it is as high as its rows; other figures fill the height of a frame.
    frame_legend
        Where a frame has its legend; ``none`` where the frame lists the names itself.
    """

    name: str
    query: type[PageQuery]
    description: str
    controls: tuple[Control, ...]
    panels: int = 1
    first: bool = False
    tab: str = ""
    is_map: bool = False
    has_rows: bool = False
    frame_legend: Literal["right", "below", "none"] = "right"

    @property
    def path(self) -> str:
        """Path of its page."""
        return self.query.PATH


_TABLE: Final = (
    FigureSpec(
        "embedding",
        ExploreQuery,
        "the cells on a map, coloured by a column, a gene, two genes or a gene set",
        ("map_gene", "map_color", "map_scale"),
        panels=4,
        first=True,
        is_map=True,
        frame_legend="below",
    ),
    FigureSpec(
        "violin",
        ExploreQuery,
        "one gene in the categories of a column, as violins or boxes",
        ("shown_gene", "panel_rows", "plot"),
        panels=2,
        tab="violins",
        has_rows=True,
    ),
    FigureSpec(
        "set_violin",
        ExploreQuery,
        "the score of a gene set in the categories of a column",
        ("panel_rows",),
        panels=4,
        tab="sets",
        has_rows=True,
    ),
    FigureSpec(
        "dotplot",
        ExploreQuery,
        "a list of genes in the categories of a column, as dots",
        ("rows",),
        tab="dots",
        has_rows=True,
    ),
    FigureSpec(
        "heatmap",
        ExploreQuery,
        "the same genes in the categories of a column, as fields scaled per gene",
        ("rows",),
        tab="dots",
        has_rows=True,
    ),
    FigureSpec(
        "composition",
        ExploreQuery,
        "what each sample is made of, as bars",
        ("parts",),
        tab="composition",
        has_rows=True,
        frame_legend="none",
    ),
    FigureSpec(
        "zonation",
        ExploreQuery,
        "one gene along the liver lobule, from the portal triad to the central vein",
        ("shown_gene", "measure", "split"),
        tab="zonation",
        frame_legend="below",
    ),
    FigureSpec(
        "scatter",
        CorrelationQuery,
        "two genes cell by cell, with their correlation",
        ("gene_a", "gene_b", "method"),
        tab="pair",
    ),
    FigureSpec(
        "ranking",
        CorrelationQuery,
        "one gene against every other gene, by correlation",
        ("ranked_gene", "method"),
        first=True,
        tab="ranking",
    ),
    FigureSpec(
        "pair_map",
        CorrelationQuery,
        "the cells on a map, coloured by gene A or gene B",
        ("panel_gene",),
        panels=2,
        tab="pair",
        is_map=True,
    ),
    FigureSpec(
        "forest",
        CorrelationQuery,
        "the correlation of two genes within each category of a column",
        ("gene_a", "gene_b", "method", "strata"),
        tab="donors",
        has_rows=True,
    ),
    FigureSpec(
        "matrix",
        CorrelationQuery,
        "a list of genes against itself, clustered",
        ("matrix_gene", "method"),
        tab="matrix",
    ),
    FigureSpec(
        "markers",
        MarkersQuery,
        "the genes of one category, by how well they mark it",
        ("named_gene", "compared", "category"),
        first=True,
    ),
    FigureSpec(
        "marker_violin",
        MarkersQuery,
        "one gene in each group that is compared",
        ("gene", "compared"),
        has_rows=True,
    ),
    FigureSpec(
        "marker_dotplot",
        MarkersQuery,
        "the best genes of each group, as dots",
        ("compared",),
        tab="dots",
        has_rows=True,
    ),
    FigureSpec(
        "marker_heatmap",
        MarkersQuery,
        "the best genes of each group, as a heatmap",
        ("compared",),
        tab="heatmap",
        has_rows=True,
    ),
    FigureSpec(
        "volcano",
        DifferencesQuery,
        "the genes of one cell type, by fold change between two sides and p over samples",
        ("named_gene", "cell_type"),
        first=True,
        tab="genes",
    ),
    FigureSpec(
        "ma_plot",
        DifferencesQuery,
        "the genes of one cell type, by mean and fold change between two sides",
        ("named_gene", "cell_type"),
        tab="genes",
    ),
    FigureSpec(
        "differences_violin",
        DifferencesQuery,
        "one gene in the cells of each side, with a dot a sample",
        ("gene", "cell_type"),
        tab="genes",
        has_rows=True,
    ),
    FigureSpec(
        "sample_pca",
        DifferencesQuery,
        "the samples of one cell type by their first two principal components",
        ("cell_type",),
        tab="samples",
    ),
    FigureSpec(
        "abundance",
        DifferencesQuery,
        "the share of each cell type in the samples of each side",
        ("cell_type",),
        tab="composition",
        has_rows=True,
    ),
    FigureSpec(
        "enrichment_dots",
        DifferencesQuery,
        "gene sets among the genes that differ, as dots",
        ("cell_type",),
        tab="enrichment",
        has_rows=True,
    ),
    FigureSpec(
        "running_score",
        DifferencesQuery,
        "the running score of one gene set along the genes ranked by how they differ",
        ("cell_type",),
        tab="enrichment",
    ),
    FigureSpec(
        "activity_bars",
        DifferencesQuery,
        "the activity of transcription factors or pathways, as bars",
        ("cell_type",),
        tab="activity",
        has_rows=True,
    ),
    FigureSpec(
        "target_volcano",
        DifferencesQuery,
        "the targets of one factor or pathway, by fold change and p over samples",
        ("cell_type",),
        tab="activity",
    ),
    FigureSpec(
        "target_network",
        DifferencesQuery,
        "one factor or pathway and its targets, raised and lowered",
        ("cell_type",),
        tab="activity",
        has_rows=True,
    ),
    FigureSpec(
        "species_dots",
        SpeciesQuery,
        "a gene and its orthologs in the matching cell types of several atlases, as dots",
        ("family_gene",),
        first=True,
        tab="dots",
        has_rows=True,
    ),
    FigureSpec(
        "type_auroc",
        SpeciesQuery,
        "how alike the cell types of two atlases are, as AUROC over the genes that both share",
        ("second",),
        tab="auroc",
        has_rows=True,
    ),
    FigureSpec(
        "concordance",
        SpeciesQuery,
        "changes of 1:1 orthologs in one cell type and contrast of two atlases",
        ("pair_type",),
        tab="concordance",
        frame_legend="below",
    ),
    FigureSpec(
        "conserved_correlates",
        SpeciesQuery,
        "the correlates of a gene in two species, ortholog by ortholog",
        ("gene", "pair_type"),
        tab="conserved",
        frame_legend="below",
    ),
)

FIGURES: Final[Mapping[str, FigureSpec]] = MappingProxyType({spec.name: spec for spec in _TABLE})
# The figure that the address of a page without a name means, by the path of the page.
FIRST: Final[Mapping[str, str]] = MappingProxyType({spec.path: spec.name for spec in _TABLE if spec.first})
