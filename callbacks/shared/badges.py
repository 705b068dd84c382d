"""Badges at the start of every headline: simulated cells, or a sample of the cells of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from pages._controls import simulated_badge

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.atlas.manifest import Manifest


def badges(manifest: Manifest) -> list[Component | str]:
    """Mark cells that are simulated, or a sample of the cells of their file; empty for other atlases."""
    shown: list[Component | str] = [simulated_badge(), " "] if manifest.simulated else []
    if manifest.subset:
        how = f"drawn by {' and '.join(manifest.subset.columns)}" if manifest.subset.columns else "drawn at random"
        title = f"{manifest.cells_in_words}, {how}: counts and fractions are those of the sample."
        shown += [
            html.Span(f"SAMPLE of {manifest.subset.n_source_cells:,} cells", className="simulated", title=title),
            " ",
        ]
    return shown
