"""Lists of genes as people paste them: from papers, spreadsheets and code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import InvalidQuery, UnknownGene

if TYPE_CHECKING:
    from core.genes import GeneIndex

MAX_SUGGESTED = 8
# Blanks, commas, semicolons, pipes, quotes and brackets; a hyphen, a dot, a colon or a slash belongs to a name.
_SEPARATORS = re.compile(r"[\s,;|\"'`“”‘’()\[\]{}]+")


@dataclass(frozen=True)
class GeneList:
    """What a pasted list means in an atlas.

    Attributes
    ----------
    genes : display names, each once, in the order of the list
    unknown : what is no gene here, with the nearest names; those are looked up for the first eight only
    """

    genes: tuple[str, ...]
    unknown: tuple[tuple[str, tuple[str, ...]], ...]


def words(text: str) -> list[str]:
    """The names in a text, each once, whatever stands between them."""
    return list(dict.fromkeys(filter(None, _SEPARATORS.split(text))))


def look_up(index: GeneIndex, text: str) -> GeneList:
    """Find the genes of a pasted list."""
    genes: dict[str, None] = {}
    unknown: list[tuple[str, tuple[str, ...]]] = []
    for word in words(text):
        if len(unknown) >= MAX_SUGGESTED and not index.search(word, limit=1):
            unknown.append((word, ()))
            continue
        try:
            genes[index.names[index.resolve(word)]] = None
        except UnknownGene as error:
            unknown.append((word, error.suggestions))
        except InvalidQuery:  # the name of several genes
            unknown.append((word, tuple(index.names[gene] for gene in index.search(word, limit=3))))
    return GeneList(tuple(genes), tuple(unknown))
