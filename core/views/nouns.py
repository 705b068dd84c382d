"""Columns of an atlas as nouns of a sentence, and the values of a layer as a sentence of a methods section."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.atlas.manifest import LayerInfo
    from core.atlas.store import Atlas

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DONORS = re.compile(r"donor|patient|subject|individual", re.IGNORECASE)


def noun_of(atlas: Atlas, column: str) -> str:
    """Return a column as a noun: ``cell type`` for that of the cell types, ``disease stage`` for DiseaseStage."""
    roles = atlas.manifest.roles
    if column == roles.get("cell_type"):
        return "cell type"
    if column == roles.get("sample"):
        return sample_noun(atlas)
    words = _CAMEL.sub(" ", column.replace("_", " ").replace(".", " ")).split()
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
