"""Gene names that a spreadsheet has turned into dates: SEPT1 into 1-Sep, MARCH1 and MARC1 into 1-Mar.

Ziemann et al., Genome Biology 17:177 (2016). HGNC renamed these genes in 2020 (Bruford et al., Nature Genetics 52:754).
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Families of genes by the month that their names became, with the present and the former names.
_FAMILIES = {
    "mar": (("MARCHF{}", "MARCH{}", 11), ("MTARC{}", "MARC{}", 2)),
    "sep": (("SEPTIN{}", "SEPT{}", 14), ("SELENOF", "SEP15", 15)),
    "dec": (("DELEC{}", "DEC{}", 1),),
}
_DAY_FIRST = re.compile(r"(\d{1,2})[-. /](mar|sept?|dec)[a-z]*(?:[-. /]\d{2,4})?", re.IGNORECASE)
_MONTH_FIRST = re.compile(r"(mar|sept?|dec)[a-z]*[-. /](\d{1,2})(?:[-. /]\d{2,4})?", re.IGNORECASE)


class Date(NamedTuple):
    """Genes that a date may have been, present names first, and a sentence."""

    genes: tuple[str, ...]
    sentence: str


def meant(text: str) -> Date | None:
    """Tell which genes a date of a spreadsheet may have been; None for any other text."""
    name = text.strip()
    if found := _DAY_FIRST.fullmatch(name):
        number, month = found[1], found[2]
    elif found := _MONTH_FIRST.fullmatch(name):
        month, number = found[1], found[2]
    else:
        return None
    n = int(number)
    families = _FAMILIES[month.lower()[:3]]
    pairs = [(now.format(n), then.format(n)) for now, then, most in families if _has(now, n, most)]
    if not pairs:
        return None
    words = [now if now == then else f"{now} (formerly {then})" for now, then in pairs]
    genes = tuple(dict.fromkeys(each for pair in pairs for each in pair))
    return Date(genes, f"{name} is a date that a spreadsheet may have made of {' or '.join(words)}.")


def _has(name: str, number: int, most: int) -> bool:
    return 1 <= number <= most if "{}" in name else number == most
