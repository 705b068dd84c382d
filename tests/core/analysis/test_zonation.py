"""The zonation axis is found, cut and turned as promised, and its numbers are pandas' own."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from core.analysis.donor_groups import MIN_CELLS
from core.analysis.expression import expression_of
from core.analysis.zonation import COLUMNS, DONOR_COLUMNS, along
from core.analysis.zonation_axis import N_PARTS, axis_of, hepatocytes_of
from core.selection.model import Selection

N = 1200
GENES = ("GLUL", "CYP2E1", "ASS1", "CPS1", "ACTB")
RNG = np.random.default_rng(5)
SPACE = RNG.random(N)
TYPES = np.where(np.arange(N) % 4, "Hepatocyte", "LSEC")


def adata(obs, *, turned=False, genes=GENES):
    """Two genes rise along the axis and two fall, in hepatocytes; the last is flat."""
    place = 1 - SPACE if turned else SPACE
    rates = np.stack([place, place, 1 - place, 1 - place, np.full(N, 0.5)], axis=1)[:, : len(genes)]
    counts = np.random.default_rng(6).poisson(1 + 30 * rates).astype(np.float32)
    columns = {"CellType": pd.Categorical(TYPES), "Donor": pd.Categorical([f"d{at % 5}" for at in range(N)]), **obs}
    frame = pd.DataFrame(columns, index=[f"c{at}" for at in range(N)])
    made = AnnData(counts, obs=frame, var=pd.DataFrame(index=list(genes)))
    made.obsm["X_umap"] = np.random.default_rng(7).normal(size=(N, 2)).astype(np.float32)
    return made


def thirds(names):
    return pd.Categorical(np.array(names, dtype=object)[(SPACE * len(names)).astype(int)])


@pytest.mark.parametrize("turned", [False, True])
def test_an_axis_of_numbers_is_cut_into_equal_parts_and_turned_by_genes(atlas_of, turned):
    atlas = atlas_of(adata({"Zonation": np.where(TYPES == "LSEC", np.nan, SPACE)}, turned=turned))
    axis = axis_of(atlas)
    assert (axis.column, axis.kind, axis.ends) == ("Zonation", "parts", "genes")
    assert axis.genes == ("GLUL", "CYP2E1", "ASS1", "CPS1")
    assert len(axis.zones) == N_PARTS
    inside = hepatocytes_of(atlas)
    np.testing.assert_array_equal(inside, TYPES == "Hepatocyte")
    assert (axis.codes[~inside] == -1).all()
    sizes = np.bincount(axis.codes[inside])
    assert sizes.max() - sizes.min() <= 1
    ends = SPACE[axis.codes == 0].mean(), SPACE[axis.codes == N_PARTS - 1].mean()
    assert ends[0] > ends[1] if turned else ends[0] < ends[1]
    lows = [float(zone.partition("–")[0]) for zone in axis.zones]
    assert lows == sorted(lows, reverse=turned)


@pytest.mark.parametrize("order", [("PP", "mid", "PV"), ("Pericentral", "Midzonal", "Periportal")])
def test_named_zones_are_put_in_order(atlas_of, order):
    axis = axis_of(atlas_of(adata({"zone": thirds(order)})))
    assert axis.zones == (order if order[0] == "PP" else order[::-1])
    assert (axis.kind, axis.ends, axis.genes) == ("zones", "names", ())


def test_cells_outside_the_named_zones_have_none(atlas_of):
    names = thirds(["Periportal", "unclear", "Pericentral"])
    axis = axis_of(atlas_of(adata({"zonation": names})))
    assert axis.zones == ("Periportal", "Pericentral")
    np.testing.assert_array_equal(axis.codes == -1, np.asarray(names) == "unclear")


def test_numbered_layers_are_turned_by_genes(atlas_of):
    atlas = atlas_of(adata({"layer": thirds([f"Layer {at}" for at in range(1, 12)])}, turned=True))
    axis = axis_of(atlas)
    assert axis.zones == tuple(f"Layer {at}" for at in range(11, 0, -1))
    numbers = axis_of(atlas_of(adata({"Lobule layer": np.floor(SPACE * 9)}), name="numbers"))
    assert (numbers.zones, numbers.kind, numbers.ends) == (tuple("012345678"), "layers", "genes")


def test_without_genes_that_tell_the_order_is_that_of_the_column(atlas_of):
    made = adata({"eta": SPACE})
    made.var_names = [f"G{at}" for at in range(len(GENES))]
    axis = axis_of(atlas_of(made))
    assert (axis.ends, axis.genes) == ("", ())
    assert SPACE[axis.codes == 0].max() <= SPACE[axis.codes == 1].min()


def test_cell_types_are_an_axis_where_they_name_both_ends(atlas_of):
    types = np.where(TYPES == "LSEC", "LSEC", np.where(SPACE < 0.5, "Hepatocyte (periportal)", "Hep pericentral"))
    made = adata({})
    made.obs["CellType"] = pd.Categorical(types)
    axis = axis_of(atlas_of(made))
    assert (axis.column, axis.zones) == ("CellType", ("Hepatocyte (periportal)", "Hep pericentral"))


@pytest.mark.parametrize(
    "obs",
    [
        {},
        {"beta": SPACE},
        {"Zonation": np.full(N, np.nan)},
        {"Zonation": np.ones(N)},
        {"zone": pd.Categorical(["north", "south"] * (N // 2))},
        {"Zonation": [f"free text {at}" for at in range(N)]},
    ],
    ids=["none", "other name", "empty", "constant", "other zones", "text"],
)
def test_no_axis(atlas_of, obs):
    assert axis_of(atlas_of(adata(obs))) is None


def test_a_layer_without_hepatocytes_is_another_thing(atlas_of):
    made = adata({"layer": np.floor(SPACE * 9)})
    made.obs["CellType"] = pd.Categorical(np.where(TYPES == "LSEC", "L4 neuron", "L5 neuron"))
    assert axis_of(atlas_of(made)) is None


@pytest.mark.parametrize("split", ["", "Group"])
def test_the_numbers_are_those_of_pandas(atlas_of, split):
    group = pd.Categorical(np.where(np.arange(N) % 3 == 0, "MASH", "Healthy"))
    atlas = atlas_of(adata({"Zonation": SPACE, "Group": group}))
    axis, expression = axis_of(atlas), expression_of(atlas, "GLUL")
    selection = Selection.of({"Donor": ["d0", "d1", "d2"]})
    found = along(atlas, expression, axis, selection, split)
    frame = pd.DataFrame(
        {"zone": axis.codes, "split": group if split else "", "donor": [f"d{at % 5}" for at in range(N)],
         "value": expression.values.astype(float), "type": TYPES}
    )  # fmt: skip
    frame = frame[(frame["type"] == "Hepatocyte") & frame["donor"].isin(["d0", "d1", "d2"])]
    frame["split"] = frame["split"].astype(str)
    assert found.table.column_names == list(COLUMNS)
    assert found.donors.column_names == list(DONOR_COLUMNS)
    assert (found.n_cells, found.n_samples, found.n_without) == (len(frame), 3, 0)
    assert found.hepatocytes
    assert found.splits == (("Healthy", "MASH") if split else ("",))
    for row in found.table.to_pylist():
        cells = frame[(frame["zone"] == axis.zones.index(row["zone"])) & (frame["split"] == row["split"])]
        assert row["n"] == len(cells)
        assert row["mean"] == pytest.approx(cells["value"].mean(), abs=1e-12)
        assert row["pct_expressing"] == pytest.approx(100 * (cells["value"] > 0).mean(), abs=1e-12)
        donors = [part["value"] for _, part in cells.groupby("donor") if len(part) >= MIN_CELLS]
        assert row["n_donors"] == len(donors)
        expected = np.mean([part.mean() for part in donors]) if donors else np.nan
        assert row["donor_mean"] == pytest.approx(expected, abs=1e-12, nan_ok=True)
        own = [
            each for each in found.donors.to_pylist() if (each["zone"], each["split"]) == (row["zone"], row["split"])
        ]
        assert [each["mean"] for each in own] == pytest.approx([part.mean() for part in donors], abs=1e-12)
    assert found.donors.num_rows


def test_other_cells_where_no_hepatocyte_is_selected_and_none_at_all(atlas_of):
    atlas = atlas_of(adata({"Zonation": SPACE}))
    axis, expression = axis_of(atlas), expression_of(atlas, "GLUL")
    found = along(atlas, expression, axis, Selection.of({"CellType": ["LSEC"]}))
    assert not found.hepatocytes
    assert found.n_cells == int((TYPES == "LSEC").sum())
    empty = along(atlas, expression, axis, Selection.parse(["CellType=LSEC"], ["Zonation:0.2:0.2"]))
    assert (empty.n_cells, empty.n_samples, empty.splits) == (0, 0, ())


def test_without_samples_there_are_no_donors(atlas_of):
    made = adata({"Zonation": SPACE})
    del made.obs["Donor"]
    atlas = atlas_of(made)
    found = along(atlas, expression_of(atlas, "GLUL"), axis_of(atlas), Selection())
    assert (found.n_samples, found.donors.num_rows) == (None, 0)
    assert np.isnan(found.table["donor_mean"].to_numpy()).all()
    assert np.isfinite(found.table["mean"].to_numpy()).all()
