"""A list of genes against itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from dash import dcc, html

from callbacks._lists import unknown
from callbacks._refused import or_words
from core.errors import InvalidQuery
from core.figures.correlates import heatmap
from core.gene_lists import GeneList, look_up
from core.gene_matrix import GeneMatrix, gene_matrix
from core.tables import csv_pieces

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from callbacks.correlation.view import View
    from core.figures.theme import Theme

Outputs = dict[str, Any]


def draw(view: View, partner: Outputs, theme: Theme, blank: Outputs) -> Outputs:
    """The clustered heatmap, and what of the list is no gene of this atlas."""
    listed = look_up(view.atlas.genes, view.query.genes)
    common = {"unknown": _unknown(view, listed), "title": _title(view)}

    def refused(why: str) -> Outputs:
        return {"figure": blank, "height": {}, "fault": why, "note": "", "shown": None, "no_export": True}

    def drawn() -> Outputs:
        found = matrix_of(view, partner)
        figure = heatmap(found, theme)
        constant = int(np.isnan(np.diag(found.r)).sum())
        left = f" {constant:,} constant in these cells stand last, empty." if constant else ""
        return {
            "figure": figure,
            "height": {"height": f"{figure['layout']['height']}px"},
            "fault": "",
            "note": f"{len(found.genes):,} genes in the order of average linkage on 1 − r.{left}",
            "shown": view.state,
            "no_export": False,
        }

    return {**common, **or_words(drawn, refused)}


def matrix_of(view: View, partner: Outputs) -> GeneMatrix:
    """The matrix of the list, or of A and its strongest correlates."""
    if view.query.genes:
        genes = look_up(view.atlas.genes, view.query.genes).genes
        if len(genes) < 2:  # noqa: PLR2004 - nothing to pair
            n = "None" if not genes else "Only one"
            raise InvalidQuery(f"{n} of the list is a gene of this atlas; a matrix needs two.", "Change the list.")
    else:
        if not partner["top"]:
            raise InvalidQuery(partner["fault"] or "There are no correlates to show.")
        genes = (view.query.gene, *partner["top"][: view.top])
    return gene_matrix(view.atlas, view.matrix(genes))


def export(view: View, partner: Outputs) -> Outputs:
    """The same matrix as CSV, at full precision."""
    found = matrix_of(view, partner)
    table = pa.table({"gene": pa.array(found.genes), **dict(zip(found.genes, found.r, strict=True))})
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", f"{view.atlas.id}_{'list' if view.query.genes else view.query.gene}")
    return dict(dcc.send_string("".join(csv_pieces(table)), f"{name}_{view.query.method}_matrix.csv"))


def _title(view: View) -> list[Component | str]:
    if view.query.genes:
        return ["Your list against itself"]
    return [html.I(view.query.gene), f" and its {view.top} strongest correlates"]


def _unknown(view: View, listed: GeneList) -> Component | None:
    return unknown(listed, view.query.genes, lambda text: view.query.but(genes=text).address)
