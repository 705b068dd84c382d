"""Fold changes on every scale that a layer may have."""

import numpy as np
import pandas as pd
import pytest

from core.analysis.contrasts import MarkersParams
from core.analysis.linear_scale import scale_of
from core.analysis.markers import markers
from core.atlas.manifest import LayerInfo
from tests.stores import written

GENES = ["ALB", "MS4A1", "STAB2", "NONE"]
STORED = {
    "ln1p": np.log1p,
    "log2_1p": lambda x: np.log2(x + 1),
    "log10_1p": lambda x: np.log10(x + 1),
    "linear": lambda x: x,
}


def cp10k(n_cells=90, seed=0):
    """Linear values; the geometric and the arithmetic mean of STAB2 differ in direction."""
    rng = np.random.default_rng(seed)
    linear = rng.gamma(0.8, 80.0, (n_cells, 4)) * (rng.random((n_cells, 4)) < 0.6)
    linear[:30, 0] *= 50
    linear[:30, 2] = 0
    linear[:3, 2] = 4000
    linear[:, 3] = 0
    return linear.astype(np.float32).astype(np.float64)


def cells():
    names = np.where(np.arange(90) < 30, "Hepatocyte", "Kupffer cell")
    return pd.DataFrame({"CellType": pd.Categorical(names)}, index=[f"cell{at}" for at in range(90)])


def hepatocytes(atlas, pool):
    rows = markers(atlas, MarkersParams.of(atlas), pool).to_pandas()
    return rows[rows["category"] == "Hepatocyte"].set_index("gene").loc[GENES]


@pytest.mark.parametrize("scale", STORED)
def test_a_fold_change_is_one_of_linear_means_on_every_scale(tmp_path, pool, scale):
    linear = cp10k()
    atlas = written(tmp_path, {"expression": STORED[scale](linear)}, cells(), GENES, scales={"expression": scale})
    inside, outside = linear[:30].mean(axis=0), linear[30:].mean(axis=0)
    rows = hepatocytes(atlas, pool)
    np.testing.assert_allclose(rows["log2fc"], np.log2((inside + 0.01) / (outside + 0.01)), atol=1e-8)
    assert rows.loc["NONE", "log2fc"] == 0
    assert np.isfinite(rows["log2fc"]).all()


@pytest.mark.parametrize(("scale", "base"), [("ln1p", np.e), ("log2_1p", 2), ("log10_1p", 10)])
def test_the_number_of_scanpy_has_a_column_of_its_own(tmp_path, pool, scale, base):
    stored = STORED[scale](cp10k())
    atlas = written(tmp_path, {"expression": stored}, cells(), GENES, scales={"expression": scale})
    inside, outside = (base ** stored[part].mean(axis=0) - 1 for part in (slice(30), slice(30, None)))
    rows = hepatocytes(atlas, pool)
    np.testing.assert_allclose(rows["scanpy_log2fc"], np.log2((inside + 1e-9) / (outside + 1e-9)), atol=1e-9)
    assert np.sign(rows.loc["STAB2", "log2fc"]) != np.sign(rows.loc["STAB2", "scanpy_log2fc"])


def test_values_that_are_no_logarithms_have_no_number_of_scanpy(tmp_path, pool):
    atlas = written(tmp_path, {"expression": cp10k()}, cells(), GENES, scales={"expression": "linear"})
    assert hepatocytes(atlas, pool)["scanpy_log2fc"].isna().all()


def test_signed_values_have_no_fold_change(tmp_path, pool):
    values = cp10k() - 1.0
    atlas = written(tmp_path, {"expression": values}, cells(), GENES, scales={"expression": "signed"})
    rows = hepatocytes(atlas, pool)
    assert rows[["log2fc", "scanpy_log2fc"]].isna().all(axis=None)
    assert rows["score"].notna().sum() == 3


@pytest.mark.parametrize(
    ("facts", "scale"),
    [
        ({}, "ln1p"),
        ({"scale": "log2_1p"}, "log2_1p"),
        ({"minimum": -0.5}, "signed"),
        ({"integers": True}, "linear"),
        ({"maximum": 61_663.0}, "linear"),
        ({"maximum": 60.0, "scale": "log2_1p"}, "log2_1p"),
        ({"maximum": 80.0, "scale": "log2_1p"}, "linear"),
        ({"scale": "signed"}, "signed"),
    ],
)
def test_a_scale_that_the_values_contradict_is_not_believed(facts, scale):
    info = {
        **{"name": "expression", "dtype": "float32", "unit": "", "rule": "", "integers": False, "n_nonzero": 1},
        **{"minimum": 0.0, "maximum": 8.0},
    }
    assert scale_of(LayerInfo(**{**info, **facts})) == scale


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "column", "wanted"),
    [
        ("soupx_linear", "log2fc", {"ALB": 8.17, "MS4A1": 0.72}),
        ("log2_base", "scanpy_log2fc", {"ALB": 5.372, "MS4A1": 2.486, "STAB2": 1.229}),
    ],
)
def test_files_of_other_people(real_data, load, pool, file, column, wanted):
    atlas = load(real_data / "reports" / f"{file}.h5ad", species="human")
    if file == "log2_base" and atlas.layer().info.scale == "ln1p":
        pytest.skip("the importer does not know bases yet")
    rows = markers(atlas, MarkersParams.of(atlas), pool).to_pandas()
    own = rows[rows["category"] == "Hepatocyte"].set_index("gene")
    for gene, value in wanted.items():
        assert own.loc[gene, column] == pytest.approx(value, abs=0.005 if value > 8 or value < 1 else 0.0005)
