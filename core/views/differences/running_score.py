"""Running score of one gene set along the genes ranked by how they differ, and the genes of the set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from core.analysis.gene_sources import ranking_of
from core.analysis.set_collections import named
from core.errors import InvalidQuery
from core.figures.enrichment_dots import readable
from core.figures.running_score import running_score
from core.genes.lists import joined
from core.services.meaning import score_of
from core.urls.page_queries import MAX_LIST, ExploreQuery
from core.views.differences import enrichment
from core.views.differences.meaning import set_of
from core.views.differences.state import resolve
from core.views.formatting import number, p_equals
from core.views.layout import Layout
from core.views.result import Words
from core.views.view import View

if TYPE_CHECKING:
    from core.analysis.gene_rankings import Ranking
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.stats.enrichment import RunningScore
    from core.views.differences.enrichment import Enrichment
    from core.views.differences.state import DifferencesView
    from core.views.result import Subject

LEAST = (240.0, 200.0)


@dataclass(frozen=True, eq=False)
class SetScore:
    """One gene set in the ranking.

    Attributes
    ----------
    name : collection and name of the set
    row : of the table of the enrichment, of the direction of smaller p; None where the set was not tested
    """

    enrichment: Enrichment
    ranking: Ranking
    name: tuple[str, str]
    curve: RunningScore
    row: dict[str, Any] | None

    @property
    def genes(self) -> list[str]:
        """Tested genes of the set, from the highest statistic down."""
        return [self.ranking.genes[place] for place in self.curve.places.tolist()]

    @property
    def common(self) -> list[str]:
        """Leading edge, or the listed genes of the set for over-representation."""
        if self.enrichment.is_ranked:
            return [gene for gene, leads in zip(self.genes, self.curve.leading, strict=True) if leads]
        return self.row["genes"].split() if self.row else []


def compute(services: Services, view: DifferencesView) -> SetScore:
    """Compute the running score of the set that is open, by default the one of smallest p.

    Raises
    ------
    InvalidQuery, NotFound
        The sets cannot be tested, or there is no such set.
    """
    found = enrichment.compute(services, view)
    first = found.first
    if view.query.gene_set:
        name = set_of(view.query.gene_set, named(view.query.collection))
    else:
        name = (first["collection"], first["set"]) if first else None
    if name is None:
        raise InvalidQuery("No set has a p.", "Choose a set in the table.")
    # The statistics are those of the comparison, whichever genes are listed.
    ranking = ranking_of(view.atlas, view.params, found.comparison.table)
    curve = score_of(services, view.atlas, ranking, name)
    rows = [row for row in found.table.to_pylist() if (row["collection"], row["set"]) == name]
    row = min(rows, key=lambda each: (np.isnan(each["p"]), each["p"])) if rows else None
    return SetScore(found, ranking, name, curve, row)


def draw(result: SetScore, theme: Theme) -> Json:
    """Draw the running score."""
    return running_score(result.curve, result.ranking.stat, result.ranking.genes, theme)


def words(result: SetScore) -> Words:
    """Describe the running score."""
    comparison = result.enrichment.comparison
    a, b = comparison.names
    title = f"{readable(result.name[1])}: {a} against {b}{comparison.where}"
    n, n_leading = len(result.curve.places), int(result.curve.leading.sum())
    return Words(
        title,
        f"Top, running enrichment score of {result.name[1]} along {len(result.ranking.genes):,} genes ranked by the "
        f"statistic (bottom), highest in {a} first; marks, the {n:,} tested genes of the set, dark for the "
        f"{n_leading:,} of the leading edge.",
        f"{comparison.methods} {result.enrichment.provenance['methods']} The running score weighs each gene by its "
        "statistic.",
        {
            **enrichment.words(result.enrichment).parameters,
            "collection": result.name[0],
            "gene_set": result.name[1],
            "es": round(result.curve.es, 6),
        },
        _note(result),
        f"Running score of {readable(result.name[1])} in {a} against {b}{comparison.where}",
    )


def genes(result: SetScore) -> pa.Table:
    """List the tested genes of the set: rank from 1, statistic, fold change, adjusted p, whether in common."""
    places, common = result.curve.places, set(result.common)
    score = np.where(np.abs(result.curve.after) > np.abs(result.curve.before), result.curve.after, result.curve.before)
    return pa.table(
        {
            "gene": result.genes,
            "rank": pa.array(places + 1, pa.int32()),
            "stat": result.ranking.stat[places],
            "log2fc": result.ranking.log2fc[places],
            "p_adj": result.ranking.p_adj[places],
            "running_score": score,
            "leading_edge": pa.array(result.curve.leading),
            "in_common": pa.array([gene in common for gene in result.genes]),
        }
    )


def explore_address(result: SetScore) -> str:
    """Return the address that scores the set in Explore: its tested genes, or those in common where they are too long.

    Empty where even these are.
    """
    query = result.enrichment.view.query
    for found, suffix in ((result.genes, ""), (result.common, " (in common)")):
        text = joined(found)
        if found and len(text) <= MAX_LIST:
            name = f"{readable(result.name[1])[:40]}{suffix}"
            return ExploreQuery(
                query.atlas, set_a=text, name_a=name, tab="sets", a=query.a, b=query.b, selection=query.selection
            ).address
    return ""


def subject(result: SetScore) -> Subject:
    """Name the data of the score."""
    return result.enrichment.comparison.subject


def tables(result: SetScore) -> dict[str, pa.Table]:
    """Return one row a gene of the set."""
    return {"running_score": genes(result)}


def layout(result: SetScore, look: Look) -> Layout:
    """Lay the running score out with room for its axes."""
    return Layout(draw(result, look.colors), look, LEAST)


def _note(result: SetScore) -> str:
    row, n = result.row, len(result.curve.places)
    where = result.enrichment.comparison.names[0]
    side = f"higher in {where}" if result.curve.es > 0 else f"lower in {where}"
    leading = f"{int(result.curve.leading.sum()):,} of {n:,} tested genes in the leading edge, {side}"
    if row is None:
        return (
            f"ES {number(result.curve.es)}; {leading}. Not tested: its size, or its direction, is outside the limits."
        )
    if result.enrichment.is_ranked:
        tested = row["why"] or f"NES {number(row['nes'], 2)}, {p_equals(row['p'])}, adjusted {p_equals(row['p_adj'])}"
        return f"ES {number(result.curve.es)}, {tested}; {leading}."
    way = "higher" if row["direction"] == "up" else "lower"
    return (
        f"In common: {row['n_genes']:,} of {row['n_set']:,} tested genes, {way}; {row['expected']:.1f} expected, "
        f"{p_equals(row['p'])}, adjusted {p_equals(row['p_adj'])}. ES {number(result.curve.es)}; {leading}."
    )


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
