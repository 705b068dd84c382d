"""What each sample is made of: bars, and a table of fractions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_ag_grid as dag

from callbacks.explore.table import GRID, MAX_TALL, SOME_HEIGHT
from callbacks.shared.refusals import or_words
from core.figures.violin import nothing
from core.urls.page_queries import to_search
from core.views.explore import composition

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.analysis.composition import Composition, CompositionParams
    from core.figures.theme import Theme
    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]
# Of the table on the page; the CSV has them all.
MAX_COLUMNS = 60
# Bars beside their legend; a narrower screen scrolls.
LEAST_WIDTH = 620


def draw(view: ExploreView, theme: Theme) -> Outputs:
    """One bar a sample, in the order of the groups, and the same numbers in a table."""

    def refused(why: str) -> Outputs:
        blank = {"figure": nothing(theme), "height": {}, "title": "", "note": why}
        return {"bars": blank, "table": None, "csv": ""}

    def drawn() -> Outputs:
        result = composition.compute(view.services, view)
        params, found, words = result.params, result.found, composition.words(result)
        figure = composition.draw(result, theme)
        return {
            "bars": {
                "figure": figure,
                "height": {"height": f"{figure['layout']['height']}px", "minWidth": f"{LEAST_WIDTH}px"},
                "title": words.title,
                "note": words.note,
            },
            "table": _table(params, found),
            "csv": _csv(view, params),
        }

    return or_words(drawn, refused)


def _table(params: CompositionParams, found: Composition) -> Component:
    """One row a sample, one column a category."""
    names: list[str] = list(dict.fromkeys(found.table["category"].to_pylist()))[:MAX_COLUMNS]
    rows: dict[str, dict[str, Any]] = {}
    for cell in found.table.to_pylist():
        row = rows.setdefault(cell["sample"], {"sample": cell["sample"], "group": cell["group"], "n": 0})
        row["n"] += cell["n"]
        # The field of a column is no place for a name: a full stop in it would mean a field within a field.
        if cell["category"] in names:
            row[f"category{names.index(cell['category'])}"] = 100 * cell["fraction"]
    columns: list[dict[str, Any]] = [
        {
            "field": "sample",
            "headerName": params.sample,
            "pinned": "left",
            "filter": "agTextColumnFilter",
            "minWidth": 140,
        },
        *([{"field": "group", "headerName": found.group, "minWidth": 120}] if found.group else []),
        _number("n", "Cells", ",", "Selected cells of the sample"),
        *(
            _number(f"category{at}", f"% {name}", ".1f", f"Percent of the sample's selected cells: {name}")
            for at, name in enumerate(names)
        ),
    ]
    tall = len(rows) > MAX_TALL
    return dag.AgGrid(
        rowData=list(rows.values()),
        columnDefs=columns,
        defaultColDef={"sortable": True, "filter": True, "resizable": True},
        dashGridOptions={**GRID, "domLayout": "normal" if tall else "autoHeight"},
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


def _csv(view: ExploreView, params: CompositionParams) -> str:
    """The address at which the API has the same numbers."""
    pairs = [("by", params.by), ("sample", params.sample), ("format", "csv")]
    return f"/api/v1/datasets/{view.atlas.id}/composition{to_search(pairs + params.selection.pairs())}"
