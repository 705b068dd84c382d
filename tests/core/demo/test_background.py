"""Genes outside the programmes: their names, their noise, and changes of known size."""

import numpy as np
import pandas as pd
import pytest

from core.demo import background, orthologs
from core.demo.cell_types import CELL_TYPES
from core.demo.simulate import ENOUGH, FEWEST, RARE, simulate
from core.genes.ortholog_table import SPECIES


@pytest.mark.parametrize("species", SPECIES)
def test_genes_are_real_and_unique(species):
    symbols = [symbol for symbol, _, _ in background.genes(species)]
    panel = [symbol for symbol, _, _ in orthologs.genes(species)]
    assert len(set(symbols)) == len(symbols)
    assert not set(symbols) & set(panel)
    assert len(symbols) + len(panel) >= 12_000
    assert all(symbol and symbol == symbol.strip() for symbol in symbols)


def test_noncoding_and_unannotated_genes_are_there():
    human = [symbol for symbol, _, _ in background.genes("human")]
    assert sum(symbol.startswith("LINC") for symbol in human) >= 300
    assert sum("-AS" in symbol for symbol in human) >= 200
    assert sum(symbol.startswith("LOC") for symbol in human) >= 400
    known = {human: mouse for human, mouse, _ in background.table()}
    assert known["TP53"] == "Trp53"


@pytest.fixture(scope="module")
def small():
    return simulate("human", 320, 3, background=True, threads=2)


def test_the_programmes_stay_in_front(small):
    panel = [symbol for symbol, _, _ in orthologs.genes("human")]
    assert list(small.var.index[: len(panel)]) == panel
    assert small.counts.shape == (320, len(panel) + len(background.genes("human")))
    assert small.counts.dtype == np.int32
    assert small.counts.has_sorted_indices
    assert small.var.index.is_unique


def test_the_number_of_threads_changes_nothing(small):
    again = simulate("human", 320, 3, background=True, threads=1)
    assert (small.counts != again.counts).nnz == 0
    pd.testing.assert_frame_equal(small.truth, again.truth)


def test_batches_hold_half_of_each_group_and_sex(small):
    donors = small.obs.groupby("Sample", observed=True)[["Group", "Sex", "Batch"]].first()
    table = donors.groupby(["Group", "Batch"], observed=True).agg(["size", "nunique"])["Sex"]
    assert (table["size"] == 2).all()
    assert (table["nunique"] == 2).all()


def test_one_donor_is_poor(small):
    depth = pd.Series(np.asarray(small.counts.sum(axis=1)).ravel(), small.obs["Sample"].to_numpy()).groupby(level=0)
    assert depth.median().idxmin() == small.obs["Sample"].cat.categories[background.OUTLIER]


@pytest.mark.slow
def test_rare_types_stand_in_every_donor():
    atlas = simulate("human", 16 * ENOUGH + 2_000, 5, background=True, threads=2)
    per_donor = pd.crosstab(atlas.obs["Sample"], atlas.obs["CellType"])
    large = per_donor.sum(axis=1) >= ENOUGH
    assert large.sum() >= 12
    assert (per_donor.loc[large, list(RARE)] >= FEWEST).all(axis=None)


def test_truth_names_known_directions(small):
    truth = small.truth.set_index(["CellType", "Gene", "Group"])["Log2FC"]
    hepatocyte = "Hepatocyte (midzonal)"
    assert truth[hepatocyte, "AKR1B10", "Cirrhosis"] > 1
    assert truth[hepatocyte, "CYP7A1", "Cirrhosis"] < -0.5
    assert truth[hepatocyte, "FASN", "MASL"] > truth[hepatocyte, "FASN", "Cirrhosis"]
    assert (hepatocyte, "MALAT1", "Cirrhosis") not in truth
    assert "Healthy" not in truth.index.get_level_values("Group")
    planted = small.truth[~small.truth["Gene"].isin([symbol for symbol, _, _ in orthologs.genes("human")])]
    share = planted[planted["Group"] == "Cirrhosis"].groupby("CellType").size() / len(background.genes("human"))
    assert set(share.index) == set(CELL_TYPES)
    assert share.between(0.015, 0.035).all()


@pytest.mark.slow
def test_planted_changes_are_seen():
    """Over many cells of the hepatocytes, sums of counts move as the truth says, and others stay."""
    atlas = simulate("human", 4_000, 7, background=True, threads=2)
    kind = atlas.obs["CellType"] == "Hepatocyte (midzonal)"
    sums = {}
    for group in ("Healthy", "Cirrhosis"):
        cells = (kind & (atlas.obs["Group"] == group)).to_numpy()
        sums[group] = np.asarray(atlas.counts[cells].sum(axis=0)).ravel()
    n_panel = len(orthologs.genes("human"))
    seen = (sums["Healthy"] + sums["Cirrhosis"] >= 200) & (np.arange(len(atlas.var)) >= n_panel)
    found = np.log2((sums["Cirrhosis"][seen] + 1) / sums["Cirrhosis"].sum())
    found -= np.log2((sums["Healthy"][seen] + 1) / sums["Healthy"].sum())
    truth = atlas.truth.query("CellType == 'Hepatocyte (midzonal)' and Group == 'Cirrhosis'").set_index("Gene")[
        "Log2FC"
    ]
    planted = truth.reindex(atlas.var.index[seen]).fillna(0).to_numpy()
    assert (planted != 0).sum() > 20
    assert np.corrcoef(planted[planted != 0], found[planted != 0])[0, 1] > 0.9
    assert abs(np.median(found[planted == 0])) < 0.2


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["zebrafish", "integrated"])
def test_other_species(kind):
    atlas = simulate(kind, 320, 3, background=True, threads=2)
    assert atlas.var.index.is_unique
    assert len(atlas.var) > (7_000 if kind == "integrated" else 12_000)
    assert set(atlas.truth["Gene"]) <= set(atlas.var.index)
    assert ("Species" in atlas.truth) == (kind == "integrated")
