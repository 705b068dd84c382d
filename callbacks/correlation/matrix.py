"""A list of genes against itself."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dash import dcc, html

from callbacks.shared.gene_lists import unknown
from callbacks.shared.refusals import or_words
from core.analysis.provenance import of_cells, of_layer
from core.errors import InvalidQuery
from core.figures.violin import nothing
from core.genes.lists import GeneList, look_up
from core.services.provenance import of_link
from core.tables.text import csv_pieces
from core.views.correlation import matrix

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.analysis.correlation_matrix import GeneMatrix
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.correlation.matrix import Matrix
    from core.views.correlation.state import CorrelationView

Outputs = dict[str, Any]


def draw(services: Services, view: CorrelationView, partner: Outputs, theme: Theme) -> Outputs:
    """Draw the clustered heatmap, and name what of the list is no gene of this atlas."""
    listed = look_up(view.atlas.genes, view.query.genes)
    common = {"unknown": _unknown(view, listed), "title": _title(view)}

    def refused(why: str) -> Outputs:
        return {"figure": nothing(theme), "height": {}, "fault": why, "note": "", "shown": None, "no_export": True}

    def drawn() -> Outputs:
        result = _computed(services, view, partner)
        figure = matrix.draw(result, theme)
        return {
            "figure": figure,
            "height": {"height": f"{figure['layout']['height']}px"},
            "fault": "",
            "note": matrix.words(result).note,
            "shown": view.state,
            "no_export": False,
        }

    return {**common, **or_words(drawn, refused)}


def export(services: Services, view: CorrelationView, partner: Outputs) -> Outputs:
    """Return the same matrix as CSV, at full precision."""
    result = _computed(services, view, partner)
    table = matrix.tables(result)["matrix"]
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", f"{view.atlas.id}_{'list' if view.query.genes else view.query.gene}")
    pieces = csv_pieces(table, _facts(view, result.found))
    return dict(dcc.send_string("".join(pieces), f"{name}_{view.query.method}_matrix.csv"))


def _computed(services: Services, view: CorrelationView, partner: Outputs) -> Matrix:
    """Compute the matrix of the list, or of gene A and the correlates that the ranking found."""
    if not view.query.genes and not partner["top"]:
        raise InvalidQuery(partner["fault"] or "There are no correlates to show.")
    return matrix.compute(services, replace(view, correlates=tuple(partner["top"])))


def _facts(view: CorrelationView, found: GeneMatrix) -> dict[str, object]:
    return {
        **of_cells(view.atlas, view.query.selection),
        **of_layer(view.atlas.layer(view.query.layer)),
        "genes": list(found.genes),
        "method": view.params.method,
        "drop_zeros": view.drop_zeros,
        **of_link("matrix", view.query, view.atlas),
    }


def _title(view: CorrelationView) -> list[Component | str]:
    if view.query.genes:
        return ["Your list against itself"]
    return [html.I(view.query.gene), f" and its {view.top} strongest correlates"]


def _unknown(view: CorrelationView, listed: GeneList) -> Component | None:
    return unknown(listed, view.query.genes, lambda text: view.query.but(genes=text).address)
