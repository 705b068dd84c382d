"""Tabs of the page Species: one row a tab, and a module a tab that builds its panel, ``pages/_species_<key>.py``.

The callbacks of a tab are ``callbacks/species/<key>.py``; the keys are those of `core.views.species.state.TABS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pages import _species_auroc as auroc
from pages import _species_card as card
from pages import _species_concordance as concordance
from pages import _species_conserved as conserved
from pages import _species_dots as dots
from pages import _species_types as types
from pages._ids_species import Species as Id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dash.development.base_component import Component


@dataclass(frozen=True)
class Tab:
    """A tab: its key in the address, its words, the id of its panel, and what builds the panel."""

    key: str
    words: str
    panel: Id
    build: Callable[[], Sequence[Component]]


TABS: Final = (
    Tab("card", "Orthologs", Id.CARD_TAB, card.panel),
    Tab("dots", "Dot plot", Id.DOTS_TAB, dots.panel),
    Tab("types", "Cell types", Id.TYPES_TAB, types.panel),
    Tab("auroc", "AUROC", Id.AUROC_TAB, auroc.panel),
    Tab("concordance", "Changes", Id.CONCORDANCE_TAB, concordance.panel),
    Tab("conserved", "Correlates", Id.CONSERVED_TAB, conserved.panel),
)
