"""The headline and the overview: one row a cell type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import dcc, html

from callbacks.shared.badges import badges
from core.atlas.nouns import counted, sample_noun
from core.errors import AtlasError, Cancelled
from core.selection.masks import mask_of
from core.urls.page_queries import MarkersQuery
from core.views.differences.comparison import head, least_words, notes, overview, reports, with_study
from core.views.differences.state import methods
from core.views.differences.volcano import thresholds
from core.views.formatting import count as cells_left
from pages._tables import SMALL

if TYPE_CHECKING:
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.differences.state import DifferencesView

Outputs = dict[str, Any]
ONCE = "Cells are summed by {0}, so each {0} counts once; it takes part in a cell type with {1}."


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
    try:
        return {**common, **_drawn(services, view)}
    except Cancelled:
        return {**common, **_cancelled(view)}
    except AtlasError as error:
        return {**common, **_refused(str(error))}


def mark(view: DifferencesView, _theme: Theme) -> Outputs:
    """Mark the row of the cell type that is open; the second opinion is offered where it can be had."""
    row = {"ids": [view.query.cell_type]} if view.query.cell_type else []
    return {"row": row, "no_second": not view.second_offered}


def _drawn(services: Services, view: DifferencesView) -> Outputs:
    found = reports(view)
    rows = overview(services, view)
    a, b = view.sides.names
    if all(row["why"] for row in rows):
        return _refused(_reason(view, rows))
    tested = sum(not row["why"] for row in rows)
    types = f" in {counted(tested, 'cell type')} of {len(rows):,}" if tested < len(rows) else ""
    types = types or (f" in {counted(tested, 'cell type')}" if view.types else " in all cells together")
    once, warnings = ONCE.format(sample_noun(view.atlas), least_words(view)), notes(view, found)
    return {
        "hidden": False,
        "no_overview": not view.types,
        "sentence": [
            *badges(view.atlas.manifest),
            f"{head(view, found)}: ",
            html.B(f"{a} against {b}"),
            f"{types}, {_model(view)}; {_method(view)} on counts summed by {sample_noun(view.atlas)}",
        ],
        "replicates": _told(" ".join(filter(None, [once, view.caution, *warnings])), *with_study(view, found)),
        "rows": rows,
        "title": f"Overview: {a} (A) against {b} (B)" if view.query.by else "Overview: A against B",
        "note": f"Select a row to open the cell type. Up and down: {thresholds(view)}.",
        "csv": view.api("differences/overview", fdr=view.query.fdr, min_change=view.query.min_change, format="csv"),
    }


def _told(text: str, study: str, address: str) -> Any:  # noqa: ANN401 - what Dash shows
    """Add a button that adjusts for the studies, where the models lack them."""
    return [f"{text} ", dcc.Link(f"Adjust for {study}", href=address, className=SMALL)] if study else text


def _model(view: DifferencesView) -> str:
    covariates = view.design.covariates
    paired = [f"paired by {view.paired}"] if view.paired else []
    adjusted = [f"adjusted for {' and '.join(covariates)}"] if covariates else []
    return ", ".join([*paired, *adjusted]) or "without covariates"


def _method(view: DifferencesView) -> str:
    second = ", with DESeq2 as a second opinion," if view.query.second_opinion else ""
    return f"{methods()[view.query.method]}{second}"


def _reason(view: DifferencesView, rows: list[dict[str, object]]) -> str:
    """Take the reason of the cell type that is open, which is the largest unless one is named."""
    whys = {row["cell_type"]: str(row["why"]) for row in rows}
    return whys.get(view.query.cell_type) or next(iter(whys.values()), "The selected cells have no cell type.")


def _cancelled(view: DifferencesView) -> Outputs:
    again = html.A("Compare all cell types again", href=view.query.address)
    return {
        **_refused(["The comparison of all cell types was cancelled. ", again]),
        "hidden": False,
    }


def _refused(why: Any) -> Outputs:  # noqa: ANN401 - what Dash shows
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
