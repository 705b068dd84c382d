"""The cell types of the simulated liver, and how their proportions shift from health to cirrhosis.

The shifts follow what single-cell studies report, in direction and rough size: scar-associated macrophages,
myofibroblasts and scar-associated endothelium expand while Kupffer cells are lost [1]_ [2]_ [3]_; cholangiocytes expand
in the ductular reaction [4]_; LSEC decline as sinusoids capillarise [1]_; lymphocytes and plasma cells accumulate [5]_
[6]_. The baseline mixes what dissociated cells and nuclei show of a healthy human liver [7]_ [8]_: neither captures
hepatocytes in their true share. The figures themselves are chosen, not measured.

References
----------
.. [1] Ramachandran P et al. Resolving the fibrotic niche of human liver cirrhosis at single-cell level. Nature 2019.
.. [2] Remmerie A et al. Osteopontin expression identifies a subset of recruited macrophages distinct from Kupffer cells
   in the fatty liver. Immunity 2020.
.. [3] Xiong X et al. Landscape of intercellular crosstalk in healthy and NASH liver revealed by single-cell secretome
   gene analysis. Molecular Cell 2019.
.. [4] Gadd VL et al. The portal inflammatory infiltrate and ductular reaction in human nonalcoholic fatty liver
   disease. Hepatology 2014.
.. [5] Dudek M et al. Auto-aggressive CXCR6+ CD8 T cells cause liver immune pathology in NASH. Nature 2021.
.. [6] Barrow F et al. Microbiota-driven activation of intrahepatic B cells aggravates NASH through innate and adaptive
   signaling. Hepatology 2021.
.. [7] MacParland SA et al. Single cell RNA sequencing of human liver reveals distinct intrahepatic macrophage
   populations. Nature Communications 2018.
.. [8] Aizarani N et al. A human liver cell atlas reveals heterogeneity and epithelial progenitors. Nature 2019.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

GROUPS: Final = ("Healthy", "MASL", "MASH", "Cirrhosis")
"""The groups, in the order of the disease."""

ZONES: Final = ("Hepatocyte (periportal)", "Hepatocyte (midzonal)", "Hepatocyte (pericentral)")
"""Hepatocyte labels: the thirds of the zonation coordinate, 0 at the portal triad and 1 at the central vein."""

_PERCENT: Final[dict[str, tuple[float, float, float, float]]] = {
    # cell type:               Healthy  MASL  MASH  Cirrhosis
    "Hepatocyte (periportal)": (15.5, 15.0, 13.5, 11.5),
    "Hepatocyte (midzonal)": (15.5, 15.0, 12.5, 9.5),
    "Hepatocyte (pericentral)": (14.5, 13.5, 10.0, 6.5),
    "Cholangiocyte": (4.0, 4.2, 6.0, 9.0),
    "LSEC": (11.0, 10.5, 9.0, 6.0),
    "Endothelial cell": (2.5, 2.8, 3.8, 6.5),
    "Hepatic stellate cell": (5.0, 5.2, 5.0, 4.0),
    "Myofibroblast": (0.6, 0.9, 2.6, 5.5),
    "Kupffer cell": (8.0, 7.5, 5.5, 3.0),
    "Scar-associated macrophage": (0.4, 1.2, 4.0, 6.0),
    "Monocyte": (4.0, 4.5, 5.5, 5.5),
    "cDC": (1.5, 1.6, 2.0, 2.0),
    "Neutrophil": (2.0, 2.4, 3.5, 3.0),
    "T cell": (8.0, 8.5, 10.0, 12.5),
    "NK cell": (5.0, 4.7, 4.0, 3.5),
    "B cell": (1.7, 1.8, 2.1, 3.5),
    "Plasma cell": (0.8, 0.7, 1.0, 2.5),
}

CELL_TYPES: Final = tuple(_PERCENT)
"""The names of the cell types, parenchyma first."""

LINEAGES: Final[dict[str, tuple[str, ...]]] = {
    "Hepatocyte": ZONES,
    "Epithelial": (*ZONES, "Cholangiocyte"),
    "Endothelial": ("LSEC", "Endothelial cell"),
    "Mesenchymal": ("Hepatic stellate cell", "Myofibroblast"),
    "Macrophage": ("Kupffer cell", "Scar-associated macrophage"),
    "Mononuclear": ("Kupffer cell", "Scar-associated macrophage", "Monocyte"),
    "Myeloid": ("Kupffer cell", "Scar-associated macrophage", "Monocyte", "cDC", "Neutrophil"),
    "Antigen presenting": ("Kupffer cell", "Scar-associated macrophage", "Monocyte", "cDC", "B cell"),
    "T/NK": ("T cell", "NK cell"),
    "B/plasma": ("B cell", "Plasma cell"),
    "Lymphoid": ("T cell", "NK cell", "B cell", "Plasma cell"),
    "Immune": CELL_TYPES[CELL_TYPES.index("Kupffer cell") :],
    "Dividing": (*ZONES, *CELL_TYPES[3 : CELL_TYPES.index("Neutrophil")], "T cell", "NK cell", "B cell"),
    "All": CELL_TYPES,
}
"""Names a gene programme may use for several cell types at once."""

NEIGHBOURS: Final[dict[str, str]] = {
    "Cholangiocyte": "Hepatocyte (periportal)",
    "LSEC": "Endothelial cell",
    "Endothelial cell": "LSEC",
    "Hepatic stellate cell": "Myofibroblast",
    "Myofibroblast": "Hepatic stellate cell",
    "Kupffer cell": "Monocyte",
    "Scar-associated macrophage": "Monocyte",
    "Monocyte": "Scar-associated macrophage",
    "cDC": "Monocyte",
    "Neutrophil": "Monocyte",
    "T cell": "NK cell",
    "NK cell": "T cell",
    "B cell": "Plasma cell",
    "Plasma cell": "B cell",
}
"""The type towards which cells of a type lean, more or less: real types are not islands. Hepatocytes have an axis."""

LIBRARY: Final[dict[str, float]] = {
    **dict.fromkeys(ZONES, 3600.0),
    "Cholangiocyte": 2000.0,
    "Hepatic stellate cell": 1500.0,
    "Myofibroblast": 2000.0,
    "Scar-associated macrophage": 2000.0,
    "Kupffer cell": 1600.0,
    "Plasma cell": 1900.0,
    "Neutrophil": 700.0,
}
"""Median counts a cell over the whole panel; `OTHER_LIBRARY` for the types not named."""

OTHER_LIBRARY: Final = 1200.0


def leaning() -> npt.NDArray[np.int64]:
    """Return the code of each cell type's neighbour, (n_cell_types,) int64: its own where it has none."""
    return np.array([CELL_TYPES.index(NEIGHBOURS.get(name, name)) for name in CELL_TYPES])


def library() -> npt.NDArray[np.float64]:
    """Return the median counts a cell over the whole panel, (n_cell_types,) float64."""
    return np.array([LIBRARY.get(name, OTHER_LIBRARY) for name in CELL_TYPES])


def members(name: str) -> tuple[str, ...]:
    """Return the cell types a programme means by ``name``: a lineage, or one cell type."""
    return LINEAGES[name] if name in LINEAGES else (CELL_TYPES[CELL_TYPES.index(name)],)


def proportions() -> npt.NDArray[np.float64]:
    """Return the expected share of each cell type in each group.

    Returns
    -------
    (n_groups, n_cell_types) float64; each row sums to 1. Rows follow `GROUPS`, columns `CELL_TYPES`.
    """
    percent = np.array(list(_PERCENT.values()), dtype=np.float64).T
    return percent / percent.sum(axis=1, keepdims=True)
