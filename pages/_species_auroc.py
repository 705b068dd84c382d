"""Tab AUROC of the page Species: whether the cell types of two atlases match at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages._ids_species import Species as Id
from pages._species_pair import cards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

IDS = (
    Id.AUROC,
    Id.AUROC_FAULT,
    Id.AUROC_TITLE,
    Id.AUROC_NOTE,
    Id.AUROC_CSV,
    Id.AUROC_TABLE,
    Id.AUROC_TABLE_NOTE,
)


def panel() -> Sequence[Component]:
    """Build the panel without data."""
    return cards("type_auroc", "Matrix of AUROC", IDS)
