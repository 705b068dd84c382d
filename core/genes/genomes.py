"""Genomes in front of gene names, as Cell Ranger writes them for several genomes at once: ``GRCh38_ALB``."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.atlas.manifest import Species

GENOMES: dict[str, Species] = {
    "GRCh38": "human", "GRCh37": "human", "hg38": "human", "hg19": "human", "T2T": "human",
    "GRCm39": "mouse", "GRCm38": "mouse", "mm39": "mouse", "mm10": "mouse", "mm9": "mouse",
    "GRCz11": "zebrafish", "GRCz10": "zebrafish", "danRer11": "zebrafish", "danRer10": "zebrafish",
}  # fmt: skip
_KNOWN = {genome.casefold(): genome for genome in GENOMES}
_PREFIXED = re.compile(rf"({'|'.join(GENOMES)})(?:[-_.]+|:)([^-_.].*)", re.IGNORECASE)
# Spike-ins, antibodies and transgenes have no genome in front.
_SHARE = 0.8


def split_genome(gene: str) -> tuple[str, str]:
    """Return genome and name of ``GRCh38_ALB``; an empty genome where there is none."""
    found = _PREFIXED.fullmatch(gene)
    return (_KNOWN[found[1].casefold()], found[2]) if found else ("", gene)


def genomes_of(genes: Sequence[str]) -> set[str]:
    """Find the genomes in front of the names; none where fewer than four in five names have one."""
    counts = Counter(genome for gene in genes if (genome := split_genome(gene)[0]))
    return set(counts) if counts.total() >= max(1, _SHARE * len(genes)) else set()


def without_genome(genes: Sequence[str]) -> list[str] | None:
    """Take the genome off the names where they all have the same; None where there is none, or several."""
    return [split_genome(gene)[1] for gene in genes] if len(genomes_of(genes)) == 1 else None
