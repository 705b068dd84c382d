"""Other names of liver genes: names of proteins, former symbols and Ensembl ids, as people type them.

Human only; other species are reached through their orthologs. A small table, curated by hand from the approved symbols,
alias symbols and Ensembl ids of HGNC (https://www.genenames.org), release of 2024.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from core.atlas.gene_index import is_ensembl
from core.atlas.spelling import folded
from core.atlas.vocabulary import plain
from core.genes.orthologs import counterparts

if TYPE_CHECKING:
    from core.atlas.store import Atlas
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
NKG7 ENSG00000105374 GIG1
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


@cache
def _symbols() -> dict[str, str]:
    """Map each other name, without case and punctuation, to its symbol."""
    found: dict[str, str] = {}
    for line in _TABLE.strip().splitlines():
        symbol, ensembl, names = line.split(" ", 2)
        for name in (ensembl, *names.split(",")):
            found.setdefault(plain(name), symbol)
    return found


def symbol_of(text: str) -> str:
    """Return the approved human symbol of another name or an Ensembl id; empty where the table has none.

    The version of an id is ignored, and case, blanks, hyphens and dots in a name are.
    """
    name = folded(text)
    return _symbols().get(plain(name.partition(".")[0] if is_ensembl(name) else name), "")


def beginning(text: str) -> list[str]:
    """List the symbols whose other names begin with what has been typed, of three characters or more; exact first."""
    wanted = plain(folded(text))
    if len(wanted) < 3:  # noqa: PLR2004 - two letters begin the names of too many genes
        return [symbol] if (symbol := symbol_of(text)) else []
    exact = symbol_of(text)
    found = [symbol for name, symbol in sorted(_symbols().items()) if name.startswith(wanted)]
    return list(dict.fromkeys(([exact] if exact else []) + found))


def here(atlas: Atlas, text: str, orthologs: Orthologs) -> tuple[str, ...]:
    """Return the genes of an atlas that have this other name, in the spelling of its species; empty for none."""
    symbol = symbol_of(text)
    if not symbol:
        return ()
    if atlas.genes.knows(symbol):
        return (atlas.genes.names[atlas.genes.resolve(symbol)],)
    return counterparts(atlas, symbol, orthologs).here
