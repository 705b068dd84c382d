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

from typing import Final, Literal

from core.demo.programs import human_genes

Species = Literal["human", "mouse", "zebrafish"]

SPECIES: Final[tuple[Species, ...]] = ("human", "mouse", "zebrafish")

_REGULAR: Final = """
ABCB4 ABCC2 ABCG5 ABCG8 ACAA2 ACACA ACACB ACADL ACADM ACADS ACADVL ACAT2 ACO2 ACOX1 ACSS2 ACTA2 ADAMTSL2 AGMO AGPAT2
AGT AHCY ALDH6A1 ALDOB AMACR AMBP ANGPTL3 ANGPTL4 ANKRD29 ANXA4 APC APOA2 APOC1 ARG1 ASL ASNS ASPG ASPN ASS1 ATF3
ATF6 ATG5 ATG7 ATP5F1B AURKA AURKB AXIN2 B2M BATF3 BCKDHA BCKDHB BDH1 BECN1 BHMT BLK BMP10 BNIP3 BTG2 BUB1 C1QA C1QB
C1QC C6 C8A C8B C9 CALR CANX CAT CCN1 CCNB1 CCNB2 CCR2 CCR7 CD27 CD28 CD34 CD36 CD63 CD79A CD79B CD83 CDC6 CDH1 CDH5
CDK1 CDKN1A CEBPA CEBPB CENPF CFAP221 CFB CFH CFI CFL1 CFTR CHAC1 CIDEB CIDEC CIITA CLDN1 CLEC14A CLIC6 COL1A2
COL4A1 COL4A2 COL5A1 COL6A1 COL6A2 COL6A3 COLEC11 COMP CORO1A COX4I1 COX6C COX7C CP CPB2 CPS1 CPT2 CRELD2 CRHBP CRP
CS CSF3R CST3 CTH CTNNB1 CTSA CTSC CTSD CTSZ CXCR1 CXCR2 CYBA CYBB CYC1 CYP7A1 CYP7B1 DCN DDIT3 DDX17 DDX5 DECR1
DERL3 DGAT2 DHCR24 DHCR7 DLL4 DMGDH DPYS DTNA DUSP1 EBP ECI1 ECI2 EDEM1 EGFL7 EGLN3 EGR1 EHHADH EIF2AK3 ELF3 ELOVL5
ELOVL6 ENG ENTPD1 EPB41L4A EPCAM ERG ERN1 ETFA ETFB ETFDH ETNPPL F10 F2 F5 F7 F8 FADS2 FAH FAP FASN FBLN1 FBLN5 FBN1
FCER1G FDFT1 FDPS FEN1 FERMT1 FETUB FGA FGB FGF21 FGG FGL1 FITM2 FKBP11 FLT1 FLT3 FOSB FOXA2 FXYD2 G0S2 GAPDH GATA4
GBA1 GC GCK GCKR GCLC GCLM GDF2 GINS2 GLYCTK GNMT GOT1 GPAM GPNMB GPT GSR GYS2 GZMK HADH HADHB HAL HAND2 HAVCR2
HELLS HERPUD1 HEY1 HGD HIBCH HK2 HMGCL HMGCS1 HNF1A HNF4A HP HSD3B7 HSP90AB1 HSP90B1 HSPA1B HSPA5 HSPA8 HSPH1 ID1
ID3 IDH2 IDI1 IFIH1 IGF1 IGFBP7 IGHD IGHM IL1B IL2RB IL6 IL7R INSIG1 IRF7 IRF8 IRF9 IRS1 ISG15 ITGB6 ITGBL1 ITIH2
ITK JUN JUND KIF11 KLF15 KLF4 KMO KMT2A KRT8 LAMC2 LAMP2 LAMP3 LCAT LCK LCP1 LDHA LEF1 LOXL1 LSS LUM MANF MAP1LC3B
MARCO MASP1 MAT1A MCCC1 MCM2 MCM3 MCM4 MCM5 MCM6 MDH2 MDM2 ME1 MKI67 MMP2 MMP9 MMUT MSMO1 MTHFR MVK MXI1 MYL6 NACA
NAGS NDUFA1 NDUFB8 NDUFS3 NDUFV1 NFKB1 NKTR NLRP3 NPC1 NQO1 NR1H3 NR1H4 NR1I2 NR4A1 NSDHL NUSAP1 OAT OIT3 ONECUT1
OTC PAH PAX5 PCCA PCK1 PCK2 PCNA PCSK9 PDGFRA PDGFRB PDIA4 PDIA6 PDK4 PFKFB3 PFN1 PGK1 PGM1 PKLR PLA2G7 PLG PLIN2
PLK1 PLPP4 PNPLA2 PNPLA3 PPARGC1A PPP1R15A PRDX1 PROS1 PSAP PTH1R PTPRC PTTG1 PYGL RAC2 RAMP2 RBP4 RELB RELN RGN
RGS4 RHBG RIGI RPL10 RPL11 RPL13 RPL13A RPL18 RPL19 RPL23 RPL27 RPL3 RPL30 RPL32 RPL37 RPL7 RPL8 RPLP0 RPLP1 RPLP2
RPS12 RPS14 RPS15 RPS18 RPS19 RPS2 RPS23 RPS28 RPS3 RPS4X RPS6 RPS9 RRM1 RRM2 RSAD2 RSPO3 RUNX3 SARDH SC5D SCTR
SDF2L1 SDHA SDHB SDSL SEL1L SELE SELP SERPINC1 SERPIND1 SERPING1 SHMT1 SLC10A1 SLC25A20 SLC2A2 SLC38A4 SLC40A1
SLC51A SLC7A11 SMAD2 SMAD7 SOD1 SOD2 SOX17 SOX18 SPARC SPARCL1 SPIC SPP1 SQSTM1 SREBF1 SREBF2 SRXN1 SSR4 STAB1 STAB2
STARD4 STAT2 TAGLN TAP1 TAT TBX21 TCF7 TCF7L2 TEK TFAM TFEB TFR2 TGFB3 THEMIS THRSP THY1 TIE1 TIMD4 TM7SF2 TMSB4X
TNFAIP3 TOP2A TOX TPM2 TPT1 TPX2 TRIB3 TTPA TTR TUBA1B TYMS TYROBP UBB UBC UBE2C UHRF1 UQCRB UQCRC1 UROC1 USP18 VIM
VTCN1 VWA1 VWF WNT2 WNT5A WNT9B WWTR1 XBP1 YAP1 YWHAZ ZAP70 ZBTB46
"""

_TABLE: Final = """
ALB Alb -
APOA1 Apoa1 apoa1a,apoa1b
APOB Apob apoba,apobb.1,apobb.2
APOC3 Apoc3 -
APOE Apoe apoea,apoeb
APOH Apoh -
APOM Apom -
TF Trf tfa
SERPINA1 Serpina1a,Serpina1b,Serpina1c,Serpina1d,Serpina1e serpina1,serpina1l
AHSG Ahsg ahsg1
VTN Vtn vtna,vtnb
ITIH1 Itih1 -
HRG Hrg -
KNG1 Kng1,Kng2 kng1
A1BG A1bg -
ASGR1 Asgr1 asgr1a
ASGR2 Asgr2 -
HNF1B Hnf1b hnf1ba,hnf1bb
PROX1 Prox1 prox1a
AGXT Agxt agxta,agxtb
TDO2 Tdo2 tdo2a,tdo2b
HPD Hpd hpda,hpdb
UGP2 Ugp2 ugp2a,ugp2b
CYP2D6 Cyp2d10,Cyp2d22 -
CYP2J2 Cyp2j5,Cyp2j6 cyp2ad2,cyp2n13,cyp2p6
PON1 Pon1 -
PON3 Pon3 -
LIPC Lipc lipca,lipcb
KRT18 Krt18 krt18a.1,krt18b
TJP1 Tjp1 tjp1a,tjp1b
KRT7 Krt7 -
KRT19 Krt19 -
SOX9 Sox9 sox9a,sox9b
CLDN4 Cldn4 -
SLC4A2 Slc4a2 slc4a2a,slc4a2b
TFF3 Tff3 -
PKHD1 Pkhd1 -
BICC1 Bicc1 bicc1a
AQP1 Aqp1 aqp1a.1,aqp1a.2
DCDC2 Dcdc2a -
CLDN10 Cldn10 cldn10a,cldn10b
SCNN1A Scnn1a -
MMP7 Mmp7 -
CLEC4G Clec4g -
CLEC4M - -
CLEC1B Clec1b -
FCN2 Fcna -
FCN3 - -
LYVE1 Lyve1 lyve1a,lyve1b
MRC1 Mrc1 mrc1a,mrc1b
DNASE1L3 Dnase1l3 -
CCL14 - -
CCL23 - -
PLVAP Plvap plvapa,plvapb
ACKR1 Ackr1 -
EMCN Emcn -
PECAM1 Pecam1 pecam1a,pecam1b
KDR Kdr kdr,kdrl
ESAM Esam esama,esamb
EDNRB Ednrb ednrba,ednrbb
NRP1 Nrp1 nrp1a,nrp1b
BGN Bgn bgna,bgnb
CALD1 Cald1 cald1a,cald1b
DES Des desma,desmb
RGS5 Rgs5 rgs5a,rgs5b
MYL9 Myl9 myl9a,myl9b
POSTN Postn postna,postnb
CTHRC1 Cthrc1 cthrc1a,cthrc1b
MXRA5 - mxra5a,mxra5b
GREM1 Grem1 grem1a,grem1b
CNN1 Cnn1 cnn1a,cnn1b
ACTG2 Actg2 -
IGF2 Igf2 igf2a,igf2b
CD5L Cd5l -
VSIG4 Vsig4 -
CD163 Cd163 -
FOLR2 Folr2 -
VCAM1 Vcam1 vcam1a,vcam1b
CLEC4F Clec4f -
HMOX1 Hmox1 hmox1a,hmox1b
LILRB5 - -
CETP - cetp
MERTK Mertk mertka
AXL Axl -
MAF Maf -
MAFB Mafb mafba,mafbb
MSR1 Msr1 -
CTSB Ctsb ctsba,ctsbb
S100A8 S100a8 -
S100A9 S100a9 -
S100A12 - -
FCN1 Fcnb -
VCAN Vcan vcana,vcanb
CD14 Cd14 -
LYZ Lyz1,Lyz2 lyz
SELL Sell -
CX3CR1 Cx3cr1 -
FCGR3A Fcgr4 -
LST1 Lst1 -
MNDA - -
PLAC8 Plac8 plac8.1,plac8.2
CSF1R Csf1r csf1ra,csf1rb
CD68 Cd68 -
AIF1 Aif1 -
MPEG1 Mpeg1 mpeg1.1,mpeg1.2,mpeg1.3
SPI1 Spi1 spi1a,spi1b
ITGAM Itgam itgam.1,itgam.2
LAPTM5 Laptm5 -
CTSS Ctss ctss2.1,ctss2.2
CD1C - -
CLEC9A Clec9a -
XCR1 Xcr1 xcr1a.1,xcr1b.1
FCER1A Fcer1a -
CLEC10A Clec10a,Mgl2 -
CADM1 Cadm1 cadm1a,cadm1b
CD1E - -
FCGR3B - -
MMP8 Mmp8 -
MPO Mpo mpx
ELANE Elane -
CEACAM8 - -
CAMP Camp -
CYP4F3 Cyp4f18 -
TNFRSF10C - -
CD3D Cd3d -
CD3E Cd3e -
CD3G Cd3g -
TRAC Trac trac
CD2 Cd2 -
CD5 Cd5 -
CD4 Cd4 cd4-1,cd4-2.1
CD8A Cd8a cd8a
CD8B Cd8b1 cd8b
BCL11B Bcl11b bcl11ba,bcl11bb
CD6 Cd6 -
KLRD1 Klrd1 -
KLRF1 - -
NCAM1 Ncam1 ncam1a,ncam1b
NCR1 Ncr1 -
XCL1 Xcl1 -
XCL2 - -
EOMES Eomes eomesa,eomesb
KLRC1 Klrc1 -
GNLY - nkl.1,nkl.2
CD160 Cd160 -
S1PR5 S1pr5 s1pr5a,s1pr5b
SH2D1B Sh2d1b1 -
CXCR6 Cxcr6 -
CD7 Cd7 -
KLRB1 Klrb1c -
CD247 Cd247 cd247,cd247l
CD19 Cd19 -
MS4A1 Ms4a1 -
BANK1 Bank1 -
CD22 Cd22 -
FCRLA Fcrla -
TNFRSF13C Tnfrsf13c -
CR2 Cr2 -
VPREB3 Vpreb3 -
CD37 Cd37 -
IGHG1 Ighg1 -
IGHA1 Igha -
IGKC Igkc -
JCHAIN Jchain -
MZB1 Mzb1 -
SDC1 Sdc1 -
PRDM1 Prdm1 prdm1a,prdm1b
IRF4 Irf4 irf4a,irf4b
TNFRSF17 Tnfrsf17 -
POU2AF1 Pou2af1 -
CD38 Cd38 -
IGLL5 - -
CD53 Cd53 -
ARHGDIB Arhgdib -
CD52 Cd52 -
SDS Sds -
G6PC1 G6pc1 g6pc1a.1,g6pc1a.2
FBP1 Fbp1 fbp1a,fbp1b
GLS2 Gls2 gls2a,gls2b
CYP2F1 Cyp2f2 -
APOA4 Apoa4 apoa4a,apoa4b.1,apoa4b.2
HSD17B6 Hsd17b6 -
CYP2E1 Cyp2e1 -
CYP1A2 Cyp1a2 -
CYP3A4 Cyp3a11 cyp3a65
CYP3A5 Cyp3a25 -
CYP2C8 Cyp2c37,Cyp2c50 -
CYP2C9 Cyp2c29 -
CYP2A6 Cyp2a4,Cyp2a5 -
CYP2B6 Cyp2b10 -
ADH1B Adh1 -
ADH4 Adh4 -
ALDH1A1 Aldh1a1 -
ALDH3A2 Aldh3a2 aldh3a2a,aldh3a2b
GSTA1 Gsta1 -
GSTM1 Gstm1 -
CES1 Ces1c,Ces1d,Ces1f -
NR1I3 Nr1i3 -
AHR Ahr ahr1b,ahr2
SLCO1B1 - -
SLCO1B3 Slco1b2 -
SLC22A1 Slc22a1 -
UGT2B7 Ugt2b5,Ugt2b35 -
UGT1A1 Ugt1a1 ugt1a1,ugt1b1
LGR5 Lgr5 -
TBX3 Tbx3 tbx3a,tbx3b
SLC1A2 Slc1a2 slc1a2a,slc1a2b
GLUL Glul glula,glulb
AKR1C1 Akr1c6 -
CYP1A1 Cyp1a1 cyp1a
POR Por pora,porb
HAMP Hamp,Hamp2 hamp
IGFBP2 Igfbp2 igfbp2a,igfbp2b
IGFBP1 Igfbp1 igfbp1a,igfbp1b
SCD Scd1 scd,scdb
ACLY Acly aclya,aclyb
MLXIPL Mlxipl -
FADS1 Fads1 -
MID1IP1 Mid1ip1 mid1ip1a,mid1ip1b
TM6SF2 Tm6sf2 tm6sf2a,tm6sf2b
LPIN1 Lpin1 lpin1a,lpin1b
SLC25A1 Slc25a1 slc25a1a,slc25a1b
PLIN4 Plin4 -
PLIN5 Plin5 -
HSD17B13 Hsd17b13 -
HSD17B11 Hsd17b11 -
HILPDA Hilpda -
MOGAT1 Mogat1 -
LIPE Lipe lipea,lipeb
ABHD5 Abhd5 abhd5a,abhd5b
FABP4 Fabp4 fabp4a,fabp4b
HMGCR Hmgcr hmgcra,hmgcrb
SQLE Sqle sqlea,sqleb
LDLR Ldlr ldlra,ldlrb
MVD Mvd mvda
CYP51A1 Cyp51 cyp51
PPARA Ppara pparaa,pparab
CPT1A Cpt1a cpt1aa,cpt1ab
HADHA Hadha hadhaa,hadhab
ACAA1 Acaa1a,Acaa1b acaa1
HMGCS2 Hmgcs2 -
CYP4A11 Cyp4a10,Cyp4a14 -
FABP1 Fabp1 fabp1a,fabp1b.1
ACSL1 Acsl1 acsl1a,acsl1b
CYP8B1 Cyp8b1 cyp8b1.1,cyp8b1.2,cyp8b1.3
CYP27A1 Cyp27a1 cyp27a1.1,cyp27a1.2,cyp27a1.4
ABCB11 Abcb11 abcb11b
NR0B2 Nr0b2 nr0b2a,nr0b2b
BAAT Baat -
SLC27A5 Slc27a5 -
AKR1D1 Akr1d1 -
SLC51B Slc51b -
SAA1 Saa1 saa
SAA2 Saa2 -
SAA4 Saa4 -
ORM1 Orm1 -
ORM2 Orm2 -
SERPINA3 Serpina3k,Serpina3n -
LBP Lbp -
C3 C3 c3a.1,c3a.2,c3a.3
HPX Hpx hpxa
ITIH3 Itih3 itih3a.1,itih3a.2
ITIH4 Itih4 -
LCN2 Lcn2 -
C4BPA C4bp -
SOCS3 Socs3 socs3a,socs3b
F9 F9 f9a,f9b
F11 F11 -
F12 F12 -
F13B F13b -
PROC Proc proca
SERPINF2 Serpinf2 serpinf2a,serpinf2b
C2 C2 -
C5 Hc c5
LECT2 Lect2 lect2.1
MTHFD1 Mthfd1 mthfd1a,mthfd1b
CBS Cbs cbsa,cbsb
QPRT Qprt -
INSR Insr insra,insrb
IRS2 Irs2 irs2a,irs2b
G6PD G6pdx g6pd
FOXO1 Foxo1 foxo1a,foxo1b
PPP1R3C Ppp1r3c ppp1r3ca,ppp1r3cb
PDK2 Pdk2 pdk2a,pdk2b
TXNIP Txnip txnipa,txnipb
AKR1B10 Akr1b8 -
GDF15 Gdf15 -
TNFRSF12A Tnfrsf12a -
CCL20 Ccl20 ccl20a.3,ccl20b
DUSP8 Dusp8 dusp8a
HECW1 Hecw1 hecw1b
IL32 - -
KRT23 Krt23 -
BAX Bax baxa,baxb
TNFRSF10B Tnfrsf10b -
IHH Ihh ihha,ihhb
NNMT Nnmt -
COL1A1 Col1a1 col1a1a,col1a1b
COL3A1 Col3a1 -
COL5A2 Col5a2 col5a2a,col5a2b
COL14A1 Col14a1 col14a1a
FN1 Fn1 fn1a,fn1b
LOX Lox loxa
LOXL2 Loxl2 loxl2a,loxl2b
TIMP1 Timp1 -
MMP14 Mmp14 mmp14a,mmp14b
THBS1 Thbs1 thbs1a,thbs1b
THBS2 Thbs2 thbs2a,thbs2b
ELN Eln elna,elnb
SERPINH1 Serpinh1 serpinh1a,serpinh1b
CCN2 Ccn2 ccn2a,ccn2b
TGFB1 Tgfb1 tgfb1a,tgfb1b
LTBP2 Ltbp2 -
PDGFA Pdgfa pdgfaa,pdgfab
LRAT Lrat lrata,lratb.1
RBP1 Rbp1 rbp1.1,rbp1.2
HGF Hgf hgfa,hgfb
NGFR Ngfr ngfra,ngfrb
CYGB Cygb cygb1,cygb2
NTM Ntm -
VIPR1 Vipr1 vipr1a,vipr1b
ECM1 Ecm1 ecm1b
BAMBI Bambi bambia,bambib
NOS3 Nos3 -
KLF2 Klf2 klf2a,klf2b
FCGR2B Fcgr2b -
ICAM1 Icam1 -
PGF Pgf pgfb
NOTCH1 Notch1 notch1a,notch1b
NOTCH4 Notch4 -
JAG1 Jag1 jag1a,jag1b
HES1 Hes1 her6
EFNB2 Efnb2 efnb2a,efnb2b
GJA5 Gja5 gja5a,gja5b
SOX4 Sox4 sox4a,sox4b
CD24 Cd24a -
TACSTD2 Tacstd2 -
STMN2 Stmn2 stmn2a,stmn2b
CXCL6 Cxcl5 -
CCL28 Ccl28 -
PROM1 Prom1 prom1a,prom1b
TREM2 Trem2 -
CD9 Cd9 cd9a,cd9b
FABP5 Fabp5 -
LPL Lpl lpla
LGALS3 Lgals3 lgals3a,lgals3b
CAPG Capg capga,capgb
CTSL Ctsl ctsla,ctslb
ATP6V0D2 Atp6v0d2 -
LIPA Lipa -
LGALS1 Lgals1 -
MMP12 Mmp12 -
CHI3L1 Chi3l1 -
TNF Tnf tnfa,tnfb
IL1A Il1a -
CXCL8 - cxcl8a,cxcl8b.1
CXCL1 Cxcl1 -
CXCL2 Cxcl2 -
CXCL3 Cxcl3 -
CCL2 Ccl2 -
CCL3 Ccl3 -
CCL4 Ccl4 -
NFKBIA Nfkbia nfkbiaa,nfkbiab
PTGS2 Ptgs2 ptgs2a,ptgs2b
IL18 Il18 -
IL1RN Il1rn -
OSM Osm -
EREG Ereg -
HLA-DRA - mhc2daa
HLA-DRB1 H2-Eb1 mhc2dab
HLA-DPA1 - -
HLA-DPB1 - -
HLA-DQA1 H2-Aa -
HLA-DQB1 H2-Ab1 -
HLA-DMA H2-DMa -
HLA-DMB H2-DMb1,H2-DMb2 -
CD74 Cd74 cd74a,cd74b
CD86 Cd86 -
CD80 Cd80 -
GZMA Gzma -
GZMB Gzmb -
GZMH - -
PRF1 Prf1 prf1.1,prf1.7
NKG7 Nkg7 -
CCL5 Ccl5 -
CST7 Cst7 -
KLRK1 Klrk1 -
FASLG Fasl faslg
IFNG Ifng ifng1
CTSW Ctsw -
PDCD1 Pdcd1 -
LAG3 Lag3 -
TIGIT Tigit -
CTLA4 Ctla4 -
ICOS Icos -
FOXP3 Foxp3 foxp3a
IL2RA Il2ra -
ACTB Actb actb1,actb2
ACTG1 Actg1 -
EEF1A1 Eef1a1 eef1a1a,eef1a1l1
EEF2 Eef2 eef2a.1,eef2b
FTH1 Fth1 fth1a,fth1b
FTL Ftl1 -
TMSB10 Tmsb10 -
PPIA Ppia ppiaa,ppiab
TUBB Tubb5 tubb5
FAU Fau faua,faub
H3-3B H3f3b -
HNRNPA1 Hnrnpa1 hnrnpa1a,hnrnpa1b
HNRNPA2B1 Hnrnpa2b1 -
SRSF3 Srsf3 srsf3b
MALAT1 Malat1 -
NEAT1 Neat1 -
ZEB2 Zeb2 zeb2a,zeb2b
SON Son sona
HLA-A H2-K1 mhc1zba
HLA-B H2-D1 mhc1uba
HLA-C - -
HLA-E H2-T23 -
PSMB8 Psmb8 psmb8a
PSMB9 Psmb9 psmb9a
RPL5 Rpl5 rpl5a,rpl5b
RPS8 Rps8 rps8a,rps8b
RPS27 Rps27 rps27.1,rps27.2
MT-ND1 mt-Nd1 mt-nd1
MT-ND2 mt-Nd2 mt-nd2
MT-ND3 mt-Nd3 mt-nd3
MT-ND4 mt-Nd4 mt-nd4
MT-ND5 mt-Nd5 mt-nd5
MT-CO1 mt-Co1 mt-co1
MT-CO2 mt-Co2 mt-co2
MT-CO3 mt-Co3 mt-co3
MT-ATP6 mt-Atp6 mt-atp6
MT-CYB mt-Cytb mt-cyb
NDUFA4 Ndufa4 ndufa4a,ndufa4b
UQCRC2 Uqcrc2 uqcrc2b
COX5A Cox5a cox5aa,cox5ab
ATP5F1A Atp5f1a atp5fa1
ATP5MC3 Atp5mc3 atp5mc3a,atp5mc3b
CLSPN Clspn -
BIRC5 Birc5 birc5a,birc5b
IFI6 - -
IFIT1 Ifit1 -
IFIT2 Ifit2 -
IFIT3 Ifit3 -
MX1 Mx1 mxa,mxb
OAS1 Oas1a -
OAS2 Oas2 -
OASL Oasl1 -
STAT1 Stat1 stat1a,stat1b
IRF1 Irf1 irf1a,irf1b
IFI44 Ifi44 -
HERC5 - -
CXCL9 Cxcl9 -
CXCL10 Cxcl10 -
CXCL11 Cxcl11 cxcl11.1
GBP1 Gbp2b gbp1
HIF1A Hif1a hif1aa,hif1ab
VEGFA Vegfa vegfaa,vegfab
CA9 Car9 ca9
ADM Adm adma
NDRG1 Ndrg1 ndrg1a,ndrg1b
ENO1 Eno1 eno1a,eno1b
ALDOA Aldoa aldoaa,aldoab
SLC2A1 Slc2a1 slc2a1a,slc2a1b
P4HA1 P4ha1 p4ha1a,p4ha1b
KDM3A Kdm3a -
TPI1 Tpi1 tpi1a,tpi1b
ATF4 Atf4 atf4a,atf4b
DNAJB9 Dnajb9 dnajb9a,dnajb9b
DNAJC3 Dnajc3 dnajc3a
NFE2L2 Nfe2l2 nfe2l2a,nfe2l2b
TXNRD1 Txnrd1 -
TXN Txn1 txn
GPX1 Gpx1 gpx1a,gpx1b
GPX4 Gpx4 gpx4a,gpx4b
KEAP1 Keap1 keap1a,keap1b
FOS Fos fosaa,fosab
JUNB Junb junba,junbb
IER2 Ier2 ier2a
IER3 Ier3 -
ZFP36 Zfp36 -
KLF6 Klf6 klf6a
MYC Myc myca,mycb
HSPA1A Hspa1a -
DNAJB1 Dnajb1 dnajb1a,dnajb1b
SMAD3 Smad3 smad3a,smad3b
SMAD4 Smad4 smad4a,smad4b
TGFBR1 Tgfbr1 tgfbr1a,tgfbr1b
TGFBR2 Tgfbr2 tgfbr2a,tgfbr2b
SKIL Skil skila,skilb
GSK3B Gsk3b gsk3ba,gsk3bb
LAMP1 Lamp1 lamp1b
NPC2 Npc2 npc2.1,npc2.2
ULK1 Ulk1 ulk1a,ulk1b
XIST Xist -
TSIX Tsix -
DDX3Y Ddx3y -
KDM5D Kdm5d -
UTY Uty -
EIF1AY - -
RPS4Y1 - -
USP9Y Usp9y -
"""
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


def _table() -> dict[str, dict[Species, tuple[str, ...]]]:
    names: dict[str, dict[Species, tuple[str, ...]]] = {
        gene: {"mouse": (gene.capitalize(),), "zebrafish": (gene.lower(),)} for gene in _REGULAR.split()
    }
    for line in _TABLE.strip().splitlines():
        human, *others = line.split()
        mouse, zebrafish = (() if other == "-" else tuple(other.split(",")) for other in others)
        names[human] = {"mouse": mouse, "zebrafish": zebrafish}
    return names


ORTHOLOGS: Final = _table()
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
