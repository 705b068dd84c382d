"""Contrast, covariates and pairing in each of two atlases that are compared gene by gene."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from core.analysis.design_columns import pairing_columns, usable_columns, usable_pairing
from core.analysis.matched_contrast import matched_sides
from core.analysis.pseudobulk import UnitParams
from core.analysis.sides import Sides
from core.errors import AtlasError
from core.urls.page_queries import split_names
from core.views.differences.state import NO_PAIRING, known_names, paired_of, paired_text
from core.views.resolve import Problem

if TYPE_CHECKING:
    from core.atlas.store import Atlas
    from core.urls.page_queries import SpeciesQuery

# What the parameters of the second atlas end with.
ENDS: Final = ("", "_2")
NAMES: Final = tuple(f"{name}{end}" for end in ENDS for name in ("covariates", "paired"))


@dataclass(frozen=True)
class PairDesign:
    """Covariates and pairing in one of the atlases.

    Attributes
    ----------
    usable, pairing : columns that may be covariates, and that may pair
    proposed : column of donors that pairs unless another is chosen; empty for none
    covariates, paired : those that are, and that does; empty for none
    """

    usable: tuple[str, ...]
    pairing: tuple[str, ...]
    proposed: str = ""
    covariates: tuple[str, ...] = ()
    paired: str = ""

    @property
    def free(self) -> list[str]:
        """Columns that may be covariates beside the pairing."""
        return [name for name in self.usable if name != self.paired]


def sides_of(first: Atlas, second: Atlas, query: SpeciesQuery) -> tuple[Sides, Sides]:
    """Find the contrast in both atlases; raises InvalidQuery without groups."""
    one = Sides.of(first, "", [query.one], [query.two])
    other = matched_sides(one, second, "", *([name] if name else [] for name in (query.one_2, query.two_2)))
    return one, other


def design_of(atlas: Atlas, sides: Sides, query: SpeciesQuery, end: str) -> PairDesign:
    """Find covariates and pairing of one atlas, whose parameters end with `end`."""
    found = _columns(atlas, sides)
    paired = paired_of(str(getattr(query, f"paired{end}")), found.proposed)
    return replace(found, covariates=split_names(str(getattr(query, f"covariates{end}"))), paired=paired)


def checked(first: Atlas, second: Atlas, query: SpeciesQuery, problems: list[Problem]) -> SpeciesQuery:
    """Leave out of an address the covariates and pairings that do not exist, and those that are proposed anyway."""
    if not any(getattr(query, name) for name in NAMES):
        return query
    try:
        both = sides_of(first, second, query)
    except AtlasError:  # the tab shows the error
        return query.but(**dict.fromkeys(NAMES, ""))
    for atlas, sides, end in zip((first, second), both, ENDS, strict=True):
        found = _columns(atlas, sides)
        paired, covariates = (str(getattr(query, f"{name}{end}")) for name in ("paired", "covariates"))
        if paired not in ("", NO_PAIRING, *found.pairing):
            problems.append(Problem(f"{paired[:60]!r} pairs no samples of {atlas.id}. It is left out."))
            paired = ""
        # The column that pairs is in the model already.
        free = tuple(name for name in found.usable if name != paired_of(paired, found.proposed))
        covariates = known_names(covariates, free, f"covariate of {atlas.id}", problems)
        query = query.but(**{f"paired{end}": paired_text(paired, found.proposed), f"covariates{end}": covariates})
    return query


def _columns(atlas: Atlas, sides: Sides) -> PairDesign:
    sample = atlas.manifest.roles.get("sample", "")
    if not sample:
        return PairDesign((), ())
    units = UnitParams(sides, sample)
    proposed = next(iter(pairing_columns(atlas, units)), "")
    return PairDesign(tuple(usable_columns(atlas, units)), tuple(usable_pairing(atlas, units)), proposed)
