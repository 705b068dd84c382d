"""Correlation matrix of a list of genes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dash import dcc

from callbacks.correlation.pair import with_partner
from callbacks.shared.gene_lists import unknown
from callbacks.shared.refusals import shown_or_refusal
from callbacks.shared.titles import in_italics
from core.errors import InvalidQuery
from core.figures.correlation_matrix import least_width
from core.figures.violin import nothing
from core.genes.ids import with_ids
from core.genes.lists import look_up
from core.tables.text import csv_pieces
from core.views.correlation import matrix
from core.views.provenance import of_table

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.correlation.matrix import Matrix
    from core.views.correlation.state import CorrelationView

Outputs = dict[str, Any]


def draw(services: Services, view: CorrelationView, partner: Outputs, theme: Theme) -> Outputs:
    """Draw the clustered heatmap, and list the names that are no genes of the atlas."""

    def refused(why: str) -> Outputs:
        return {
            "figure": nothing(theme),
            "height": {},
            "fault": why,
            "title": "Correlation matrix",
            "note": "",
            "shown": None,
            "no_export": True,
        }

    def drawn() -> Outputs:
        result = _computed(services, view, partner)
        figure, text = matrix.draw(result, theme), matrix.words(result)
        # A square of the width there is, at most as high as the figure wants to be; below its least width it scrolls.
        most = figure["layout"].pop("height")
        least = min(least_width(len(result.found.genes)), most)
        genes = () if view.query.genes else (view.query.gene,)
        return {
            "figure": figure,
            "height": {"height": f"min({most}px, max(100cqw, 280px, {least}px))"}
            | ({"minWidth": f"{least}px"} if least else {}),
            "fault": "",
            "title": in_italics(text.title, *genes),
            "note": text.note,
            "shown": view.state,
            "no_export": False,
        }

    return {"unknown": _unknown(view), **shown_or_refusal(drawn, refused)}


def export(services: Services, view: CorrelationView, partner: Outputs) -> Outputs:
    """Write the same matrix as CSV, at full precision."""
    result = _computed(services, view, partner)
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", f"{view.atlas.id}_{'list' if view.query.genes else view.query.gene}")
    parameters = {
        "genes": list(result.found.genes),
        "method": view.params.method,
        "drop_zeros": view.drop_zeros,
    }
    table = with_ids(matrix.tables(result)["matrix"], view.atlas.genes)
    text = "".join(csv_pieces(table, of_table("matrix", view.atlas, view.query, parameters)))
    return dict(dcc.send_string(text, f"{name}_{view.query.method}_matrix.csv"))


def _computed(services: Services, view: CorrelationView, partner: Outputs) -> Matrix:
    if not view.query.genes and not partner["top"] and partner["fault"]:
        raise InvalidQuery(partner["fault"])
    return matrix.compute(services, with_partner(view, partner))


def _unknown(view: CorrelationView) -> Component | None:
    listed = look_up(view.atlas.genes, view.query.genes)
    return unknown(listed, view.query.genes, lambda text: view.query.but(genes=text).address)
