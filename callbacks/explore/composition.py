"""Cell composition of each sample: bars, and a table of fractions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_ag_grid as dag

from callbacks.explore.table import MAX_TALL, OPTIONS, SOME_HEIGHT
from callbacks.shared.refusals import shown_or_refusal
from core.atlas.nouns import heading
from core.figures.violin import nothing
from core.urls.base_path import below
from core.urls.page_queries import to_search
from core.views.explore import composition
from pages._tables import COLUMN

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.figures.theme import Theme
    from core.views.explore.composition import Samples
    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]
# Categories in the table on the page; the CSV has all of them.
MAX_COLUMNS = 60
# Pixels for bars beside their legend; a narrower screen scrolls.
LEAST_WIDTH = 620


def draw(view: ExploreView, theme: Theme) -> Outputs:
    """Draw one bar a sample, in the order of the groups, and list the same numbers in a table."""

    def refused(why: str) -> Outputs:
        blank = {"figure": nothing(theme), "height": {}, "title": "", "note": why}
        return {"bars": blank, "table": None, "csv": ""}

    def drawn() -> Outputs:
        result = composition.compute(view.services, view)
        figure, text = composition.draw(result, theme), composition.words(result)
        return {
            "bars": {
                "figure": figure,
                "height": {"height": f"{figure['layout']['height']}px", "minWidth": f"{LEAST_WIDTH}px"},
                "title": text.title,
                "note": text.note,
            },
            "table": _table(result),
            "csv": _csv(result),
        }

    return shown_or_refusal(drawn, refused)


def _table(result: Samples) -> Component:
    """Build the table: one row a sample, one column a category."""
    params, found, atlas = result.params, result.found, result.view.atlas
    names: list[str] = list(dict.fromkeys(found.table["category"].to_pylist()))[:MAX_COLUMNS]
    rows: dict[str, dict[str, Any]] = {}
    for cell in found.table.to_pylist():
        row = rows.setdefault(cell["sample"], {"sample": cell["sample"], "group": cell["group"], "n": 0})
        row["n"] += cell["n"]
        # A field is not named after the category: AG Grid reads a full stop as a field within a field.
        if cell["category"] in names:
            row[f"category{names.index(cell['category'])}"] = 100 * cell["fraction"]
    columns: list[dict[str, Any]] = [
        {
            "field": "sample",
            "headerName": heading(atlas, params.sample),
            "pinned": "left",
            "filter": "agTextColumnFilter",
            "minWidth": 140,
        },
        *(
            [{"field": "group", "headerName": heading(result.view.atlas, found.group), "minWidth": 120}]
            if found.group
            else []
        ),
        _number("n", "Cells", ",", "Selected cells of the sample"),
        *(
            _number(f"category{at}", f"% {name}", ".1f", f"Percentage of the sample's selected cells: {name}")
            for at, name in enumerate(names)
        ),
    ]
    tall = len(rows) > MAX_TALL
    return dag.AgGrid(
        rowData=list(rows.values()),
        columnDefs=columns,
        defaultColDef=COLUMN,
        dashGridOptions={**OPTIONS, "domLayout": "normal" if tall else "autoHeight"},
        style={"height": SOME_HEIGHT if tall else None},
        className="explore-grid",
    )


def _number(field: str, name: str, style: str, tip: str) -> dict[str, Any]:
    return {
        "field": field,
        "headerName": name,
        "headerTooltip": tip,
        "type": "rightAligned",
        "minWidth": 110,
        "filter": "agNumberColumnFilter",
        "valueFormatter": {"function": f"d3.format('{style}')(params.value)"},
    }


def _csv(result: Samples) -> str:
    """Return the address of the same numbers over the API."""
    params = result.params
    pairs = [("by", params.by), ("sample", params.sample), ("format", "csv")]
    return below(f"/api/v1/datasets/{result.view.atlas.id}/composition{to_search(pairs + params.selection.pairs())}")
