"""DESeq2 by crest-sc against R's DESeq2 1.38.3, and on counts that make its defaults fail.

R's numbers lie in the directory ``reference/r`` beside that of MASLDATLAS_TEST_DATA. Where a design leaves three
degrees of freedom or fewer, R draws random numbers, so that those are compared by what is called.
"""

import numpy as np
import pandas as pd
import pytest

from core.stats import deseq2
from core.stats.deseq2 import wald
from tests.core.stats.test_count_engines import r_numbers, simulated, sums  # noqa: F401 - fixtures

pytestmark = pytest.mark.skipif(not deseq2.version(), reason="crest-sc is not installed")


def fitted(counts, design):
    return wald({"counts": counts, "design": design}, lambda *_: None)


def design(n=12):
    return np.column_stack([np.ones(n), np.arange(n) % 2])


def test_planted_genes_are_found():
    found = fitted(simulated(np.random.default_rng(5), changed=50), design())
    called = np.nan_to_num(found["p_adj"], nan=1) < 0.05
    assert called[:50].mean() > 0.7
    assert np.nanmedian(found["log2fc"][:50]) == pytest.approx(2, abs=0.3)


def test_where_every_gene_has_a_zero_size_factors_are_of_positive_counts():
    rng = np.random.default_rng(2)
    counts = simulated(rng, 300)
    counts[np.arange(300), rng.integers(0, 12, 300)] = 0
    found = fitted(counts, design())
    assert np.isfinite(found["factors"]).all()
    assert np.isfinite(found["p"]).mean() > 0.9


def test_sixty_percent_of_genes_without_counts_have_no_p_and_change_nothing():
    counts = simulated(np.random.default_rng(3), 200)
    one, padded = fitted(counts, design()), fitted(np.vstack([counts, np.zeros((300, 12))]), design())
    assert np.isnan(padded["p"][200:]).all()
    np.testing.assert_allclose(padded["p"][:200], one["p"], rtol=1e-6)


def test_one_huge_outlier_has_no_p():
    # Of six samples a side the outlier is flagged; from seven on DESeq2 replaces it.
    counts = simulated(np.random.default_rng(6))
    counts[7] = 20
    counts[7, 3] = 200_000
    assert np.isnan(fitted(counts, design())["p"][7])


@pytest.mark.real
@pytest.mark.parametrize(
    ("kind", "pairing"), [("", "paired"), ("CD4 T cells", "unpaired"), ("CD8 T cells", "unpaired")]
)
def test_every_number_is_rs(r_numbers, sums, kind, pairing):  # noqa: F811
    found, wanted = both(r_numbers, sums, kind, pairing)
    for ours, theirs in (("log2fc", "log2FC"), ("error", "lfcSE"), ("stat", "stat")):
        np.testing.assert_allclose(found[ours], wanted[theirs], atol=1e-4)
    np.testing.assert_allclose(found["p"], wanted["pvalue"], atol=1e-6)
    np.testing.assert_array_equal(found["p_adj"] < 0.05, wanted["padj"] < 0.05)


@pytest.mark.real
@pytest.mark.parametrize(
    ("kind", "pairing"),
    # Of the paired B cells, with one degree of freedom left, R calls more than twice as many.
    [
        ("B cells", "unpaired"), *((f"{kind} Monocytes", pairing) for kind in ("CD14+", "FCGR3A+")
                                   for pairing in ("paired", "unpaired")),
    ],
)  # fmt: skip
def test_with_two_donors_nearly_the_same_is_called(r_numbers, sums, kind, pairing):  # noqa: F811
    found, wanted = both(r_numbers, sums, kind, pairing)
    called, theirs = found["p_adj"] < 0.05, (wanted["padj"] < 0.05).to_numpy()
    assert (called & theirs).sum() / (called | theirs).sum() > 0.9
    np.testing.assert_allclose(found["log2fc"], wanted["log2FC"], atol=0.05)


def both(r_numbers, sums, kind, pairing):  # noqa: F811
    """Return our numbers and R's for the same genes."""
    genes, counts, side, donors = sums(kind)
    matrix = np.column_stack([np.ones(len(side)), np.array(side, dtype=float)])
    if pairing == "paired":
        matrix = np.column_stack([matrix, pd.get_dummies(list(donors), drop_first=True).to_numpy(float)])
    name = f"kang2v2__{kind.replace('+', '').replace(' ', '-')}" if kind else "gbm5paired__all"
    wanted = pd.read_csv(
        r_numbers / f"{name}.{pairing}.deseq2.csv", index_col=0, na_values=["NA"], skipinitialspace=True
    )
    return fitted(counts[genes.get_indexer(wanted.index)], matrix), wanted
