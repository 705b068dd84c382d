"""Other names of genes: aliases, names of proteins, former symbols and Ensembl ids, as people type them.

The fetched names (`core.genes.names`) come first. A small table of human liver genes comes with the program: curated by
hand from the approved symbols, alias symbols and Ensembl ids of HGNC (https://www.genenames.org), release of 2024, and
compared with NCBI's gene_info. It holds names of proteins, which gene_info does not.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from core.atlas.gene_index import OtherName, is_ensembl
from core.atlas.spelling import cleaned, folded
from core.atlas.vocabulary import plain
from core.genes import dates
from core.genes.names import NO_NAMES
from core.genes.orthologs import counterparts

if TYPE_CHECKING:
    from core.atlas.gene_index import GeneIndex
    from core.atlas.store import Atlas
    from core.genes.names import Names
    from core.genes.ortholog_table import Species
    from core.genes.orthologs import Orthologs

# Symbol, Ensembl id, and other names separated by commas.
_TABLE = """
ABCB11 ENSG00000073734 BSEP
ABCC2 ENSG00000023839 MRP2
ACTA2 ENSG00000107796 aSMA,α-SMA,alpha-SMA,alpha smooth muscle actin
ADGRE1 ENSG00000174837 EMR1
AFP ENSG00000081051 alpha-fetoprotein,α-fetoprotein
ALB ENSG00000163631 albumin
APOA1 ENSG00000118137 apolipoprotein A1,apoA-I
ASGR1 ENSG00000141505 asialoglycoprotein receptor
CD163 ENSG00000177575 M130
CD3D ENSG00000167286 CD3 delta
CD68 ENSG00000129226 macrosialin
CD79A ENSG00000105369 MB1
CLEC4G ENSG00000182566 LSECtin
COL1A1 ENSG00000108821 collagen I,type I collagen
CYP2E1 ENSG00000130649 CYP2E
CYP3A4 ENSG00000160868 CYP3A3
DCN ENSG00000011465 decorin
DES ENSG00000175084 desmin
EPCAM ENSG00000119888 CD326,TACSTD1
FABP1 ENSG00000163586 L-FABP,LFABP
GLUL ENSG00000135821 GS,glutamine synthetase
GPNMB ENSG00000136235 osteoactivin
HNF4A ENSG00000101076 HNF4
HSD17B13 ENSG00000170509 SCDR9
JCHAIN ENSG00000132465 IGJ
KRT18 ENSG00000111057 CK18,cytokeratin 18,K18
KRT19 ENSG00000171345 CK19,cytokeratin 19,K19
KRT7 ENSG00000135480 CK7,cytokeratin 7,K7
KRT8 ENSG00000170421 CK8,cytokeratin 8,K8
LRAT ENSG00000121207 lecithin retinol acyltransferase
LYVE1 ENSG00000133800 XLKD1
MARCO ENSG00000019169 SCARA2
MRC1 ENSG00000260314 CD206
NKG7 ENSG00000105374 GMP-17
NR1H4 ENSG00000012504 FXR
PDGFRB ENSG00000113721 PDGFR-β,CD140b
PECAM1 ENSG00000261371 CD31
PLIN2 ENSG00000147872 ADRP,ADFP,perilipin 2,adipophilin
PNPLA3 ENSG00000100344 adiponutrin
PPARA ENSG00000186951 PPARα,PPAR-alpha
PTPRC ENSG00000081237 CD45
S100A8 ENSG00000143546 MRP8,calgranulin A
SERPINA1 ENSG00000197249 A1AT,AAT,alpha-1 antitrypsin
SLC10A1 ENSG00000100652 NTCP
SLC2A2 ENSG00000163581 GLUT2
SLCO1B1 ENSG00000134538 OATP1B1,OATP2
SPP1 ENSG00000118785 OPN,osteopontin
STAB2 ENSG00000136011 stabilin-2
TAGLN ENSG00000149591 SM22
TREM2 ENSG00000095970 TREM-2
TTR ENSG00000118271 transthyretin,prealbumin
VIM ENSG00000026025 vimentin
VWF ENSG00000110799 von Willebrand factor
"""
# Names of the table that other genes bear as well, by NCBI's gene_info of 2023: such a name is offered, never taken.
_SHARED = """
ASMA ACTA1
GS APC
K7 RBPJP4
K8 HOXB2
M130 PPP1R12A
MB1 PSMB5
MRP2 KLHL1,SYCE1L
MRP8 ABCC8,ABCC11
"""


@cache
def _symbols() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Map each other name to its symbols: as it is spelled, and without case and punctuation."""
    spelled: dict[str, tuple[str, ...]] = {}
    loose: dict[str, tuple[str, ...]] = {}
    rows = [line.split(" ", 2) for line in _TABLE.strip().splitlines()]
    for name, symbol in [(name, symbol) for symbol, id_, names in rows for name in (id_, *names.split(","))]:
        spelled[name] = loose[plain(name)] = tuple(dict.fromkeys((*loose.get(plain(name), ()), symbol)))
    for name, symbols in (line.split(" ", 1) for line in _SHARED.strip().splitlines()):
        spelled[name] = loose[plain(name)] = (*loose[plain(name)], *symbols.split(","))
    return spelled, loose


def built_in(text: str) -> tuple[str, ...]:
    """Return the human symbols of another name or an Ensembl id by the small table; empty where it has none.

    A name that is spelled as in the table goes before one that differs in case, blanks, hyphens and dots. The version
    of an id is ignored.
    """
    name = folded(text)
    if is_ensembl(name):
        name = name.partition(".")[0]
    spelled, loose = _symbols()
    return spelled.get(cleaned(text)) or loose.get(plain(name), ())


def symbols_of(text: str, names: Names) -> tuple[str, ...]:
    """Return the human symbols of another name: of the fetched names and of the small table.

    A name that is the current symbol of a gene is no other name. One that the small table spells so is meant as the
    liver literature means it, unless the table itself has several genes for it.
    """
    if names.is_symbol(text, "human"):
        return ()
    spelled, _ = _symbols()
    curated = spelled.get(cleaned(text), ())
    if len(curated) == 1 and curated[0] not in names.symbols(text, "human") and names.symbols(text, "human"):
        return curated
    return tuple(dict.fromkeys((*names.symbols(text, "human"), *built_in(text))))


def symbol_of(text: str, names: Names = NO_NAMES) -> str:
    """Return the approved human symbol of another name or an Ensembl id; empty where there is none, or several."""
    found = symbols_of(text, names)
    return found[0] if len(found) == 1 else ""


def beginning(text: str, names: Names = NO_NAMES) -> list[str]:
    """List the symbols whose other names begin with what has been typed, of three characters or more; exact first."""
    wanted = plain(folded(text))
    exact = list(symbols_of(text, names))
    if len(wanted) < 3:  # noqa: PLR2004 - two letters begin the names of too many genes
        return exact
    found = [symbol for name, symbols in sorted(_symbols()[1].items()) if name.startswith(wanted) for symbol in symbols]
    return list(dict.fromkeys(exact + found))


def here(atlas: Atlas, text: str, orthologs: Orthologs) -> tuple[str, ...]:
    """Return the genes of an atlas that have this other name, in the spelling of its species; empty for none.

    Of a name that several genes bear all are listed; `explained` says so.
    """
    found: dict[str, None] = {}
    for symbol in symbols_of(text, orthologs.names):
        if atlas.genes.knows(symbol):
            found[atlas.genes.names[atlas.genes.resolve(symbol, other=False)]] = None
        else:
            found |= dict.fromkeys(counterparts(atlas, symbol, orthologs).here)
    return tuple(found)


def explained(text: str, names: Names) -> str:
    """Say in a sentence of which human gene, or genes, a name is another name; empty where it is none."""
    found = symbols_of(text, names)
    if not found:
        return ""
    name = cleaned(text)[:80]
    what = "the Ensembl id" if is_ensembl(name) else "an alias"
    if len(found) == 1:
        return f"{name} is {what} of {found[0]}."
    return f"{name} is {what} of {len(found):,} genes: {', '.join(found)}."


def other_name(names: Names, species: str, index: GeneIndex, text: str) -> OtherName | None:
    """Find genes of an atlas by another name: an alias, a former symbol, or the Ensembl id of an atlas of symbols.

    Parameters
    ----------
    names
        The fetched names.
    species
        Species of the atlas; names of human genes serve an integrated atlas, and one whose species is not known.
    index
        Genes of the atlas.
    text
        The name, which no gene of the atlas has.

    Returns
    -------
    The genes and a sentence that says why; `sure` where there is one gene and the name has no other meaning. None where
    nothing is known.
    """
    if date := dates.meant(text):
        here = tuple(name for name in date.genes if index.knows(name))
        return OtherName(
            tuple(index.names[index.resolve(name, other=False)] for name in here), date.sentence, sure=False
        )
    own: Species = "mouse" if species == "mouse" else "zebrafish" if species == "zebrafish" else "human"
    if names.is_symbol(text, own):
        return None
    symbols = names.symbols(text, own) if own != "human" else symbols_of(text, names)
    if not symbols:
        return None
    name = cleaned(text)[:80]
    what = "the Ensembl id" if is_ensembl(name) else "an alias"
    found = tuple(index.names[gene] for symbol in symbols for gene in index.spelled(symbol))
    if len(symbols) == 1:
        absent = "" if found else f", which is not in {index.atlas}"
        return OtherName(found, f"{name} is {what} of {symbols[0]}{absent}.", sure=bool(found))
    return OtherName(found, f"{name} is {what} of {len(symbols):,} genes: {', '.join(symbols)}.", sure=False)
