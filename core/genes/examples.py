"""Example genes: known markers of liver cell types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.atlas.store import Atlas

if TYPE_CHECKING:
    from collections.abc import Iterator


# Shown until a gene is chosen: markers of the liver, then of blood.
EXAMPLES = ("ALB", "CYP2E1", "APOA1", "fabp10a", "CD3D", "LYZ", "NKG7", "TTR", "APOC3", "HBB", "PTPRC")


def known_markers(atlas: Atlas) -> Iterator[str]:
    """List those of `EXAMPLES` that the atlas has and some cell expresses, in the atlas' own spelling."""
    expressed = atlas.layer().stats.n_nonzero
    for wanted in EXAMPLES:
        for found in atlas.genes.search(wanted, limit=1):
            if atlas.genes.names[found].casefold() == wanted.casefold() and expressed[found]:
                yield atlas.genes.names[found]


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
