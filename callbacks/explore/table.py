"""The numbers behind the pictures: one row a category."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis.distributions import summarise
from core.analysis.expression import NOT_GIVEN, expression_of
from core.analysis.provenance import of_cells, of_layer
from core.figures.palette import NOT_GIVEN as GREY
from core.figures.palette import categories
from core.selection.masks import mask_of
from core.services.provenance import of_link
from core.tables.text import csv_comments
from core.views.explore.tokens import column_of

if TYPE_CHECKING:
    from core.figures.theme import Theme
    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]
MAX_TALL = 25
SOME_HEIGHT = "560px"
GRID = {
    "animateRows": False,
    "rowHeight": 32,
    "headerHeight": 36,
    "suppressMovableColumns": True,
    "enableCellTextSelection": True,
}


def draw(view: ExploreView, theme: Theme) -> Outputs:
    """Cells, expressing cells, mean and median of the gene in each category."""
    by = view.by
    if not by:
        return {
            "hidden": True,
            "rows": [],
            "columns": [],
            "title": "",
            "note": "",
            "options": {},
            "height": None,
            "file": {},
        }
    expression = expression_of(view.atlas, view.shown_gene, view.query.layer)
    summaries = summarise(view.atlas, expression, by, view.query.selection)
    n_selected = int(mask_of(view.atlas, view.query.selection).sum())
    names = view.atlas.categorical(by).categories
    colours = dict(zip(names, categories(names), strict=True))
    codes = view.atlas.categorical(by).codes
    counts = np.bincount(codes + 1, minlength=len(names) + 1).tolist()
    before = dict(zip([NOT_GIVEN, *names], counts, strict=True))
    rows = [
        {
            "color": colours.get(it.category, GREY[theme.name]),
            "category": it.category,
            "before": before.get(it.category, 0),
            "n": it.n,
            "share": _number(100 * it.n / n_selected if n_selected else math.nan),
            "n_expressing": it.n_expressing,
            "pct_expressing": _number(it.pct_expressing),
            "mean": _number(it.mean),
            "median": _number(it.median),
        }
        for it in summaries
        if it.n or it.category != NOT_GIVEN
    ]
    note = f"{expression.unit}; mean and median over all cells, zeros included."
    first = column_of(view.query.color)
    if first and by not in (first, view.query.by):
        note = f"{first} holds numbers, so the rows are of {by}. {note}"
    tall = len(rows) > MAX_TALL
    return {
        "hidden": False,
        "rows": rows,
        "columns": _columns(by, expression.gene),
        "title": f"{expression.gene} by {by}",
        "note": note,
        "options": {**GRID, "domLayout": "normal" if tall else "autoHeight"},
        "height": {"height": SOME_HEIGHT if tall else None},
        "file": {
            "fileName": _file_name(view.atlas.id, expression.gene, by),
            "columnKeys": list(rows[0])[1:] if rows else [],
            "prependContent": csv_comments(_facts(view, expression.gene, by)).rstrip(),
        },
    }


def _facts(view: ExploreView, gene: str, by: str) -> dict[str, object]:
    return {
        **of_cells(view.atlas, view.query.selection),
        **of_layer(view.atlas.layer(view.query.layer)),
        "gene": gene,
        "by": by,
        **of_link("violin", view.query, view.atlas),
    }


def _columns(by: str, gene: str) -> list[dict[str, Any]]:
    def number(field: str, name: str, style: str, tip: str) -> dict[str, Any]:
        return {
            "field": field,
            "headerName": name,
            "headerTooltip": tip,
            "type": "rightAligned",
            "minWidth": 104,
            "flex": 1,
            "filter": "agNumberColumnFilter",
            "useValueFormatterForExport": False,  # the file holds every digit
            "valueFormatter": {"function": f"params.value == null ? '–' : d3.format('{style}')(params.value)"},
        }

    return [
        {
            "field": "category",
            "headerName": by,
            "filter": "agTextColumnFilter",
            "cellRenderer": "CategoryChip",
            "minWidth": 190,
            "flex": 3,
        },
        number("before", "All cells", ",", "Cells of this category before any filter"),
        number("n", "Cells", ",", "Cells of the selection in this category"),
        number("share", "% of cells", ".1f", "Percent of the selection"),
        number("n_expressing", "Expressing", ",", f"Cells with {gene} above zero"),
        number("pct_expressing", "% express.", ".1f", f"Percent of the category's cells with {gene} above zero"),
        number("mean", "Mean", ".3f", "Over all cells of the category, zeros included"),
        number("median", "Median", ".3f", "Over all cells of the category, zeros included"),
    ]


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _file_name(*parts: str) -> str:
    return "_".join(re.sub(r"[^A-Za-z0-9._-]+", "-", part).strip("-") for part in parts) + ".csv"
