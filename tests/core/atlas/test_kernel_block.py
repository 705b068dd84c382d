"""What the kernels are given: blocks of a layer, and chosen genes of it copied together."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.atlas.kernel_block import as_block, block_of, joined
from tests.level_blocks import FORMS, level_layer


@pytest.fixture
def dense():
    """Ties, negatives, a silent gene, and one with a value in every cell."""
    rng = np.random.default_rng(1)
    dense = rng.poisson(0.8, (40, 6)).astype(np.float32) - (rng.random((40, 6)) < 0.2)
    dense[:, 2], dense[:, 3] = 0, np.arange(1, 41)
    return dense


def as_layer(dense, form):
    return SimpleNamespace(block=level_layer(dense, form=form).block, info=SimpleNamespace(minimum=float(dense.min())))


def decoded(block, values, n_cells):
    """Make a block dense again, step by step."""
    dense = np.zeros((n_cells, len(block.n_levels)), dtype=values.dtype)
    for gene, starts in enumerate(block.starts):
        for tile in range(len(starts) - 1):
            for k in range(starts[tile], starts[tile + 1]):
                at = block.level_starts[gene] + k - starts[0]
                level = block.levels_wide[at] if block.wide[gene] else block.levels[at]
                dense[tile * block.tile + block.cells[k], gene] = values[block.value_starts[gene] + level]
    return dense


@pytest.mark.parametrize("form", FORMS)
def test_a_block_holds_its_genes(dense, form):
    whole = level_layer(dense, form=form)
    for start, stop in ((0, 6), (1, 4), (2, 3), (5, 6)):
        block, values = as_block(whole.block(start, stop), signed=True, tile=form[0])
        np.testing.assert_array_equal(decoded(block, values, 40), dense[:, start:stop])
        n_below = [len(np.unique(column[column < 0])) for column in dense[:, start:stop].T]
        assert block.n_below.tolist() == n_below
        assert not any(array.flags.writeable for array in (*block[:-1], values))
        assert block.cells.base is not None


@pytest.mark.parametrize("form", FORMS)
def test_chosen_genes_are_joined_in_their_order(dense, form):
    layer = as_layer(dense, form)
    for genes in ([0], [2], [4, 1, 2, 3], [3, 3, 0]):
        part = joined(layer, genes)
        block, values = as_block(part, signed=True, tile=form[0])
        np.testing.assert_array_equal(decoded(block, values, 40), dense[:, genes])
        block, values = as_block(part.block(len(genes) - 1, len(genes)), signed=True, tile=form[0])
        np.testing.assert_array_equal(decoded(block, values, 40), dense[:, genes[-1:]])


def test_negatives_are_looked_for_where_a_layer_has_any(dense):
    assert block_of(as_layer(dense, FORMS[0]), 0, 6)[0].n_below.any()
    assert not block_of(as_layer(np.abs(dense), FORMS[0]), 0, 6)[0].n_below.any()
