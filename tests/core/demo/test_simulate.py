"""The form of a simulated atlas: determinism, obs, var, edge cases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.demo import orthologs
from core.demo.cell_types import CELL_TYPES, GROUPS
from core.demo.simulate import simulate
from core.errors import InvalidInput

KINDS = ("human", "mouse", "zebrafish", "integrated")


def content(atlas):
    counts = atlas.counts
    return counts.data.tobytes() + counts.indices.tobytes() + counts.indptr.tobytes() + atlas.obs.to_json().encode()


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(kind):
    one, same, other = simulate(kind, 200, 1), simulate(kind, 200, 1), simulate(kind, 200, 2)
    assert content(one) == content(same)
    assert one.var.equals(same.var)
    assert content(one) != content(other)


@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_out_has_the_promised_form(kind):
    atlas = simulate(kind, 2100, 3)
    counts, obs, var = atlas.counts, atlas.obs, atlas.var
    assert sparse.issparse(counts)
    assert counts.format == "csr"
    assert counts.dtype == np.int32
    assert counts.shape == (2100, len(var)) == (len(obs), len(var))
    assert counts.data.min() > 0
    assert counts.has_sorted_indices
    assert 0.60 < 1 - counts.nnz / np.prod(counts.shape) < 0.90
    assert obs.index.is_unique
    assert obs.index.map(type).unique().tolist() == [str]
    assert var.index.is_unique
    assert not var.index.str.contains(r"\s").any()
    assert len(var) >= (300 if kind == "integrated" else 450)
    assert list(obs["Group"].cat.categories) == list(GROUPS)
    assert obs["Group"].cat.ordered
    assert list(obs["CellType"].cat.categories) == list(CELL_TYPES)
    assert set(obs["CellType"]) == set(CELL_TYPES)
    assert list(obs["FibrosisStage"].cat.categories) == ["F0", "F1", "F2", "F3", "F4"]
    assert pd.api.types.is_integer_dtype(obs["NAS"])
    assert obs["NAS"].between(0, 8).all()
    hepatocyte = obs["CellType"].str.startswith("Hepatocyte (")
    assert (obs["Zonation"].notna() == hepatocyte).all()
    assert obs["Zonation"].dropna().between(0, 1).all()
    assert ("Species" in obs) == (kind == "integrated")
    assert atlas.title == f"Simulated {kind} MASLD liver"
    assert "SIMULATED" in atlas.citation
    assert "seed 3" in atlas.citation
    assert atlas.species == kind


@pytest.mark.parametrize("kind", KINDS)
def test_four_donors_a_group_each_with_one_sex_score_and_stage(kind):
    obs = simulate(kind, 960, 0).obs
    donors = obs.groupby("Sample", observed=True)
    n_species = 3 if kind == "integrated" else 1
    assert donors.ngroups == 16 * n_species
    assert (donors[["Group", "Sex", "NAS", "FibrosisStage"]].nunique() == 1).all(axis=None)
    one = donors[["Group", "Sex", "NAS", "FibrosisStage"]].first()
    assert (one["Group"].value_counts() == 4 * n_species).all()
    assert (one.groupby("Group", observed=True)["Sex"].nunique() == 2).all()
    assert one.loc[one["Group"] == "Healthy", "NAS"].max() <= 1
    assert one.loc[one["Group"] == "MASH", "NAS"].min() >= 5
    assert set(one.loc[one["Group"] == "Healthy", "FibrosisStage"]) == {"F0"}
    assert set(one.loc[one["Group"] == "Cirrhosis", "FibrosisStage"]) == {"F4"}


def test_integrated_holds_a_third_of_each_species_on_the_genes_all_three_share():
    atlas = simulate("integrated", 301, 0)
    assert atlas.obs["Species"].value_counts().to_dict() == {"human": 101, "mouse": 100, "zebrafish": 100}
    assert list(atlas.var.index) == list(orthologs.one_to_one())
    assert list(atlas.obs["Sample"].cat.categories[[0, 16, 32]]) == [
        "human-Healthy-1",
        "mouse-Healthy-1",
        "zebrafish-Healthy-1",
    ]


@pytest.mark.parametrize(("kind", "fewest"), [("human", 16), ("integrated", 48)])
def test_a_small_atlas_still_has_every_donor_and_a_smaller_one_is_refused(kind, fewest):
    for n_cells in (fewest, 64):
        atlas = simulate(kind, n_cells, 0)
        assert len(atlas.obs) == n_cells
        assert atlas.obs["Sample"].nunique() == fewest
    with pytest.raises(InvalidInput, match=f"{fewest - 1} cells are too few for the {fewest} donors"):
        simulate(kind, fewest - 1, 0)


def test_nonsense_is_refused_in_words():
    with pytest.raises(InvalidInput, match="No simulated liver of 'rat'"):
        simulate("rat", 100, 0)
    with pytest.raises(InvalidInput, match="seed -1 is negative"):
        simulate("human", 100, -1)


def test_the_size_of_a_chunk_is_not_a_seam():
    obs = simulate("human", 5000, 0).obs
    assert obs.index.is_unique
    assert obs["Sample"].cat.codes.is_monotonic_increasing
