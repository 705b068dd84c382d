"""The species of a file: its organism, its genome, its Ensembl ids, else genes that only one species has.

Case decides nothing alone: ALB may be a human gene or one of a mouse atlas in capitals, and Alb one of a rat. Genes
whose names differ between species otherwise than in case do: TP53 and Trp53, HLA-A and H2-K1, ZNF10 and Zfp110.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from core.atlas.vocabulary import ENSEMBL, plain
from core.genes.genomes import GENOMES, genomes_of
from core.genes.ortholog_table import ORTHOLOGS
from core.genes.species_marks import NAMES, PATTERNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.atlas.manifest import Species

_OF_ENSEMBL: dict[str, Species] = {"ENSG": "human", "ENSMUSG": "mouse", "ENSDARG": "zebrafish"}
_WORDS: dict[str, Species] = {
    "homosapiens": "human", "human": "human", "hsapiens": "human", "ncbitaxon9606": "human", "9606": "human",
    "musmusculus": "mouse", "mouse": "mouse", "mmusculus": "mouse", "ncbitaxon10090": "mouse", "10090": "mouse",
    "daniorerio": "zebrafish", "zebrafish": "zebrafish", "drerio": "zebrafish", "ncbitaxon7955": "zebrafish",
    "7955": "zebrafish",
    **{plain(genome): species for genome, species in GENOMES.items()},
}  # fmt: skip
# Other organisms that are named as organisms are: by their taxon or by two Latin words.
_ORGANISM = re.compile(r"NCBITaxon:\d+|[A-Z][a-z]+[ _][a-z]+", re.ASCII)
_MAJORITY = 0.5
# A few genes do not identify a species by their names.
MIN_GENES = 50
# Two species in one file: each has so many marks, and this share of all.
_MIN_SHARED, _SHARE = 10, 0.2
_COUNTED: tuple[Species, ...] = ("human", "mouse", "zebrafish")


class Told(NamedTuple):
    """A species, and what it was told from; empty where nothing told it."""

    species: Species
    by: str


def guess_species(organisms: Iterable[str], gene_ids: Sequence[str], symbols: Sequence[str] = ()) -> Told:
    """Tell the species of a file, ``other`` where nothing does.

    Parameters
    ----------
    organisms
        Names of organisms, taxa or genomes that the file gives.
    gene_ids
        The names in the index of the genes.
    symbols
        Their symbols, where the index holds ids.

    Returns
    -------
    The species: ``integrated`` for several organisms or genomes in one file.

    Notes
    -----
    In order: the organisms; genomes in front of the names (``GRCh38_ALB``); Ensembl prefixes of the majority; from 50
    genes on, names that one species alone has (`species_marks`), which must be twice as many as those of any other;
    without any, capitals with known human genes among them are human, Capitalised names mouse and small ones zebrafish.
    """
    named = [each for each in organisms if each.strip()]
    known: set[Species] = {species for each in named if (species := _of_word(each))}
    if known:
        return Told(known.pop(), "its organism") if len(known) == 1 else Told("integrated", "its organisms")
    if any(_ORGANISM.fullmatch(each.strip()) for each in named):
        return Told("other", "its organism")
    genomes: set[Species] = {GENOMES[genome] for genome in genomes_of(gene_ids)}
    if genomes:
        return Told(genomes.pop(), "the genome in its gene names") if len(genomes) == 1 else _SEVERAL_GENOMES
    return _of_ids(gene_ids) or _of_names([*gene_ids, *symbols])


_SEVERAL_GENOMES = Told("integrated", "the genomes in its gene names")
_UNKNOWN = Told("other", "")


def _of_word(text: str) -> Species | None:
    word = plain(text)
    if word in _WORDS:
        return _WORDS[word]
    latin = ("homosapiens", "musmusculus", "daniorerio")
    return next((_WORDS[name] for name in latin if word.startswith(name)), None)


def _of_ids(gene_ids: Sequence[str]) -> Told | None:
    """Read the species off the Ensembl ids; None where they are not the majority."""
    votes = Counter(prefix for gene in gene_ids if (prefix := _prefix(gene)))
    n = votes.total()
    if n <= _MAJORITY * len(gene_ids):
        return None
    found: dict[Species, int] = {
        species: votes[prefix] for prefix, species in _OF_ENSEMBL.items() if votes[prefix] >= _SHARE * n
    }
    if len(found) > 1:
        return Told("integrated", "its Ensembl ids")
    species = next(iter(found), None)
    return Told(species, "its Ensembl ids") if species and found[species] > _MAJORITY * n else Told("other", "its ids")


def _prefix(gene: str) -> str:
    if not ENSEMBL.fullmatch(gene):
        return ""
    prefix = re.match(r"[A-Z]+", gene.upper())
    return prefix.group() if prefix else ""


def _of_names(genes: Sequence[str]) -> Told:
    names = {gene.partition(" (")[0] for gene in genes if not ENSEMBL.fullmatch(gene) and not gene.isdigit()}
    if len(names) < MIN_GENES:
        return _UNKNOWN
    counts = marks(names)
    ranked = counts.most_common(2)
    if not ranked:
        return _of_case(names)
    (best, n), second = ranked[0], ranked[1][1] if len(ranked) > 1 else 0
    if min(n, second) >= _MIN_SHARED and second >= _SHARE * counts.total() and best in _COUNTED:
        return Told("integrated", "genes of two species")
    if n < 2 * second:
        return _UNKNOWN
    return Told(best, f"{n:,} genes that only this species has" if best != "other" else "genes of other species")


def marks(names: Iterable[str]) -> Counter[Species]:
    """Count the names that one species alone has, whatever their case."""
    counts: Counter[Species] = Counter()
    for name in names:
        upper = name.upper()
        for species, pattern in PATTERNS.items():
            if upper in _own_names()[species] or pattern.fullmatch(upper):
                counts[species] += 1
    return counts


@lru_cache(maxsize=1)
def _own_names() -> Mapping[Species, frozenset[str]]:
    """Names in capitals that one species alone has: those known, and orthologs that differ not merely in case."""
    human = {gene.upper() for gene in ORTHOLOGS}
    mouse = {gene.upper() for found in ORTHOLOGS.values() for gene in found["mouse"]}
    return {**NAMES, "mouse": NAMES["mouse"] | (mouse - human)}


def spelled_like(names: Iterable[str]) -> Species:
    """Return the species that spells its genes so: capitals for human, Capitalised mouse, small letters zebrafish."""
    lettered = [name for name in names if len(name) > 2 and name[0].isalpha()]  # noqa: PLR2004 - two letters say little
    spelled: Counter[Species] = Counter(
        "human" if name.isupper() else "zebrafish" if name.islower() else "mouse" if name[0].isupper() else "other"
        for name in lettered
    )
    usual, n = spelled.most_common(1)[0] if spelled else ("other", 0)
    return usual if len(lettered) >= MIN_GENES and n > _MAJORITY * len(lettered) else "other"


def _of_case(names: set[str]) -> Told:
    """Tell the species of names that all could have: by the usual spelling, and never human without a known gene."""
    species = spelled_like(names)
    if species == "human":
        return Told(species, "known human genes") if ORTHOLOGS.keys() & names else _UNKNOWN
    return _UNKNOWN if species == "other" else Told(species, "the spelling of its genes")
