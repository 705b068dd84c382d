"""The levels of one cell, compiled and not, in tiles of a store and of seven cells."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from core.kernels import cell_lookup
from tests.level_blocks import FORMS, as_python, leveled


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("python", [False, True])
def test_every_cell_has_the_values_of_the_matrix(form, python, monkeypatch):
    if python:
        as_python(monkeypatch)
    rng = np.random.default_rng(1)
    dense = rng.poisson(0.8, (23, 9)).astype(np.float32) - (rng.random((23, 9)) < 0.2)
    dense[:, 3], dense[:, 4] = 0, 2
    block, values = leveled(dense, form=form)
    for cell in range(23):
        levels = np.full(9, -7)
        cell_lookup.levels_of_cell(block, cell, levels)
        np.testing.assert_array_equal(levels >= 0, dense[cell] != 0)
        given = levels >= 0
        np.testing.assert_array_equal(values[block.value_starts[given] + levels[given]], dense[cell, given])


@given(hnp.arrays(np.bool_, st.tuples(st.integers(1, 20), st.integers(1, 4))))
@pytest.mark.parametrize("form", FORMS)
def test_any_pattern_of_nonzeros(form, present):
    dense = present * np.arange(1, present.size + 1, dtype=np.float32).reshape(present.shape)
    block, values = leveled(dense, form=form)
    levels = np.empty(present.shape[1], dtype=np.int64)
    for cell, row in enumerate(dense):
        cell_lookup.levels_of_cell(block, cell, levels)
        found = [
            values[start + level] if level >= 0 else 0 for start, level in zip(block.value_starts, levels, strict=True)
        ]
        assert found == row.tolist()
