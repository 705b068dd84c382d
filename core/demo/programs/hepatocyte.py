"""Hepatocyte programmes: zonation, and the metabolism that fails in MASLD.

Zonation follows the mouse lobule [1]_, confirmed in human tissue [2]_ and atlas [3]_: ureagenesis and gluconeogenesis
at the portal triad; glutamine synthesis, xenobiotic and bile acid metabolism at the central vein; hepcidin between.
Zonation flattens in advanced disease [4]_.

Disease: de novo lipogenesis rises with steatosis [5]_ [6]_, with lipid droplet proteins, among them HSD17B13 [7]_, and
eases in cirrhosis; PPARA and fatty acid oxidation fall from MASH on [8]_ [9]_; bile acid synthesis and transport are
repressed [10]_; cholesterol synthesis rises modestly [11]_; the acute phase follows inflammation [12]_; the stress
response with AKR1B10, GDF15 and others of the 25-gene signature climbs with fibrosis stage [13]_; secretory function is
lost in cirrhosis; methionine metabolism falls while NNMT rises [14]_ [15]_.

References
----------
.. [1] Halpern KB et al. Single-cell spatial reconstruction reveals global division of labour in the mammalian liver.
   Nature 2017.
.. [2] McEnerney L et al. Dual modulation of human hepatic zonation via canonical and non-canonical Wnt pathways.
   Experimental & Molecular Medicine 2017.
.. [3] Aizarani N et al. A human liver cell atlas reveals heterogeneity and epithelial progenitors. Nature 2019.
.. [4] Gribben C et al. Acquisition of epithelial plasticity in human chronic liver disease. Nature 2024.
.. [5] Horton JD, Goldstein JL, Brown MS. SREBPs: activators of the complete program of cholesterol and fatty acid
   synthesis in the liver. Journal of Clinical Investigation 2002.
.. [6] Lambert JE et al. Increased de novo lipogenesis is a distinct characteristic of individuals with nonalcoholic
   fatty liver disease. Gastroenterology 2014.
.. [7] Su W et al. Comparative proteomic study reveals 17beta-HSD13 as a pathogenic protein in nonalcoholic fatty liver
   disease. PNAS 2014.
.. [8] Francque S et al. PPARalpha gene expression correlates with severity and histological treatment response in
   patients with non-alcoholic steatohepatitis. Journal of Hepatology 2015.
.. [9] Kersten S. Integrated physiology and systems biology of PPARalpha. Molecular Metabolism 2014.
.. [10] Chiang JYL. Bile acids: regulation of synthesis. Journal of Lipid Research 2009.
.. [11] Min HK et al. Increased hepatic synthesis and dysregulation of cholesterol metabolism is associated with the
   severity of nonalcoholic fatty liver disease. Cell Metabolism 2012.
.. [12] Gabay C, Kushner I. Acute-phase proteins and other systemic responses to inflammation. NEJM 1999.
.. [13] Govaere O et al. Transcriptomic profiling across the nonalcoholic fatty liver disease spectrum reveals gene
   signatures for steatohepatitis and fibrosis. Science Translational Medicine 2020.
.. [14] Komatsu M et al. NNMT activation can contribute to the development of fatty liver disease by modulating the NAD+
   metabolism. Scientific Reports 2018.
.. [15] Mato JM, Martinez-Chantar ML, Lu SC. S-adenosylmethionine metabolism and liver disease. Annals of Hepatology
   2013.
.. [16] Dalen KT et al. PPARalpha activators and fasting induce the expression of adipose differentiation-related
   protein in liver. Journal of Lipid Research 2006.
"""

from __future__ import annotations

from typing import Final

from core.demo.programs._program import Program

_H: Final = ("Hepatocyte",)

PERIPORTAL: Final = Program(
    "Periportal",
    """ASS1 ASL CPS1 ARG1 OTC NAGS SDS SDSL HAL PCK1 PCK2 G6PC1 ALDOB FBP1 TAT GLS2 GOT1 CYP2F1 APOA4 ETNPPL AGT
    UROC1 CTSC GPT ASPG FGF21 HSD17B6 PPARGC1A""",
    _H,
    level=2.6,
)
PERICENTRAL: Final = Program(
    "Pericentral",
    """CYP2E1 CYP1A2 CYP3A4 CYP3A5 CYP2C8 CYP2C9 CYP2A6 CYP2B6 ADH1B ADH4 ALDH1A1 ALDH3A2 OAT RGN GSTA1 GSTM1 CES1
    NR1I2 NR1I3 AHR SLCO1B1 SLCO1B3 SLC22A1 UGT2B7 UGT1A1 LGR5 AXIN2 TBX3 SLC1A2 RHBG GLUL AKR1C1 CYP1A1 POR""",
    _H,
    level=2.6,
)
CENTRAL_EDGE: Final = ("GLUL", "SLC1A2", "RHBG", "LGR5", "AXIN2", "TBX3")
"""Pericentral genes confined to the last layers around the vein, the targets of Wnt."""

MIDZONAL: Final = Program("Midzonal", "HAMP IGFBP2 IGFBP1", _H, level=2.8)

SIMPSON_PAIR: Final = ("ACADM", "PLIN2")
"""A deliberate Simpson's paradox, in hepatocytes.

Both genes are targets of PPARA [9]_ [16]_. Within every donor they rise and fall together from cell to cell, for
one latent activity drives both. From donor to donor they move apart: disease lowers ACADM with fatty acid oxidation
and raises PLIN2 with the lipid droplets. So over the hepatocytes of all donors pooled their correlation is negative,
while within each donor it is positive. The directions are reported; the shared activity and the sizes are invented, to
give the warning about pooled correlations something to warn about.
"""

SIMPSON_SHIFT: Final = (0.0, 0.6, 1.4, 2.0)
"""Shift of the pair with disease (PLIN2 up, ACADM down) beyond their programmes, in natural log units."""

SIMPSON: Final = Program("PPARA targets", "ACADM PLIN2", _H, level=4.4, spread=0.7)

LIPOGENESIS: Final = Program(
    "De novo lipogenesis",
    """SREBF1 FASN ACACA ACACB SCD ELOVL6 ELOVL5 PNPLA3 ACLY ME1 MLXIPL THRSP FADS1 FADS2 MID1IP1 ACSS2 DGAT2 GPAM
    TM6SF2 LPIN1 AGPAT2 SLC25A1 PKLR""",
    _H,
    level=2.0,
    shift=(0.0, 0.9, 0.7, 0.2),
    spread=0.6,
)

PROGRAMS: Final = (
    PERIPORTAL,
    PERICENTRAL,
    MIDZONAL,
    SIMPSON,
    LIPOGENESIS,
    Program(
        "Lipid droplet",
        "PLIN2 PLIN4 PLIN5 CIDEC CIDEB HSD17B13 HSD17B11 G0S2 PNPLA2 FITM2 HILPDA CD36 ANGPTL4 MOGAT1 LIPE ABHD5 FABP4",
        _H,
        level=1.8,
        shift=(0.0, 1.0, 1.0, 0.4),
        spread=0.5,
    ),
    Program(
        "Cholesterol synthesis",
        """SREBF2 HMGCR HMGCS1 SQLE LDLR FDFT1 FDPS IDI1 MVD MVK LSS CYP51A1 DHCR7 DHCR24 SC5D MSMO1 NSDHL INSIG1
        PCSK9 STARD4 ACAT2 EBP TM7SF2""",
        _H,
        level=1.4,
        shift=(0.0, 0.2, 0.4, 0.1),
        spread=0.55,
    ),
    Program(
        "Fatty acid oxidation",
        """PPARA CPT1A CPT2 ACADM ACADL ACADVL ACADS HADHA HADHB HADH ACOX1 EHHADH ACAA1 ACAA2 ECI1 ECI2 HMGCS2
        ETFDH ETFA ETFB SLC25A20 CYP4A11 FABP1 PDK4 ACSL1 HMGCL BDH1 DECR1""",
        _H,
        level=2.2,
        shift=(0.0, -0.1, -0.5, -0.7),
        spread=0.45,
    ),
    Program(
        "Bile acid",
        """CYP7A1 CYP8B1 CYP27A1 CYP7B1 SLC10A1 ABCB11 ABCB4 ABCC2 ABCG5 ABCG8 NR0B2 NR1H4 BAAT SLC27A5 AKR1D1
        HSD3B7 AMACR SLC51A SLC51B""",
        _H,
        level=2.0,
        shift=(0.0, -0.1, -0.5, -0.8),
        spread=0.4,
    ),
    Program(
        "Acute phase",
        """CRP SAA1 SAA2 SAA4 HP ORM1 ORM2 FGA FGB FGG FGL1 SERPINA3 LBP CFB C3 HPX ITIH3 ITIH4 LCN2 CP C4BPA HAMP
        SOCS3""",
        _H,
        level=3.0,
        shift=(0.0, 0.2, 0.8, 0.5),
        spread=0.5,
    ),
    Program(
        "Secretory function",
        """F2 F5 F7 F9 F10 F11 F12 F13B PROC PROS1 SERPINC1 SERPINF2 SERPING1 PLG C2 C5 C6 C8A C8B C9 CFH CFI MASP1
        IGF1 LECT2 CPB2 ANGPTL3 SERPIND1""",
        _H,
        level=2.3,
        shift=(0.0, 0.0, -0.2, -0.7),
        spread=0.25,
    ),
    Program(
        "One-carbon and amino acid",
        "BHMT MTHFD1 MTHFR SHMT1 CBS CTH AHCY DMGDH SARDH GLYCTK ALDH6A1 HIBCH MCCC1 BCKDHA BCKDHB PCCA MMUT KMO QPRT",
        _H,
        level=1.4,
        shift=(0.0, -0.1, -0.3, -0.5),
        spread=0.3,
    ),
    Program(
        "Insulin and glucose",
        "INSR IRS1 IRS2 GCK GYS2 PYGL PGM1 G6PD FOXO1 PPP1R3C PDK2 TXNIP KLF15",
        _H,
        level=1.2,
        shift=(0.0, -0.2, -0.4, -0.5),
        spread=0.35,
    ),
    Program(
        "Hepatocyte injury",
        """AKR1B10 GDF15 TNFRSF12A CCL20 DTNA DUSP8 EPB41L4A ANKRD29 HECW1 IL32 KRT23 SQSTM1 CDKN1A MDM2 BAX
        TNFRSF10B IHH NNMT""",
        _H,
        level=0.2,
        shift=(0.0, 0.5, 1.2, 1.7),
        spread=0.4,
    ),
)
