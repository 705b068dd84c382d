"""Lineages by name: known vocabularies go where a reader expects them, and what is not sure is Other."""

import pytest

from core.atlas.lineages import LINEAGES, OTHER, are_of_liver, lineages_of
from core.demo.cell_types import CELL_TYPES

KNOWN = {
    "Hepatocyte": (
        "Hepatocyte", "hepatocytes", "Hepatocyte (periportal)", "HepatocytePericentral", "Hep_1", "Hep3", "Heps",
        "midzonal region hepatocyte",
    ),
    "Cholangiocyte": ("Cholangiocytes", "cholangiocyte_2", "bile duct epithelial cell", "Biliary epithelial cells"),
    "Endothelial": (
        "LSECs", "LSEC", "Endothelial cells", "endothelial cell of hepatic sinusoid", "Central_venous_LSECs",
        "Portal_endothelial_Cells", "Endothelia", "liver sinusoidal endothelial cell", "EC",
    ),
    "Mesenchymal": (
        "Hepatic_Stellate_Cells", "hepatic stellate cell", "HSC", "Fibroblasts", "Myofibroblast", "VSMC",
        "vascular associated smooth muscle cell", "Mesenchyme", "Pericytes", "portal fibroblast",
    ),
    "Macrophage/monocyte": (
        "Kupffer cell", "KCs", "inflammatory_Macs", "Non-inflammatory_Macs", "Monocytes & Monocyte-derived cells",
        "Scar-associated macrophage", "LAMs", "MoMac1", "MPs", "classical monocyte",
    ),
    "T/NK": (
        "T cell", "Tcells", "CD3+_alpha_beta_T_Cells", "gamma-delta_T_Cells_1", "CD8+ T", "NK-like_Cells", "NK cell",
        "Circulating NK/NKT", "natural killer cell", "Tregs", "MAIT", "T/NK cells", "T",
    ),
    "B/plasma": ("Mature_B_Cells", "B cells", "Plasma cells", "plasmablast", "B", "naive B"),
    OTHER: (
        "cDC1s", "pDCs", "Plasmacytoid dendritic cell", "Neutrophil", "Erythroid_Cells", "ILC1s", "Platelets",
        "Cycling cells", "Epithelial cell", "cluster 3", "Hepatocyte/Kupffer doublet", "T cell-B cell", "Mesothelial",
        "Hepatocellular carcinoma", "Non-parenchymal cells", "hepatoblast", "", "<b>x</b>", "cell type B", "Thep",
        "MPP", "heparin", "Macular", "Basophils",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lineage", "name"), [(lineage, name) for lineage, names in KNOWN.items() for name in names])
def test_a_name_goes_to_one_lineage(lineage, name):
    assert lineages_of([name]) == {name: lineage}


def test_every_lineage_is_tried_and_each_name_answered():
    assert tuple(KNOWN) == LINEAGES
    names = [name for names in KNOWN.values() for name in names]
    assert list(lineages_of(names)) == names


def test_hsc_is_a_stem_cell_beside_others_of_blood():
    found = lineages_of(["HSC", "Hepatic stellate cell", "Erythroblast", "Hepatocyte"])
    assert found == {
        "HSC": OTHER,
        "Hepatic stellate cell": "Mesenchymal",
        "Erythroblast": OTHER,
        "Hepatocyte": "Hepatocyte",
    }


def test_the_demo_is_a_liver_and_blood_is_none():
    found = lineages_of(CELL_TYPES)
    assert are_of_liver(found)
    assert {name for name, lineage in found.items() if lineage == OTHER} == {"cDC", "Neutrophil"}
    assert not are_of_liver(lineages_of(["T cell", "B cell", "Monocyte", "NK"]))
    assert not are_of_liver(lineages_of(["Hepatocyte"]))
    assert not are_of_liver(lineages_of([]))
