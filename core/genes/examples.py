"""Example genes, and the known markers of the cell types of the liver."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from core.atlas.store import Atlas
from core.genes.orthologs import counterparts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.genes.orthologs import Orthologs


# Shown until a gene is chosen: markers of the liver, then of blood.
EXAMPLES = ("ALB", "CYP2E1", "APOA1", "fabp10a", "CD3D", "LYZ", "NKG7", "TTR", "APOC3", "HBB", "PTPRC")


# Offered on the home page, with what each stands for.
SHOWN = {
    "CYP2E1": "Pericentral hepatocytes",
    "ASS1": "Periportal hepatocytes",
    "KRT19": "Cholangiocytes",
    "STAB2": "Sinusoidal endothelium",
    "COL1A1": "Scar-forming mesenchyme",
    "TREM2": "Lipid- and scar-associated macrophages",
    "CD163": "Kupffer cells and other macrophages",
    "CD3D": "T cells",
}

# Markers of the cell types of the liver, in the order of the lineages.
LIVER: tuple[tuple[str, ...], ...] = (
    ("ALB", "APOA1", "CYP2E1"),
    ("KRT19", "EPCAM"),
    ("STAB2", "CLEC4G", "PECAM1", "VWF"),
    ("DCN", "COL1A1", "ACTA2"),
    ("CD68", "CD163", "MARCO", "TREM2", "S100A8"),
    ("CD3D", "NKG7", "CD79A", "JCHAIN"),
)


def liver_markers(atlas: Atlas, orthologs: Orthologs) -> list[str]:
    """List the markers of `LIVER` that some cell expresses, as the species of the atlas spells them.

    A gene of which the species has several orthologs is shown by the first.
    """
    expressed = atlas.layer().stats.n_nonzero
    found: dict[str, None] = {}
    for wanted in chain.from_iterable(LIVER):
        index = atlas.genes
        here = [index.names[index.resolve(wanted)]] if index.spelled(wanted) else []
        here = here or list(counterparts(atlas, wanted, orthologs).here) or spelled_so(atlas, wanted)
        found |= dict.fromkeys(name for name in here[:1] if expressed[index.resolve(name)])
    return list(found)


def known_markers(atlas: Atlas) -> Iterator[str]:
    """List those of `EXAMPLES` that the atlas has and some cell expresses, in the atlas' own spelling."""
    expressed = atlas.layer().stats.n_nonzero
    for wanted in EXAMPLES:
        for found in atlas.genes.search(wanted, limit=1):
            if atlas.genes.names[found].casefold() == wanted.casefold() and expressed[found]:
                yield atlas.genes.names[found]


def spelled_so(atlas: Atlas, wanted: str) -> list[str]:
    """Find a marker whatever its case; none where the name fits several genes."""
    found = [atlas.genes.names[gene] for gene in atlas.genes.search(wanted, limit=2)]
    same = [name for name in found if name.casefold() == wanted.casefold()]
    return same if len(same) == 1 else []


def example_gene(atlas: Atlas, besides: str = "") -> str:
    """Choose a gene to show first: a known marker, else the most overdispersed gene (variance / mean).

    Parameters
    ----------
    besides
        The display name of a gene that is looked at already; it is the answer only where there is no other.
    """
    marker = next((name for name in known_markers(atlas) if name != besides), None)
    if marker is not None:
        return marker
    stats = atlas.layer().stats
    with np.errstate(divide="ignore", invalid="ignore"):
        dispersion = np.nan_to_num(stats.variance / stats.mean, nan=-1.0, posinf=-1.0)
    order = np.argsort(-dispersion, kind="stable")[:2].tolist()
    return next((atlas.genes.names[gene] for gene in order if atlas.genes.names[gene] != besides), besides)
