"""Three small atlases whose genes are related by the table that comes with the program."""

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.services.container import Services
from core.settings.settings import load
from tests.factories import imported

GENES = {
    "human": ("ALB", "APOA1", "COL1A1", "CYP2E1", "GENE1", "GENE2"),
    "mouse": ("Alb", "Apoa1", "Col1a1", "Cyp2e1", "Gene1", "Lyz1", "Lyz2"),
    "zebrafish": ("apoa1a", "apoa1b", "col1a1a", "col1a1b", "gene1", "gene2", "gene3"),
}
TYPES = {
    "human": ("Hepatocyte", "Kupffer cell", "LSEC"),
    "mouse": ("Hepatocytes", "macrophage", "LSEC", "mystery"),
    "zebrafish": ("Hep PP", "Hep PC", "LSEC"),
}


def counts_of(species):
    """Return cells by genes; the first type of each species has no count of its last gene."""
    rng = np.random.default_rng(sorted(GENES).index(species))
    counts = rng.poisson(rng.gamma(1.0, 1.0, len(GENES[species])), (60, len(GENES[species])))
    counts[:, 0] += 1
    counts[types_of(species) == TYPES[species][0], -1] = 0
    return counts


def types_of(species):
    """Return the type of each cell; of the last some have none."""
    return np.array([*np.resize(TYPES[species], 57), "", "", ""], dtype=object)


def write(path, species):
    kinds = types_of(species)
    obs = pd.DataFrame(
        {
            "CellType": pd.Categorical([kind or None for kind in kinds]),
            "Sample": pd.Categorical(np.resize(["d1", "d2"], len(kinds))),
            "Group": pd.Categorical(np.resize(["Healthy", "MASH"], len(kinds))),
        },
        index=[f"cell{at}" for at in range(len(kinds))],
    )
    matrix = sparse.csr_matrix(counts_of(species).astype(np.float32))
    made = anndata.AnnData(matrix, obs, pd.DataFrame(index=list(GENES[species])))
    made.obsm["X_umap"] = np.random.default_rng(0).normal(size=(len(kinds), 2)).astype(np.float32)
    made.write_h5ad(path)
    return path


@pytest.fixture(scope="session")
def three(tmp_path_factory):
    """Return the services of human/liver, mouse/liver and zebrafish/liver."""
    directory = tmp_path_factory.mktemp("species")
    for species in GENES:
        (directory / species).mkdir()
        imported(
            directory / "data",
            write(directory / species / "liver.h5ad", species),
            species=species,
            title=f"{species} liver",
            simulated=species == "zebrafish",
        )
    return Services.of(load(data_dir=directory / "data", correlation_cache=False))
