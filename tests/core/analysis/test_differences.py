"""Differences between samples: sums, sides, designs and their refusals, flags; on real cells, R's numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analysis.design import DesignParams
from core.analysis.design_columns import pairing_columns, usable_columns, usable_pairing
from core.analysis.differences import COLUMNS, MEANS, DifferencesParams, design, differences, samples
from core.analysis.differences_by_type import by_type, methods_of, power_sentence, report
from core.analysis.differences_overview import OverviewParams, overview
from core.analysis.pseudobulk import UnitParams, sizes_of, sums_of, units_of
from core.analysis.sides import Sides, reason_of_default
from core.atlas.catalog import Catalog
from core.errors import EmptySelection, InvalidQuery, UnknownColumn
from core.selection.model import Selection
from tests.factories import DOWN, UP, cohort, imported

HEPATOCYTE = "Hepatocyte"


@pytest.fixture
def atlas(atlas_of):
    return atlas_of(cohort(), species="human")


def params(atlas, cell_type=HEPATOCYTE, sides=None, engine="", pooled=False, **more):
    sides = sides or Sides.of(atlas, "Group", ["MASH"], ["Healthy"])
    return DifferencesParams.of(atlas, DesignParams.of(atlas, sides, **more), cell_type, "", engine, pooled=pooled)


def frame(table):
    return table.to_pandas().set_index("gene")


def test_sums_are_those_of_pandas(atlas, pool):
    units = UnitParams(Sides.of(atlas, "Group"), "Donor", Selection.parse(ranges=["Age:0:"]))
    found, sizes = sums_of(atlas, units, "CellType", pool), sizes_of(atlas, units, "CellType")
    dense = np.stack([atlas.layer("counts").dense(gene) for gene in range(len(atlas.genes))])
    donors, kinds = atlas.categorical("Donor"), atlas.categorical("CellType")
    assert found.counts.dtype == np.int64
    for row, kind in enumerate(sizes.types):
        for unit, donor in enumerate(units_of(atlas, units).sample):
            cells = (donors.codes == donor) & (kinds.codes == kinds.categories.index(kind))
            np.testing.assert_array_equal(found.counts[:, row, unit], dense[:, cells].sum(axis=1))
            np.testing.assert_array_equal(found.expressing[:, row, unit], (dense[:, cells] > 0).sum(axis=1))
            assert (sizes.cells[row, unit], sizes.counts[row, unit]) == (cells.sum(), dense[:, cells].sum())


@pytest.mark.parametrize("engine", ["trend", "voom"])
def test_planted_genes_lead_in_their_cell_type_only(atlas, pool, engine):
    table = differences(atlas, params(atlas, engine=engine), pool)
    assert tuple(table.column_names) == (*COLUMNS, *MEANS)
    assert set(table["gene"].to_pylist()[:6]) == {*UP, *DOWN}
    rows = frame(table)
    assert (rows.loc[list(UP), "log2fc"] > 1).all()
    assert (rows.loc[list(DOWN), "log2fc"] < -1).all()
    assert (rows["ci_low"].dropna() < rows["log2fc"].dropna()).all()
    tested = rows["p"].notna()
    assert (rows.loc[~tested, "why"].isin(["low counts", "no counts"])).all()
    assert rows.loc[["rare", "none"], "why"].tolist() == ["low counts", "no counts"]
    assert rows.index[-2:].tolist() == ["rare", "none"]
    assert rows.loc[~tested, ["log2fc", "stat", "p", "p_adj"]].isna().all(axis=None)
    assert rows.loc["none", ["base_mean", "pct_a", "pct_b"]].tolist() == [0, 0, 0]
    other = frame(differences(atlas, params(atlas, "Kupffer cell", engine=engine), pool))
    assert (other["p_adj"].dropna() > 0.05).all()


def test_swapped_sides_have_the_other_sign(atlas, pool):
    one = frame(differences(atlas, params(atlas), pool))
    sides = Sides.of(atlas, "Group", ["Healthy"], ["MASH"])
    other = frame(differences(atlas, params(atlas, sides=sides), pool)).loc[one.index]
    np.testing.assert_allclose(one["log2fc"], -other["log2fc"], atol=1e-12)
    np.testing.assert_allclose(one["p"], other["p"], rtol=1e-9)
    np.testing.assert_array_equal(one["pct_a"], other["pct_b"])


def test_two_selections_are_the_levels_they_select(atlas, pool):
    sides = Sides.of(atlas, "", ["where=Group=MASH"], ["where=Group=Healthy"])
    assert sides.names == ("A", "B")
    pd.testing.assert_frame_equal(
        frame(differences(atlas, params(atlas, sides=sides), pool)), frame(differences(atlas, params(atlas), pool))
    )


def test_the_ends_of_the_order_are_the_sides_by_default(atlas, atlas_of):
    assert (Sides.of(atlas).a, Sides.of(atlas).b) == (("MASH",), ("Healthy",))
    assert Sides.of(atlas, a=["Healthy"]).b == ("MASH",)
    staged = cohort()
    staged.obs["Group"] = pd.Categorical(np.resize(["cirrhosis", "MASL", "healthy"], staged.n_obs))
    assert Sides.of(atlas_of(staged, name="staged", species="mouse")).words == "cirrhosis against healthy (Group)"


@pytest.mark.parametrize(
    ("levels", "sides", "why"),
    [
        ("abbbaaab", "b against a", ""),
        ("ccbbbaad", "b against a", "b and a have the most samples"),
        ("abbccccd", "c against b", "c and b have the most samples"),
        (["x", "Normal liver", "y", "y", "normal liver", "y", "normal liver", "x"], "y against normal liver",
         "normal liver is the reference by its name, and y has the most samples"),
        (["Drug", "Vehicle"] * 4, "Drug against Vehicle", "Vehicle is the reference by its name."),
        (["Mashed", "CTRL_1", "CTRL_2", "CTRL_2"] * 2, "Mashed against CTRL_2", "CTRL_2 is the reference by its name"),
        (["ctrl", "wild type"] * 4, "wild type against ctrl", ""),
    ],
)  # fmt: skip
def test_sides_of_levels_without_a_known_order(atlas_of, levels, sides, why):
    adata = cohort()
    adata.obs["Kind"] = pd.Categorical([levels[int(name[1:])] for name in adata.obs["Donor"]])
    atlas = atlas_of(adata, species="human")
    assert Sides.of(atlas, "Kind").words == f"{sides} (Kind)"
    told = reason_of_default(atlas, "Kind")
    assert why in told
    assert bool(told) == bool(why)
    # What is given is kept, and the other side is another one.
    for level in set(levels):
        assert Sides.of(atlas, "Kind", [level]).b[0] != level != Sides.of(atlas, "Kind", [], [level]).a[0]


@pytest.mark.parametrize(
    ("ask", "error", "words"),
    [
        (("Group", ["MASH"], ["MASH"]), InvalidQuery, "'MASH' of Group is on both sides"),
        (("Group", ["MAHS"], []), UnknownColumn, "Did you mean MASH"),
        (("Age", [], []), InvalidQuery, "holds numbers"),
        (("", ["where=Group=MASH"], []), InvalidQuery, "The side b has 0 selections"),
    ],
)
def test_sides_that_are_refused(atlas, ask, error, words):
    with pytest.raises(error, match=words):
        Sides.of(atlas, *ask)


def test_cells_on_both_sides_and_a_side_without_cells(atlas):
    both = Sides.of(atlas, "", ["where=Group=MASH"], ["where=CellType=Hepatocyte"])
    with pytest.raises(InvalidQuery, match="cells are on both sides"):
        both.codes(atlas, Selection())
    with pytest.raises(EmptySelection, match="The side MASH contains no selected cells"):
        Sides.of(atlas, "Group").codes(atlas, Selection.parse(["Group=Healthy"]))


def test_samples_are_dropped_with_their_reason(atlas_of, pool):
    adata = cohort()
    few = (adata.obs["Donor"] == "d0") & (adata.obs["CellType"] == HEPATOCYTE)
    none = (adata.obs["Donor"] == "d1") & (adata.obs["CellType"] == HEPATOCYTE)
    adata = adata[~(few & (np.arange(adata.n_obs) % 3 > 0)) & ~none].copy()
    adata.obs.loc[adata.obs["Donor"] == "d2", "Age"] = np.nan
    dim = ((adata.obs["Donor"] == "d3") & (adata.obs["CellType"] == HEPATOCYTE)).to_numpy()
    adata.X[dim] = adata.X[dim] > 4
    adata.X.eliminate_zeros()
    atlas = atlas_of(adata, species="human")
    asked = params(atlas, covariates=["Age"])
    whys = {row.sample: row.why for row in samples(atlas, asked) if row.why}
    assert whys == {
        "d0": "fewer than 10 cells", "d1": "no cells", "d2": "no value of Age", "d3": "fewer than 1,000 counts"
    }  # fmt: skip
    found = report(atlas, asked)
    assert (found.model.n_a, found.model.n_b) == (2, 2)
    assert "two samples only" in found.model.notes[0]
    assert any("Age is numeric" in note for note in found.model.notes)
    table = differences(atlas, asked, pool)
    assert "2 samples of MASH and 2 of Healthy were kept (4 dropped)" in methods_of(asked, found, table)
    # Their cells count nowhere.
    rows, kept = frame(table), ["d4", "d6"]
    donors, kinds = atlas.categorical("Donor"), atlas.categorical("CellType")
    cells = np.isin(np.array(donors.categories)[donors.codes], kept) & (
        np.array(kinds.categories)[kinds.codes] == HEPATOCYTE
    )
    dense = atlas.layer("counts").dense(atlas.genes.resolve("up0"))[cells]
    assert rows.loc["up0", "pct_b"] == pytest.approx(100 * np.mean(dense > 0))


def test_fewer_than_two_samples_a_side_are_refused(atlas):
    one = params(atlas, selection=Selection.parse(["Donor=d0", "Donor=d2", "Donor=d1"]))
    with pytest.raises(
        InvalidQuery, match=r"MASH has 1 sample with 10 cells and 1,000 counts; .* needs 2 on each side"
    ):
        design(atlas, one)
    with pytest.raises(InvalidQuery, match="Healthy has no sample"):
        design(atlas, params(atlas, min_cells=10_000, sides=Sides.of(atlas, "Group", ["Healthy"], ["MASH"])))


def test_coinciding_columns_are_named(atlas):
    with pytest.raises(InvalidQuery, match="'Batch' coincides with the sides"):
        design(atlas, params(atlas, covariates=["Sex", "Batch"]))
    with pytest.raises(InvalidQuery, match="'Pair' coincides with 'Sex'"):
        design(atlas, params(atlas, covariates=["Sex"], paired="Pair"))
    with pytest.raises(InvalidQuery, match="'Sex' coincides with 'Pair'"):
        design(atlas, params(atlas, covariates=["Age", "Pair", "Sex"]))


def test_a_covariate_that_varies_within_a_sample_is_refused(atlas):
    with pytest.raises(InvalidQuery, match="'Phase' varies within the sample 'd0'"):
        design(atlas, params(atlas, covariates=["Phase"]))
    for name, words in (("Group", "is what is compared"), ("Donor", "is used already")):
        with pytest.raises(InvalidQuery, match=words):
            params(atlas, covariates=[name])
    with pytest.raises(UnknownColumn, match="does not exist"):
        params(atlas, covariates=["Weight"])


def test_columns_that_are_proposed(atlas):
    units = UnitParams(Sides.of(atlas, "Group"), "Donor")
    assert usable_columns(atlas, units) == ["Sex", "Age", "Batch", "Pair"]
    assert pairing_columns(atlas, units) == []
    assert usable_pairing(atlas, units) == ["Pair", "Sex"]
    model = design(atlas, params(atlas, paired="Pair"))
    assert (model.formula, len(set(model.pairs.tolist()))) == ("~ Group + Pair", 4)


def test_covariates_are_those_of_statsmodels(atlas, pool):
    """The fold change is the coefficient of a model with them on log counts per million."""
    import statsmodels.api as sm

    from core.stats.normalization import enough_counts, log_cpm, tmm_factors

    asked = params(atlas, covariates=["Sex", "Age"])
    model = design(atlas, asked)
    assert model.formula == "~ Group + Sex + Age"
    counts = sums_of(atlas, asked.design.units, "CellType", pool).counts[:, 0].astype(float)
    kept = enough_counts(counts, 4)
    values = log_cpm(counts[kept], counts[kept].sum(axis=0) * tmm_factors(counts[kept]))
    rows = samples(atlas, asked)
    x = sm.add_constant(
        pd.DataFrame(
            {
                "side": [row.side for row in rows],
                "sex": [row.values[0] == "M" for row in rows],
                "age": [row.values[1] for row in rows],
            },
            dtype=float,
        )
    )
    found = frame(differences(atlas, asked, pool))
    for at, gene in enumerate(np.flatnonzero(kept)[:20]):
        wanted = sm.OLS(values[at], x.to_numpy()).fit().params[1]
        assert found.loc[atlas.genes.names[gene], "log2fc"] == pytest.approx(wanted, abs=1e-9)
    # Means of counts per million on each side, of every gene.
    sizes = counts[kept].sum(axis=0) * tmm_factors(counts[kept])
    for name, side in (("mean_a", 1), ("mean_b", 0)):
        wanted = (counts / sizes * 1e6)[:, x["side"] == side].mean(axis=1)
        np.testing.assert_allclose(found.loc[list(atlas.genes.names), name], wanted, rtol=1e-12)


@pytest.fixture
def paired_atlas(atlas_of):
    """Each donor before and after: the samples are the donors, who are on both sides, but for one."""
    adata = cohort(n_donors=5)
    adata.obs["Patient"] = pd.Categorical(adata.obs["Pair"].astype(str))
    adata = adata[~adata.obs["Donor"].isin(["d9"])].copy()
    return atlas_of(adata, species="human", roles={"sample": "Patient"})


def test_a_sample_on_both_sides_is_paired_or_refused(paired_atlas, pool):
    with pytest.raises(InvalidQuery, match=r"4 samples, such as 'p0', are on both sides.*paired=Patient"):
        design(paired_atlas, params(paired_atlas))
    asked = params(paired_atlas, paired="Patient")
    assert pairing_columns(paired_atlas, asked.design.units)[0] == "Patient"
    left = {row.donor: row.why for row in samples(paired_atlas, asked) if row.why}
    assert left == {"p4": "its Patient has no sample in MASH"}
    model = design(paired_atlas, asked)
    assert (model.formula, model.matrix.shape) == ("~ Group + Patient", (8, 5))
    assert set(differences(paired_atlas, asked, pool)["gene"].to_pylist()[:6]) == {*UP, *DOWN}
    unpaired = params(paired_atlas, sample="Donor")
    assert any("paired by Patient finds more" in note for note in design(paired_atlas, unpaired).notes)


def test_several_studies_are_proposed_as_a_covariate(atlas_of):
    adata = cohort()
    adata.obs["Study"] = pd.Categorical(adata.obs["Sex"].map({"F": "one", "M": "two"}))
    atlas = atlas_of(adata, species="human")
    assert any("2 levels of Study: add it as a covariate" in note for note in design(atlas, params(atlas)).notes)
    assert [design(atlas, params(atlas, covariates=some)).study for some in ([], ["Study"])] == ["Study", ""]
    assert not any("Study" in note for note in design(atlas, params(atlas, covariates=["Study"])).notes)


def test_studies_that_are_the_sides_are_named_and_not_proposed(atlas_of):
    adata = cohort()
    adata.obs["Study"] = pd.Categorical(adata.obs["Group"].map({"MASH": "one", "Healthy": "two"}))
    atlas = atlas_of(adata, species="human")
    [note] = [note for note in design(atlas, params(atlas)).notes if "Study" in note]
    assert "2 levels of Study, which coincide with the sides" in note
    with pytest.raises(InvalidQuery, match="'Study' coincides with the sides"):
        design(atlas, params(atlas, covariates=["Study"]))


def test_no_counts_and_no_whole_numbers_are_refused(atlas_of, atlas, pool, monkeypatch):
    adata = cohort()
    adata.X = adata.X.copy()
    adata.X.data = np.log1p(adata.X.data)
    bare = atlas_of(adata, name="bare", species="mouse")
    with pytest.raises(InvalidQuery, match="has no raw counts, so samples cannot be summed"):
        differences(bare, params(bare), pool)
    layers = tuple(replace_integers(layer) for layer in atlas.manifest.layers)
    monkeypatch.setattr(atlas, "manifest", atlas.manifest.model_copy(update={"layers": layers, "content_hash": "x"}))
    with pytest.raises(InvalidQuery, match="not whole numbers"):
        differences(atlas, params(atlas), pool)


def replace_integers(layer):
    return layer.model_copy(update={"integers": False})


def test_all_genes_filtered_is_refused(atlas_of, pool):
    adata = cohort()
    adata.X = adata.X[:, :].copy()
    adata.X.data[:] = 1
    adata.X = adata.X.multiply(np.arange(adata.n_obs)[:, None] % 10 == 0).tocsr().astype(np.float32)
    atlas = atlas_of(adata, species="human")
    with pytest.raises(InvalidQuery, match="No gene has enough counts"):
        differences(atlas, params(atlas, min_counts=0), pool)


def test_a_sample_without_counts_of_the_tested_genes_is_dropped_or_named(atlas_of, pool):
    adata = cohort()
    dense = adata.X.toarray()
    silent, poor = (adata.obs["Donor"] == "d0").to_numpy(), (adata.obs["Donor"] == "d2").to_numpy()
    dense[silent | poor] = 0
    dense[poor, -2] = 1
    adata.X = type(adata.X)(dense)
    atlas = atlas_of(adata, species="human")
    asked = params(atlas, min_counts=0)
    assert {row.sample: row.why for row in samples(atlas, asked) if row.why} == {"d0": "no counts"}
    with pytest.raises(InvalidQuery, match="The sample 'd2' has no count of a tested gene"):
        differences(atlas, asked, pool)


def test_flags_of_a_gene(atlas_of, pool):
    adata = cohort()
    dense = adata.X.toarray()
    mash = (adata.obs["Group"] == "MASH").to_numpy()
    names = list(adata.var_names)
    dense[:, names.index("gene00")], dense[:, names.index("gene01")] = np.where(mash, 0, 8), np.where(mash, 8, 0)
    # In each of its cells one donor has 99 counts, and all others have one.
    dense[:, names.index("gene02")] = np.where(adata.obs["Donor"] == "d1", 99, 1)
    adata.X = type(adata.X)(dense)
    atlas = atlas_of(adata, name="flags", species="human")
    rows = frame(differences(atlas, params(atlas), pool))
    assert rows.loc["gene00", "why"] == "absent in A"
    assert rows.loc["gene01", "why"] == "absent in B"
    assert rows.loc[["gene00", "gene01"], "p"].notna().all()
    assert rows.loc["gene02", "why"] == "one sample"


def test_genes_without_counts_change_no_adjusted_p(atlas_of, pool):
    adata = cohort(n_genes=60)
    one = frame(differences(*((made := atlas_of(adata, species="human")), params(made)), pool))
    import anndata
    from scipy import sparse

    empty = anndata.AnnData(
        sparse.csr_matrix((adata.n_obs, 120), dtype=np.float32),
        adata.obs,
        pd.DataFrame(index=[f"empty{at}" for at in range(120)]),
    )
    wide = anndata.concat([adata, empty], axis=1, merge="same")
    wide.obsm = adata.obsm
    other = frame(differences(*((made := atlas_of(wide, name="wide", species="mouse")), params(made)), pool))
    np.testing.assert_allclose(other.loc[one.index, "p_adj"], one["p_adj"], rtol=1e-9)
    assert (other.loc[[f"empty{at}" for at in range(120)], "why"] == "no counts").all()


def test_all_types_are_below_each_other_and_pooled_is_one(atlas, pool):
    asked = params(atlas, "")
    table = by_type(atlas, asked, pool)
    assert table.column_names[0] == "cell_type"
    assert list(dict.fromkeys(table["cell_type"].to_pylist())) == [HEPATOCYTE, "Kupffer cell"]
    assert (
        table.slice(0, len(atlas.genes)).drop_columns(["cell_type"]).to_pylist()[0]
        == (differences(atlas, params(atlas), pool).to_pylist()[0])
    )
    assert by_type(atlas, params(atlas, "", pooled=True), pool).num_rows == len(atlas.genes)
    with pytest.raises(UnknownColumn, match="Did you mean Hepatocyte"):
        params(atlas, "Hepatocytes")
    with pytest.raises(InvalidQuery, match="no method 'edger'"):
        params(atlas, engine="edger")


def test_the_overview_has_a_row_a_type_and_the_reason_of_those_not_tested(atlas_of, pool):
    adata = cohort(types=(HEPATOCYTE, "Kupffer cell", "LSEC"))
    rare = (adata.obs["CellType"] == "LSEC").to_numpy() & (np.arange(adata.n_obs) % 3 > 0)
    atlas = atlas_of(adata[~rare].copy(), species="human")
    rows = overview(atlas, OverviewParams(params(atlas, "")), pool).to_pandas().set_index("cell_type")
    assert rows.loc[HEPATOCYTE, ["n_a", "n_b", "up", "down", "cells_median"]].tolist() == [4, 4, 4, 2, 12]
    assert rows.loc["Kupffer cell", ["up", "down"]].tolist() == [0, 0]
    assert "needs 2 on each side" in rows.loc["LSEC", "why"]
    assert np.isnan(rows.loc["LSEC", "power"])
    assert 0 < rows.loc[HEPATOCYTE, "power"] <= 1
    assert rows["composition"].notna().all()
    table = differences(atlas, params(atlas), pool)
    assert f"{100 * rows.loc[HEPATOCYTE, 'power']:.0f} % of the tested genes" in power_sentence(table)


@pytest.mark.real
def test_kangs_monocytes_answer_to_interferon_as_r_has_it(real_data, tmp_path_factory, pool):
    data = tmp_path_factory.mktemp("kang")
    name = "human_pbmc_kang2018_ifnb_2donors"
    imported(data, real_data / f"{name}.h5ad", species="human")
    atlas = Catalog(data).get(f"human/{name}")
    sides = Sides.of(atlas, "group_id", ["stim"], ["ctrl"])
    rows = frame(differences(atlas, params(atlas, "CD14+ Monocytes", sides), pool))
    assert {"ISG15", "IFI6", "IFIT1"} <= set(rows.index[:40])
    assert (rows.loc[["ISG15", "IFI6", "IFIT1"], "log2fc"] > 3).all()
    reference = Path(real_data).parent / "reference" / "r" / "kang2v2__CD14-Monocytes.unpaired.limmatrend.csv"
    if reference.is_file():
        wanted = pd.read_csv(reference, index_col=0)
        found = rows.loc[wanted.index]
        assert rows["p"].notna().sum() == len(wanted)
        np.testing.assert_allclose(found["p"], wanted["pvalue"], rtol=1e-9)
        np.testing.assert_allclose(found["p_adj"], wanted["padj"], rtol=1e-9)


@pytest.mark.real
@pytest.mark.slow
def test_glioblastoma_pairs_are_rs(real_data, tmp_path_factory, pool):
    data = tmp_path_factory.mktemp("glioblastoma")
    name = "human_glioblastoma_panobinostat_5pat_x2"
    imported(data, real_data / f"{name}.h5ad", species="human")
    atlas = Catalog(data).get(f"human/{name}")
    sides = Sides.of(atlas, "condition", ["panobinostat"], ["ctrl"])
    asked = params(atlas, "", sides, pooled=True, sample="sample_id", paired="patient_id")
    rows = frame(differences(atlas, asked, pool))
    unpaired = frame(differences(atlas, params(atlas, "", sides, pooled=True, sample="sample_id"), pool))
    assert (rows["p_adj"] < 0.05).sum() > (unpaired["p_adj"] < 0.05).sum()
    reference = Path(real_data).parent / "reference" / "r" / "gbm5paired__all.paired.limmatrend.csv"
    if reference.is_file():
        wanted = pd.read_csv(reference, index_col=0)
        rows.index = [atlas.genes.id_of(gene) for gene in rows.index]
        np.testing.assert_allclose(rows.loc[wanted.index, "p"], wanted["pvalue"], rtol=1e-9)
