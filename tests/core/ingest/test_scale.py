"""The scale of a matrix, told from its values: scanpy makes the matrices."""

import anndata
import numpy as np
import pytest
import scanpy
from scipy import sparse

from core.atlas.manifest import SCALES
from core.ingest.scale_words import unit_of
from core.ingest.umap import _variable_genes
from tests.core.ingest._build import as_dense, check_layer, counts, made

BASES = {"ln1p": None, "log2_1p": 2, "log10_1p": 10}
UNITS = {"ln1p": "log1p(CP10k)", "log2_1p": "log2(CP10k + 1)", "log10_1p": "log10(CP10k + 1)", "linear": "CP10k"}
RAW = sparse.csr_matrix(np.random.default_rng(0).negative_binomial(1, 0.2, (60, 40)).astype(np.float32))
RANDOM = np.random.default_rng(1)


def normalised(scale, *, total=1e4, factors=None, base_in_uns=True, raw=RAW) -> anndata.AnnData:
    """Return what scanpy makes of counts: one total, or factors as of scran, then a logarithm."""
    adata = anndata.AnnData(raw.astype(np.float64))
    if factors is None:
        scanpy.pp.normalize_total(adata, target_sum=total)
    else:
        adata.X = sparse.csr_matrix(adata.X.toarray() / factors[:, None])
    if scale != "linear":
        scanpy.pp.log1p(adata, base=BASES[scale])
    found = made(adata.X.astype(np.float32))
    if scale != "linear" and base_in_uns:
        found.uns["log1p"] = {"base": BASES[scale]}
    return found


def info_of(atlas_of, adata, **request):
    atlas = atlas_of(adata, **request)
    return atlas.layer().info, atlas.manifest.notes


@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_matrix, as_dense])
@pytest.mark.parametrize("base_in_uns", [True, False])
@pytest.mark.parametrize("scale", UNITS)
def test_one_total_proves_the_scale(scale, base_in_uns, form, atlas_of):
    adata = normalised(scale, base_in_uns=base_in_uns)
    adata.X = form(adata.X)
    atlas = atlas_of(adata)
    assert (atlas.layer().info.scale, atlas.layer().info.unit) == (scale, UNITS[scale])
    check_layer(atlas.layer(), sparse.csr_matrix(adata.X))
    says = (
        ()
        if scale == "ln1p"
        else (f"X holds {'linear values' if scale == 'linear' else scale.replace('_1p', '(x + 1)')}: ",)
    )
    assert len(atlas.manifest.notes) == len(says)
    assert all(note.startswith(words) for note, words in zip(atlas.manifest.notes, says, strict=True))


@pytest.mark.parametrize("scale", [*UNITS])
def test_whole_multiples_prove_it_where_cells_have_other_totals(scale, atlas_of):
    """Size factors as of scran, and a part of the genes only."""
    adata = normalised(scale, factors=RANDOM.uniform(0.3, 3, 60), base_in_uns=False)
    info, _ = info_of(atlas_of, adata[:, :25].copy())
    assert info.scale == scale
    assert "CP10k" not in info.unit


def test_deep_cells_whose_logarithms_are_nearly_linear(atlas_of):
    raw = sparse.csr_matrix(np.random.default_rng(0).negative_binomial(1, 0.05, (60, 2_000)).astype(np.float32) * 1.0)
    for scale in UNITS:
        assert info_of(atlas_of, normalised(scale, raw=raw, base_in_uns=False), name=scale)[0].scale == scale


@pytest.mark.parametrize(("total", "unit"), [(1e6, "log2(CPM + 1)"), (4_321, "log2(expression + 1)")])
def test_the_unit_says_the_total(total, unit, atlas_of):
    assert info_of(atlas_of, normalised("log2_1p", total=total))[0].unit == unit


def test_transcripts_per_million_are_no_multiples(atlas_of):
    lengths = RANDOM.uniform(0.5, 9, 40)
    tpm = RAW.toarray() / lengths
    adata = made(sparse.csr_matrix(np.log2(tpm / tpm.sum(axis=1, keepdims=True) * 1e6 + 1).astype(np.float32)))
    info, _ = info_of(atlas_of, adata)
    assert (info.scale, info.unit) == ("log2_1p", "log2(TPM + 1)")


def test_values_go_before_what_uns_says(atlas_of):
    adata = normalised("ln1p")
    adata.uns["log1p"] = {"base": 2}
    info, notes = info_of(atlas_of, adata)
    assert info.scale == "ln1p"
    assert notes == (
        "X holds ln(x + 1), although uns['log1p'] says log2(x + 1): "
        "without the logarithm the values of every cell have one sum.",
    )


def smoothed(n=60):
    """Return linear values without totals or multiples, as imputation leaves them."""
    values = RANDOM.gamma(1.0, 1.0, (n, 40))
    return np.where(values > 0.2, values, 0).astype(np.float32)


@pytest.mark.parametrize(
    ("values", "base", "scale", "says"),
    [
        (np.log1p(smoothed()), False, "ln1p", "since nothing in the file tells"),
        (np.log1p(smoothed()), None, "ln1p", "as uns['log1p'] says"),
        (np.log2(smoothed() + 1), 2, "log2_1p", "as uns['log1p'] says"),
        (np.log10(smoothed() + 1), 10, "log10_1p", "as uns['log1p'] says"),
        (smoothed() * 40, 2, "linear", "are no logarithms"),
        (smoothed() * 40, False, "linear", "are no logarithms"),
        (smoothed() * 3, False, "linear", "lie far below the highest"),
        (8 + smoothed(), False, "log2_1p", "are no natural logarithms"),
    ],
)
def test_what_proves_nothing_goes_by_uns_then_by_its_range_and_says_so(values, base, scale, says, atlas_of):
    adata = made(values)
    if base is not False:
        adata.uns["log1p"] = {"base": base}
    info, notes = info_of(atlas_of, adata)
    assert info.scale == scale, notes
    assert says in notes[0]
    assert notes[0].endswith("import the file again with --scale.")


def test_corrected_counts_are_linear(atlas_of):
    """SoupX subtracts a little of every count."""
    near = np.where(RAW.toarray() > 0, RAW.toarray() - RANDOM.uniform(0, 0.02, RAW.shape), 0)
    assert info_of(atlas_of, made(np.clip(near, 0, 14).astype(np.float32)))[0].scale == "linear"


@pytest.mark.parametrize("noise", [1e-7, 1e-4])
def test_counts_with_a_rounding_error_are_linear_although_their_powers_are_whole_too(noise, atlas_of):
    """10^n - 1 is a multiple of 9, and 2^n - 1 of 1."""
    adata = made(RAW.astype(np.float64))
    adata.X.data *= 1 + noise * RANDOM.random(adata.X.nnz)
    info, _ = info_of(atlas_of, adata)
    assert info.scale == "linear"


@pytest.mark.parametrize("scale", ["ln1p", "log2_1p", "log10_1p"])
def test_logarithms_of_counts_with_a_rounding_error(scale, atlas_of):
    rough = np.expm1(np.log1p(RAW.toarray()))
    base = {"ln1p": np.e, "log2_1p": 2, "log10_1p": 10}[scale]
    info, _ = info_of(atlas_of, made(np.log1p(rough) / np.log(base)))
    assert info.scale == scale


def test_negative_values_are_signed(atlas_of):
    info, notes = info_of(atlas_of, made((smoothed() - 0.3).astype(np.float32)))
    assert (info.scale, notes) == ("signed", ())


def test_counts_are_linear_and_their_expression_is_ln(atlas_of):
    atlas = atlas_of(made(counts(30, 12)))
    assert {layer.name: layer.scale for layer in atlas.manifest.layers} == {"expression": "ln1p", "counts": "linear"}


def test_the_user_knows_better(atlas_of):
    info, notes = info_of(atlas_of, made(smoothed()), scale="log10_1p")
    assert (info.scale, info.unit, notes) == ("log10_1p", "log10(expression + 1)", ())


@pytest.mark.parametrize(
    ("matrix", "unit"), [(RAW, "log1p(CP10k)"), (smoothed() - 0.3, "expression as in the file (with")]
)
def test_a_scale_that_cannot_be_is_not_used_and_that_is_said(matrix, unit, atlas_of):
    (note,) = info_of(atlas_of, made(matrix), scale="log2_1p")[1]
    assert note.startswith(f"--scale log2_1p is not used: the expression is {unit}")


def test_further_layers_are_judged_too(atlas_of):
    adata = made(RAW)
    adata.layers["normalised"] = normalised("log2_1p").X
    adata.layers["scaled"] = as_dense(RAW) - 1
    adata.layers["corrected"] = as_dense(RAW)
    atlas = atlas_of(adata, layers=("normalised", "scaled", "corrected"))
    scales = [(layer.scale, layer.unit) for layer in atlas.manifest.layers[2:]]
    assert scales == [
        ("log2_1p", "log2(CP10k + 1)"),
        ("signed", "expression as in the file (with negative values)"),
        ("linear", "counts"),
    ]


def test_neighbours_of_linear_values_are_those_of_their_logarithms(atlas_of):
    linear, logged = (atlas_of(normalised(scale), name=scale).layer() for scale in ("linear", "ln1p"))
    assert linear.info.scale == "linear"
    found, expected = (_variable_genes(layer)[0].toarray() for layer in (linear, logged))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("scale", SCALES)
def test_every_scale_has_a_unit(scale):
    assert unit_of(scale, None, multiples=False)


def test_a_matrix_of_one_value_has_the_usual_scale(atlas_of):
    one = sparse.csr_matrix(([np.float32(0.5)], ([0], [0])), shape=(5, 4))
    assert info_of(atlas_of, made(one))[0].scale == "ln1p"
