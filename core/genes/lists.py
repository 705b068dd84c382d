"""Lists of genes as people paste them: from papers, spreadsheets and code.

A name may hold what else parts names, as in ``si:ch211-1 (1 of many)`` or ``HLA-A|HLA-B``. Such a name of the atlas is
found whole before the list is split, the longest first; quotes around a name say where it ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakKeyDictionary

from core.atlas.gene_index import not_found
from core.atlas.spelling import folded, tidied
from core.errors import InvalidQuery, UnknownGene

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from core.atlas.gene_index import GeneIndex

    _Compound: TypeAlias = dict[str, list[tuple[str, ...]]]

MAX_SUGGESTED = 8
# Blanks, commas, semicolons, pipes, quotes and brackets; a hyphen, a dot, a colon or a slash belongs to a name.
_BETWEEN = r"\s,;|\"'`“”‘’()\[\]{}、،؛"
_SEPARATORS = re.compile(rf"[{_BETWEEN}]+")
_ATOMS = re.compile(rf"[^{_BETWEEN}]+|[{_BETWEEN}]")
# An opening quote and the one that closes it.
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’"}
# Within quotes they part names in any case.
_STRONG = re.compile(r"[,;\n]")


@dataclass(frozen=True)
class GeneList:
    """Meaning of a pasted gene list in an atlas.

    Attributes
    ----------
    genes : display names, each once, in the order of the list
    unknown : names that are no gene here, with the nearest names of the first eight
    notes : a sentence for each name that is another name of a gene, taken or not: ``SREBP1 is an alias of SREBF1.``
    """

    genes: tuple[str, ...]
    unknown: tuple[tuple[str, tuple[str, ...]], ...]
    notes: tuple[str, ...] = ()


def words(text: str) -> list[str]:
    """Split a text into names, each once, by any separator."""
    return list(dict.fromkeys(filter(None, _SEPARATORS.split(tidied(text)))))


def canonical(text: str) -> str:
    """Return a list as it stands in an address: plain characters and single blanks, its separators kept.

    Without an atlas nobody knows which of the separators belong to names.
    """
    return " ".join(tidied(text).split())


def joined(genes: Iterable[str], between: str = ", ") -> str:
    """Write names as a list that reads back: those with separators in quotes."""
    return between.join(map(quoted, genes))


def quoted(name: str) -> str:
    """Return a name as it stands in a list; one that holds every kind of quotes is found whole without them."""
    if not _SEPARATORS.search(name):
        return name
    return next((f"{mark}{name}{mark}" for mark in "\"'`" if mark not in name), name)


def replaced(text: str, name: str, other: str) -> str:
    """Replace one name of a list by another."""
    pattern = rf"(?<![^{_BETWEEN}]){re.escape(name)}(?![^{_BETWEEN}])"
    return re.sub(pattern, lambda _: quoted(other), tidied(text))


def look_up(index: GeneIndex, text: str) -> GeneList:
    """Find the genes of a pasted list."""
    genes: dict[str, None] = {}
    unknown: dict[str, tuple[str, ...]] = {}
    notes: dict[str, None] = {}
    for word in _names(index, text):
        if other := index.other_name(word):
            notes[other.sentence] = None
            if other.sure:
                genes[other.genes[0]] = None
            else:
                unknown[word] = other.genes
            continue
        if len(unknown) >= MAX_SUGGESTED and not index.knows(word):
            unknown.setdefault(word, ())
            continue
        try:
            genes[index.names[index.resolve(word)]] = None
        except UnknownGene as error:
            unknown[word] = error.suggestions
        except InvalidQuery:  # the name of several genes
            unknown[word] = tuple(index.names[gene] for gene in index.search(word, limit=3))
    return GeneList(tuple(genes), tuple(unknown.items()), tuple(notes))


def require(index: GeneIndex, text: str) -> GeneList:
    """Find the genes of a pasted list that must hold at least one; raises what `at_least_one` raises."""
    return at_least_one(index, look_up(index, text))


def at_least_one(index: GeneIndex, found: GeneList) -> GeneList:
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
    what = not_found(name, index.atlas) if n == 1 else f"None of the {n:,} names was found in {index.atlas}."
    remedy = f"Did you mean {', '.join(near)}?" if near else "Check the species, or search by symbol or Ensembl id."
    raise UnknownGene(what, remedy, suggestions=near)


def _names(index: GeneIndex, text: str) -> Iterator[str]:
    """Yield the names of a list: quoted ones, the longest with separators that the atlas knows, and single words."""
    atoms: list[str] = _ATOMS.findall(tidied(text))
    compound = _compound(index)
    at = 0
    while at < len(atoms):
        n = _quoted_atoms(index, atoms, at)
        if n:
            yield "".join(atoms[at + 1 : at + n - 1])
        elif n := _known_atoms(compound, atoms, at):
            yield "".join(atoms[at : at + n])
        else:
            n = _labelled_atoms(index, atoms, at) or 1
            if not _SEPARATORS.fullmatch(atoms[at]):
                yield "".join(atoms[at : at + n])
        at += n


def _quoted_atoms(index: GeneIndex, atoms: Sequence[str], at: int) -> int:
    """Count the atoms of a name in quotes, both of them included; 0 where there is none."""
    mark = _QUOTES.get(atoms[at])
    if mark is None or mark not in atoms[at + 1 :]:
        return 0
    end = atoms.index(mark, at + 1)
    name = "".join(atoms[at + 1 : end])
    # Quotes around a list, or between two names, are no quotes of a name.
    if index.knows(name):
        return end - at + 1
    is_name = name.strip() and not _STRONG.search(name) and not any(map(index.knows, words(name)))
    return end - at + 1 if is_name and name == name.strip() else 0


def _known_atoms(compound: _Compound, atoms: Sequence[str], at: int) -> int:
    """Count the atoms of the longest name with separators that begins here; 0 where there is none."""
    for name in compound.get(atoms[at].casefold(), ()):
        here = atoms[at : at + len(name)]
        ends = at + len(name)
        is_whole = ends >= len(atoms) or any(map(_SEPARATORS.fullmatch, (atoms[ends], name[-1])))
        if is_whole and "\n" not in here and folded("".join(here)) == "".join(name):
            return len(name)
    return 0


def _labelled_atoms(index: GeneIndex, atoms: Sequence[str], at: int) -> int:
    """Count the atoms of ``SYMBOL (ID)``, which is one gene; 0 where that does not stand here."""
    shape = atoms[at + 1 : at + 5]
    is_labelled = len(shape) == 4 and (*shape[:2], shape[3]) == (" ", "(", ")")  # noqa: PLR2004 - blank, bracket, id, bracket
    return 5 if is_labelled and index.knows("".join(atoms[at : at + 5])) else 0


def _compound(index: GeneIndex) -> _Compound:
    """List the names with separators by their first atom, folded and as atoms, the longest first."""
    found = _kept.get(index)
    if found is None:
        found = {}
        for key in filter(_SEPARATORS.search, index.keys):
            atoms = tuple(_ATOMS.findall(key))
            found.setdefault(atoms[0], []).append(atoms)
        for names in found.values():
            names.sort(key=len, reverse=True)
        _kept[index] = found
    return found


# A removed atlas takes its names with it.
_kept: WeakKeyDictionary[GeneIndex, _Compound] = WeakKeyDictionary()
