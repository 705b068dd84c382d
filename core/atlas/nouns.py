"""Columns and layers of an atlas in the words of a sentence: by what they mean, not by their names in the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.atlas.manifest import LayerInfo, Role
    from core.atlas.store import Atlas

ROLES: dict[Role, str] = {"cell_type": "Cell type", "group": "Group", "sample": "Sample"}
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# A full stop within a number, such as a resolution, stays.
_BLANKS = re.compile(r"_|\.(?!\d)")
_DONORS = re.compile(r"donor|patient|subject|individual", re.IGNORECASE)


def heading(atlas: Atlas, column: str) -> str:
    """Name a column at the head of a title or table: ``Cell type``, or as in the file where it has no role."""
    return next((ROLES[role] for role, name in atlas.manifest.roles.items() if name == column), column)


def menu_name(atlas: Atlas, column: str) -> str:
    """Name a column in a menu: ``Cell type (CellType)``, or as in the file where it has no role."""
    meant = heading(atlas, column)
    return column if meant == column else f"{meant} ({column})"


def noun_of(atlas: Atlas, column: str) -> str:
    """Return a column as a noun: ``cell type`` for that of the cell types, ``disease stage`` for DiseaseStage."""
    roles = atlas.manifest.roles
    if column == roles.get("cell_type"):
        return "cell type"
    if column == roles.get("sample"):
        return sample_noun(atlas)
    words = _CAMEL.sub(" ", _BLANKS.sub(" ", column)).split()
    # Abbreviations such as BMI keep their capitals.
    return " ".join(word if word.isupper() else word.lower() for word in words) or column


def sample_noun(atlas: Atlas) -> str:
    """Return ``donor`` where the samples of an atlas are donors by their name, else ``sample``."""
    return "donor" if _DONORS.search(atlas.manifest.roles.get("sample", "")) else "sample"


def plural(noun: str) -> str:
    """Return the plural of a noun."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"


def counted(n: int, noun: str) -> str:
    """Return a number with its noun: ``1 donor``, ``16 donors``."""
    return f"{n:,} {noun if n == 1 else plural(noun)}"


def categories_of(atlas: Atlas, column: str) -> str:
    """Return the categories of a column as a noun: ``cell types``, or ``categories of Zone`` where it has no role."""
    return plural(noun_of(atlas, column)) if column in atlas.manifest.roles.values() else f"categories of {column}"


def counted_categories(atlas: Atlas, column: str, n: int) -> str:
    """Count the categories of a column: ``17 cell types``, or ``3 categories of Zone`` where it has no role."""
    if column in atlas.manifest.roles.values():
        return counted(n, noun_of(atlas, column))
    return f"{counted(n, 'category')} of {column}"


def values_of(info: LayerInfo) -> str:
    """Describe the values of a layer in a sentence of a methods section."""
    which = "" if info.name == "expression" else f" (layer {info.name})"
    if info.unit == "log1p(CP10k)" and "expression is log1p(CP10k) of" in info.rule:
        return f"Raw counts were normalised to 10,000 counts per cell and transformed as ln(1 + x){which}."
    if info.unit == "log1p(CP10k)":
        return f"Expression values are ln(1 + counts per 10,000), as provided with the data{which}."
    if info.unit == "counts":
        return f"Expression values are raw counts{which}."
    kind = "scaled values" if info.signed else "values"
    return f"Expression is given as {kind} in the unit {info.unit}, as provided with the data{which}."
