"""Marker genes of each cell type: what tells it apart, at a constant level.

Compiled from the human liver atlases [1]_ [2]_ [3]_, the scar niche [4]_, the MASH mouse liver [5]_, the
lipid-associated macrophage [6]_ and the stellate cell [7]_.

References
----------
.. [1] MacParland SA et al. Single cell RNA sequencing of human liver reveals distinct intrahepatic macrophage
   populations. Nature Communications 2018.
.. [2] Aizarani N et al. A human liver cell atlas reveals heterogeneity and epithelial progenitors. Nature 2019.
.. [3] Guilliams M et al. Spatial proteogenomics reveals distinct and evolutionarily conserved hepatic macrophage
   niches. Cell 2022.
.. [4] Ramachandran P et al. Resolving the fibrotic niche of human liver cirrhosis at single-cell level. Nature 2019.
.. [5] Xiong X et al. Landscape of intercellular crosstalk in healthy and NASH liver revealed by single-cell secretome
   gene analysis. Molecular Cell 2019.
.. [6] Jaitin DA et al. Lipid-associated macrophages control metabolic homeostasis in a Trem2-dependent manner. Cell
   2019.
.. [7] Dobie R et al. Single-cell transcriptomics uncovers zonation of function in the mesenchyme during liver fibrosis.
   Cell Reports 2019.
"""

from __future__ import annotations

from typing import Final

from core.demo.programs._program import Program

MARKERS: Final = (
    Program(
        "Hepatocyte identity",
        """ALB APOA1 APOA2 APOB APOC1 APOC3 APOE APOH APOM TTR TF SERPINA1 RBP4 AMBP AHSG VTN GC ITIH1 ITIH2 FETUB
        HRG KNG1 A1BG TTPA HNF4A HNF1A CEBPA FOXA2 NR1H3 SLC2A2 ASGR1 ASGR2 TFR2 GCKR HNF1B PROX1 AGXT MAT1A
        TDO2 PAH FAH HGD HPD GNMT UGP2 DPYS AGMO CYP2D6 CYP2J2 SLC38A4 PON1 PON3 LCAT LIPC""",
        ("Hepatocyte",),
        level=3.0,
    ),
    Program("Epithelial", "KRT8 KRT18 CDH1 CLDN1 EPCAM TJP1", ("Epithelial",), level=1.6),
    Program(
        "Cholangiocyte identity",
        "KRT7 KRT19 SOX9 CFTR ANXA4 CLDN4 SLC4A2 TFF3 PKHD1 BICC1 AQP1 ELF3 ONECUT1 DCDC2 FXYD2 CLDN10 SCNN1A MMP7",
        ("Cholangiocyte",),
        level=3.0,
    ),
    Program(
        "LSEC identity",
        "STAB1 STAB2 CLEC4G CLEC4M CLEC1B FCN2 FCN3 LYVE1 OIT3 CRHBP MRC1 GATA4 F8 DNASE1L3 CCL14 CCL23",
        ("LSEC",),
        level=2.8,
    ),
    Program(
        "Vascular endothelium",
        "VWF PLVAP ACKR1 CD34 AQP1 SPARCL1 SELE SELP EMCN SOX17 CLEC14A RSPO3 WNT2 WNT9B",
        ("Endothelial cell",),
        level=2.8,
    ),
    Program(
        "Endothelium",
        "PECAM1 CDH5 KDR FLT1 TIE1 TEK ERG EGFL7 RAMP2 ENG ESAM EDNRB NRP1 ID1 ID3",
        ("Endothelial",),
        level=2.2,
    ),
    Program(
        "Mesenchyme",
        "COL4A1 COL4A2 SPARC PDGFRB PDGFRA DCN LUM IGFBP7 BGN CALD1 TPM2 COLEC11 HAND2 DES RGS5 MYL9",
        ("Mesenchymal",),
        level=2.6,
    ),
    Program(
        "Myofibroblast identity",
        "TAGLN POSTN FAP CTHRC1 MXRA5 ASPN COMP WNT5A GREM1 CNN1 ACTG2 IGF2",
        ("Myofibroblast",),
        level=2.8,
    ),
    Program(
        "Kupffer identity",
        "CD5L VSIG4 MARCO TIMD4 CD163 FOLR2 SLC40A1 VCAM1 CLEC4F HMOX1 LILRB5 SPIC ID3 CETP",
        ("Kupffer cell",),
        level=2.8,
    ),
    Program("Macrophage", "C1QA C1QB C1QC MERTK AXL MAF MAFB MSR1 CTSB", ("Macrophage",), level=2.8),
    Program(
        "Monocyte identity",
        "S100A8 S100A9 S100A12 FCN1 VCAN CCR2 CD14 LYZ CSF3R SELL CX3CR1 FCGR3A LST1 MNDA PLAC8",
        ("Monocyte",),
        level=2.8,
    ),
    Program("Mononuclear phagocyte", "CSF1R CD68 AIF1 MPEG1 CD14 LYZ", ("Mononuclear",), level=2.2),
    Program("Myeloid", "TYROBP FCER1G SPI1 CEBPB ITGAM CYBB LAPTM5 CTSS", ("Myeloid",), level=2.2),
    Program(
        "cDC identity",
        "CD1C CLEC9A XCR1 FCER1A CLEC10A FLT3 BATF3 IRF8 CCR7 LAMP3 ZBTB46 CADM1 CST3 CD1E",
        ("cDC",),
        level=2.6,
    ),
    Program(
        "Neutrophil identity",
        "S100A8 S100A9 CSF3R FCGR3B CXCR2 CXCR1 MMP9 MMP8 MPO ELANE CEACAM8 CAMP CYP4F3 TNFRSF10C",
        ("Neutrophil",),
        level=3.0,
    ),
    Program(
        "T cell identity",
        "CD3D CD3E CD3G TRAC CD2 CD5 CD4 CD8A CD8B IL7R LCK ZAP70 ITK THEMIS CD28 TCF7 LEF1 BCL11B CD6",
        ("T cell",),
        level=2.2,
    ),
    Program(
        "NK identity",
        "KLRD1 KLRF1 NCAM1 NCR1 FCER1G XCL1 XCL2 EOMES KLRC1 GNLY CD160 S1PR5 TYROBP SH2D1B",
        ("NK cell",),
        level=2.4,
    ),
    Program("T and NK", "CXCR6 CD7 KLRB1 IL2RB TBX21 RUNX3 CD247", ("T/NK",), level=1.8),
    Program(
        "B cell identity",
        "CD19 MS4A1 CD79A CD79B PAX5 BANK1 CD22 BLK FCRLA TNFRSF13C CR2 IGHD VPREB3 CD37",
        ("B cell",),
        level=2.6,
    ),
    Program(
        "Plasma cell identity",
        "IGHG1 IGHA1 IGKC JCHAIN MZB1 SDC1 PRDM1 IRF4 TNFRSF17 DERL3 POU2AF1 CD38 FKBP11 SSR4",
        ("Plasma cell",),
        level=3.4,
    ),
    Program("B lineage", "IGHM IGLL5 POU2AF1 CD79A", ("B/plasma",), level=2.2),
    Program("Leukocyte", "PTPRC CD53 CORO1A RAC2 ARHGDIB CD52 LCP1 CYBA", ("Immune",), level=2.2),
)
