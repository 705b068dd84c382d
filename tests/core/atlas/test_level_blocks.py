"""Levels, from entries in either order and back again, bit for bit; and counts computed from expression."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.atlas.level_blocks import InexactCounts, built, built_from_sorted, counts_of
from core.atlas.level_layer import tiles_of
from core.kernels import levels as kernels
from core.kernels.tiles import TILE_CELLS

# Values that tie, negative ones, subnormal ones, and any other.
FEW = st.sampled_from([1.0, -1.0, 2.0, 0.5, -0.5])
CELLS = (1, 20, 65_536, 65_537, 200_000)


@st.composite
def genes(draw, dtype):
    """Draw the entries of some genes: values, cells ascending in each gene, starts, number of cells."""
    width = np.dtype(dtype).itemsize * 8
    anything = st.floats(width=width, allow_nan=False, allow_infinity=False, allow_subnormal=True).filter(bool)
    n_cells = draw(st.sampled_from(CELLS))
    edges = st.sampled_from([at for at in (0, 1, 65_535, 65_536, 131_071, 131_072, n_cells - 1) if at < n_cells])
    cells = draw(
        st.lists(st.sets(edges | st.integers(0, n_cells - 1), max_size=12).map(sorted), min_size=1, max_size=7)
    )
    n = sum(map(len, cells))
    values = draw(st.lists(FEW | anything, min_size=n, max_size=n))
    starts = np.concatenate([[0], np.cumsum([len(gene) for gene in cells])]).astype(np.int64)
    return (
        np.array(values, dtype=dtype),
        np.array([cell for gene in cells for cell in gene], dtype=np.int32),
        starts,
        n_cells,
    )


def check(found, values, cells, starts, n_cells):
    """Compare a block with the entries it was built from, and check all that a block promises."""
    block = found.block
    assert (block.n_cells, block.n_genes, block.dtype) == (n_cells, len(starts) - 1, values.dtype)
    assert block.tile_starts.shape == (block.n_genes, tiles_of(n_cells) + 1)
    for array in (
        *block.arrays,
        block.gene_starts,
        block.tile_starts,
        block.level_starts,
        block.wide,
        block.value_starts,
    ):
        assert not array.flags.writeable
        assert array.flags.c_contiguous
    for gene in range(block.n_genes):
        span = slice(starts[gene], starts[gene + 1])
        own_cells, own_values = block.nonzeros(gene)
        np.testing.assert_array_equal(own_cells, cells[span])
        np.testing.assert_array_equal(own_values.view(f"u{values.itemsize}"), values[span].view(f"u{values.itemsize}"))
        distinct, counts = np.unique(values[span], return_counts=True)
        np.testing.assert_array_equal(block.values_of(gene), distinct)
        first = block.value_starts
        np.testing.assert_array_equal(found.counts[first[gene] : first[gene + 1]], counts)
        order = np.argsort(values[span], kind="stable")
        for part, whole in zip(block.ascending(gene), (cells[span], values[span]), strict=True):
            np.testing.assert_array_equal(part, whole[order])
        dense = np.zeros(n_cells, dtype=values.dtype)
        dense[cells[span]] = values[span]
        np.testing.assert_array_equal(block.dense(gene), dense)
        tiles = block.tile_starts[gene]
        np.testing.assert_array_equal(
            tiles, starts[gene] + np.searchsorted(cells[span], np.arange(len(tiles)) * TILE_CELLS)
        )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(data=st.data())
def test_levels_give_back_what_they_were_built_from(dtype, data):
    values, cells, starts, n_cells = data.draw(genes(dtype))
    check(built(values, cells, starts, n_cells), values, cells, starts, n_cells)
    # Version 1 of the store held each gene in this order.
    order = np.concatenate(
        [
            np.empty(0, int),
            *(a + np.argsort(values[a:b], kind="stable") for a, b in pairwise(starts)),
        ]
    )
    check(built_from_sorted(values[order], cells[order], starts, n_cells), values, cells, starts, n_cells)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_extremes_of_a_dtype_are_in_order(dtype):
    info = np.finfo(dtype)
    ascending = np.array(
        [info.min, -1, -info.smallest_subnormal, info.smallest_subnormal, info.tiny, 1, info.max], dtype=dtype
    )
    found = built(ascending[::-1].copy(), np.arange(7, dtype=np.int32), np.array([0, 7]), 7)
    np.testing.assert_array_equal(found.block.values, ascending)
    assert found.block.levels.tolist() == [6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize("n_levels", [65_535, 65_536, 65_537, 70_000])
def test_levels_beyond_16_bits(n_levels):
    random = np.random.default_rng(n_levels)
    wide = random.permutation(np.arange(1, n_levels + 1, dtype=np.float32))
    cells = np.arange(n_levels, dtype=np.int32)
    values = np.concatenate([[2.5], wide, [1.5, 2.5], wide[::-1]]).astype(np.float32)
    starts = np.cumsum([0, 1, n_levels, 2, n_levels])
    all_cells = np.concatenate([cells[:1], cells, cells[:2], cells])
    found = built(values, all_cells, starts, n_levels)
    check(found, values, all_cells, starts, n_levels)
    is_wide = n_levels > 65_536
    assert found.block.wide.tolist() == [False, is_wide, False, is_wide]
    assert found.block.level_starts.tolist() == ([0, 0, 1, n_levels] if is_wide else starts[:-1].tolist())
    assert len(found.block.levels_wide) == (2 * n_levels if is_wide else 0)
    part = found.block.block(2, 4)
    np.testing.assert_array_equal(part.nonzeros(1)[1], wide[::-1])


@st.composite
def counted(draw):
    """Draw counts (n_cells, n_genes) with a further gene, so that no cell is empty."""
    n_cells, n_genes = draw(st.integers(1, 9)), draw(st.integers(1, 5))
    count = st.integers(0, 3) | st.integers(0, 60_000)
    rows = st.lists(count, min_size=n_genes, max_size=n_genes)
    return np.array(draw(st.lists(rows, min_size=n_cells, max_size=n_cells)), dtype=np.int64)


def logged(counts, totals):
    """Return log1p(CP10k) as the importer stores it, and starts and cells of its nonzeros."""
    values, cells, starts = [], [], [0]
    for gene in counts.T:
        own = np.flatnonzero(gene)
        values.append(np.log1p(gene[own] / (totals[own] / 1e4)).astype(np.float32))
        cells.append(own.astype(np.int32))
        starts.append(starts[-1] + len(own))
    return np.concatenate(values), np.concatenate(cells), np.array(starts, dtype=np.int64)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(counts=counted(), more=st.integers(1, 100_000))
@example(counts=np.array([[60_000, 1], [1, 0]]), more=1)
@example(counts=np.array([[65_535]]), more=1)
def test_counts_are_computed_from_expression(counts, more):
    totals = (counts.sum(axis=1) + more).astype(np.float64)
    expression = built(*logged(counts, totals), len(counts)).block
    found = counts_of(expression, totals, np.dtype(np.float32))
    _, cells, starts = logged(counts, totals)
    exact = np.concatenate([gene[gene > 0] for gene in counts.T]).astype(np.float32)
    check(found, exact, cells, starts, len(counts))
    # A block that begins within the layer.
    last = counts_of(expression.block(counts.shape[1] - 1, counts.shape[1]), totals, np.dtype(np.float64))
    np.testing.assert_array_equal(last.block.dense(0), counts[:, -1])
    assert last.block.dense(0).dtype == np.float64


@pytest.mark.parametrize("factor", [0.5, 1.3, 1e6])
def test_expression_of_no_counts_is_told(factor):
    counts = np.array([[1, 2], [3, 0]])
    totals = np.array([7.0, 9.0])
    expression = built(*logged(counts, totals), 2).block
    with pytest.raises(InexactCounts):
        counts_of(expression, totals * factor, np.dtype(np.float32))


def test_compiled_loops_agree_with_themselves_uncompiled():
    random = np.random.default_rng(3)
    counts = random.poisson(1.0, (300, 6))
    totals = counts.sum(axis=1) + 5.0
    values, cells, starts = logged(counts, totals)
    cells += 65_400
    n_cells = 65_700
    totals = np.concatenate([np.ones(65_400), totals])
    block = built(values, cells, starts, n_cells).block
    borders = np.empty((6, 3), dtype=np.int64)
    kernels.tile_borders.py_func(cells, starts, borders)
    np.testing.assert_array_equal(borders, block.tile_starts)
    keys = np.concatenate([np.argsort(values[a:b], kind="stable") for a, b in pairwise(starts)])
    before = np.repeat(starts[:-1], np.diff(starts))
    filled = [np.empty(len(values), dtype=dtype) for dtype in (np.uint32, np.float32, np.uint32)]
    first = kernels.build.py_func(values[before + keys], keys.astype(np.uint32), starts, *filled)
    np.testing.assert_array_equal(first, block.value_starts)
    np.testing.assert_array_equal(filled[0], block.levels)
    np.testing.assert_array_equal(filled[1][: first[-1]], block.values)
    for gene in range(6):
        n = starts[gene + 1] - starts[gene]
        own = (block.cells, block.tile_starts[gene], block.levels_of(gene))
        found = [np.empty(n, dtype=np.int32), np.empty(n, dtype=np.float32)]
        kernels.decode.py_func(*own, block.values_of(gene), *found)
        for one, other in zip(found, block.nonzeros(gene), strict=True):
            np.testing.assert_array_equal(one, other)
    at = block.value_starts
    parts = (block.cells, block.tile_starts, block.levels, block.levels_wide, block.level_starts, block.wide)
    shares = np.expm1(block.values.astype(np.float64)) / 1e4
    found = []
    for run in (kernels.count_block, kernels.count_block.py_func):
        out = [np.zeros(len(values), dtype=dtype) for dtype in (np.uint16, np.float32, np.uint32)]
        first, far = run(*parts, shares, at, totals, 100, *out)
        assert far < 1e-3
        found.append([first, *out])
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
