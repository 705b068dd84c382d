"""Cell selected on a map: annotations and most highly expressed genes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.cell_profile import CellParams
from core.services.memoized import answer

if TYPE_CHECKING:
    from typing import Any

    from core.services.container import Services
    from core.views.explore.state import ExploreView


def compute(services: Services, view: ExploreView, index: int) -> dict[str, Any]:
    """Look up a cell by its position in the atlas; see `core.analysis.cell_profile.cell_card` for the fields."""
    return answer(services, view.atlas, CellParams.of(view.atlas, index, view.query.layer)).value
