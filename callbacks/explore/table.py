"""Table below the violins: one row a category."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from core.atlas.nouns import heading, noun_of
from core.figures.palette import NOT_GIVEN as GREY
from core.tables.text import csv_comments
from core.views.explore import table
from core.views.explore.tokens import column_of
from core.views.lineages import noted
from pages._tables import GRID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.figures.theme import Theme
    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]
MAX_TALL = 25
SOME_HEIGHT = "560px"
OPTIONS = {**GRID, "enableCellTextSelection": True}


def draw(view: ExploreView, theme: Theme) -> Outputs:
    """List cells, expressing cells, mean and median of the gene in each category."""
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
    result = table.compute(view)
    split = view.query.split if view.query.split != by else ""
    gene, n_selected = result.expression.gene, result.n_selected
    rows = [
        {
            "color": row.color or GREY[theme.name],
            "category": row.summary.category,
            **({"split": row.summary.split} if split else {}),
            "before": row.n_before,
            "n": row.summary.n,
            "share": _number(100 * row.summary.n / n_selected if n_selected else math.nan),
            "n_expressing": row.summary.n_expressing,
            "pct_expressing": _number(row.summary.pct_expressing),
            "mean": _number(row.summary.mean),
            "median": _number(row.summary.median),
        }
        for row in result.rows
    ]
    note = f"{result.expression.unit}; mean and median over all cells, including zeros."
    first = column_of(view.query.color)
    if first and by not in (first, view.query.by):
        note = f"{first} is numeric, so rows are grouped by {noun_of(view.atlas, by)}. {note}"
    note += noted(view.atlas, by, split)
    tall = len(rows) > MAX_TALL
    return {
        "hidden": False,
        "rows": rows,
        "columns": _columns(
            tuple(heading(view.atlas, name) for name in (by, split) if name),
            gene,
            max((len(str(row["category"])) for row in rows), default=0),
            signed=result.expression.signed,
        ),
        "title": f"{gene} by {' and '.join(noun_of(view.atlas, name) for name in (by, split) if name)}",
        "note": note,
        "options": {**OPTIONS, "domLayout": "normal" if tall else "autoHeight"},
        "height": {"height": SOME_HEIGHT if tall else None},
        "file": {
            "fileName": _file_name(view.atlas.id, gene, by),
            "columnKeys": list(rows[0])[1:] if rows else [],
            "prependContent": csv_comments(result.provenance).rstrip(),
        },
    }


def _columns(names: Sequence[str], gene: str, longest: int, *, signed: bool) -> list[dict[str, Any]]:
    def number(field: str, name: str, style: str, tip: str) -> dict[str, Any]:
        return {
            "field": field,
            "headerName": name,
            "headerTooltip": tip,
            "type": "rightAligned",
            "minWidth": 104,
            "flex": 1,
            "filter": "agNumberColumnFilter",
            "useValueFormatterForExport": False,  # the file holds full precision
            "valueFormatter": {"function": f"params.value == null ? '–' : d3.format('{style}')(params.value)"},
        }

    return [
        {
            "field": "category",
            "headerName": names[0],
            "filter": "agTextColumnFilter",
            "cellRenderer": "CategoryChip",
            # Wide enough for the longest name, but on a phone numbers stay beside it.
            "minWidth": min(max(190, round(56 + 7.2 * longest)), 270),
            "flex": 3,
        },
        *(
            [{"field": "split", "headerName": names[1], "filter": "agTextColumnFilter", "minWidth": 130, "flex": 2}]
            if len(names) > 1
            else []
        ),
        number("before", "All cells", ",", "Cells of this category before filtering"),
        number("n", "Cells", ",", "Selected cells of this category"),
        number("share", "% of cells", ".1f", "Percentage of the selected cells"),
        number("n_expressing", "Above 0" if signed else "Expressing", ",", f"Cells with {gene} above zero"),
        number(
            "pct_expressing",
            "% above 0" if signed else "% express.",
            ".1f",
            f"Percentage of the category's cells with {gene} above zero",
        ),
        number("mean", "Mean", ".3f", "Over all cells of the category, including zeros"),
        number("median", "Median", ".3f", "Over all cells of the category, including zeros"),
    ]


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _file_name(*parts: str) -> str:
    return "_".join(re.sub(r"[^A-Za-z0-9._-]+", "-", part).strip("-") for part in parts) + ".csv"
