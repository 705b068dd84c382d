"""Tab Composition of the page Differences: shares of the cell types, and their test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages import _controls as controls
from pages._differences_parts import fixed, plot, small_grid
from pages._ids_differences import Differences as Id
from pages._share import file, share
from pages._tables import P, number

if TYPE_CHECKING:
    from dash.development.base_component import Component


def content() -> list[Component]:
    """Lay out the tab."""
    columns = [
        {"field": "cell_type", "headerName": "Cell type", "minWidth": 150, "flex": 2, "tooltipField": "cell_type"},
        number("mean_a", "% A", fixed(1), "Mean share over the samples of side A", 72),
        number("mean_b", "% B", fixed(1), "Mean share over the samples of side B", 72),
        number("log2_odds", "log2 odds", fixed(2), "log2 odds ratio of A over B against all other cells", 84),
        number("ci_low", "from", fixed(2), "Lower end of its 95 % interval", 72),
        number("ci_high", "to", fixed(2), "Upper end of its 95 % interval", 72),
        number("p", "p", P, "propeller: moderated t on the arcsine of the root of the shares", 88),
        number("p_adj", "Adjusted p", P, "Benjamini–Hochberg over the cell types", 92),
        number("p_permutation", "Exact p", P, "Over all arrangements of the samples; without covariates", 88),
        number("p_smallest", "Smallest", P, "The smallest p that such a permutation can reach", 88),
    ]
    return [
        plot("SHARES", "Boxes of shares:", "abundance", words="composition", class_name="markers-violin"),
        controls.card(
            small_grid(Id.SHARES_TABLE, columns, row_id="params.data.cell_type"),
            title="Shares of the cell types",
            subtitle="propeller; intervals of log2 odds ratios",
            tools=share("composition table", more=[file("CSV", "One row a cell type", id=Id.SHARES_CSV)]),
        ),
    ]
