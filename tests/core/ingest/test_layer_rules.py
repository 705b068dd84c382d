"""Which matrix becomes the expression and which the counts."""

import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.atlas.store import COUNTS, EXPRESSION
from core.errors import InvalidFile
from core.ingest import level_writer as writing
from tests.core.ingest._build import as_dense, check_layer, counts, logged, made

RAW = counts(30, 12)
LOG = np.log1p(as_dense(RAW) / 7).astype(np.float32)
SCALED = ((LOG - LOG.mean(axis=0)) / (LOG.std(axis=0) + 1)).astype(np.float32)
GENES = [f"Gene{i}" for i in range(12)]


def with_raw(x, raw, genes=GENES, **slots):
    adata = made(x, **slots)
    adata.raw = made(raw, var=pd.DataFrame(index=list(genes)), umap=False)
    return adata


def names(atlas):
    return [layer.name for layer in atlas.manifest.layers]


def test_counts_in_x(atlas_of):
    atlas = atlas_of(made(RAW))
    assert names(atlas) == [EXPRESSION, COUNTS]
    assert atlas.layer().info.rule == (
        "X holds non-negative integers: these are the counts. The expression is log1p(CP10k) of them."
    )
    assert atlas.layer(COUNTS).info.integers
    assert not atlas.layer().info.integers
    assert atlas.layer(COUNTS).info.unit == "counts"


def test_counts_in_a_layer(atlas_of):
    atlas = atlas_of(made(LOG, layers={"counts": RAW}))
    check_layer(atlas.layer(), LOG)
    check_layer(atlas.layer(COUNTS), RAW)
    assert atlas.layer(COUNTS).info.rule == "The counts are layers['counts']."


def test_the_layer_goes_before_raw(atlas_of):
    check_layer(atlas_of(with_raw(LOG, RAW * 2, layers={"counts": RAW})).layer(COUNTS), RAW)


def test_counts_in_raw(atlas_of):
    atlas = atlas_of(with_raw(LOG, RAW))
    check_layer(atlas.layer(), LOG)
    check_layer(atlas.layer(COUNTS), RAW)
    assert atlas.layer(COUNTS).info.rule == "The counts are raw.X."


@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_matrix, as_dense])
@pytest.mark.parametrize("block", [1, 5, 1_000])
def test_counts_in_a_raw_that_is_wider_and_in_another_order(form, block, atlas_of, monkeypatch):
    monkeypatch.setattr(writing, "BLOCK_ENTRIES", block)
    wide = counts(30, 20, seed=4)
    order = [11, 3, 4, 5, 0, 19, 7, 8, 1, 2, 13, 6]
    atlas = atlas_of(
        with_raw(LOG, form(wide), [GENES[order.index(i)] if i in order else f"further{i}" for i in range(20)])
    )
    check_layer(atlas.layer(COUNTS), wide[:, order])
    # Totals of cells are those of the whole matrix: CP10k means nothing otherwise.
    np.testing.assert_array_equal(atlas.layer(COUNTS).cell_sums, as_dense(wide).sum(axis=1))
    assert atlas.manifest.notes == (
        "raw.X has 8 further genes that X has not; they count in the totals of cells only.",
    )


def test_counts_in_a_permuted_raw(atlas_of):
    order = np.random.default_rng(0).permutation(12)
    atlas = atlas_of(with_raw(LOG, RAW[:, order], [GENES[i] for i in order]))
    check_layer(atlas.layer(COUNTS), RAW)
    assert atlas.manifest.notes == ()


@pytest.mark.parametrize(
    "genes", [[*GENES[:-1], "another"], [*GENES[:-2], "Gene0", "Gene0"]], ids=["lacks one", "has one twice"]
)
def test_a_raw_that_lacks_genes_gives_no_counts(genes, atlas_of):
    atlas = atlas_of(with_raw(LOG, RAW, genes))
    assert names(atlas) == [EXPRESSION]
    assert (
        "raw.X does not have every gene of the expression once, so no counts are taken from it." in atlas.manifest.notes
    )


def test_a_layer_called_counts_without_counts_is_passed_over(atlas_of):
    atlas = atlas_of(with_raw(LOG, RAW, layers={"counts": LOG}))
    check_layer(atlas.layer(COUNTS), RAW)
    assert atlas.manifest.notes == (
        "layers['counts'] does not hold non-negative integers, so no counts are taken from it.",
    )


def test_scaled_x_gives_way_to_a_log_raw(atlas_of):
    wide = np.log1p(as_dense(counts(30, 20, seed=4)) / 7).astype(np.float32)
    atlas = atlas_of(with_raw(SCALED, wide, [f"Raw{i}" for i in range(20)]))
    check_layer(atlas.layer(), wide)
    assert names(atlas) == [EXPRESSION]
    assert atlas.genes.names[0] == "Raw0"
    assert (
        atlas.layer().info.rule
        == "X is scaled (it has negative values), so the expression is the log-normalised raw.X."
    )


def test_scaled_x_with_nan_gives_way_too(atlas_of):
    scaled = SCALED.copy()
    scaled[0, 0] = np.nan
    check_layer(atlas_of(with_raw(scaled, LOG)).layer(), LOG)


def test_scaled_x_beside_a_raw_of_integers_stays_and_raw_gives_the_counts(atlas_of):
    atlas = atlas_of(with_raw(SCALED, RAW))
    check_layer(atlas.layer(), SCALED)
    check_layer(atlas.layer(COUNTS), RAW)
    assert "X has negative values" in atlas.layer().info.rule


def test_scaled_x_beside_a_scaled_raw_stays(atlas_of):
    atlas = atlas_of(with_raw(SCALED, SCALED))
    check_layer(atlas.layer(), SCALED)
    assert names(atlas) == [EXPRESSION]


def test_scaled_x_with_a_counts_layer_and_a_log_raw(atlas_of):
    atlas = atlas_of(with_raw(SCALED, LOG, layers={"counts": RAW}))
    check_layer(atlas.layer(), LOG)
    check_layer(atlas.layer(COUNTS), RAW)


def without_x(adata, path):
    adata.write_h5ad(path)
    with h5py.File(path, "a") as file:
        del file["X"]
    return path


def test_without_x_the_counts_layer_stands_in(load, tmp_path):
    atlas = load(without_x(made(LOG, layers={"counts": RAW}), tmp_path / "a.h5ad"))
    check_layer(atlas.layer(), logged(RAW), tolerance=1e-6)
    check_layer(atlas.layer(COUNTS), RAW)


@pytest.mark.parametrize(("raw", "has_counts"), [(RAW, True), (LOG, False)], ids=["counts", "log"])
def test_without_x_raw_stands_in(raw, has_counts, load, tmp_path):
    atlas = load(without_x(with_raw(LOG, raw), tmp_path / "a.h5ad"))
    check_layer(atlas.layer(), logged(RAW) if has_counts else LOG, tolerance=1e-6 if has_counts else 0)
    assert (COUNTS in names(atlas)) == has_counts


def test_without_any_matrix(load, tmp_path):
    with pytest.raises(InvalidFile, match=r"^a\.h5ad has no expression matrix: X is absent"):
        load(without_x(made(LOG), tmp_path / "a.h5ad"))


# Further layers


def test_further_layers_by_name(atlas_of):
    atlas = atlas_of(
        made(RAW, layers={"scvi normalized": LOG, "other": RAW}), layers=("scvi normalized", "other", "other")
    )
    assert names(atlas) == [EXPRESSION, COUNTS, "scvi_normalized", "other"]
    check_layer(atlas.layer("scvi_normalized"), LOG)
    assert atlas.layer("scvi_normalized").info.rule == "layers['scvi normalized'] of the file."


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("absent",), "made.h5ad has no layer 'absent'. Its layers: a b, a_b, counts."),
        (("counts",), "The name 'counts' is reserved for the layer that every atlas has."),
        (("expression",), "The name 'expression' is reserved for the layer that every atlas has."),
        (("../x",), "made.h5ad has no layer '../x'."),
        (("a b", "a_b"), "Two of the layers asked for would both be called 'a_b'."),
    ],
)
def test_layers_that_cannot_be_imported(asked, says, atlas_of):
    with pytest.raises(InvalidFile) as caught:
        atlas_of(made(RAW, layers={"counts": RAW, "a b": LOG, "a_b": LOG}), layers=asked)
    assert str(caught.value).startswith(says)


def test_a_further_layer_beside_an_expression_from_raw(atlas_of):
    adata = with_raw(SCALED, LOG, layers={"other": LOG})
    with pytest.raises(
        InvalidFile, match=r"^layers\['other'\] has the genes of X, but the expression is taken from raw"
    ):
        atlas_of(adata, layers=("other",))


def test_a_layer_that_nobody_needs_cannot_stop_an_import(load, tmp_path):
    made(RAW, layers={"odd": LOG, "narrow": LOG}).write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "a") as file:
        del file["layers/odd"]
        file["layers/odd"] = np.array([b"x", b"y"])
        del file["layers/narrow"]
        file["layers/narrow"] = LOG[:, :3]
        file["layers/elsewhere"] = h5py.SoftLink("/gone")
        file["obsm/X_elsewhere"] = h5py.SoftLink("/gone")
    atlas = load(tmp_path / "a.h5ad")
    lost = "cannot be read (Unable to synchronously open object"
    elsewhere, *others = sorted(atlas.manifest.notes)
    assert elsewhere.startswith(f"layers['elsewhere'] {lost}")
    assert others.pop().startswith(f"obsm['X_elsewhere'] {lost}")
    assert tuple(others) == (
        "layers['narrow'] has shape (30, 3) instead of (30, 12); it was left out.",
        "layers['odd'] holds |S1 values, not real numbers; it was left out.",
    )
