"""Tab Samples: samples kept and dropped, and their principal components."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from dash import Output

from callbacks.shared.refusals import shown_or_refusal
from core.figures.violin import nothing
from core.views.differences import sample_pca
from core.views.differences.comparison import least_words, sample_rows, warnings
from pages._ids_differences import Differences as Id

if TYPE_CHECKING:
    from callbacks.shared.page import Page
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.differences.state import DifferencesView

Outputs = dict[str, Any]
SAMPLES = {
    "rows": Output(Id.SAMPLES, "rowData"),
    "title": Output(Id.SAMPLES_TITLE, "children"),
    "note": Output(Id.SAMPLES_NOTE, "children"),
    "pca": {
        "figure": Output(Id.PCA, "figure"),
        "fault": Output(Id.PCA_FAULT, "children"),
        "title": Output(Id.PCA_TITLE, "children"),
        "note": Output(Id.PCA_NOTE, "children"),
    },
    "associations": Output(Id.ASSOCIATIONS, "rowData"),
}


def register(page: Page[DifferencesView], services: Services) -> None:
    """Wire the tab."""
    page.draw(SAMPLES, partial(draw, services), wanted=lambda view: view.query.tab == "samples")


def draw(services: Services, view: DifferencesView, theme: Theme) -> Outputs:
    """List the samples kept and dropped, and draw their principal components."""
    rows = [] if view.why else sample_rows(view)
    kept = sum(not row["why"] for row in rows)

    def shown() -> Outputs:
        result = sample_pca.compute(services, view)
        text = sample_pca.words(result)
        return {
            "pca": {"figure": sample_pca.draw(result, theme), "fault": "", "title": text.title, "note": text.note},
            "associations": result.associations,
        }

    def refused(why: str) -> Outputs:
        return {
            "pca": {"figure": nothing(theme), "fault": why, "title": "No components", "note": ""},
            "associations": [],
        }

    return {
        "rows": rows,
        "title": f"{kept:,} of {len(rows):,} samples kept",
        "note": " ".join([*([] if view.why else [f"Kept are those with {least_words(view)}."]), *warnings(view)]),
        **shown_or_refusal(shown, refused),
    }
