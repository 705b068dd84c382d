"""The names of the simulated genes in mouse and zebrafish.

Written by hand for the genes of `core.demo.programs`, after the nomenclature of HGNC, MGI and ZFIN. Genes whose symbol
follows the rule in both species (``Cdh1`` in mouse, ``cdh1`` in zebrafish) are listed; all others have a row of their
own. Notable: fish have no serum albumin [1]_, the teleost genome duplication left many ``a`` and ``b`` paralogs [2]_,
the cytochrome P450 and class II histocompatibility families are not one to one between man and mouse (the row names the
functional counterpart [3]_), and C57BL/6 mice have no H2-E alpha chain, hence none for HLA-DRA.

References
----------
.. [1] Noel ES et al. Analysis of the albumin/alpha-fetoprotein/afamin/group specific component gene family in the
   context of zebrafish liver differentiation. Gene Expression Patterns 2010.
.. [2] Howe K et al. The zebrafish reference genome sequence and its relationship to the human genome. Nature 2013.
.. [3] Nelson DR et al. Comparison of cytochrome P450 (CYP) genes from the mouse and human genomes. Pharmacogenetics
   2004.
"""

from __future__ import annotations

from typing import Final

from core.demo.programs import human_genes
from core.genes.ortholog_table import ORTHOLOGS, Species

"""Human, mouse, zebrafish; paralogs separated by commas, ``-`` for none."""

_NATIVE: Final[dict[Species, dict[str, str]]] = {
    "human": {},
    "mouse": {
        "Mup3": "RBP4",
        "Mup20": "AMBP",
        "Adgre1": "C1QA",
        "Ly6c2": "FCN1",
        "Chil3": "S100A12",
        "Ly6g": "CXCR2",
        "Ngp": "CAMP",
        "Cd209a": "CD1C",
        "Klrb1b": "KLRF1",
        "Eif2s3y": "KDM5D",
    },
    "zebrafish": {
        "fabp10a": "ALB",
        "mfap4.1": "C1QC",
        "ccl34b.1": "MARCO",
        "grn1": "C1QB",
        "ighz": "IGHD",
    },
}
"""Genes without a counterpart in the human table, and the human gene whose expression pattern they borrow."""


"""Human symbol -> species -> its orthologs there; the table itself has no row for man."""


def genes(species: Species) -> list[tuple[str, str, int]]:
    """List the genes of a species.

    Returns
    -------
    (symbol, human gene whose pattern it follows, rank among the paralogs) for each gene; the rank counts from 0, and is
    -1 for a gene without paralogs.
    """
    if species == "human":
        return [(gene, gene, -1) for gene in human_genes()]
    found: list[tuple[str, str, int]] = []
    for human in human_genes():
        symbols = ORTHOLOGS[human][species]
        alone = len(symbols) == 1
        found += [(symbol, human, -1 if alone else rank) for rank, symbol in enumerate(symbols)]
    return found + [(symbol, human, -1) for symbol, human in _NATIVE[species].items()]


def one_to_one() -> dict[str, dict[Species, str]]:
    """Map each human gene with exactly one ortholog in mouse and in zebrafish to its symbol in each species.

    Genes with paralogs are left out: averaging them would invent a gene.
    """
    return {
        human: {"human": human, "mouse": ORTHOLOGS[human]["mouse"][0], "zebrafish": ORTHOLOGS[human]["zebrafish"][0]}
        for human in human_genes()
        if all(len(ORTHOLOGS[human][species]) == 1 for species in ("mouse", "zebrafish"))
    }
