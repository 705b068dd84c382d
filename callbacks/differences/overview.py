"""The headline and the overview: one row a cell type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from callbacks.shared.badges import badges
from callbacks.shared.refusals import shown_or_refusal
from core.selection.masks import mask_of
from core.urls.page_queries import MarkersQuery
from core.views.differences.comparison import overview
from core.views.formatting import count as cells_left

if TYPE_CHECKING:
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.differences.state import DifferencesView

Outputs = dict[str, Any]


def draw(services: Services, view: DifferencesView, _theme: Theme) -> Outputs:
    """Compare the sides in every cell type; where nothing can be compared, say why."""
    query, atlas = view.query, view.atlas
    common = {
        "count": cells_left(int(mask_of(atlas, query.selection).sum()), atlas.n_cells),
        "markers": MarkersQuery(
            atlas.id, by=query.by, layer=query.layer, a=query.a, b=query.b, selection=query.selection
        ).address,
    }
    if view.why:
        return {**common, **_refused(view.why)}
    return {**common, **shown_or_refusal(lambda: _drawn(services, view), _refused)}


def _drawn(services: Services, view: DifferencesView) -> Outputs:
    design = view.design
    rows = overview(services, view)
    a, b = design.units.sides.names
    model = f" paired by {view.paired}" if view.paired else ""
    adjusted = f", adjusted for {', '.join(design.covariates)}" if design.covariates else ""
    types = (
        f"{len(rows):,} cell types" if len(rows) > 1 else "all cells together" if not view.types else "one cell type"
    )
    tested = sum(not row["why"] for row in rows)
    return {
        "hidden": not tested,
        "no_overview": not view.types,
        "sentence": [
            *badges(view.atlas.manifest),
            html.B(f"{a} against {b}"),
            f" in {types}, samples as replicates{model}{adjusted}; limma-{view.query.method} on summed counts",
        ],
        "replicates": _reason(rows) if not tested else "Cells are summed by sample: each donor counts once.",
        "rows": rows,
        "title": f"Overview: {a} against {b}",
        "note": "Select a row to open the cell type. Up and down: adjusted p at most 0.05 and at least twofold.",
        "csv": view.api("differences/overview", format="csv"),
    }


def _reason(rows: list[dict[str, object]]) -> str:
    return str(rows[0]["why"]) if rows else "The selected cells have no cell type."


def _refused(why: str) -> Outputs:
    return {
        "hidden": True,
        "no_overview": True,
        "sentence": why,
        "replicates": "",
        "rows": [],
        "title": "No comparison",
        "note": "",
        "csv": "",
    }
