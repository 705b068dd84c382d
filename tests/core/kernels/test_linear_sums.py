"""Sums on the linear scale, against numpy and against the kernel's own Python."""

import numpy as np
import pytest

from core.kernels import rank_sums as kernels
from core.kernels.linear_sums import to_linear
from tests.level_blocks import as_python, leveled

BASES = {"ln1p": 1.0, "log2_1p": np.log(2.0), "log10_1p": np.log(10.0)}


def run(dense, codes, n_categories, factor, dtype=np.float32):
    """Call the kernel of rank sums, which adds them up."""
    sizes = np.bincount(codes, minlength=n_categories + 1)[:n_categories].astype(np.int64)
    sums, ties = np.full((dense.shape[1], n_categories, 4), np.nan), np.zeros(dense.shape[1])
    kernels.rank_sums(*leveled(dense, dtype), codes, sizes, factor, sums, ties)
    return sums[:, :, kernels.LINEAR]


@pytest.mark.parametrize("factor", BASES.values(), ids=BASES)
@pytest.mark.parametrize("python", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_are_those_of_numpy(factor, python, dtype, monkeypatch):
    if python:
        as_python(monkeypatch)
    rng = np.random.default_rng(3)
    linear = rng.gamma(0.5, 300.0, (200, 6)) * (rng.random((200, 6)) < 0.4)
    linear[0, 0], linear[1, 0], linear[:, 5] = 3e9, 1e-3, 0.0
    dense = (np.log1p(linear) / factor).astype(np.float32)
    codes = rng.integers(0, 4, 200).astype(np.uint8)
    found = run(dense, codes, 3, factor, dtype)
    for category in range(3):
        wanted = np.expm1(dense[codes == category].astype(np.float64) * factor).sum(axis=0)
        np.testing.assert_allclose(found[:, category], wanted, rtol=1e-12, atol=1e-12)


def test_small_values_keep_their_digits():
    dense = np.geomspace(1e-3, 20, 400, dtype=np.float32)[:, None]
    codes = np.arange(400) % 100
    found = run(dense, codes.astype(np.uint8), 100, 1.0)[0]
    wanted = np.expm1(dense.astype(np.float64)).reshape(4, 100).sum(axis=0)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("python", [False, True])
def test_the_exponential_is_numpys_next_to_zero_and_far_from_it(python):
    values = np.concatenate([10.0 ** -np.arange(1, 12), -(10.0 ** -np.arange(1, 12)), np.linspace(-5, 700, 500)])
    values = np.append(values, np.log(2) * np.arange(0.5, 40))
    linear = np.empty(values.size)
    (to_linear.py_func if python else to_linear)(values, 1.0, linear)
    np.testing.assert_allclose(linear, np.expm1(values), rtol=1e-13)
    (to_linear.py_func if python else to_linear)(np.zeros(1), 1.0, linear)
    assert linear[0] == 0
