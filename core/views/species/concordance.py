"""Changes of 1:1 orthologs in one matched cell type and contrast of two atlases."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.concordance import (
    AGREE,
    DIFFER,
    OPPOSITE,
    QUADRANTS,
    SHOWN,
    UNCHANGED,
    UNDECIDED,
    VERDICTS,
    ConcordanceParams,
    correlation,
    counts,
)
from core.analysis.differences_by_type import report
from core.atlas.nouns import counted
from core.figures.two_species import Group, scatter
from core.services.between_species import concordance_methods, described, design_words
from core.services.memoized import answer
from core.views import formatting
from core.views.result import Subject, Words
from core.views.species.pair import contrasts, judged, pair_of
from core.views.species.state import resolve
from core.views.view import View

if TYPE_CHECKING:
    import pyarrow as pa

    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.services.match_verdicts import Verdict
    from core.views.species.pair import Pair
    from core.views.species.state import SpeciesView

NAMES = {
    AGREE: "same direction",
    OPPOSITE: "opposite direction",
    DIFFER: "changed in one, and differs",
    UNDECIDED: "changed in one, undecided",
    UNCHANGED: "unchanged",
}
# The looks of `core.figures.two_species` by verdict; the fourth is not used.
ORDER = (AGREE, OPPOSITE, DIFFER, "", UNDECIDED, UNCHANGED)


@dataclass(frozen=True, eq=False)
class Concordance:
    """Changes in both species.

    Attributes
    ----------
    table : of `core.analysis.concordance.concordance`
    n_cells, n_samples : of the first atlas, those that take part
    n_samples_2 : of the second
    judged : how alike the matched types are
    notes : warnings about the designs
    """

    pair: Pair
    params: ConcordanceParams
    table: pa.Table
    n_cells: int
    n_samples: int
    n_samples_2: int
    judged: Verdict | None
    orthologs: str
    notes: tuple[str, ...] = ()

    @property
    def designs(self) -> str:
        """Say what each comparison is adjusted for and paired by, after another sentence; empty for neither."""
        both = ((self.pair.first, self.params.differences), (self.pair.second, self.params.differences_2))
        said = [f"{atlas.id} is {words}" for atlas, each in both if (words := design_words(each))]
        return f" {'; '.join(said)}." if said else ""


def compute(services: Services, view: SpeciesView) -> Concordance:
    """Compare the changes.

    Raises
    ------
    InvalidQuery
        There is nothing to compare with, or a contrast cannot be tested.
    """
    pair = pair_of(view)
    one, other = contrasts(pair)
    params = ConcordanceParams.of(described(services, pair.first, pair.second), one, other)
    table = answer(services, pair.first, params).value
    told = [report(pair.first, one), report(pair.second, other)]
    kept, kept_2 = ([row for row in each.samples if not row.why] for each in told)
    n_cells = sum(row.n_cells for row in kept)
    notes = tuple(
        f"{atlas.id}: {note}"
        for atlas, each in zip((pair.first, pair.second), told, strict=True)
        for note in (each.model.notes if each.model else ())
    )
    alike = judged(services, pair)
    return Concordance(pair, params, table, n_cells, len(kept), len(kept_2), alike, params.second.orthologs, notes)


def draw(result: Concordance, theme: Theme) -> Json:
    """Draw the log2 fold changes, with intervals of the genes whose verdict the data support."""
    verdicts = np.array(result.table["verdict"].to_pylist(), dtype=object)
    genes = np.array(result.table["gene"].to_pylist(), dtype=object)
    columns = {name: result.table[name].to_numpy() for name in ("log2fc", "ci_low", "ci_high")}
    columns |= {f"{name}_2": result.table[f"{name}_2"].to_numpy() for name in ("log2fc", "ci_low", "ci_high")}
    groups = []
    for verdict in ORDER:
        inside = (verdicts == verdict) & (verdict != "")
        limits = [np.stack([columns[f"ci_{end}{kind}"][inside] for end in ("low", "high")], 1) for kind in ("", "_2")]
        groups.append(
            Group(
                NAMES.get(verdict, ""),
                genes[inside].tolist(),
                columns["log2fc"][inside],
                columns["log2fc_2"][inside],
                *(limits if verdict in SHOWN else (None, None)),
            )
        )
    one, other = result.params.differences, result.params.differences_2
    titles = [
        f"log2FC, {each.design.units.sides.names[0]} against {each.design.units.sides.names[1]}, {atlas.id}"
        for atlas, each in ((result.pair.first, one), (result.pair.second, other))
    ]
    number = counts(result.table)
    corners = [
        f"{each['tested']:,} genes; {sum(each[verdict] for verdict in SHOWN):,} shown"
        for each in (number[quadrant] for quadrant in QUADRANTS)
    ]
    return scatter(groups, (titles[0], titles[1]), theme, corners=corners)


def sentence(result: Concordance) -> str:
    """Say how many genes agree, and how far the changes are correlated."""
    r, number = correlation(result.table), counts(result.table)
    total = {verdict: sum(number[quadrant][verdict] for quadrant in QUADRANTS) for verdict in VERDICTS}
    up, down = number[QUADRANTS[0]][AGREE], number[QUADRANTS[1]][AGREE]
    interval = f" ({formatting.interval(r.low, r.high)})" if np.isfinite(r.r) else ""
    return (
        f"{r.n:,} orthologs tested in both: {total[AGREE]:,} changed in the same direction ({up:,} up, {down:,} down), "
        f"{total[OPPOSITE]:,} in opposite directions, {total[DIFFER]:,} in one species and differ, "
        f"{total[UNDECIDED]:,} in one and undecided. r {formatting.number(r.r)}{interval}, n = {counted(r.n, 'gene')}."
    )


def words(result: Concordance) -> Words:
    """Describe the comparison."""
    pair, params = result.pair, result.params
    one, other = (each.design.units.sides for each in (params.differences, params.differences_2))
    second = pair.second.manifest
    alike = f" {result.judged.sentence}" if result.judged and result.judged.sentence else ""
    number = counts(result.table)
    return Words(
        f"{one.names[0]} against {one.names[1]} in {pair.types}: {pair.first.id} and {second.id}",
        "Points, 1:1 orthologs; lines, 95% intervals of the log2 fold changes in both species; dotted, equal change; "
        "in the corners, genes tested, and those shown to agree, to be opposite or to differ. "
        f"{sentence(result)} The interval of r takes genes for independent, which they are not. Second atlas: "
        f"{second.title}, {other.words}, {counted(result.n_samples_2, 'sample')}.{result.designs}{alike}",
        f"{concordance_methods(pair.first, params)} Orthologs: {result.orthologs}.",
        {
            **pair.facts(),
            "orthologs": result.orthologs,
            "comparison": one.words,
            "comparison_2": other.words,
            "covariates": list(params.differences.design.covariates),
            "paired": params.differences.design.paired,
            "covariates_2": list(params.differences_2.design.covariates),
            "paired_2": params.differences_2.design.paired,
            "n_samples_2": result.n_samples_2,
            "fdr": params.fdr,
            "min_change": params.min_change,
            "r": asdict(correlation(result.table)) if np.isfinite(correlation(result.table).r) else None,
            "counts": number,
            "auroc": result.judged and result.judged.number,
        },
        f"{sentence(result)}{alike} {counted(result.n_samples, 'sample')} and {counted(result.n_samples_2, 'sample')}."
        f"{result.designs} {' '.join([*result.notes, ''])}Orthologs: {result.orthologs}.",
        f"Concordance of change in {pair.types}, {one.words}",
    )


def subject(result: Concordance) -> Subject:
    """Name the data of the reference."""
    view = result.pair.view
    beside = (result.pair.second.manifest,)
    return Subject(
        view.atlas, view.query, view.state, n_cells=result.n_cells, n_samples=result.n_samples, beside=beside
    )


def tables(result: Concordance) -> dict[str, pa.Table]:
    """Return all orthologs with their verdicts."""
    return {"genes": result.table}


VIEW = View(resolve, compute, draw, words, subject, tables)
