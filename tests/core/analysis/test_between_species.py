"""Two atlases: shared genes, AUROC of types, concordance of change, conserved correlates, with planted answers."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from core.analysis import type_auroc as aurocs
from core.analysis.concordance import COLUMNS as CONCORDANCE
from core.analysis.concordance import (
    QUADRANTS,
    UP_DOWN,
    UP_UP,
    VERDICTS,
    ConcordanceParams,
    concordance,
    correlation,
    counts,
    genes_of,
)
from core.analysis.conserved_correlates import COLUMNS as CONSERVED
from core.analysis.conserved_correlates import ConservedParams, conserved_correlates, overlaps_of
from core.analysis.correlation import CorrelationParams, correlates
from core.analysis.differences import differences
from core.analysis.matched_contrast import matched_sides, of_types
from core.analysis.shared_genes import SAME_SPECIES, SecondAtlas, shared_genes
from core.analysis.sides import Sides
from core.analysis.type_auroc import TypeAurocParams, facts_of, type_auroc
from core.errors import InvalidQuery, UnknownColumn
from core.selection.model import Selection
from tests.factories import cohort
from tests.two_species import (
    DOWN,
    FIRST_ONLY,
    GENES,
    HUMAN,
    OTHERS,
    QUERY,
    SHARED,
    TURNED,
    TYPES,
    UP,
    liver,
    name_in,
)

OF_HEPATOCYTES = Selection.of({"CellType": [TYPES[0]]})


@pytest.fixture
def pair(atlas_of):
    """Return the livers of man and mouse."""
    return atlas_of(liver(), species="human"), atlas_of(liver("mouse"), name="other", species="mouse")


def about(pair, data):
    return SecondAtlas.of(*pair, data)


def frame(table):
    return table.to_pandas().set_index("gene")


def test_shared_genes_are_the_one_to_one_orthologs(pair, data):
    shared = shared_genes(*pair, data)
    one, other = shared.names(*pair)
    assert one == GENES
    assert other == [name_in("mouse", gene) for gene in GENES]
    back = shared_genes(pair[1], pair[0], data)
    assert back.names(pair[1], pair[0]) == (other, one)
    assert "small table" in shared.by
    described = about(pair, data)
    assert (described.id, described.species, described.n_shared) == ("mouse/other", "mouse", len(GENES))


def test_a_table_of_the_operator_is_used_and_makes_another_question(pair, data):
    own = ((("human", GENES[0]), ("mouse", "Paralog")),)
    shared = shared_genes(*pair, data, own)
    assert shared.names(*pair)[0] == GENES[1:]
    assert shared.by.endswith("and the table of the operator (1 pair of it alone)")
    one, other = SecondAtlas.of(*pair, data), SecondAtlas.of(*pair, data, own)
    assert (one.n_shared, other.n_shared) == (len(GENES), len(GENES) - 1)
    another = ((("human", GENES[1]), ("mouse", "Paralog")),)
    assert SecondAtlas.of(*pair, data, another).pairs != other.pairs


def test_within_a_species_names_are_compared_as_they_are_spelled(atlas_of, data):
    one = atlas_of(liver(), species="human")
    renamed = liver(seed=1)
    renamed.var_names = [gene.lower() if gene in SHARED else gene for gene in GENES]
    shared = shared_genes(one, atlas_of(renamed, name="two", species="human"), data)
    assert shared.by == SAME_SPECIES
    assert len(shared) == len(GENES) - len(SHARED)


def test_atlases_that_share_too_little_are_refused(pair, atlas_of, data):
    few = atlas_of(cohort(), name="few", species="human")
    with pytest.raises(InvalidQuery, match="share no gene as 1:1 orthologs; 20 are needed"):
        shared_genes(pair[1], few, data)
    with pytest.raises(InvalidQuery, match="The species of other/few is not known"):
        shared_genes(pair[0], atlas_of(cohort(n_genes=30), name="few", species="other"), data)
    with pytest.raises(InvalidQuery, match="is compared with itself"):
        SecondAtlas.of(pair[0], pair[0], data)


def test_types_match_their_own_and_nothing_else(pair, data, pool):
    found = type_auroc(*pair, shared_genes(*pair, data), TypeAurocParams.of(*pair, about(pair, data)), pool)
    assert tuple(found.column_names) == aurocs.COLUMNS
    rows = found.to_pandas()
    same = rows["cell_type"] == rows["cell_type_2"]
    assert (rows.loc[same, "auroc"] > 0.9).all()
    assert (rows.loc[~same, "auroc"] < 0.6).all()
    assert rows.loc[same, "best"].tolist() == ["both"] * 3
    np.testing.assert_allclose(rows["auroc"], (rows["auroc_1_to_2"] + rows["auroc_2_to_1"]) / 2)
    facts = facts_of(found)
    # Of 240 genes fewer than 100 are variable in both: all vote.
    assert (facts["genes"], facts["n_genes"]) == ("shared", len(GENES))
    assert facts["n_cells"] == facts["n_cells_drawn"] == pair[0].n_cells


def test_back_is_the_transpose(pair, data, pool):
    forth = type_auroc(*pair, shared_genes(*pair, data), TypeAurocParams.of(*pair, about(pair, data)), pool).to_pandas()
    turned = pair[::-1]
    back = type_auroc(
        *turned, shared_genes(*turned, data), TypeAurocParams.of(*turned, about(turned, data)), pool
    ).to_pandas()
    one = forth.set_index(["cell_type", "cell_type_2"])["auroc"]
    other = back.set_index(["cell_type_2", "cell_type"])["auroc"]
    np.testing.assert_allclose(one, other[one.index], atol=1e-9)


def test_auroc_is_that_of_the_network_of_all_cells(atlas_of, data, pool):
    """The analysis on stores against the published algorithm on dense ranks of the same genes."""
    pair = tuple(atlas_of(liver(kind, n_donors=2, n_cells=8), name=kind, species=kind) for kind in ("human", "mouse"))
    shared = shared_genes(*pair, data)
    found = type_auroc(*pair, shared, TypeAurocParams.of(*pair, about(pair, data)), pool).to_pandas()
    dense = [
        np.stack([atlas.layer().dense(int(gene)) for gene in genes], axis=1)
        for atlas, genes in zip(pair, (shared.first, shared.second), strict=True)
    ]
    kinds = [np.array(atlas.categorical("CellType").categories)[atlas.categorical("CellType").codes] for atlas in pair]
    network = stats.spearmanr(np.vstack(dense), axis=1).statistic[len(dense[0]) :, : len(dense[0])] + 1
    for row in found.itertuples():
        votes = network[:, kinds[0] == row.cell_type].sum(axis=1) / network.sum(axis=1)
        assert row.auroc_1_to_2 == pytest.approx(roc_auc_score(kinds[1] == row.cell_type_2, votes.round(12)), abs=1e-9)


def test_variable_genes_vote_where_there_are_enough_and_a_sample_stands_for_all(pair, data, monkeypatch, pool):
    shared, params = shared_genes(*pair, data), TypeAurocParams.of(*pair, about(pair, data))
    whole = type_auroc(*pair, shared, params, pool).to_pandas()
    monkeypatch.setattr(aurocs, "MIN_VARIABLE", 10)
    monkeypatch.setattr(aurocs, "CELLS", 50)
    part = type_auroc(*pair, shared, params, pool)
    facts = facts_of(part)
    assert facts["genes"] == "variable in both atlases"
    assert 10 <= facts["n_genes"] < len(GENES) / 2
    assert (facts["n_cells_drawn"], facts["n_cells"]) == (150, pair[0].n_cells)
    assert part["n"].to_pylist() == whole["n"].tolist()
    assert np.abs(part["auroc"].to_numpy() - whole["auroc"]).max() < 0.15


def test_few_cells_have_no_auroc_and_odd_columns_are_refused(atlas_of, data, pool):
    small = liver("mouse")
    small = small[(small.obs["CellType"] != TYPES[2]) | (np.arange(small.n_obs) % 40 == 0)]
    small = small[(small.obs["CellType"] != TYPES[2]) | (np.arange(small.n_obs) < 500)].copy()
    pair = atlas_of(liver(), species="human"), atlas_of(small, name="other", species="mouse")
    rows = type_auroc(*pair, shared_genes(*pair, data), TypeAurocParams.of(*pair, about(pair, data)), pool).to_pandas()
    few = rows["cell_type_2"] == TYPES[2]
    assert rows.loc[few, "auroc"].isna().all()
    assert (rows.loc[few, "why"] == "fewer than 10 cells").all()
    assert rows.loc[~few, "auroc"].notna().all()
    with pytest.raises(UnknownColumn):
        TypeAurocParams.of(*pair, about(pair, data), "nothing")
    one = small.copy()
    one.obs["CellType"] = pd.Categorical(["Hepatocyte"] * one.n_obs)
    alone = pair[0], atlas_of(one, name="alone", species="mouse")
    with pytest.raises(InvalidQuery, match="has 1 cell types; 2 to 100 can be matched"):
        TypeAurocParams.of(*alone, about(alone, data))


def changes(pair, data, pool, fdr=0.05, min_change=0.0):
    sides = Sides.of(pair[0], "Group", ["MASH"], ["Healthy"])
    params = [
        of_types(atlas, side, TYPES[:1])
        for atlas, side in zip(pair, (sides, matched_sides(sides, pair[1])), strict=True)
    ]
    tables = tuple(differences(atlas, each, pool) for atlas, each in zip(pair, params, strict=True))
    return concordance(tables, shared_genes(*pair, data).names(*pair), fdr, min_change)


def test_planted_changes_get_their_verdicts(pair, data, pool):
    table = changes(pair, data, pool)
    assert tuple(table.column_names) == CONCORDANCE
    rows = frame(table)
    assert (rows.loc[[*UP, *DOWN], "verdict"] == "agree").mean() >= 0.9
    assert (rows.loc[TURNED, "verdict"] == "opposite").all()
    assert (rows.loc[FIRST_ONLY, "verdict"] == "differ").mean() >= 0.8
    same = rows.drop(index=[*UP, *DOWN, *TURNED, *FIRST_ONLY])
    assert (same["verdict"] == "unchanged").mean() > 0.85
    assert rows.loc[UP, "quadrant"].eq(UP_UP).all()
    assert rows.loc[TURNED, "quadrant"].eq(UP_DOWN).all()
    assert [name for name in VERDICTS if name in set(rows["verdict"])] == list(dict.fromkeys(rows["verdict"]))
    np.testing.assert_allclose(rows["difference"], rows["log2fc"] - rows["log2fc_2"])
    assert ((rows["difference_low"] < rows["difference"]) & (rows["difference"] < rows["difference_high"])).all()


def test_r_is_scipys_and_counts_add_up(pair, data, pool):
    table = changes(pair, data, pool, min_change=0.5)
    rows = frame(table)
    rows = rows[rows["verdict"] != ""]
    expected = stats.pearsonr(rows["log2fc"], rows["log2fc_2"])
    found = correlation(table)
    assert found.n == len(rows)
    assert found.r == pytest.approx(expected.statistic)
    assert (found.low, found.high) == pytest.approx(expected.confidence_interval())
    number = counts(table)
    assert sum(number[quadrant]["tested"] for quadrant in QUADRANTS) == len(rows)
    for quadrant in QUADRANTS:
        assert sum(number[quadrant][verdict] for verdict in VERDICTS) == number[quadrant]["tested"]
    listed, universe = genes_of(table, UP_UP)
    assert set(UP) >= set(listed) or set(listed) - set(UP) <= {*FIRST_ONLY}
    assert len(universe) == len(rows)
    assert np.isnan(correlation(table, ()).r)


def test_swapped_atlases_swap_the_columns(pair, data, pool):
    one, other = frame(changes(pair, data, pool)), changes(pair[::-1], data, pool).to_pandas().set_index("gene_2")
    other = other.loc[one.index]
    np.testing.assert_allclose(one["difference"], -other["difference"])
    np.testing.assert_allclose(one["difference_p"], other["difference_p"])
    assert one["verdict"].tolist() == other["verdict"].tolist()


def test_genes_that_were_not_tested_say_why(pair, data, pool):
    sides = Sides.of(pair[0], "Group", ["MASH"], ["Healthy"])
    tables = [differences(atlas, of_types(atlas, sides, TYPES[:1]), pool) for atlas in pair]
    frame_2 = tables[1].to_pandas()
    lost = frame_2["gene"].isin([name_in("mouse", GENES[100])])
    for name in ("log2fc", "ci_low", "ci_high", "stat", "p", "p_adj"):
        frame_2.loc[lost, name] = np.nan
    frame_2["why"] = np.where(lost, "low counts", "")
    import pyarrow as pa

    rows = frame(
        concordance((tables[0], pa.Table.from_pandas(frame_2)), shared_genes(*pair, data).names(*pair), 0.05, 0)
    )
    assert rows.index[-1] == GENES[100]
    assert rows.iloc[-1][["verdict", "quadrant", "why"]].tolist() == [
        "",
        "",
        "tested in the first, low counts in the second",
    ]
    assert np.isnan(rows.iloc[-1]["difference_p_adj"])


def test_thresholds_and_types_out_of_bounds(pair, data):
    sides = Sides.of(pair[0])
    one = of_types(pair[0], sides, TYPES[:1])
    for more, words in (((0.0, 0.0), "fdr=0"), ((0.05, -1.0), "min_change=-1")):
        with pytest.raises(InvalidQuery, match=words):
            ConcordanceParams.of(about(pair, data), one, one, *more)
    several = of_types(pair[0], sides, TYPES[:2])
    assert several.by_type == several.cell_type == ""
    assert several.design.units.selection == Selection.of({"CellType": list(TYPES[:2])})


def test_the_contrast_is_found_in_the_other_atlas(pair, atlas_of):
    renamed = liver("mouse")
    renamed.obs["Diet"] = renamed.obs.pop("Group").cat.rename_categories({"MASH": "mash", "Healthy": "healthy"})
    other = atlas_of(renamed, name="diet", species="mouse", roles={"group": "Diet"})
    found = matched_sides(Sides.of(pair[0], "Group", ["MASH"], ["Healthy"]), other)
    assert (found.by, found.a, found.b) == ("Diet", ("mash",), ("healthy",))
    named = matched_sides(Sides.of(pair[0]), other, "Diet", ["healthy"], ["mash"])
    assert (named.a, named.b) == (("healthy",), ("mash",))


@pytest.fixture
def correlated(pair, data, pool):
    """Return the table of `QUERY` in hepatocytes of both livers."""
    tables = tuple(
        correlates(atlas, CorrelationParams.of(atlas, gene, selection=OF_HEPATOCYTES), pool)
        for atlas, gene in zip(pair, (QUERY, name_in("mouse", QUERY)), strict=True)
    )
    return tables, conserved_correlates(tables, shared_genes(*pair, data).names(*pair), 18, 0.2)


def test_programmes_are_conserved_lost_and_gained(correlated):
    _, table = correlated
    assert tuple(table.column_names) == CONSERVED
    rows = frame(table)
    assert QUERY not in rows.index
    assert (rows.loc[SHARED[1:], "verdict"] == "conserved").all()
    assert (rows.loc[HUMAN, "verdict"] == "lost").all()
    assert (rows.loc[OTHERS, "verdict"] == "gained").all()
    assert rows["rank"].sort_values().tolist() == list(range(1, len(rows) + 1))
    assert rows["r"].idxmax() == rows["rank"].idxmin()


def test_the_overlap_is_that_of_the_columns(correlated):
    _, table = correlated
    rows = frame(table)
    found = overlaps_of(table)["positive"]
    best, best_2 = (set(rows[name].nsmallest(18).index) for name in ("rank", "rank_2"))
    assert found.n_shared == len(best & best_2)
    total = sum(
        0.98**d * len(set(rows["rank"].nsmallest(d).index) & set(rows["rank_2"].nsmallest(d).index)) / d
        for d in range(1, 19)
    )
    assert found.rbo == pytest.approx(0.02 / 0.98 * total + found.n_shared / 18 * 0.98**18)
    assert found.p < 0.01
    assert found.rbo > found.null_high > found.null_mean


def test_correlates_that_cannot_be_compared(correlated, pair, data):
    tables, _ = correlated
    with pytest.raises(InvalidQuery, match="2 orthologs vary in the cells of both species"):
        conserved_correlates(tables, (GENES[:2], [name_in("mouse", gene) for gene in GENES[:2]]), 5, 0.1)
    one = CorrelationParams.of(pair[0], QUERY)
    for more, words in (((0, 0.1), "best 0 genes"), ((5, 1.5), "min_r=1.5")):
        with pytest.raises(InvalidQuery, match=words):
            ConservedParams.of(about(pair, data), (one, one), *more)
