"""Gene names that one species alone has, in capitals: families by pattern, and common genes by name.

Hardly any gene of another species bears such a name in any case, so that the few exceptions are outnumbered. Sources:
the nomenclature of HGNC, MGI and ZFIN.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from core.atlas.manifest import Species

PATTERNS: dict[Species, re.Pattern[str]] = {
    species: re.compile("|".join(patterns))
    for species, patterns in cast("dict[Species, tuple[str, ...]]", {
        "human": (
            r"HLA-.+", r"LINC\d{5}", r".+-AS\d", r"RP\d+-\d+[A-Z]\d+\.\d+", r"A[CLPF]\d{6}\.\d+", r"ZNF\d{2,3}",
            r"C\d+ORF\d+", r"CYP3A(4|5|7|43)", r"CYP2C(8|9|18|19)", r"UGT2B(4|7|10|11|15|17|28)", r"MT1[AEFGHMX]",
            r"TR[AB]V\d+-\d+P?", r"MIR\d+HG",
        ),
        "mouse": (
            r"GM\d{3,5}", r"[0-9A-Z]{6,}\d{2}RIK\d?", r"H2-[A-Z]\w*", r"MUP\d+", r"ZFP\d{3,4}", r"OLFR\d+",
            r"CYP2C(29|3[7-9]|40|44|5[045]|6[5-9]|70)", r"CYP3A(1[136]|25|41[AB]|44|57|59)",
            r"CYP2D(9|1[0-2]|22|26|34|40)", r"CYP4A(10|12[AB]|14|3[0-2])", r"UGT2B(5|3[4-8])", r"SERPINA1[A-F]",
            r"SERPINA3[A-N]", r"HBB-B[HST]\d?", r"HBA-A\d", r"KLRA\d+", r"KLRB1[A-F]", r"VMN[12]R\d+", r"BC\d{6}",
            r"A[IUWVY]\d{6}", r"LY6[ACFGI]\d?",
        ),
        "zebrafish": (r"(SI|IM|WU|ZGC|ZMP|SB):.+", r"CABZ\d+\.\d+", r"BX\d{6}\.\d+", r"CR\d{6}\.\d+"),
        # Histocompatibility genes of rat, pig, cattle, dog, macaque and chimpanzee, and clones of the rat.
        "other": (r"(RT1|SLA|BOLA|DLA|MAMU|PATR)-.+", r"AABR\d{8}\.\d+"),
    }).items()
}  # fmt: skip
NAMES: dict[Species, frozenset[str]] = {
    "human": frozenset((
        "TP53", "TF", "SERPINA1", "SERPINA3", "HBA1", "HBA2", "HBB", "HBG1", "HBG2", "APOL1", "GNLY", "IL32", "CXCL8",
        "CD8B", "FCGR3A", "FCGR2A", "MT2A", "CCL13", "CCL14", "CCL15", "CCL18", "CCL23", "S100A12", "CYP2D6", "AKR1C1",
        "AKR1C2", "AKR1C3", "AKR1C4", "ORM1", "HPR", "LILRB1", "LILRB4", "TRAC", "TRBC2", "IGHA1", "IGHG4", "IGLC2",
        "IGLC3", "KLRC2", "KLRC3", "IFI6", "CD1C", "CD1A",
    )),
    "mouse": frozenset((
        "TRP53", "TRP63", "TRP73", "TRF", "SIGLECF", "RETNLA", "RETNLG", "CHIL3", "FCRLS", "MS4A4B", "CCL6", "CCL9",
        "CES1C", "CES3A", "CES3B", "SULT2A8", "HSD3B5", "AKR1C6", "AKR1C14", "SAA3", "CD209A", "CD8B1", "GZMC",
        "IFI27L2A", "IFITM6", "STFA1", "STFA2", "STFA3", "LYZ1", "LYZ2", "SERPINB1A", "C1RA", "C1S1", "KNG2", "EAR1",
        "EAR2", "IGHG2B", "IGHG2C",
    )),
    "zebrafish": frozenset((
        "FABP10A", "APOA1A", "APOA1B", "SERPINA1L", "TFA", "VTGA", "VTG1", "VTG2", "HBBE1.1", "HBAA1",
    )),
    "other": frozenset(),
}  # fmt: skip
