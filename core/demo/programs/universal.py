"""Programmes that any cell may run: housekeeping, and the answers to stress, oxygen, interferon and growth signals.

The cell cycle [1]_, type I interferon [2]_, hypoxia [3]_, the unfolded protein response, which MASH induces [4]_, the
antioxidant NRF2 battery [5]_ and the immediate-early genes that dissociation itself induces [6]_. Genes of the Y
chromosome and XIST tell the sex of a donor [7]_.

References
----------
.. [1] Tirosh I et al. Dissecting the multicellular ecosystem of metastatic melanoma by single-cell RNA-seq. Science
   2016.
.. [2] Schoggins JW et al. A diverse range of gene products are effectors of the type I interferon antiviral response.
   Nature 2011.
.. [3] Buffa FM et al. Large meta-analysis of multiple cancers reveals a common, compact and highly prognostic hypoxia
   metagene. British Journal of Cancer 2010.
.. [4] Lebeaupin C et al. Endoplasmic reticulum stress signalling and the pathogenesis of non-alcoholic fatty liver
   disease. Journal of Hepatology 2018.
.. [5] Tonelli C, Chio IIC, Tuveson DA. Transcriptional regulation by Nrf2. Antioxidants & Redox Signaling 2018.
.. [6] van den Brink SC et al. Single-cell sequencing reveals dissociation-induced gene expression in tissue
   subpopulations. Nature Methods 2017.
.. [7] Tukiainen T et al. Landscape of X chromosome inactivation across human tissues. Nature 2017.
"""

from __future__ import annotations

from typing import Final

from core.demo.programs._program import Program

_ALL: Final = ("All",)

FEMALE: Final = ("XIST", "TSIX")
MALE: Final = ("DDX3Y", "KDM5D", "UTY", "EIF1AY", "RPS4Y1", "USP9Y")
"""Genes of one sex only; silent in the other."""

CELL_CYCLE: Final = ("S phase", "G2/M phase")

PROGRAMS: Final = (
    Program(
        "Housekeeping",
        """ACTB ACTG1 B2M EEF1A1 EEF2 GAPDH TPT1 FTH1 FTL TMSB4X TMSB10 PPIA UBC UBB HSP90AB1 HSPA8 TUBA1B TUBB
        PFN1 CFL1 MYL6 NACA FAU H3-3B HNRNPA1 HNRNPA2B1 SRSF3 YWHAZ""",
        _ALL,
        level=3.4,
    ),
    Program("Nuclear", "MALAT1 NEAT1 KMT2A ZEB2 NKTR SON DDX5 DDX17", _ALL, level=2.2),
    Program("Class I antigen presentation", "HLA-A HLA-B HLA-C HLA-E TAP1 PSMB8 PSMB9", _ALL, level=2.4),
    Program(
        "Ribosome",
        """RPLP0 RPLP1 RPLP2 RPL3 RPL5 RPL7 RPL8 RPL10 RPL11 RPL13 RPL13A RPL18 RPL19 RPL23 RPL27 RPL30 RPL32 RPL37
        RPS2 RPS3 RPS4X RPS6 RPS8 RPS9 RPS12 RPS14 RPS15 RPS18 RPS19 RPS23 RPS27 RPS28""",
        _ALL,
        level=3.2,
        spread=0.25,
    ),
    Program(
        "Mitochondrial genome",
        "MT-ND1 MT-ND2 MT-ND3 MT-ND4 MT-ND5 MT-CO1 MT-CO2 MT-CO3 MT-ATP6 MT-CYB",
        _ALL,
        level=4.2,
        spread=0.5,
    ),
    Program(
        "Oxidative phosphorylation",
        """NDUFA1 NDUFA4 NDUFB8 NDUFS3 NDUFV1 SDHA SDHB UQCRC1 UQCRC2 UQCRB COX4I1 COX5A COX6C COX7C ATP5F1A
        ATP5F1B ATP5MC3 CYC1 TFAM CS IDH2 ACO2 MDH2""",
        _ALL,
        level=1.6,
        shift=(0.0, 0.1, -0.3, -0.4),
        spread=0.35,
    ),
    Program(
        "S phase",
        "MCM2 MCM3 MCM4 MCM5 MCM6 PCNA TYMS RRM1 RRM2 GINS2 UHRF1 CDC6 CLSPN FEN1 HELLS",
        ("Dividing",),
        level=-3.6,
        shift=(0.0, 0.2, 0.8, 0.6),
        fraction=0.012,
    ),
    Program(
        "G2/M phase",
        "MKI67 TOP2A CCNB1 CCNB2 CDK1 CENPF BIRC5 TPX2 AURKA AURKB BUB1 UBE2C PTTG1 NUSAP1 KIF11 PLK1",
        ("Dividing",),
        level=-3.6,
        shift=(0.0, 0.2, 0.8, 0.6),
        fraction=0.009,
    ),
    Program(
        "Interferon response",
        """ISG15 IFI6 IFIT1 IFIT2 IFIT3 MX1 OAS1 OAS2 OASL STAT1 STAT2 IRF1 IRF7 IRF9 IFI44 RSAD2 HERC5 RIGI IFIH1
        CXCL9 CXCL10 CXCL11 GBP1 USP18""",
        _ALL,
        level=0.2,
        shift=(0.0, 0.2, 0.7, 0.6),
        spread=0.7,
    ),
    Program(
        "Hypoxia",
        "HIF1A VEGFA CA9 BNIP3 ADM NDRG1 LDHA PGK1 ENO1 ALDOA SLC2A1 EGLN3 PFKFB3 P4HA1 HK2 KDM3A MXI1 TPI1",
        _ALL,
        level=0.6,
        shift=(0.0, 0.2, 0.5, 0.6),
        spread=0.5,
    ),
    Program(
        "Unfolded protein response",
        """HSPA5 DDIT3 ATF4 ATF6 ATF3 XBP1 HERPUD1 DNAJB9 DNAJC3 PDIA4 PDIA6 CALR CANX HSP90B1 SEL1L TRIB3 ASNS
        CHAC1 CRELD2 MANF SDF2L1 EDEM1 PPP1R15A ERN1 EIF2AK3""",
        _ALL,
        level=0.9,
        shift=(0.0, 0.4, 0.8, 0.5),
        spread=0.5,
    ),
    Program(
        "NRF2 antioxidant",
        "NFE2L2 NQO1 GCLC GCLM TXNRD1 SRXN1 SLC7A11 HMOX1 G6PD PRDX1 TXN GSR GPX1 GPX4 SOD1 CAT KEAP1",
        _ALL,
        level=1.0,
        shift=(0.0, 0.2, 0.5, 0.4),
        spread=0.4,
    ),
    Program(
        "Immediate early",
        "FOS FOSB JUN JUNB JUND EGR1 ATF3 IER2 IER3 DUSP1 ZFP36 BTG2 KLF4 KLF6 MYC NR4A1 HSPA1A HSPA1B DNAJB1 HSPH1",
        _ALL,
        level=1.4,
        spread=0.8,
    ),
    Program(
        "TGF-beta and Wnt signalling",
        "SMAD2 SMAD3 SMAD4 SMAD7 TGFBR1 TGFBR2 SKIL CTNNB1 TCF7L2 APC GSK3B YAP1 WWTR1 CCN1",
        _ALL,
        level=0.6,
        shift=(0.0, 0.1, 0.3, 0.4),
        spread=0.3,
    ),
    Program(
        "Autophagy and lysosome",
        "TFEB MAP1LC3B SQSTM1 LAMP1 LAMP2 ATG5 ATG7 BECN1 CTSA GBA1 NPC1 NPC2 PSAP ULK1",
        _ALL,
        level=0.8,
        shift=(0.0, 0.1, 0.2, 0.1),
        spread=0.3,
    ),
    Program("Female", " ".join(FEMALE), _ALL, level=1.6),
    Program("Male", " ".join(MALE), _ALL, level=1.4),
)

# fmt: off
LEVELS: Final[dict[str, float]] = {
    "MALAT1": 5.6, "NEAT1": 4.0, "B2M": 4.6, "FTL": 5.0, "FTH1": 4.6, "TMSB4X": 4.6, "EEF1A1": 4.8,
    "ALB": 6.6, "APOA1": 5.8, "APOA2": 5.8, "APOC3": 5.4, "APOC1": 5.2, "APOH": 4.8, "TTR": 5.6, "SERPINA1": 5.6,
    "APOB": 4.4, "APOE": 4.8, "TF": 4.6, "RBP4": 4.8, "AMBP": 4.8, "AHSG": 4.8, "VTN": 4.6, "FGA": 4.6, "FGB": 4.8,
    "FGG": 4.8, "HP": 5.2, "SAA1": 4.6, "ORM1": 4.8, "FABP1": 4.8, "CYP2E1": 4.6, "CYP3A4": 3.8, "ALDOB": 4.4,
    "CPS1": 4.2, "ASS1": 3.8, "SDS": 3.2, "GLUL": 3.2, "C3": 4.2, "IGKC": 6.0, "IGHG1": 5.4, "IGHA1": 5.2,
    "JCHAIN": 4.8, "S100A8": 4.8, "S100A9": 5.0, "CD74": 4.4, "HLA-DRA": 4.2, "LYZ": 4.4, "COL1A1": 3.4,
    "COL1A2": 3.6, "COL3A1": 3.6, "IGFBP7": 4.0, "SPP1": 4.0, "C1QA": 3.8, "C1QB": 3.8, "CD5L": 3.4, "NKG7": 3.8,
    "GNLY": 4.2, "CCL5": 3.6, "HNF4A": 1.2, "HNF1A": 0.4, "HNF1B": -0.6, "FOXA2": 0.6, "PROX1": 0.8, "CEBPA": 1.6,
    "EPCAM": 0.2, "AXIN2": 1.0, "LGR5": 0.8, "TBX3": 0.8, "FGF21": 0.4, "FOXP3": -0.6, "IL2RA": -0.4,
    "AKR1B10": 1.4, "GDF15": 1.4, "SREBF1": 1.6, "FASN": 2.6, "SCD": 2.8, "PPARA": 1.4, "CYP7A1": 1.6,
    "LGALS1": 3.8, "VIM": 3.6, "SAA2": 4.2, "HAMP": 4.0, "CRP": 4.0, "ACADM": 5.3, "PLIN2": 3.2,
}
# fmt: on
"""Levels of single genes where the level of their programme would be far off."""
