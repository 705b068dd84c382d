"""Tabs of the page Differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages import (
    _differences_activity,
    _differences_composition,
    _differences_enrichment,
    _differences_genes,
    _differences_samples,
)
from pages._ids_differences import Differences as Id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dash.development.base_component import Component


@dataclass(frozen=True)
class Tab:
    """One tab: its words, the id of its panel, and the function that lays it out."""

    words: str
    panel: Id
    content: Callable[[], Sequence[Component]]


# In their order on the page; the keys are those of `core.views.differences.state.TABS`.
TABS = {
    "genes": Tab("Genes", Id.GENES_TAB, _differences_genes.content),
    "enrichment": Tab("Enrichment", Id.ENRICHMENT_TAB, _differences_enrichment.content),
    "activity": Tab("Activity", Id.ACTIVITY_TAB, _differences_activity.content),
    "samples": Tab("Samples", Id.SAMPLES_TAB, _differences_samples.content),
    "composition": Tab("Composition", Id.COMPOSITION_TAB, _differences_composition.content),
}
