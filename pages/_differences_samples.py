"""Tab Samples of the page Differences: samples kept and dropped, and their principal components."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from pages import _controls as controls
from pages import _fields as fields
from pages._differences_parts import WHOLE, fixed, plot, small_grid
from pages._ids_differences import Differences as Id
from pages._tables import number

if TYPE_CHECKING:
    from dash.development.base_component import Component


def content() -> list[Component]:
    """Lay out the tab."""
    columns = [
        {"field": "sample", "headerName": "Sample", "minWidth": 110, "flex": 2, "tooltipField": "sample"},
        {"field": "side", "headerName": "Side", "minWidth": 100, "flex": 2},
        number("n_cells", "Cells", WHOLE, "Cells of this type", 80),
        number("n_counts", "Counts", WHOLE, "Sum of their counts", 90),
        {"field": "why", "headerName": "Dropped", "minWidth": 140, "flex": 3, "tooltipField": "why"},
    ]
    share_of = "Share of the variance of the component that the column explains (R²)"
    associations = [
        {"field": "column", "headerName": "Column", "minWidth": 110, "flex": 2},
        *(number(f"pc{at}", f"PC{at}", fixed(2), share_of, 70) for at in range(1, 5)),
    ]
    return [
        controls.card(
            small_grid(Id.SAMPLES, columns),
            title=html.Span(id=Id.SAMPLES_TITLE),
            subtitle=html.Span(id=Id.SAMPLES_NOTE),
        ),
        fields.field("Colour samples by", dcc.Dropdown(id=Id.COLOR, placeholder="The sides")),
        plot("PCA", "Plot of samples:", "sample_pca", words="plot of samples"),
        controls.card(
            small_grid(Id.ASSOCIATIONS, associations, row_id="params.data.column"),
            title="Columns and components",
            subtitle="Share of each component that a column explains; depth included",
        ),
    ]
