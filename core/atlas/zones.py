"""Zones of the liver lobule, from the portal triad to the central vein, by the names that atlases give them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from core.atlas.name_words import words_of
from core.atlas.vocabulary import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

ZONES: Final = ("Periportal", "Midzonal", "Pericentral")
_WORDS: Final = (
    re.compile(r"\b(?:peri ?portal|portal|pp|zone ?1|z1)\b"),
    re.compile(r"\b(?:mid ?zonal|mid ?zone|mid ?lobular|mid|middle|intermediate|inter ?zonal|zone ?2|z2)\b"),
    re.compile(r"\b(?:peri ?central|central|centri ?lobular|peri ?venous|pc|cv|zone ?3|z3)\b"),
)
# Perivenous beside PP, and portal vein beside CV.
_VEIN: Final = re.compile(r"\bpv\b")
# Compared without case, blanks and punctuation.
COLUMNS: Final = (
    "zonation", "zone", "zones", "liverzonation", "liverzone", "hepatocytezonation", "hepatocytezone", "hepzone",
    "zonationgroup", "zonationlayer", "zonationscore", "zonationcoordinate", "zonationpseudotime", "lobulelayer",
    "lobularlayer", "lobulezone", "lobularzone", "lobuleposition", "lobularposition", "lobulecoordinate", "layer",
    "layers", "spatiallayer", "pseudospace", "pseudospatial", "eta", "portocentral", "portocentralaxis",
    "portalcentral", "portalcentralaxis",
)  # fmt: skip
# Of these, names that mean another thing elsewhere.
GENERIC: Final = ("zone", "zones", "layer", "layers", "spatiallayer", "pseudospace", "pseudospatial", "eta")
_NUMBERED: Final = re.compile(r"[a-z ]*?(\d{1,3})")
MIN_LAYERS, MAX_LAYERS = 3, 30


def is_zonation(column: str) -> bool:
    """Tell whether the name of a column is one of `COLUMNS`."""
    return plain(column) in COLUMNS


def zones_of(categories: Sequence[str]) -> dict[str, int]:
    """Map each category that names a zone to its place in `ZONES`; those that name none, or two, are left out.

    PV is a perivenous zone where another category is periportal, and a portal vein where another is central.
    """
    found: dict[str, int] = {}
    veins: list[str] = []
    for category in categories:
        words = words_of(category)
        places = [place for place, pattern in enumerate(_WORDS) if pattern.search(words)]
        if len(places) == 1:
            found[category] = places[0]
        elif not places and _VEIN.search(words):
            veins.append(category)
    portal, central = (place in found.values() for place in (0, 2))
    if portal != central:
        found |= dict.fromkeys(veins, 2 if portal else 0)
    return {category: found[category] for category in categories if category in found}


def layers_of(categories: Sequence[str]) -> dict[str, int] | None:
    """Map the categories of a column of numbered layers (``Layer 1``, ``2``) to their numbers.

    None unless every category has a number of its own and there are `MIN_LAYERS` to `MAX_LAYERS`. Which end is
    periportal is not said by the numbers.
    """
    found: dict[str, int] = {}
    for category in categories:
        match = _NUMBERED.fullmatch(words_of(category))
        if match is None:
            return None
        found[category] = int(match[1])
    return found if len(set(found.values())) == len(found) and MIN_LAYERS <= len(found) <= MAX_LAYERS else None
