"""Lineages of the cells of a liver, derived from the names of cell types in human, mouse and zebrafish atlases.

A name counts where whole words of it are known and point to one lineage only. Names that are unknown, name cells of two
lineages, or name something that is no cell type (a doublet) are `OTHER`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from core.atlas.name_words import words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

# Name of the derived column; no categories of a file are called so.
LINEAGE: Final = "Lineage (by name)"
HEPATOCYTE: Final = "Hepatocyte"
OTHER: Final = "Other"
# Raise it with every change of the vocabulary: browsers keep the colours of a column under it.
VERSION: Final = 1

# A number may follow a name, as in Hep1, and a plural s.
_END: Final = r"s?\d{0,2}\b"
_SUBSETS: Final = (
    r"(?:cd[348]|gd|gamma delta|ab|alpha beta|naive|memory|effector|cytotoxic|regulatory|helper|resident|exhausted|"
    r"proliferating|cycling|activated)"
)
_STAGES: Final = r"(?:mature|immature|naive|memory|germinal cent(?:er|re)|follicular|activated|pre|pro)"

# Words of each lineage, in their order on the page. Those of the second group are of the liver alone.
_VOCABULARY: Final[tuple[tuple[str, str, str], ...]] = (
    (HEPATOCYTE, rf"\bhep(?:atocyte)?{_END}", r"\bhep"),
    ("Cholangiocyte", rf"\bcholangiocyte{_END}|\b(?:bile duct|biliary|ductular)\b", r"\b(?:cholangio|bil)"),
    (
        "Endothelial",
        rf"\bendotheli(?:al|um|a)\b|\b[tm]?lsec{_END}|\bsinusoidal\b|\bec{_END}",
        r"\b[tm]?lsec|\bsinusoidal",
    ),
    (
        "Mesenchymal",
        rf"\bstellate\b|\b[aq]?hsc{_END}|\b(?:myo)?fibroblast{_END}|\bv?smc{_END}|\bsmooth muscle\b|\bpericyte{_END}|"
        r"\bmural\b|\bmesenchym(?:e|al)\b",
        r"\bstellate",
    ),
    (
        "Macrophage/monocyte",
        rf"\bkupffer\b|\bkc{_END}|\bmacrophage{_END}|\bmac{_END}|\bmonocyt(?:e{_END}|ic\b)|\bmono{_END}|\bmdm{_END}|"
        rf"\bmomf{_END}|\b[ls]am{_END}|\bmononuclear phagocyte{_END}|^mps?\d{{0,2}}$",
        r"\bkupffer",
    ),
    (
        "T/NK",
        rf"\bt cell{_END}|\btcell{_END}|\bt lymphocyte{_END}|^t\b|\b{_SUBSETS} t\b|\btreg{_END}|\bmait{_END}|"
        rf"\bnkt?{_END}|\bnk(?:t )?cell{_END}|\bnatural killer\b",
        "",
    ),
    (
        "B/plasma",
        rf"\bb cell{_END}|\bbcell{_END}|\bb lymphocyte{_END}|^b$|\b{_STAGES} b$|\bplasma cell{_END}|"
        rf"\bplasmacell{_END}|\bplasmablast{_END}|^plasma$|\bantibody secreting\b",
        "",
    ),
)
_KNOWN: Final = tuple((name, re.compile(pattern)) for name, pattern, _ in _VOCABULARY)
_OF_LIVER: Final = {name: re.compile(pattern) for name, _, pattern in _VOCABULARY if pattern}
LINEAGES: Final = (*(name for name, _ in _KNOWN), OTHER)
_NO_TYPE: Final = re.compile(
    r"\b(?:doublets?|multiplets?|contaminat\w*|ambient|debris|low quality|unknown|unassigned|unclassified|carcinoma|"
    r"tumou?r|malignant|cancer|non (?:hepatocyte|parenchymal|endothelial|immune)\w*)\b"
)
# HSC is a stellate cell in most atlases of the liver, and a stem cell of blood in those that name other such cells.
_BLOOD_STEM: Final = re.compile(r"\b(?:ha?ematopoietic|hspcs?|mpps?|hematopoiesis|erythro\w*)\b")
_HSC: Final = re.compile(rf"\bhsc{_END}")


def lineages_of(cell_types: Sequence[str]) -> dict[str, str]:
    """Map the names of the cell types of an atlas to `LINEAGES`; every name is in the result."""
    words = {name: words_of(name) for name in cell_types}
    of_blood = any(_BLOOD_STEM.search(text) for text in words.values())
    return {name: _lineage(text, of_blood=of_blood) for name, text in words.items()}


def are_of_liver(found: dict[str, str]) -> bool:
    """Tell whether two lineages or more are known, and a cell type of the liver alone is among them."""
    known = {lineage for lineage in found.values() if lineage != OTHER}
    own = any(lineage in _OF_LIVER and _OF_LIVER[lineage].search(words_of(name)) for name, lineage in found.items())
    return len(known) > 1 and own


def _lineage(words: str, *, of_blood: bool) -> str:
    if _NO_TYPE.search(words) or (of_blood and (_HSC.search(words) or _BLOOD_STEM.search(words))):
        return OTHER
    found = [name for name, pattern in _KNOWN if pattern.search(words)]
    return found[0] if len(found) == 1 else OTHER
