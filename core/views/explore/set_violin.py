"""The violins of the score of a gene set in each category of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.analysis.distributions import summarise
from core.analysis.gene_set_scores import UNITS, ScoreParams, Scores, method_of
from core.errors import InvalidQuery
from core.figures.theme import shortened
from core.genes.lists import at_least_one
from core.urls.permalinks import panel_of
from core.views.explore.state import resolve
from core.views.explore.violin import MAX_ROWS, by_column, densities_of, density_table, least_size, summary_table
from core.views.result import Figure, Subject, Words, finished, sure

if TYPE_CHECKING:
    from core.figures.print_style import Look
    from core.services.container import Services
    from core.views.explore.state import ExploreView

NAME = "set_violin"
LETTERS = ("A", "B")
COLUMNS_EACH = 2
MAX_NAMED = 20
NO_SCORE = {
    "ulm": "This set gives no score: no cell expresses any of its genes, or it holds every gene that is expressed.",
    "mean_z": "This set gives no score: each of its genes is the same in every cell.",
}


def draw(services: Services, search: str, look: Look) -> Figure:
    """The score of a set by the column of the rows or by group: panels 1 and 2 for the set A, 3 and 4 for B.

    Raises
    ------
    InvalidQuery
        Something in the address means nothing here, there is no such set, or it gives no score.
    """
    view, problems = resolve(services, search)
    if view is None:
        raise InvalidQuery("There is no atlas to draw.", "Import one: masldatlas import FILE.")
    notes = sure(problems)
    number = panel_of(NAME, search)
    letter = LETTERS[(number - 1) // COLUMNS_EACH]
    if not view.set_text(letter).strip():
        raise InvalidQuery(f"The address holds no gene set {letter}.", "Paste its genes into Explore.")
    listed = at_least_one(view.listed(letter))
    if listed.unknown:
        names = ", ".join(repr(name[:40]) for name, _ in listed.unknown[:MAX_NAMED])
        notes = (*notes, f"Of the set, {len(listed.unknown):,} are no genes of {view.atlas.id}: {names}.")
    wanted = columns_of(view)
    place = (number - 1) % COLUMNS_EACH
    if place >= len(wanted):
        raise InvalidQuery(f"{view.atlas.id} has no such column of categories.", "Choose another figure.")
    by, split = wanted[place]
    params = ScoreParams.of(view.atlas, listed.genes, view.query.score, view.query.layer)
    scores = Scores(view.scored(listed))
    if np.isnan(scores.values).all():
        raise InvalidQuery(NO_SCORE[params.method], "Give other genes.")
    summaries = [it for it in summarise(view.atlas, scores, by, view.query.selection, split) if it.n]
    if not summaries:
        raise InvalidQuery("No cell is left by the filters.", "Remove one, or reset them all.")
    kept = {id(it) for it in sorted(summaries, key=lambda it: -it.n)[:MAX_ROWS]}
    drawn = [it for it in summaries if id(it) in kept]
    figure, note = by_column(view, scores, unit_of(view, letter), (by, split), look.colours, expressing=False)
    parts = f"{by}{f' and {split}' if split else ''}"
    name = shortened(view.set_name(letter), 40)
    boxes = view.query.plot == "box"
    how = "ULM, the t-value of the slope of a cell's expression of all genes on membership in the set" if (
        params.method == "ulm"
    ) else "the mean of the genes' z-scores, each over all cells of the atlas"  # fmt: skip
    words = Words(
        f"{name} by {parts}",
        f"{note} Score: {params.method}, of {len(params.genes):,} genes.",
        f"The score of each cell for {len(params.genes):,} genes is {how}.",
        {"set": view.set_name(letter), "genes": list(params.genes), "score": params.method, "by": by}
        | ({"split": split} if split else {}),
    )
    tables = {"summary": summary_table(drawn)}
    if not boxes:
        tables["density"] = density_table(densities_of(view, scores, (by, split), drawn))
    subject = Subject(NAME, view.atlas, view.query, view.state, layer=params.layer, notes=notes, panel=number)
    return finished(subject, figure, tables, words, look, least_size(figure))


def columns_of(view: ExploreView) -> list[tuple[str, str]]:
    """The columns of the violins of a set, each with the one that splits it: that of the rows, then the group."""
    by, group = view.by, view.atlas.manifest.roles.get("group", "")
    wanted = [(column, split) for column, split in ((by, view.query.split), (group, "")) if column]
    if group == by:
        wanted = wanted[:1]
    return [(column, split if split != column else "") for column, split in wanted]


def unit_of(view: ExploreView, letter: str) -> str:
    """What stands at the axis."""
    return f"{shortened(view.set_name(letter), 40)} · {UNITS[method_of(view.query.score)]}"
