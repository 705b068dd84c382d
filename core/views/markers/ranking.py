"""The genes of one category from the best marker to the worst."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.analysis.contrasts import METHOD, NOT_REPLICATES
from core.analysis.markers import rows_of
from core.errors import InvalidQuery
from core.figures.marker_ranking import ranks
from core.services.memoized import answer
from core.views.markers.best_genes import compared
from core.views.markers.state import resolve
from core.views.result import Figure, Subject, Words, finished, sure

if TYPE_CHECKING:
    from core.figures.print_style import Look
    from core.services.container import Services

# The names of the first genes stand below each other.
LEAST = (260.0, 300.0)


def draw(services: Services, search: str, look: Look) -> Figure:
    """The ranking of the category shown.

    Raises
    ------
    InvalidQuery
        Something in the address means nothing here, or nothing can be compared.
    """
    view, problems = resolve(services, search)
    if view is None:
        raise InvalidQuery("There is no atlas to draw.", "Import one: masldatlas import FILE.")
    notes = sure(problems)
    query, groups = view.query, view.groups
    rows = rows_of(answer(services, view.atlas, view.params).value, groups, query.category)
    names, scores = rows["gene"].to_pylist(), rows["score"].to_numpy()
    n_given = int(np.isfinite(scores).sum())
    if not n_given:
        raise InvalidQuery("Every gene is constant in these cells, so none marks a category.", "Select more cells.")
    gene = query.gene or str(names[0])
    figure = ranks(names, scores, look.colours, named=gene, n_top=view.top)
    figure["data"] = [{**trace, "type": "scatter"} for trace in figure["data"]]
    n_in = dict(view.listed).get(query.category, 0)
    parameters = compared(view)
    if view.versus:
        title = f"Genes higher in {query.category}"
        what = f"A ({parameters['a']}) against B ({parameters['b']})"
    else:
        title = f"What marks {query.category}"
        what = f"{query.category} of {query.by} against all other cells with a {query.by}"
    left = len(names) - n_given
    constant = f" {left:,} genes that are constant in these cells have no score and are left out." if left else ""
    words = Words(
        title,
        f"Each point is one of {n_given:,} genes by its rank and its score, the z of the rank sum; the best {view.top} "
        f"are coloured, the first and {gene} are named.{constant}",
        f"{what} ({n_in:,} of {groups.n:,} cells): {METHOD}. {NOT_REPLICATES}",
        {**parameters, "category": query.category, "gene": gene, "top_n": view.top, "method": METHOD},
    )
    subject = Subject("markers", view.atlas, query, query.search(), query.layer, groups.n, groups.n_all_samples, notes)
    return finished(subject, figure, {"markers": rows}, words, look, LEAST)
