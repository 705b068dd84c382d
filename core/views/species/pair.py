"""Two atlases of the page Species, their matched cell types and contrasts, and how alike the types are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.analysis.matched_contrast import of_types
from core.errors import InvalidQuery
from core.services import match_verdicts
from core.views.species.pair_design import ENDS, design_of, sides_of
from core.views.species.pair_query import rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.analysis.differences import DifferencesParams
    from core.analysis.sides import Sides
    from core.atlas.store import Atlas
    from core.services.container import Services
    from core.services.match_verdicts import Verdict
    from core.views.species.state import SpeciesView

NO_OTHER = "No other atlas is chosen."
CHOOSE = "Choose one under “Compared with”."


@dataclass(frozen=True, eq=False)
class Pair:
    """Two atlases and a matched cell type.

    Attributes
    ----------
    cell_type, types_2 : of the first atlas, and those of the second that match it
    rows : cell types of the first that have a match
    """

    view: SpeciesView
    second: Atlas
    cell_type: str
    types_2: tuple[str, ...]
    rows: tuple[str, ...]

    @property
    def first(self) -> Atlas:
        """The reference."""
        return self.view.atlas

    @property
    def types(self) -> str:
        """The matched types, for a sentence."""
        other = " + ".join(self.types_2)
        return self.cell_type if other == self.cell_type else f"{self.cell_type} and {other}"

    def facts(self) -> dict[str, object]:
        """Describe the second atlas and the match, as parameters of a figure."""
        manifest = self.second.manifest
        return {
            "other": manifest.id,
            "other_title": manifest.title,
            "other_content_hash": manifest.content_hash,
            "other_simulated": manifest.simulated,
            "cell_type": self.cell_type,
            "cell_types": list(self.rows),
            "cell_type_2": list(self.types_2),
        }


def second_of(view: SpeciesView) -> Atlas:
    """Open the second atlas of a view; raises InvalidQuery where no atlas is compared."""
    name = view.query.second or next(iter(view.query.beside), "")
    if not name:
        raise InvalidQuery(NO_OTHER, CHOOSE)
    return view.services.catalog.get(name)


def pair_of(view: SpeciesView) -> Pair:
    """Find the pair of a view.

    Raises
    ------
    InvalidQuery
        No atlas is compared, or no cell type matches.
    """
    second = second_of(view)
    found = view.matching
    rows = rows_of(found, second.id)
    if not rows:
        raise InvalidQuery(
            f"No cell type of {view.atlas.id} matches one of {second.id}.", "Set a match in the tab Cell types."
        )
    cell_type = view.query.cell_type if view.query.cell_type in rows else rows[0]
    return Pair(view, second, cell_type, found.of(cell_type, second.id).types, rows)


def contrasts(pair: Pair) -> tuple[DifferencesParams, DifferencesParams]:
    """Make the parameters of the differences in both atlases; raises InvalidQuery without groups."""
    query, (one, other) = pair.view.query, sides_of(pair.first, pair.second, pair.view.query)

    def params(atlas: Atlas, sides: Sides, types: Sequence[str], end: str) -> DifferencesParams:
        design = design_of(atlas, sides, query, end)
        return of_types(atlas, sides, types, covariates=design.covariates, paired=design.paired)

    return params(pair.first, one, [pair.cell_type], ENDS[0]), params(pair.second, other, pair.types_2, ENDS[1])


def judged(services: Services, pair: Pair) -> Verdict | None:
    """Judge the match of a pair: what every view of two atlases says beside its result."""
    return match_verdicts.judged(services, pair.first, pair.second, [pair.cell_type], pair.types_2)
