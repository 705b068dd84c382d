"""Which cells lie in a polygon: against matplotlib, against a slow reference, and on edges."""

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp
from matplotlib.path import Path

from core.kernels import polygon as kernels
from core.selection import polygon as polygon_
from core.selection.polygon import inside

# A coarse grid, so that cells lie on corners and edges, and polygons cross themselves.
GRID = st.integers(-4, 4).map(float)
POLYGONS = st.integers(0, 9).flatmap(lambda n: hnp.arrays(np.float64, (n, 2), elements=GRID))
PLANE = np.array([(x, y) for x in np.arange(-5, 5.5, 0.5) for y in np.arange(-5, 5.5, 0.5)])


def reference(x, y, polygon):
    """The even-odd rule in whole fractions, one edge after another."""
    odd = False
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        (low_x, low), (high_x, high) = sorted(((x0, y0), (x1, y1)), key=lambda point: point[1])
        if low <= y < high:
            slope = Fraction(high_x - low_x) / Fraction(high - low)
            odd ^= Fraction(x) < Fraction(low_x) + (Fraction(y) - Fraction(low)) * slope
    return odd


@settings(max_examples=50)
@given(POLYGONS)
def test_the_even_odd_rule_on_a_grid(polygon):
    found = inside(*PLANE.T, polygon)
    assert found.dtype == bool
    assert found.tolist() == [reference(x, y, polygon) for x, y in PLANE]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_points", [3, 40, 2_000])
def test_a_lasso_is_that_of_matplotlib(dtype, n_points):
    rng = np.random.default_rng(n_points)
    angle, radius = np.sort(rng.uniform(0, 2 * np.pi, n_points)), 1 + 0.3 * rng.normal(size=n_points)
    polygon = np.c_[radius * np.cos(angle), radius * np.sin(angle)]
    x, y = rng.normal(size=(2, 20_000)).astype(dtype)
    wanted = Path(np.vstack([polygon, polygon[:1]])).contains_points(np.c_[x, y].astype(np.float64))
    assert 0 < wanted.sum() < wanted.size
    np.testing.assert_array_equal(inside(x, y, polygon), wanted)
    np.testing.assert_array_equal(inside(x, y, polygon[::-1]), wanted)


@given(
    hnp.arrays(np.float64, (6, 2), elements=st.floats(-10, 10)),
    hnp.arrays(np.float64, (40, 2), elements=st.floats(-12, 12, width=32)),
    st.integers(0, 5),
)
def test_neighbours_share_no_cell_and_lose_none(corners, cells, cut):
    """A fan of triangles over one closed line: each cell inside an odd number of them is inside the whole."""
    corners = np.roll(corners, cut, axis=0)
    cells = np.vstack([cells, corners, (corners[1:] + corners[:-1]) / 2, (corners[0] + corners) / 2])
    fan = [inside(*cells.T, corners[[0, at, at + 1]]) for at in range(1, 5)]
    np.testing.assert_array_equal(np.logical_xor.reduce(fan), inside(*cells.T, corners))


def test_a_box_holds_its_low_edges_and_not_its_high_ones():
    box = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float)
    cells = np.array([(0, 0), (0, 0.5), (0.5, 0), (1, 0.5), (0.5, 1), (1, 1), (0, 1), (1, 0)], float)
    assert inside(*cells.T, box).tolist() == [True, True, True, False, False, False, False, False]
    box = box - 5
    tiles = [inside(*PLANE.T, box + np.array(at)) for at in np.ndindex(11, 11)]
    np.testing.assert_array_equal(np.sum(tiles, axis=0), np.ones(len(PLANE)))


def test_where_nothing_is_inside():
    nan, inf = np.nan, np.inf
    triangle = np.array([(-1, -1), (5, -1), (-1, 5)], float)
    x, y = np.array([nan, 0, nan, inf, 0, -inf]), np.array([0, nan, nan, 0, inf, -inf])
    assert not inside(x, y, triangle).any()
    assert not inside(np.zeros(3), np.zeros(3), np.empty((0, 2))).any()
    assert not inside(np.zeros(3), np.zeros(3), np.zeros((4, 2))).any()
    assert not inside(*PLANE.T, triangle[:2]).any()
    assert inside(np.empty(0), np.empty(0), triangle).shape == (0,)


@pytest.mark.parametrize("scale", [1e-310, 1e-160, 1e150, 8e307])
def test_any_size(scale):
    box = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * scale
    cells = np.array([(0, 0), (-1, -1), (0.9, 0.9), (1.1, 0), (0, -1.1)]) * scale
    assert inside(*cells.T, box).tolist() == [True, True, True, False, False]


@pytest.mark.parametrize("polygon", [np.zeros((3, 3)), np.zeros(4), np.array([(0, 0), (1, np.nan), (1, 1)])])
def test_what_is_no_polygon(polygon):
    with pytest.raises(ValueError, match="finite and of shape"):
        inside(np.zeros(1), np.zeros(1), polygon)


@given(POLYGONS.filter(len))
def test_compiled_and_plain_agree(polygon):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "_band", kernels._band.py_func)
        plain = np.zeros(len(PLANE), dtype=bool)
        if (edge := polygon_.edges(polygon)).size:
            kernels.even_odd.py_func(*PLANE.T, edge, plain)
    np.testing.assert_array_equal(plain, inside(*PLANE.T, polygon))
