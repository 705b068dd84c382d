"""Atlases of two species with shared and planted differences, on genes that are 1:1 orthologs in the built-in table."""

import numpy as np
import pandas as pd
from scipy import sparse

from core.genes.ortholog_table import ORTHOLOGS, SPECIES

TYPES = ("Hepatocyte", "Kupffer cell", "LSEC")
# Human names of genes with one ortholog in each species.
GENES = [gene for gene, found in ORTHOLOGS.items() if all(len(found[kind]) == 1 for kind in SPECIES[1:])][:240]
MARKERS = {kind: GENES[15 * at : 15 * at + 15] for at, kind in enumerate(TYPES)}
# Changes in MASH in hepatocytes: the same in both species, opposite, and in the first species only.
UP, DOWN, TURNED, FIRST_ONLY = GENES[45:55], GENES[55:65], GENES[65:71], GENES[71:77]
# Programmes of hepatocytes: one of all species, one of human alone, one of the others.
SHARED, HUMAN, OTHERS = GENES[77:97], GENES[97:107], GENES[107:117]
QUERY = SHARED[0]


def name_in(species, gene):
    """Name a human gene in a species."""
    return gene if species == "human" else ORTHOLOGS[gene][species][0]


def liver(species="human", *, n_donors=8, n_cells=40, seed=0, types=TYPES, names=None, paired=False):
    """Make an AnnData of raw counts: donors of Healthy and MASH in turn, cells of each type a donor.

    Where `paired`, two donors in turn are one patient before and after, in a column Patient.
    """
    import anndata

    rng = np.random.default_rng([seed, SPECIES.index(species)])
    means = np.random.default_rng(5).gamma(2.0, 1.0, len(GENES)) + 0.4
    means *= np.exp(rng.normal(0, 0.3, len(GENES)))
    place = {gene: at for at, gene in enumerate(GENES)}
    change = dict.fromkeys(UP, 2.0) | dict.fromkeys(DOWN, -2.0)
    change |= dict.fromkeys(TURNED, 2.0 if species == "human" else -2.0)
    change |= dict.fromkeys(FIRST_ONLY, 2.5 if species == "human" else 0.0)
    rows, obs = [], []
    for donor in range(n_donors):
        group = "MASH" if donor % 2 else "Healthy"
        level = means * rng.gamma(40, 1 / 40, len(GENES))
        for kind in TYPES:
            log = np.zeros((n_cells, len(GENES)))
            log[:, [place[gene] for gene in MARKERS[kind]]] += np.log(8)
            if kind == TYPES[0]:
                if group == "MASH":
                    for gene, size in change.items():
                        log[:, place[gene]] += size * np.log(2)
                common, own = rng.normal(size=(2, n_cells, 1))
                log[:, [place[gene] for gene in SHARED]] += common
                # What one species alone adds to the programme; in the other it varies by itself.
                for genes, is_here in ((HUMAN, species == "human"), (OTHERS, species != "human")):
                    log[:, [place[gene] for gene in genes]] += common if is_here else own
            rows.append(rng.poisson(level * np.exp(log)))
            obs += [(kind, group, f"d{donor}", "FM"[donor // 2 % 2], f"p{donor // 2}")] * n_cells
    frame = pd.DataFrame(obs, columns=["CellType", "Group", "Donor", "Sex", "Patient"])
    if not paired:
        del frame["Patient"]
    kept = frame["CellType"].isin(types).to_numpy()
    frame = frame[kept].reset_index(drop=True)
    for name in frame:
        frame[name] = pd.Categorical(frame[name])
    frame.index = [f"cell{at}" for at in range(len(frame))]
    symbols = [name_in(names or species, gene) for gene in GENES]
    made = anndata.AnnData(
        sparse.csr_matrix(np.vstack(rows)[kept].astype(np.float32)), frame, pd.DataFrame(index=symbols)
    )
    made.obsm["X_umap"] = rng.normal(size=(len(frame), 2)).astype(np.float32)
    return made
