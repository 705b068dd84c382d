"""State of a page: frozen, canonical, hashable, and equivalent to a URL."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Self
from urllib.parse import parse_qsl, urlencode

from core.errors import InvalidQuery
from core.selection.model import MAX_LASSO, MAX_TEXT, PARAMETERS, Pairs, Selection
from core.urls.base_path import below

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_URL = 8_000
# In the place of the atlases beside the reference of the page Species.
NO_OTHERS = "none"
# A list of 300 genes by their Ensembl ids.
MAX_LIST = 6_000
# The parameters that may be longer than `MAX_TEXT`.
LIMITS = {
    **dict.fromkeys(("genes", "set_a", "set_b", "match"), MAX_LIST),
    **dict.fromkeys(("a", "b", "lasso", "exclude", "hide"), MAX_LASSO),
    # Whole links.
    **dict.fromkeys(("figure", "url"), MAX_URL),
}


@dataclass(frozen=True)
class PageQuery:
    """State shared by all pages that show cells. Empty texts mean the default of the atlas.

    `PATH` is the address of the page, `NAMES` its parameters in their canonical order, without the selection. `a` and
    `b` are two selections that are kept under these names, as texts; empty for none.
    """

    PATH: ClassVar[str] = ""
    NAMES: ClassVar[tuple[str, ...]] = ("atlas", "gene", "embedding", "layer", "a", "b")

    atlas: str = ""
    gene: str = ""
    embedding: str = ""
    layer: str = ""
    a: str = ""
    b: str = ""
    selection: Selection = field(default_factory=Selection)

    @classmethod
    def parse(cls, search: str) -> Self:
        """Read the part of a URL after the question mark; unknown parameters are ignored.

        Raises
        ------
        InvalidQuery
            It is too long, or a filter is malformed.
        """
        single, given = split_search(search)
        return cls.of(single, Selection.of_parameters(given))

    @classmethod
    def of(cls, single: Mapping[str, str], selection: Selection) -> Self:
        """Build the state from single parameters and a selection; parameters of other pages are ignored."""
        return cls(**{name: single.get(name, "") for name in cls.NAMES}, selection=selection)

    def search(self) -> str:
        """Return the canonical URL query with its question mark; empty parameters are left out."""
        single = [(name, str(getattr(self, name))) for name in self.NAMES]
        return to_search([pair for pair in single if pair[1]] + self.selection.pairs())

    @property
    def address(self) -> str:
        """Path and query of the view, for a link."""
        return below(self.PATH) + self.search()

    @property
    def beside(self) -> tuple[str, ...]:
        """Ids of the atlases beside `atlas`, in the order of the address."""
        return ()

    def but(self, **changes: object) -> Self:
        """Return the same state with some parameters changed."""
        return replace(self, **changes)  # pyright: ignore[reportArgumentType] - checked by replace itself


@dataclass(frozen=True)
class AtlasQuery(PageQuery):
    """State of the page of one atlas."""

    PATH: ClassVar[str] = "/atlas"
    NAMES: ClassVar[tuple[str, ...]] = ("atlas",)


@dataclass(frozen=True)
class ExploreQuery(PageQuery):
    """State of the page Explore.

    Attributes
    ----------
    gene_b
        A second gene, blended with the first or beside it.
    color, color_2, color_3, color_4
        What colours the maps: the name of a column, or ``@gene``, ``@gene_b``, ``@blend`` (both), ``@set_a``,
        ``@set_b``, ``@none`` (no such map); a column whose name begins with @ has a second one before it.
    facet
        The column whose categories have a map each.
    scale, clip, order, size, opacity
        How values are drawn: name of the palette, its upper end (``p99`` or a value), ``file`` when high values need
        not lie on top, and factors for the points.
    labels, labels_2, labels_3, labels_4
        Whether the maps have names of categories on them: ``on``, ``off`` or ``hover``.
    hide
        Categories that are not drawn, as the text of a selection.
    by, split, show, plot
        Rows of the violins and their second column, what they show (``gene``, ``gene_b``), and ``box`` for boxes.
    genes
        The list of the dot plot, as pasted.
    set_a, set_b, score
        Two gene sets as pasted, or ``gmt:FILE/NAME``, and ``ulm`` or ``mean_z``.
    name_a, name_b
        What the sets are called.
    measure
        What the plot along the lobule shows: ``mean`` or ``percent``.
    tab
        Which of the lower parts is open.
    """

    PATH: ClassVar[str] = "/explore"
    NAMES: ClassVar[tuple[str, ...]] = (
        "atlas", "gene", "gene_b", "color", "color_2", "color_3", "color_4", "embedding", "layer", "facet", "scale",
        "clip", "order", "size", "opacity", "labels", "labels_2", "labels_3", "labels_4", "hide", "by", "split",
        "show", "plot", "genes", "set_a", "set_b", "name_a", "name_b", "score", "measure", "tab",
        "a", "b",
    )  # fmt: skip

    gene_b: str = ""
    color: str = ""
    color_2: str = ""
    color_3: str = ""
    color_4: str = ""
    facet: str = ""
    scale: str = ""
    clip: str = ""
    order: str = ""
    size: str = ""
    opacity: str = ""
    labels: str = ""
    labels_2: str = ""
    labels_3: str = ""
    labels_4: str = ""
    hide: str = ""
    by: str = ""
    split: str = ""
    show: str = ""
    plot: str = ""
    genes: str = ""
    set_a: str = ""
    set_b: str = ""
    name_a: str = ""
    name_b: str = ""
    score: str = ""
    measure: str = ""
    tab: str = ""


@dataclass(frozen=True)
class CorrelationQuery(PageQuery):
    """State of the page Correlation.

    Attributes
    ----------
    gene, gene_b
        A, which is correlated with every other gene, and B; an empty B is the strongest correlate of A.
    method
        ``spearman`` or ``pearson``.
    drop_zeros, depth
        ``true`` or ``false``; empty is false for the first, and true for the second: adjust for total counts.
    by
        The column of the forest.
    adjust
        A further column that the partial correlation takes out.
    one, two
        Two categories of the atlas' groups whose correlations are compared.
    genes
        A list of genes for the matrix, as it was pasted; empty for A and its `top_n` strongest correlates.
    tab
        Which part of the page is open.
    """

    PATH: ClassVar[str] = "/correlation"
    NAMES: ClassVar[tuple[str, ...]] = (
        "atlas", "gene", "gene_b", "method", "drop_zeros", "layer", "by", "depth", "adjust", "embedding", "one", "two",
        "genes", "top_n", "tab", "a", "b",
    )  # fmt: skip

    gene_b: str = ""
    method: str = ""
    drop_zeros: str = ""
    by: str = ""
    depth: str = ""
    adjust: str = ""
    one: str = ""
    two: str = ""
    genes: str = ""
    top_n: str = ""
    tab: str = ""


@dataclass(frozen=True)
class MarkersQuery(PageQuery):
    """State of the page Markers.

    Attributes
    ----------
    by
        The column whose categories are compared; empty where `a` is compared with `b`.
    category
        The one whose genes are listed; empty for the first.
    gene
        The one that is looked at; empty for the best of the category.
    top_n, whose
        How many genes the dot plot and the heatmap take of each category, or where `whose` is ``one``, of that one.
    tab
        Which of the two is shown.
    """

    PATH: ClassVar[str] = "/markers"
    NAMES: ClassVar[tuple[str, ...]] = ("atlas", "by", "category", "gene", "top_n", "whose", "tab", "layer", "a", "b")

    by: str = ""
    category: str = ""
    top_n: str = ""
    whose: str = ""
    tab: str = ""


@dataclass(frozen=True)
class DifferencesQuery(PageQuery):
    """State of the page Differences.

    Attributes
    ----------
    by
        The column whose levels are the sides; empty where the selection `a` is compared with `b`.
    one, two
        Levels of the sides A and B, as `joined_names` writes them; empty for those of `core.analysis.sides`.
    cell_type
        The cell type that is open; empty for the first that can be tested.
    covariates
        Columns that are adjusted for, as `joined_names` writes them.
    paired
        Column that pairs; ``none`` for no pairing, empty for the column that is proposed.
    method
        ``trend``, ``voom`` or ``deseq2``.
    second_opinion
        ``true`` where DESeq2 tests the same genes too.
    color
        Column that colours the plot of the samples; empty for the sides.
    min_cells, min_counts
        Fewest cells and counts of a cell type in a sample that takes part.
    fdr, min_change
        Thresholds of the genes that are counted and coloured: adjusted p at most, absolute log2 fold change at least.
    genes
        Gene set kept from a box on the volcano, or from the table; empty for none.
    tab
        Which part of the page is open.
    collection
        Collections of gene sets, with commas between them; empty for hallmark.
    test, direction
        ``ora`` or ``gsea``; and ``up`` or ``down`` for the sets of genes that are higher or lower only.
    min_size, max_size, seed
        Sizes of the sets that are tested, and seed of the random ones.
    gene_set
        The set that is open, with its collection: ``hallmark/HALLMARK_HYPOXIA``; empty for the first.
    network, source
        Network of the activities, and the factor or pathway whose targets are open; empty for the first.
    """

    PATH: ClassVar[str] = "/differences"
    NAMES: ClassVar[tuple[str, ...]] = (
        "atlas", "by", "one", "two", "cell_type", "covariates", "paired", "min_cells", "min_counts", "method",
        "second_opinion", "fdr", "min_change", "gene", "genes", "color", "tab", "layer", "collection", "test",
        "direction", "min_size", "max_size", "seed", "gene_set", "network", "source", "a", "b",
    )  # fmt: skip

    by: str = ""
    one: str = ""
    two: str = ""
    cell_type: str = ""
    covariates: str = ""
    paired: str = ""
    min_cells: str = ""
    min_counts: str = ""
    method: str = ""
    second_opinion: str = ""
    fdr: str = ""
    min_change: str = ""
    genes: str = ""
    color: str = ""
    tab: str = ""
    collection: str = ""
    test: str = ""
    direction: str = ""
    min_size: str = ""
    max_size: str = ""
    seed: str = ""
    gene_set: str = ""
    network: str = ""
    source: str = ""


def joined_names(names: Sequence[str]) -> str:
    """Write names into one parameter, with a bar between them; a bar or backslash of a name gets a backslash."""
    return "|".join(name.replace("\\", "\\\\").replace("|", "\\|") for name in names)


def split_names(text: str) -> tuple[str, ...]:
    """Read the names that `joined_names` wrote."""
    found = re.findall(r"((?:[^|\\]|\\.)+)", text)
    return tuple(re.sub(r"\\(.)", r"\1", name) for name in found)


@dataclass(frozen=True)
class SpeciesQuery(PageQuery):
    """State of the page Species.

    Attributes
    ----------
    atlas
        The reference, whose cell types are the rows.
    others
        Ids of the atlases beside it, with commas; empty for the nearest of each other species, or ``none``.
    gene, species
        A gene, and the species whose gene it is; an empty species is told from the spelling.
    genes
        A list of genes for the dot plot, as pasted; empty for `gene`.
    match
        What is edited of the matching cell types; see `core.analysis.cell_type_matching.read_edits`.
    second, cell_type
        The other atlas that is compared gene by gene, and the cell type of the reference; empty for the first.
    one, two, one_2, two_2
        Levels of the groups of either that are compared, one against two; empty for the ends, and for the same names.
    covariates, covariates_2
        Columns of either that are adjusted for, as `joined_names` writes them.
    paired, paired_2
        Column of either that pairs; ``none`` for no pairing, empty for the column that is proposed.
    best
        How many of the best correlates are compared.
    tab
        Which part of the page is open.
    """

    PATH: ClassVar[str] = "/species"
    NAMES: ClassVar[tuple[str, ...]] = (
        "atlas", "others", "gene", "species", "genes", "match", "second", "cell_type", "one", "two", "one_2", "two_2",
        "covariates", "paired", "covariates_2", "paired_2", "best", "tab",
    )  # fmt: skip

    others: str = ""
    species: str = ""
    genes: str = ""
    match: str = ""
    second: str = ""
    cell_type: str = ""
    one: str = ""
    two: str = ""
    one_2: str = ""
    two_2: str = ""
    covariates: str = ""
    paired: str = ""
    covariates_2: str = ""
    paired_2: str = ""
    best: str = ""
    tab: str = ""

    @property
    def beside(self) -> tuple[str, ...]:
        """Ids of the others, each once."""
        names = (name.strip() for name in self.others.split(","))
        return tuple(dict.fromkeys(name for name in names if name and name != NO_OTHERS))


def split_search(search: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Split a URL query into single parameters (the first of each name) and those of the selection."""
    if len(search) > MAX_URL:
        raise InvalidQuery(
            f"The link is {len(search):,} characters long; {MAX_URL:,} is the limit.", "Use fewer filters."
        )
    single: dict[str, str] = {}
    given: dict[str, list[str]] = {name: [] for name in PARAMETERS}
    for name, value in parse_qsl(search.lstrip("?"), keep_blank_values=True):
        limit = LIMITS.get(name, MAX_TEXT)
        if len(value) > limit:
            raise InvalidQuery(
                f"The parameter {name[:40]!r} is {len(value):,} characters long; {limit:,} is the limit."
            )
        if name in given:
            given[name].append(value)
        else:
            single.setdefault(name, value)
    return single, given


def to_search(pairs: Pairs) -> str:
    """Return a URL query with its question mark; empty without parameters."""
    return f"?{urlencode(pairs)}" if pairs else ""
