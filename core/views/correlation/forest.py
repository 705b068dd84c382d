"""Correlation of two genes within each category of a column, as a forest plot."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from core.analysis.correlation_inference import FEW_EXPECTED, MIN_EXPECTED
from core.analysis.gene_pair import pair_values
from core.analysis.provenance import n_samples_among
from core.analysis.stratified import strata
from core.atlas.nouns import counted, noun_of, plural
from core.errors import InvalidQuery
from core.figures.forest import forest
from core.figures.theme import escaped
from core.stats.meta_analysis import MIN_CELLS
from core.views import formatting
from core.views.correlation.scatter import with_b
from core.views.correlation.state import resolve
from core.views.layout import Layout
from core.views.result import Subject, Words
from core.views.view import View, vector

if TYPE_CHECKING:
    from core.analysis.gene_pair import PairParams
    from core.analysis.stratified import Strata
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.correlation.state import CorrelationView

MAX_FOREST = 60
# Width of names, points and numbers in pixels; factor of the row height on paper.
LEAST_WIDTH, CLOSE = 330.0, 0.75


@dataclass(frozen=True)
class Forest:
    """Correlation of two genes within each category of a column.

    Attributes
    ----------
    cell_types
        The same within cell types, unless these are the column: the most frequent cause of a correlation that no cell
        type has. None where the atlas knows none.
    """

    view: CorrelationView
    params: PairParams
    found: Strata
    cell_types: Strata | None = None

    @property
    def by(self) -> str:
        """The column."""
        return self.view.query.by

    @property
    def warned(self) -> list[Strata]:
        """The columns within which the correlation is another one."""
        return [each for each in (self.found, self.cell_types) if each is not None and each.case]


def compute(services: Services, view: CorrelationView) -> Forest:
    """Correlate gene A with gene B in each category, and pool the coefficients.

    Raises
    ------
    InvalidQuery
        The atlas has no column of categories.
    """
    if not view.query.by:
        raise InvalidQuery(f"{view.atlas.id} has no column of categories.", "Choose another figure.")
    view = with_b(services, view)
    params = view.pair(view.query.gene_b)
    cell_type = view.atlas.manifest.roles.get("cell_type", "")
    more = strata(view.atlas, params, cell_type) if cell_type and cell_type != view.query.by else None
    return Forest(view, params, strata(view.atlas, params, view.query.by), more)


def draw(result: Forest, theme: Theme) -> Json:
    """Draw r of the largest categories and of all of them pooled.

    Raises
    ------
    InvalidQuery
        No category has an r.
    """
    if not any(math.isfinite(stratum.r) for stratum in result.found.strata):
        raise InvalidQuery(
            f"In no category of {result.by} can r be computed: too few cells, or a gene is constant in each.",
            "Choose another column, or more cells.",
        )
    genes = [f"<i>{escaped(gene)}</i>" for gene in (result.params.gene_a, result.params.gene_b)]
    title = f"{formatting.COEFFICIENTS[result.params.method]} of {' and '.join(genes)}"
    return forest(result.found, theme, most=MAX_FOREST, title=title)


def words(result: Forest) -> Words:
    """Describe the forest and state what is pooled."""
    params, by, random = result.params, result.by, result.found.random
    method, symbol = formatting.METHODS[params.method], formatting.COEFFICIENTS[params.method]
    noun = noun_of(result.view.atlas, by)
    estimate = f"{formatting.number(random.r)} (95% CI, {formatting.interval(random.ci_low, random.ci_high)})"
    pooled = (
        f"Random-effects estimate over {random.n_strata:,} of {counted(len(result.found.strata), noun)}, {estimate}; "
        f"I² = {random.i2:.0f}%, heterogeneity {formatting.p_equals(random.q_p).replace('p', 'P', 1)}"
    )
    warnings = "".join(f" {each.warning}" for each in result.warned)
    return Words(
        f"{params.gene_a} and {params.gene_b} within each {noun}",
        f"Squares show {symbol} within each {noun}, their area the number of cells; bars, 95% CI; diamonds, pooled "
        f"estimates.{_without_interval(result.found)} {pooled}.{warnings}",
        f"The {method} correlation of {params.gene_a} and {params.gene_b} was computed over cells"
        f"{' in which both genes were detected' if params.drop_zeros else ''} within each {noun}. Coefficients were "
        "pooled after Fisher’s z-transformation with a random-effects model (DerSimonian–Laird, confidence interval of "
        f"Knapp and Hartung); {plural(noun)} with fewer than {MIN_CELLS} cells or an invariant gene were not pooled. "
        f"{formatting.AS_IF_INDEPENDENT}",
        {
            "gene": params.gene_a,
            "gene_b": params.gene_b,
            "by": by,
            "method": params.method,
            "drop_zeros": params.drop_zeros,
            "pooled": result.found.pooled,
            "cases": {each.by: each.case for each in result.warned},
        },
        _note(result.found),
        f"Correlation of {params.gene_a} and {params.gene_b} within each {noun}",
    )


def subject(result: Forest) -> Subject:
    """Name the data of the forest."""
    view = result.view
    n = sum(stratum.n for stratum in result.found.strata)
    n_samples = n_samples_among(view.atlas, pair_values(view.atlas, result.params).used)
    return Subject(view.atlas, view.query, view.query.search(), result.params.layer, n, n_samples)


def tables(result: Forest) -> dict[str, pa.Table]:
    """Return one row a category, then the two ways of pooling them."""
    found = result.found
    rows: list[dict[str, object]] = [
        {
            "stratum": each.category,
            "n": each.n,
            "r": each.r,
            "ci_low": each.ci_low,
            "ci_high": each.ci_high,
            "p": each.p,
            "why": each.why,
        }
        for each in found.strata
    ]
    for name, each in (("fixed effect", found.fixed), ("random effects", found.random)):
        pooled = {"n": None, "r": each.r, "ci_low": each.ci_low, "ci_high": each.ci_high, "p": each.p}
        rows.append({"stratum": f"({name} of {each.n_strata:,})", **pooled, "why": ""})
    return {"strata": pa.Table.from_pylist(rows)}


def layout(result: Forest, look: Look) -> Layout:
    """Lay the forest out so that no two rows overlap."""
    figure = vector(draw(result, look.colors))
    return Layout(figure, look, (LEAST_WIDTH, CLOSE * float(figure["layout"]["height"])))


def _note(found: Strata) -> str:
    """State what is pooled and what is left out."""
    random = found.random
    one = random.n_strata < 2  # noqa: PLR2004 - nothing to pool
    left_out = len(found.strata) - random.n_strata
    parts = [
        f"{'Only one' if random.n_strata else 'No'} category of {found.by} can be pooled: nothing to compare."
        if one
        else f"{random.n_strata:,} of {len(found.strata):,} pooled by Fisher’s z: I² {random.i2:.0f}%, "
        f"τ² {random.tau2:.3g}, heterogeneity {formatting.p_equals(random.q_p)}.",
        f"{left_out:,} with fewer than {MIN_CELLS} cells, r of 1 or −1, or a constant gene not pooled."
        if left_out and not one
        else "",
        _without_interval(found).strip(),
        f"The {MAX_FOREST} largest are drawn." if len(found.strata) > MAX_FOREST else "",
    ]
    return " ".join(filter(None, parts))


def _without_interval(found: Strata) -> str:
    """Say how many have an r without an interval, and why; empty where all have one."""
    n = sum(math.isfinite(each.r) and each.why == FEW_EXPECTED for each in found.strata)
    if not n:
        return ""
    few = f"fewer than {MIN_EXPECTED} co-detections are expected by chance"
    return f" {n:,} of {len(found.strata):,} have no interval: {few}."


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
