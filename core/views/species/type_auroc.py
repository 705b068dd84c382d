"""AUROC between the cell types of two atlases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.type_auroc import BOUND, CELLS, facts_of
from core.atlas.nouns import counted
from core.figures.print_style import fitted
from core.figures.type_auroc import Aurocs, heatmap, least_width
from core.services.between_species import AUROC_METHODS
from core.services.match_verdicts import aurocs
from core.views.layout import Layout
from core.views.result import Subject, Words
from core.views.species.pair import second_of
from core.views.species.state import resolve
from core.views.view import View

if TYPE_CHECKING:
    import pyarrow as pa

    from core.atlas.store import Atlas
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.species.state import SpeciesView

MOST_NAMED = 4


@dataclass(frozen=True, eq=False)
class TypeAurocs:
    """AUROC of all pairs of types.

    Attributes
    ----------
    table : of `core.analysis.type_auroc.type_auroc`
    matched : pairs that match by name, lineage or edit
    orthologs : source of the relations between the genes
    """

    view: SpeciesView
    second: Atlas
    table: pa.Table
    matched: frozenset[tuple[str, str]]
    orthologs: str

    @property
    def rows(self) -> list[tuple[str, str, float]]:
        """Pairs of types with their AUROC."""
        return list(zip(*(self.table[name].to_pylist() for name in ("cell_type", "cell_type_2", "auroc")), strict=True))


def compute(services: Services, view: SpeciesView) -> TypeAurocs:
    """Match the types of the reference with those of the second atlas.

    Raises
    ------
    InvalidQuery
        No atlas is compared, or the two share too few genes.
    """
    second = second_of(view)
    found = aurocs(services, view.atlas, second)
    matched = frozenset((each.reference, name) for each in view.matching.matches[second.id] for name in each.types)
    return TypeAurocs(view, second, found.value, matched, str(found.provenance["orthologs"]))


def draw(result: TypeAurocs, theme: Theme) -> Json:
    """Draw the matrix; matched types are framed."""
    return heatmap(_fields(result), theme)


def layout(result: TypeAurocs, look: Look) -> Layout:
    """Lay the matrix out so that no names or numbers overlap."""
    fields = _fields(result)
    least = (least_width(fields), 0.0)
    paper = look if look.screen else fitted(look, least)
    width = max(paper.pixels(paper.width), least[0])
    return Layout(heatmap(fields, look.colors, width), look, least)


def _fields(result: TypeAurocs) -> Aurocs:
    rows = list(dict.fromkeys(result.table["cell_type"].to_pylist()))
    columns = list(dict.fromkeys(result.table["cell_type_2"].to_pylist()))
    places = [
        (rows.index(one), columns.index(other), auroc < BOUND)
        for one, other, auroc in result.rows
        if (one, other) in result.matched
    ]
    names = result.view.atlas.manifest.title, result.second.manifest.title
    auroc = result.table["auroc"].to_numpy().reshape(len(rows), len(columns))
    return Aurocs(rows, columns, auroc, places, names)


def sentence(result: TypeAurocs) -> str:
    """Say how many of the matched types reach the bound, and which do not."""
    known = [(one, other, auroc) for one, other, auroc in result.rows if (one, other) in result.matched]
    below = sorted((row for row in known if row[2] < BOUND), key=lambda row: row[2])
    unknown = sum(np.isnan(row[2]) for row in known)
    reach = len(known) - len(below) - unknown
    named = "; ".join(
        f"{one if one == other else f'{one} and {other}'} {auroc:.2f}" for one, other, auroc in below[:MOST_NAMED]
    )
    more = f"; {len(below) - MOST_NAMED} more" if len(below) > MOST_NAMED else ""
    said = f" Below: {named}{more}." if below else ""
    few = f" {counted(unknown, 'pair')} with too few cells." if unknown else ""
    return f"{reach:,} of {counted(len(known), 'matched pair')} of cell types reach an AUROC of {BOUND:g}.{said}{few}"


def words(result: TypeAurocs) -> Words:
    """Describe the matrix."""
    facts = facts_of(result.table)
    drawn = ""
    if facts["n_cells_drawn"] < facts["n_cells"] or facts["n_cells_drawn_2"] < facts["n_cells_2"]:
        drawn = f" At most {CELLS:,} cells of a type were drawn, which stand for all of it."
    other = result.second.manifest
    return Words(
        f"Cell types of {result.view.atlas.id} and {other.id}",
        f"Colour and number, AUROC, mean of both directions: 1, the cells of one type are told from all others by the "
        f"votes of the other; 0.5, chance. Frames, matched cell types; dotted, AUROC below {BOUND:g}.",
        AUROC_METHODS.format(**facts, most=CELLS)
        + f" Orthologs: {result.orthologs}. Second atlas: {other.title} ({facts['n_cells_2']:,} cells).",
        {
            "other": other.id,
            "others": list(result.view.query.beside),
            "other_content_hash": other.content_hash,
            "other_simulated": other.simulated,
            "orthologs": result.orthologs,
            "bound": BOUND,
            **facts,
        },
        f"{sentence(result)} {facts['n_genes']:,} 1:1 orthologs vote ({facts['genes']}). "
        f"Orthologs: {result.orthologs}.{drawn}",
        f"How alike the cell types of two atlases are: {result.view.atlas.manifest.title} and {other.title}",
    )


def subject(result: TypeAurocs) -> Subject:
    """Name the data of the reference."""
    view = result.view
    return Subject(view.atlas, view.query, view.state, beside=(result.second.manifest,))


def tables(result: TypeAurocs) -> dict[str, pa.Table]:
    """Return AUROC of all pairs."""
    return {"pairs": result.table}


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
