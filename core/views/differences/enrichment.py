"""Gene sets among the genes that differ in one cell type: over-representation, or ranked GSEA."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis.differences import DifferencesParams
from core.analysis.enrichment import EnrichmentParams, facts_of, toward
from core.analysis.gene_sources import ListedSource
from core.analysis.set_collections import named
from core.figures.enrichment_dots import N_SHOWN, NAMES, dots, readable
from core.services.meaning import enrichment_params
from core.services.memoized import answer
from core.views.differences.comparison import Comparison, compare
from core.views.differences.meaning import GSEA, engine_of, options_of
from core.views.differences.state import resolve
from core.views.formatting import p_equals
from core.views.layout import Layout
from core.views.result import Words
from core.views.view import View

if TYPE_CHECKING:
    import pyarrow as pa

    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.services.memoized import Answer
    from core.views.differences.state import DifferencesView
    from core.views.result import Subject

LEAST = (300.0, 0.0)
# Share of the width that names of sets may take on paper.
MOST = 0.45
# Adjusted p of the sets that are counted in words.
ALPHA = 0.05


@dataclass(frozen=True, eq=False)
class Enrichment:
    """Gene sets tested among the genes of a comparison.

    Attributes
    ----------
    answer : of `core.services.memoized.answer`, with the rows of both directions
    table : rows of the chosen direction
    """

    comparison: Comparison
    params: EnrichmentParams
    answer: Answer[pa.Table]
    table: pa.Table

    @property
    def view(self) -> DifferencesView:
        """State of the page."""
        return self.comparison.view

    @property
    def is_ranked(self) -> bool:
        """True for GSEA."""
        return self.params.options.method == GSEA

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Numbers of genes and sets."""
        return facts_of(self.answer.value)

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """Provenance of the table."""
        return self.answer.provenance

    @property
    def collections(self) -> list[str]:
        """Sentences on the collections: version, species, and what a translation kept."""
        return [each.sentence for each in self.params.collections]

    @property
    def first(self) -> dict[str, Any] | None:
        """Row of smallest p; None without a p."""
        rows = [row for row in self.table.to_pylist() if np.isfinite(row["p"])]
        return min(rows, key=lambda row: (row["p_adj"], row["p"])) if rows else None


def params_of(services: Services, view: DifferencesView) -> EnrichmentParams:
    """Make the parameters of the enrichment of a view.

    Raises
    ------
    InvalidQuery, NotFound
        There is no such list, or no such collection of sets.
    """
    source = view.params
    # A ranking has no use for a list.
    if view.genes and view.query.test != GSEA:
        source = ListedSource(view.params, tuple(sorted(view.genes)))
    names = named(view.query.collection)
    return enrichment_params(services, view.atlas, source, names, options_of(view.query))


def compute(services: Services, view: DifferencesView) -> Enrichment:
    """Test the gene sets.

    Raises
    ------
    InvalidQuery, NotFound
        The samples cannot be compared, or there are no sets or no genes to be tested.
    Unavailable, Cancelled
        GSEA took too long or was cancelled.
    """
    comparison = compare(services, view)
    params = params_of(services, view)
    found = answer(services, view.atlas, params)
    return Enrichment(comparison, params, found, toward(found.value, view.query.direction))


def draw(result: Enrichment, theme: Theme) -> Json:
    """Draw the first sets as dots."""
    return dots(result.table, theme)


def words(result: Enrichment) -> Words:
    """Describe the dots."""
    comparison, query, facts = result.comparison, result.view.query, result.facts
    a, b = comparison.names
    options = result.params.options
    rows = min(N_SHOWN, sum(np.isfinite(result.table["p"].to_numpy())))
    tested = sum(each["n_tested_sets"] for each in facts["sets"].values())
    what = (
        "Position gives the normalised enrichment score (NES), numbers the genes of the leading edge"
        if result.is_ranked
        else "Position gives the fold enrichment over a random list, numbers the listed genes of the set"
    )
    methods = f"{comparison.methods} {result.provenance['methods']}"
    return Words(
        f"Gene sets: {a} against {b}{comparison.where}",
        f"The {rows:,} of {tested:,} gene sets with the smallest p. {what}; dot area is proportional to that number. "
        f"Colour gives the adjusted p as −log10, red where the genes are higher in {a}, blue where lower.",
        methods,
        {
            **comparison.parameters,
            "collection": query.collection,
            "test": options.method,
            "direction": query.direction or "both",
            **({"seed": options.seed} if result.is_ranked else _thresholds(result)),
            "min_size": options.min_size,
            "max_size": options.max_size,
            "collections": [each.provenance() for each in result.params.collections],
        },
        note(result),
        f"Gene sets among the genes that differ between {a} and {b}{comparison.where}",
    )


def note(result: Enrichment) -> str:
    """State which genes were tested in how many sets, and the first of them."""
    facts, options, a = result.facts, result.params.options, result.comparison.names[0]
    if result.is_ranked:
        tied = f", {facts['n_tied']:,} of them tied" if facts["n_tied"] else ""
        genes = f"{facts['n_genes']:,} tested genes ranked by t{tied}; seed {options.seed}"
    else:
        source = result.params.source
        of_list = " of the list" if isinstance(source, ListedSource) else ""
        limits = f" (adjusted p ≤ {options.fdr:g}, |log2FC| ≥ {options.min_change:g})"
        if isinstance(source, ListedSource):
            n_untested = len(source.genes) - facts["n_up"] - facts["n_down"]
            limits = f" ({n_untested:,} of the list not tested)" if n_untested else ""
        genes = (
            f"{facts['n_up']:,} genes{of_list} higher in {a} and {facts['n_down']:,} lower{limits}, "
            f"of {facts['n_genes']:,} tested, which are the universe"
        )
    sizes = facts["sets"].values()
    tested, small, large = (
        sum(each[name] for each in sizes) for name in ("n_tested_sets", "n_too_small", "n_too_large")
    )
    first = result.first
    best = f" First: {readable(first['set'])}, adjusted {p_equals(first['p_adj'])}." if first else ""
    n_small = int((np.nan_to_num(result.table["p_adj"].to_numpy(), nan=2.0) <= ALPHA).sum())
    return (
        f"{genes}. {tested:,} sets tested: {n_small:,} results with an adjusted p of {ALPHA:g} or less. Left out: "
        f"{small:,} sets with fewer than {options.min_size:,} tested genes and {large:,} "
        f"with more than {options.largest(facts['n_genes']):,}.{best}"
    )


def subject(result: Enrichment) -> Subject:
    """Name the data of the dots."""
    return result.comparison.subject


def tables(result: Enrichment) -> dict[str, pa.Table]:
    """Return one row a set and direction."""
    return {"enrichment": result.table}


def layout(result: Enrichment, look: Look) -> Layout:
    """Lay the dots out with names that leave them room."""
    room = min(max(MOST * look.pixels(look.width), NAMES / 2), 2 * NAMES)
    figure = dots(result.table, look.colors, room=room, paper=not look.screen)
    return Layout(figure, look, LEAST, "Choose one direction or collection")


def api(view: DifferencesView, route: str = "enrichment", **more: str) -> str:
    """Return the address of the table in the API, which has the same numbers."""
    query, options = view.query, options_of(view.query)
    own = {
        "cell_type": query.cell_type,
        "pooled": "" if view.types else "true",
        "collection": query.collection,
        "method": options.method,
        "direction": query.direction,
        **({"seed": query.seed} if query.test == GSEA else {"genes": query.genes}),
        **({} if query.test == GSEA else {"fdr": query.fdr, "min_change": query.min_change}),
        "min_size": query.min_size,
        "max_size": query.max_size,
    }
    return view.api(route, engine=engine_of(view.query), **own, **more)


def _thresholds(result: Enrichment) -> dict[str, object]:
    if isinstance(result.params.source, DifferencesParams):
        return {"fdr": result.params.options.fdr, "min_change": result.params.options.min_change}
    return {"genes": " ".join(result.params.source.genes)} if isinstance(result.params.source, ListedSource) else {}


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
