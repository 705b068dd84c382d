"""Lists of genes as people paste them: from papers, spreadsheets and code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import InvalidQuery, UnknownGene

if TYPE_CHECKING:
    from core.atlas.gene_index import GeneIndex

MAX_SUGGESTED = 8
# Blanks, commas, semicolons, pipes, quotes and brackets; a hyphen, a dot, a colon or a slash belongs to a name.
_BETWEEN = r"\s,;|\"'`“”‘’()\[\]{}"
_SEPARATORS = re.compile(rf"[{_BETWEEN}]+")


@dataclass(frozen=True)
class GeneList:
    """Meaning of a pasted gene list in an atlas.

    Attributes
    ----------
    genes : display names, each once, in the order of the list
    unknown : names that are no gene here, with the nearest names of the first eight
    """

    genes: tuple[str, ...]
    unknown: tuple[tuple[str, tuple[str, ...]], ...]


def words(text: str) -> list[str]:
    """Split a text into names, each once, by any separator."""
    return list(dict.fromkeys(filter(None, _SEPARATORS.split(text))))


def replaced(text: str, name: str, other: str) -> str:
    """Replace one name of a list by another."""
    return re.sub(rf"(?<![^{_BETWEEN}]){re.escape(name)}(?![^{_BETWEEN}])", lambda _: other, text)


def look_up(index: GeneIndex, text: str) -> GeneList:
    """Find the genes of a pasted list."""
    genes: dict[str, None] = {}
    unknown: list[tuple[str, tuple[str, ...]]] = []
    for word in words(text):
        if len(unknown) >= MAX_SUGGESTED and not index.knows(word):
            unknown.append((word, ()))
            continue
        try:
            genes[index.names[index.resolve(word)]] = None
        except UnknownGene as error:
            unknown.append((word, error.suggestions))
        except InvalidQuery:  # the name of several genes
            unknown.append((word, tuple(index.names[gene] for gene in index.search(word, limit=3))))
    return GeneList(tuple(genes), tuple(unknown))


def require(index: GeneIndex, text: str) -> GeneList:
    """Find the genes of a pasted list that must hold at least one; raises what `at_least_one` raises."""
    return at_least_one(look_up(index, text))


def at_least_one(found: GeneList) -> GeneList:
    """Return the same list, if it has a gene.

    Raises
    ------
    InvalidQuery
        There was no name in the text.
    UnknownGene
        None of the names is a gene here; carries the names nearest to the first.
    """
    if found.genes:
        return found
    if not found.unknown:
        raise InvalidQuery("The list contains no gene.", "Give symbols or Ensembl ids, such as ALB, CYP2E1.")
    n, (name, near) = len(found.unknown), found.unknown[0]
    what = f"This atlas has no gene {name[:80]!r}" if n == 1 else f"None of the {n:,} names is a gene of this atlas"
    remedy = f"Did you mean {', '.join(near)}?" if near else "Check the species, or search by symbol or Ensembl id."
    raise UnknownGene(f"{what}.", remedy, suggestions=near)
