"""Programmes of the non-parenchymal cells: scar, capillarisation, ductular reaction, inflammation, immunity.

Stellate cells lose retinoid storage and lay down matrix as they become myofibroblasts [1]_ [2]_; the fibrosis genes of
the 25-gene signature (THBS2, ITGBL1, LTBP2 ...) come with them [3]_. LSEC lose their fenestrated identity
(capillarisation) while scar-associated endothelium gains PLVAP and ACKR1 [4]_. Scar-associated macrophages carry TREM2,
CD9, SPP1 and GPNMB [4]_, a lipid-associated programme shared with obese fat [5]_ and the MASH mouse [6]_.
Cholangiocytes of the ductular reaction carry SPP1, SOX4, CD24 and the neuronal STMN2 [3]_ [7]_. CXCR6+ CD8
T cells are exhausted and harmful [8]_.

References
----------
.. [1] Mederacke I et al. Fate tracing reveals hepatic stellate cells as dominant contributors to liver fibrosis
   independent of its aetiology. Nature Communications 2013.
.. [2] Dobie R et al. Single-cell transcriptomics uncovers zonation of function in the mesenchyme during liver fibrosis.
   Cell Reports 2019.
.. [3] Govaere O et al. Transcriptomic profiling across the nonalcoholic fatty liver disease spectrum reveals gene
   signatures for steatohepatitis and fibrosis. Science Translational Medicine 2020.
.. [4] Ramachandran P et al. Resolving the fibrotic niche of human liver cirrhosis at single-cell level. Nature 2019.
.. [5] Jaitin DA et al. Lipid-associated macrophages control metabolic homeostasis in a Trem2-dependent manner. Cell
   2019.
.. [6] Xiong X et al. Landscape of intercellular crosstalk in healthy and NASH liver revealed by single-cell secretome
   gene analysis. Molecular Cell 2019.
.. [7] Sato K et al. Ductular reaction in liver diseases: pathological mechanisms and translational significances.
   Hepatology 2019.
.. [8] Dudek M et al. Auto-aggressive CXCR6+ CD8 T cells cause liver immune pathology in NASH. Nature 2021.
"""

from __future__ import annotations

from typing import Final

from core.demo.programs._program import Program

MATRIX: Final = Program(
    "Fibrillar matrix",
    """COL1A1 COL1A2 COL3A1 COL5A1 COL5A2 COL6A1 COL6A2 COL6A3 COL14A1 FN1 LOX LOXL1 LOXL2 TIMP1 MMP2 MMP14 THBS1
    THBS2 ELN FBN1 FBLN1 FBLN5 SERPINH1 CCN2 TGFB1 TGFB3 ACTA2 THY1 LTBP2 ITGBL1 PLPP4 RGS4 PDGFA""",
    ("Mesenchymal",),
    level=2.0,
    shift=(0.0, 0.3, 1.0, 1.6),
    spread=0.6,
)

SCAR_MACROPHAGE: Final = Program(
    "Lipid and scar-associated macrophage",
    "TREM2 CD9 SPP1 GPNMB FABP5 LPL LGALS3 CAPG CTSD CTSZ CTSL CD63 PLIN2 ATP6V0D2 LIPA PLA2G7 LGALS1 MMP12 CHI3L1 VIM",
    ("Scar-associated macrophage",),
    level=3.0,
    shift=(0.0, 0.1, 0.5, 0.7),
    spread=0.5,
)

PROGRAMS: Final = (
    MATRIX,
    Program(
        "Stellate quiescence",
        "LRAT RBP1 RELN HGF NGFR ADAMTSL2 PTH1R GDF2 BMP10 CYGB NTM VIPR1 ECM1 BAMBI",
        ("Hepatic stellate cell",),
        level=2.6,
        shift=(0.0, -0.3, -0.8, -1.3),
        spread=0.4,
    ),
    Program(
        "LSEC fenestration",
        "STAB2 CLEC4G CLEC4M LYVE1 OIT3 CRHBP FCN3 FCN2 GATA4 NOS3 KLF2 FCGR2B",
        ("LSEC",),
        level=2.4,
        shift=(0.0, -0.2, -0.6, -1.2),
        spread=0.4,
    ),
    Program(
        "Scar-associated endothelium",
        "PLVAP ACKR1 VWA1 CD34 VWF ICAM1 SPARC COL4A1 PGF",
        ("Endothelial cell",),
        level=2.0,
        shift=(0.0, 0.2, 0.6, 1.0),
        spread=0.4,
    ),
    Program(
        "Notch in endothelium",
        "NOTCH1 NOTCH4 DLL4 JAG1 HEY1 HES1 EFNB2 GJA5 SOX18",
        ("Endothelial",),
        level=1.4,
        shift=(0.0, 0.1, 0.3, 0.5),
        spread=0.4,
    ),
    Program(
        "Ductular reaction",
        "SPP1 SOX4 CD24 TACSTD2 STMN2 SCTR CLIC6 FERMT1 CFAP221 CXCL6 CCL28 PROM1 NCAM1 KRT23 LAMC2 ITGB6 VTCN1 YAP1",
        ("Cholangiocyte",),
        level=2.2,
        shift=(0.0, 0.2, 0.9, 1.3),
        spread=0.5,
    ),
    SCAR_MACROPHAGE,
    Program(
        "Inflammation",
        """TNF IL1B IL1A IL6 CXCL8 CXCL1 CXCL2 CXCL3 CCL2 CCL3 CCL4 NFKBIA TNFAIP3 NFKB1 RELB NLRP3 PTGS2 IL18
        IL1RN CD83 OSM ICAM1 SOD2 EREG""",
        ("Myeloid",),
        level=1.4,
        shift=(0.0, 0.4, 0.9, 0.7),
        spread=0.6,
    ),
    Program(
        "Antigen presentation",
        "HLA-DRA HLA-DRB1 HLA-DPA1 HLA-DPB1 HLA-DQA1 HLA-DQB1 HLA-DMA HLA-DMB CD74 CIITA CD86 CD80",
        ("Antigen presenting",),
        level=2.6,
        shift=(0.0, 0.1, 0.2, 0.1),
        spread=0.45,
    ),
    Program(
        "Cytotoxicity",
        "GZMA GZMB GZMK GZMH PRF1 NKG7 CCL5 CST7 KLRK1 FASLG IFNG CTSW",
        ("T/NK",),
        level=2.0,
        shift=(0.0, 0.2, 0.5, 0.3),
        spread=0.6,
    ),
    Program(
        "T cell exhaustion",
        "PDCD1 TOX LAG3 HAVCR2 TIGIT CTLA4 ENTPD1 ICOS FOXP3 IL2RA CD27",
        ("T cell",),
        level=0.8,
        shift=(0.0, 0.3, 0.9, 0.8),
        spread=0.5,
    ),
)
