"""What Markers draws below its ranking: one gene in every group, and the best genes as dots and as a heatmap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.analysis.contrasts import METHOD, NOT_REPLICATES
from core.analysis.dotplot import MAX_GENES, dots_of_groups
from core.analysis.markers import rows_of
from core.errors import InvalidQuery
from core.figures.dotplot import dotplot
from core.figures.gene_grid import Grid
from core.figures.gene_grid import least_size as least_lattice
from core.figures.heatmap import heatmap
from core.selection.model import Selection
from core.services.memoized import answer
from core.views.markers.state import ONE, resolve
from core.views.result import Figure, Subject, Words, finished, sure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.analysis.contrasts import Groups
    from core.figures.print_style import Look
    from core.services.container import Services
    from core.views.markers.state import MarkersView

DOTS_NOTE = "Area: percent of the cells that express it. Colour: mean, from 0 to 1 in each gene."
HEATMAP_NOTE = "Mean of each category, as z over the categories."


def draw_dots(services: Services, search: str, look: Look) -> Figure:
    """The best genes of every group as dots; see `draw_violin` for what it raises."""
    return _best_drawn(services, search, look, "marker_dotplot")


def draw_heatmap(services: Services, search: str, look: Look) -> Figure:
    """The best genes of every group as a heatmap; see `draw_violin` for what it raises."""
    return _best_drawn(services, search, look, "marker_heatmap")


def _best_drawn(services: Services, search: str, look: Look, name: str) -> Figure:
    view, notes = resolved(services, search)
    table, groups = table_of(services, view)
    genes, how = best(view, table, groups)
    found = dots_of_groups(view.atlas, genes, view.query.layer, groups)
    unit = view.atlas.layer(view.query.layer).info.unit
    as_dots = name == "marker_dotplot"
    figure = dotplot(found, unit, look.colours, standardise=True) if as_dots else heatmap(found, unit, look.colours)
    words = Words(
        f"Best genes of {view.whom}",
        f"{how}. {DOTS_NOTE if as_dots else HEATMAP_NOTE}",
        f"{how}, by the score of {METHOD}. For each gene and group the percentage of cells with a value above zero, "
        f"and the mean over all of its cells, zeros included. {NOT_REPLICATES}",
        {**compared(view), "genes": genes, "top_n": view.top, "whose": view.query.whose or "each", "method": METHOD},
    )
    least = least_lattice(Grid.of(found), figure["layout"]["height"])
    return finished(subject_of(name, view, groups, notes), figure, {"dotplot": found}, words, look, least)


def table_of(services: Services, view: MarkersView) -> tuple[pa.Table, Groups]:
    """All genes of all groups, and the groups; what core raises where nothing can be compared."""
    groups = view.groups
    return answer(services, view.atlas, view.params).value, groups


def shown_gene(view: MarkersView, rows: pa.Table) -> str:
    """The gene that is looked at, given the rows of the category."""
    return view.query.gene or str(rows["gene"][0].as_py())


def compared(view: MarkersView) -> dict[str, object]:
    """What was compared with what, as parameters of a figure."""
    query = view.query
    if not view.versus:
        return {"by": query.by}
    texts = [Selection.from_text(text).words() for text in (query.a, query.b)]
    return {"a": texts[0], "b": texts[1], "selection": f"A: {texts[0]}; B: {texts[1]}"}


def best(view: MarkersView, table: pa.Table, groups: Groups) -> tuple[list[str], str]:
    """The genes of the plots, each once, and in words how they were chosen.

    Only genes that are higher in a category than outside mark it; and no more than 500 are drawn.
    """
    whose: Sequence[str] = [view.query.category] if view.query.whose == ONE else list(view.names)
    each = max(min(view.top, MAX_GENES // len(whose)), 1)
    genes: dict[str, None] = {}
    for name in whose:
        rows = rows_of(table, groups, name, each)
        above = rows["score"].to_numpy() > 0
        genes.update(dict.fromkeys(np.array(rows["gene"].to_pylist(), dtype=object)[above].tolist()))
    if not genes:
        raise InvalidQuery("No gene is higher in a category than outside it.", "Select more cells.")
    less = f" ({MAX_GENES} genes are drawn at most)" if each < view.top else ""
    of = whose[0] if len(whose) == 1 else "A and B each" if view.versus else f"each of {len(whose):,} categories"
    return list(genes), f"{len(genes):,} genes: the best {each} of {of}{less}, each once"


def resolved(services: Services, search: str) -> tuple[MarkersView, tuple[str, ...]]:
    """Resolve the address; InvalidQuery where nothing can be compared."""
    view, problems = resolve(services, search)
    if view is None:
        raise InvalidQuery("There is no atlas to draw.", "Import one: masldatlas import FILE.")
    return view, sure(problems)


def subject_of(name: str, view: MarkersView, groups: Groups, notes: tuple[str, ...]) -> Subject:
    """Describe the atlas, the query and the numbers behind a figure."""
    query = view.query
    return Subject(name, view.atlas, query, query.search(), query.layer, groups.n, groups.n_all_samples, notes)
