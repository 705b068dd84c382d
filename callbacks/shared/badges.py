"""What the sentence of every page must say first of where its cells come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from pages._controls import simulated_badge

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.atlas.manifest import Manifest


def badges(manifest: Manifest) -> list[Component | str]:
    """That the cells are simulated, or a sample of those of their file; nothing where neither is so."""
    shown: list[Component | str] = [simulated_badge(), " "] if manifest.simulated else []
    if manifest.subset:
        how = f"drawn by {' and '.join(manifest.subset.columns)}" if manifest.subset.columns else "drawn at random"
        title = f"{manifest.cells_in_words}, {how}: counts and fractions are those of the sample."
        shown += [
            html.Span(f"SAMPLE of {manifest.subset.n_source_cells:,} cells", className="simulated", title=title),
            " ",
        ]
    return shown
