"""Power of the comparisons of species on the three simulated livers, of which the truth is known.

The livers share programmes, levels and changes (`Simulated.truth`). What differs is planted here, in mouse and in
zebrafish by genes of their own: fifteen expressed genes without a change are thinned to a tenth in the sick animals,
and four genes of the lipogenic programme are shuffled among the hepatocytes, so that they keep their level and follow
the programme no more. Each comparison is of 1:1 orthologs, of 4,000 cells and 16 donors a species.
"""

import anndata
import numpy as np
import pandas as pd
import pytest

from core.analysis.concordance import concordance
from core.analysis.conserved_correlates import conserved_correlates
from core.analysis.correlation import CorrelationParams, correlates
from core.analysis.differences import differences
from core.analysis.matched_contrast import matched_sides, of_types
from core.analysis.shared_genes import shared_genes
from core.analysis.sides import Sides
from core.atlas.catalog import Catalog
from core.demo.orthologs import one_to_one
from core.demo.programs import PROGRAMS
from core.demo.simulate import simulate
from core.selection.model import Selection
from tests.factories import imported

pytestmark = pytest.mark.slow
KIND = "Hepatocyte (periportal)"
SPECIES = ("human", "mouse", "zebrafish")
PAIRS = (("human", "mouse"), ("human", "zebrafish"), ("mouse", "zebrafish"))
N_CELLS = 4_000
THINNED, KEPT, SHUFFLED = 15, 0.1, 4
# Log2 fold change in both, and counts a cell, from which a change has to be found.
CHANGE, EXPRESSED = 1.5, 0.3
QUERY = "FASN"
LIPOGENIC = [gene for each in PROGRAMS if each.name == "De novo lipogenesis" for gene in each.genes if gene != QUERY]
POWER, FALSE = 0.8, 0.05
# Changes in two species that are less apart are the same.
ALIKE = 0.1


class Livers:
    """Atlases with their truth, by species; genes by their human names."""

    def __init__(self, directory):
        rng = np.random.default_rng(0)
        names = one_to_one()
        made = {species: simulate(species, N_CELLS, 1) for species in SPECIES}
        self.name = {species: {human: row[species] for human, row in names.items()} for species in SPECIES}
        truth = {
            species: each.truth[(each.truth["CellType"] == KIND) & (each.truth["Group"] == "Cirrhosis")]
            .set_index("Gene")["Log2FC"]
            for species, each in made.items()
        }  # fmt: skip
        self.change = {
            species: {human: truth[species].get(name, 0.0) for human, name in self.name[species].items()}
            for species in SPECIES
        }
        dense = {species: each.counts.toarray() for species, each in made.items()}
        place = {
            species: {human: made[species].var.index.get_loc(name) for human, name in self.name[species].items()}
            for species in SPECIES
        }
        self.mean = {
            species: {
                human: dense[species][(made[species].obs["CellType"] == KIND).to_numpy(), at].mean()
                for human, at in place[species].items()
            }
            for species in SPECIES
        }
        still = [
            gene for gene in names if gene not in LIPOGENIC and not any(self.change[each][gene] for each in SPECIES)
        ]
        high = [gene for gene in still if min(self.mean[each][gene] for each in SPECIES) > EXPRESSED]
        shuffled = [gene for gene in LIPOGENIC if gene in names]
        self.thinned = {"human": [], "mouse": high[:THINNED], "zebrafish": high[THINNED : 2 * THINNED]}
        self.shuffled = {
            "human": [],
            "mouse": shuffled[:SHUFFLED],
            "zebrafish": shuffled[SHUFFLED : 2 * SHUFFLED],
        }
        for species in SPECIES[1:]:
            obs = made[species].obs
            sick = np.flatnonzero((obs["Group"] == "Cirrhosis").to_numpy())
            for gene in self.thinned[species]:
                at = place[species][gene]
                dense[species][sick, at] = rng.binomial(dense[species][sick, at], KEPT)
            cells = np.flatnonzero(obs["CellType"].str.startswith("Hepatocyte").to_numpy())
            for gene in self.shuffled[species]:
                at = place[species][gene]
                dense[species][cells, at] = rng.permutation(dense[species][cells, at])
        self.atlas = {}
        for species in SPECIES:
            symbols = pd.DataFrame(index=made[species].var.index)
            cells = anndata.AnnData(dense[species].astype(np.float32), made[species].obs, symbols)
            cells.obsm["X_umap"] = rng.normal(size=(N_CELLS, 2)).astype(np.float32)
            cells.write_h5ad(directory / f"{species}.h5ad")
            imported(directory / "data", directory / f"{species}.h5ad", species=species, name=species)
            self.atlas[species] = Catalog(directory / "data").get(f"{species}/{species}")

    def verdicts(self, species, table):
        """Return the verdicts of the genes without paralogs in any species, by their human names."""
        human = {name: human for human, name in self.name[species].items()}
        rows = table.to_pandas()
        rows["human"] = rows["gene"].map(human)
        return rows[(rows["verdict"] != "") & rows["human"].notna()].set_index("human")["verdict"]


@pytest.fixture(scope="module")
def livers(tmp_path_factory):
    """Return the three livers with what is planted."""
    return Livers(tmp_path_factory.mktemp("livers"))


@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
def test_changes_are_found_to_agree_and_to_differ(livers, data, pool, pair):
    """80 % of shared and of planted changes are found.

    Of the genes that change nowhere at most 5 % get a verdict; of those that are called opposite or differing at most
    10 % change alike in truth, and of those that are called to agree at most 5 % do not.
    """
    atlases = tuple(livers.atlas[species] for species in pair)
    one = Sides.of(atlases[0], "Group", ["Cirrhosis"], ["Healthy"])
    tables = tuple(
        differences(atlas, of_types(atlas, sides, [KIND]), pool)
        for atlas, sides in zip(atlases, (one, matched_sides(one, atlases[1])), strict=True)
    )
    verdict = livers.verdicts(pair[0], concordance(tables, shared_genes(*atlases, data).names(*atlases), 0.05, 0.0))
    change, mean = (
        pd.DataFrame({species: found[species] for species in pair}).loc[verdict.index]
        for found in (livers.change, livers.mean)
    )
    planted = verdict.index.isin([gene for species in pair for gene in livers.thinned[species]])
    apart = verdict.isin(["opposite", "differ"])
    shared = (change.abs().min(axis=1) >= CHANGE) & (mean.min(axis=1) > EXPRESSED) & ~planted
    assert shared.sum() >= 8
    assert (verdict[shared] == "agree").mean() >= POWER
    assert planted.sum() >= THINNED
    assert apart[planted].mean() >= POWER
    neither = (change == 0).all(axis=1) & ~planted
    assert neither.sum() >= 70
    assert verdict[neither].isin(["agree", "opposite", "differ"]).mean() <= FALSE
    alike = ((change[pair[0]] - change[pair[1]]).abs() < ALIKE) & ~planted
    assert alike[apart].mean() <= 2 * FALSE
    agree = change[verdict == "agree"]
    assert (np.sign(agree[pair[0]]) != np.sign(agree[pair[1]])).mean() <= FALSE


@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
def test_correlates_are_found_to_be_conserved_lost_and_gained(livers, data, pool, pair):
    """80 % of the shared programme are conserved, 80 % of what is planted are lost or gained.

    Of the genes outside the programme at most 5 % are called conserved, opposite, lost or gained.
    """
    atlases = tuple(livers.atlas[species] for species in pair)
    tables = []
    for atlas, species in zip(atlases, pair, strict=True):
        names = [name for name in atlas.categorical("CellType").categories if name.startswith("Hepatocyte")]
        cells = Selection.of({"CellType": names})
        asked = CorrelationParams.of(atlas, livers.name[species][QUERY], selection=cells)
        tables.append(correlates(atlas, asked, pool))
    names = shared_genes(*atlases, data).names(*atlases)
    verdict = livers.verdicts(pair[0], conserved_correlates((tables[0], tables[1]), names, 20, 0.1))
    gained, lost = (livers.shuffled[species] for species in pair)
    shared = [gene for gene in LIPOGENIC if gene in verdict and gene not in (*lost, *gained)]
    assert len(shared) >= 5
    assert (verdict[shared] == "conserved").mean() >= POWER
    for genes, name in ((lost, "lost"), (gained, "gained")):
        assert not genes or (verdict[genes] == name).mean() >= POWER, verdict[genes]
    others = verdict[~verdict.index.isin(LIPOGENIC)]
    assert others.isin(["conserved", "opposite", "lost", "gained"]).mean() <= FALSE
