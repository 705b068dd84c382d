"""Violins of the score of a gene set in each category of a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.gene_set_scores import UNITS, ScoreParams, Scores, method_of
from core.atlas.nouns import counted
from core.errors import InvalidQuery
from core.figures.theme import shortened
from core.genes.lists import at_least_one
from core.views.explore.distribution import BESIDE_N, DENSITY, Rows, paper_layout, rows_of
from core.views.explore.state import resolve
from core.views.layout import Layout
from core.views.result import Subject, Words, unknown_genes
from core.views.view import View

if TYPE_CHECKING:
    import pyarrow as pa

    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.genes.lists import GeneList
    from core.services.container import Services
    from core.views.explore.state import ExploreView

LETTERS = ("A", "B")
COLUMNS_EACH = 2
MAX_NAMED = 20
NO_SCORE = {
    "ulm": "This set gives no score: no cell expresses any of its genes, or it holds every gene that is expressed.",
    "mean_z": "This set gives no score: each of its genes is the same in every cell.",
}
METHOD_WORDS = {
    "ulm": "a univariate linear model (the t-value of the slope of a cell’s expression of all genes on membership in "
    "the set)",
    "mean_z": "the mean of the z-scores of the genes",
}
SHORT = {"ulm": "the t-value of a univariate linear model", "mean_z": "the mean z-score"}


@dataclass(frozen=True, eq=False)
class SetScores:
    """Score of a gene set in every cell.

    Attributes
    ----------
    letter
        ``A`` or ``B``.
    """

    view: ExploreView
    letter: str
    listed: GeneList
    params: ScoreParams
    scores: Scores


@dataclass(frozen=True, eq=False)
class SetViolin:
    """Score of a gene set in every category of a column."""

    scored: SetScores
    rows: Rows


def compute(_services: Services, view: ExploreView) -> SetViolin:
    """Score a set and summarise it: panels 1 and 2 are those of the set A, 3 and 4 of B.

    Raises
    ------
    InvalidQuery
        There is no such set or column, or the set gives no score.
    """
    letter = LETTERS[(view.panel - 1) // COLUMNS_EACH]
    if not view.set_text(letter).strip():
        raise InvalidQuery(f"The address holds no gene set {letter}.", "Paste its genes into Explore.")
    listed = at_least_one(view.atlas.genes, view.listed(letter))
    wanted = columns_of(view)
    at = (view.panel - 1) % COLUMNS_EACH
    if at >= len(wanted):
        raise InvalidQuery(f"{view.atlas.id} has no such column of categories.", "Choose another figure.")
    return by_column(score(view, letter, listed), wanted[at])


def score(view: ExploreView, letter: str, listed: GeneList) -> SetScores:
    """Score a set in every cell.

    Raises
    ------
    InvalidQuery
        The set gives no score.
    """
    params = ScoreParams.of(view.atlas, listed.genes, view.query.score, view.query.layer)
    scores = Scores(view.scored(listed))
    if np.isnan(scores.values).all():
        raise InvalidQuery(NO_SCORE[params.method], "Give other genes.")
    return SetScores(view, letter, listed, params, scores)


def by_column(scored: SetScores, columns: tuple[str, str]) -> SetViolin:
    """Summarise a score in each category of a column; the second column splits them."""
    return SetViolin(scored, rows_of(scored.view, scored.scores, *columns, expressing=False))


def draw(result: SetViolin, theme: Theme, width: float = 0.0, n_blocks: int = 1) -> Json:
    """Draw the violins, or boxes.

    Raises
    ------
    InvalidQuery
        No cells match the filters (`EmptySelection`).
    """
    unit = unit_of(result.scored.view, result.scored.letter)
    return result.rows.draw(unit, theme, width=width, n_blocks=n_blocks)


def words(result: SetViolin) -> Words:
    """Describe the violins and the score."""
    scored, rows = result.scored, result.rows
    params, name = scored.params, scored.view.set_name(scored.letter)
    return Words(
        f"{shortened(name, 40)} by {rows.columns}",
        f"{rows.marks} {BESIDE_N} The score is {SHORT[params.method]} of {counted(len(params.genes), 'gene')}.",
        f"Cells were scored for a set of {counted(len(params.genes), 'gene')} ({', '.join(params.genes[:MAX_NAMED])}"
        f"{' and others' if len(params.genes) > MAX_NAMED else ''}) by {METHOD_WORDS[params.method]}, over all cells "
        f"of the dataset. Medians and quartiles were computed over the cells of each {rows.nouns} that have a score."
        f"{'' if rows.boxes else f' {DENSITY}'}",
        {"set": name, "genes": list(params.genes), "score": params.method, "by": rows.by}
        | ({"split": rows.split} if rows.split else {}),
        rows.note,
        f"Score of {shortened(name, 40)} by {rows.nouns}",
    )


def subject(result: SetViolin) -> Subject:
    """Name the data of the violins."""
    scored = result.scored
    view = scored.view
    notes = unknown_genes(view.atlas, scored.listed, "set", MAX_NAMED)
    return Subject(view.atlas, view.query, view.state, layer=scored.params.layer, notes=notes)


def tables(result: SetViolin) -> dict[str, pa.Table]:
    """Return quartiles and outlines of the rows that are drawn."""
    return result.rows.tables


def layout(result: SetViolin, look: Look) -> Layout:
    """Lay the violins out so that no two names overlap."""
    return paper_layout(look, lambda width, n_blocks: draw(result, look.colors, width, n_blocks))


def columns_of(view: ExploreView) -> list[tuple[str, str]]:
    """List the columns of the violins of a set, each with the column that splits it: rows, then groups."""
    by, group = view.by, view.atlas.manifest.roles.get("group", "")
    wanted = [(column, split) for column, split in ((by, view.query.split), (group, "")) if column]
    if group == by:
        wanted = wanted[:1]
    return [(column, split if split != column else "") for column, split in wanted]


def unit_of(view: ExploreView, letter: str) -> str:
    """Return the title of the axis."""
    return f"{shortened(view.set_name(letter), 40)} · {UNITS[method_of(view.query.score)]}"


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
