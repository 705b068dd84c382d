"""Rasters against numpy's histograms, on cells inside, on edges, without a place, and in many threads at once."""

from concurrent.futures import ThreadPoolExecutor

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

from core.analysis import raster as module
from core.analysis.raster import NONE, Placed, Scale, Window, by_category, by_value, placed
from core.atlas.store import Categorical
from core.errors import InvalidQuery
from core.kernels.raster import OUTSIDE, majority
from tests.core.ingest._build import counts, made

N = 3_000
UNIT = Window.of((0.0, 1.0), (0.0, 1.0), 16, 32)
# Pixels of a power of two, and cells on a grid as fine: every edge is met, and nothing is rounded.
EIGHTHS = st.integers(-2, 34).map(lambda at: at / 32)


def cloud(seed=0, n=N):
    """Cells around a window, some of them without a place, and their values."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0.5, 0.4, (2, n)).astype(np.float32)
    return rng, Placed(x, y, None)


def histogram(places, window, cells, weights=None):
    """Numpy's histogram of some cells, row 0 at the low end of y."""
    found, _, _ = np.histogram2d(
        places.y[cells].astype(np.float64),
        places.x[cells].astype(np.float64),
        bins=[window.height, window.width],
        range=[window.y, window.x],
        weights=None if weights is None else weights[cells],
    )
    return found


def check_categories(places, window, inside, column, planes):
    """Compare a raster with one histogram for each category."""
    kinds = {"count": np.uint16, "code": np.uint16, "share": np.uint8, "outside": np.uint8}
    assert {name: plane.dtype for name, plane in planes.items()} == kinds
    assert list(planes) == list(kinds)
    n = histogram(places, window, inside)
    assert n.shape == (window.height, window.width)
    # -1 comes last: among equals it never wins.
    codes = [*range(len(column.categories)), -1]
    each = np.stack([histogram(places, window, inside & (column.codes == code)) for code in codes])
    winner = np.where(n > 0, np.array([*codes[:-1], NONE])[each.argmax(axis=0)], NONE)
    np.testing.assert_array_equal(planes["count"], np.minimum(n, NONE))
    np.testing.assert_array_equal(planes["code"], winner)
    np.testing.assert_allclose(planes["share"], 255 * each.max(axis=0) / np.maximum(n, 1), rtol=0, atol=0.5)
    np.testing.assert_array_equal(planes["outside"], np.minimum(histogram(places, window, ~inside), 255))


@pytest.mark.parametrize("n_categories", [1, 2, 12, 300])
@pytest.mark.parametrize("window", [UNIT, Window.of((-0.3, 1.9), (0.2, 0.7), 97, 41)])
def test_categories_are_those_of_histograms(n_categories, window):
    rng, places = cloud(n_categories)
    codes = rng.integers(-1, n_categories, N).astype(np.int32)
    column = Categorical("kind", codes, tuple(map(str, range(n_categories))))
    inside = rng.random(N) < 0.6
    check_categories(places, window, inside, column, by_category(places, window, inside, column))


@given(data=st.data())
@settings(max_examples=60)
def test_categories_on_edges(data):
    n = data.draw(st.integers(0, 60))
    x, y = (data.draw(hnp.arrays(np.float32, n, elements=EIGHTHS.map(np.float32))) for _ in range(2))
    codes = data.draw(hnp.arrays(np.int32, n, elements=st.integers(-1, 2)))
    inside = data.draw(hnp.arrays(np.bool_, n))
    places, column = Placed(x, y, None), Categorical("kind", codes, ("a", "b", "c"))
    check_categories(places, UNIT, inside, column, by_category(places, UNIT, inside, column))


def test_of_equally_frequent_categories_the_first_wins():
    places = Placed(np.full(6, 0.5, np.float32), np.full(6, 0.5, np.float32), None)
    everything = np.ones(6, dtype=bool)

    def winner(codes, n=4):
        column = Categorical("kind", np.array(codes, np.int32), tuple("abcd")[:n])
        planes = by_category(places, UNIT, everything, column)
        at = np.argwhere(planes["count"])
        assert len(at) == 1
        return planes["code"][tuple(at[0])], planes["share"][tuple(at[0])]

    assert winner([3, 1, 3, 1, 2, 0]) == (1, 85)
    assert winner([3, 3, 1, 1, 0, 0]) == (0, 85)
    assert winner([-1, -1, -1, 2, 2, 2]) == (2, 128)
    assert winner([2, 2, 2, -1, -1, -1]) == (2, 128)
    assert winner([-1, -1, -1, -1, 2, 2]) == (NONE, 170)
    assert winner([0] * 6, n=1) == (0, 255)


@pytest.mark.parametrize("window", [UNIT, Window.of((-0.3, 1.9), (0.2, 0.7), 97, 41)])
def test_values_are_those_of_histograms(window):
    rng, places = cloud()
    values = np.where(rng.random(N) < 0.2, np.nan, rng.normal(3, 2, N))
    values[:3] = [np.inf, -np.inf, np.nan]
    inside = rng.random(N) < 0.6
    given_ = inside & np.isfinite(values)
    scale = Scale.of(values)
    assert (scale.low, scale.high) == (values[np.isfinite(values)].min(), values[np.isfinite(values)].max())
    other = Scale.of(rng.gamma(1, 2, N).astype(np.float32), with_zero=True)
    assert other.low == 0
    planes = by_value(places, window, inside, [scale, other])
    assert list(planes) == ["count", "value", "value_b", "outside"]
    np.testing.assert_array_equal(planes["count"], histogram(places, window, inside))
    np.testing.assert_array_equal(planes["outside"], np.minimum(histogram(places, window, ~inside), 255))
    check_means(planes["value"], places, window, given_, scale)
    check_means(planes["value_b"], places, window, inside, other)
    alone = by_value(places, window, inside, [scale])
    assert list(alone) == ["count", "value", "outside"]
    for name, plane in alone.items():
        np.testing.assert_array_equal(plane, planes[name])


def check_means(plane, places, window, cells, scale):
    n = histogram(places, window, cells)
    assert plane.dtype == np.uint16
    np.testing.assert_array_equal(plane == NONE, n == 0)
    with np.errstate(invalid="ignore"):
        mean = histogram(places, window, cells, np.nan_to_num(scale.values)) / n
    step = (scale.high - scale.low) / (NONE - 1)
    shown = scale.low + plane.astype(np.float64) * step
    assert np.abs(shown - mean)[n > 0].max() <= step / 2 * (1 + 1e-6)


def test_both_ends_of_a_scale_are_exact():
    x = np.array([0.1, 0.5, 0.9], np.float32)
    places, inside = Placed(x, x, None), np.ones(3, dtype=bool)
    scale = Scale.of(np.array([0.1, 0.35, 0.7]))
    found = by_value(places, UNIT, inside, [scale])["value"]
    assert sorted(found[found != NONE].tolist()) == [0, round((0.25 / 0.6) * 65_534), 65_534]
    constant = by_value(places, UNIT, inside, [Scale.of(np.full(3, 7.0))])["value"]
    assert set(constant[constant != NONE].tolist()) == {0}
    nothing = Scale.of(np.full(3, np.nan))
    assert (nothing.low, nothing.high) == (0, 0)
    assert (by_value(places, UNIT, inside, [nothing])["value"] == NONE).all()


def test_numbers_too_large_for_a_plane_stop_at_its_end():
    n = 70_000
    places = Placed(np.full(n, 0.5, np.float32), np.full(n, 0.5, np.float32), None)
    column = Categorical("kind", np.zeros(n, np.int32), ("a",))
    for inside, count, outside in ((np.ones(n, bool), 65_535, 0), (np.zeros(n, bool), 0, 255)):
        for planes in (
            by_category(places, UNIT, inside, column),
            by_value(places, UNIT, inside, [Scale.of(np.ones(n))]),
        ):
            assert planes["count"].max() == count
            assert planes["outside"].max() == outside


@pytest.mark.parametrize("n", [0, 1])
def test_hardly_any_cells(n):
    places = Placed(np.full(n, 1.0, np.float32), np.full(n, 0.0, np.float32), None)
    planes = by_value(places, UNIT, np.ones(n, bool), [Scale.of(np.ones(n))])
    assert planes["count"].sum() == n
    # On the upper edge of x and the lower one of y: the last pixel of the first row.
    assert planes["count"][0, -1] == n
    assert (
        by_category(places, UNIT, np.ones(n, bool), Categorical("", np.zeros(n, np.int32), ("a",)))["count"].sum() == n
    )


def test_cells_without_a_place_are_left_out(atlas_of):
    adata = made(counts(40, 6))
    adata.obs["kind"] = pd.Categorical(np.resize(["a", "b"], 40))
    space = np.random.default_rng(2).random((40, 3)).astype(np.float32)
    space[3, 0], space[5, 1], space[7, 2] = np.nan, np.inf, np.nan
    adata.obsm["X_umap"] = space
    atlas = atlas_of(adata)
    column, inside = atlas.categorical("kind"), np.arange(40) < 25
    # A cell without one of its coordinates has none in the store.
    kept = np.setdiff1d(np.arange(40), [3, 5, 7])
    for axes in ((0, 1), (2, 1), (1, 0)):
        places = placed(atlas, "X_umap", axes)
        assert np.array_equal(places.x, space[kept, axes[0]])
        assert np.array_equal(places.y, space[kept, axes[1]])
        own = Categorical("kind", column.codes[kept], column.categories)
        check_categories(places, UNIT, inside[kept], own, by_category(places, UNIT, inside, column))
        assert placed(atlas, "X_umap", axes) is places, "the places of a plane are kept"
    assert 0 < module._kept.currsize <= module.MAX_BYTES


def test_many_threads_draw_what_one_draws():
    rng, places = cloud()
    windows = [Window.of((0.0, 1 + at / 7), (-0.5, 1.0), 20 + at, 30) for at in range(24)]
    scale, inside = Scale.of(rng.random(N)), rng.random(N) < 0.5
    column = Categorical("kind", rng.integers(0, 5, N).astype(np.int32), tuple("abcde"))

    def draw(window):
        return [
            *by_value(places, window, inside, [scale]).values(),
            *by_category(places, window, inside, column).values(),
        ]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(draw, windows))
    for window, found in zip(windows, together, strict=True):
        for plane, alone in zip(found, draw(window), strict=True):
            np.testing.assert_array_equal(plane, alone)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ((0.0, 0.0), (0.0, 1.0)),
        ((1.0, 0.0), (0.0, 1.0)),
        ((0.0, 1.0), (float("nan"), 1.0)),
        ((0.0, 1.0), (-1e308, 1e308)),
        ((1e6, 1e6 + 1e-6), (0.0, 1.0)),
        ((-1e-310, 1e-310), (0.0, 1.0)),
        ((0.0, float("inf")), (0.0, 1.0)),
    ],
)
def test_windows_refused(x, y):
    with pytest.raises(InvalidQuery):
        Window.of(x, y, 100, 100)


def test_the_smallest_windows_are_safe():
    """Where datashader would reckon a pixel outside of its array, nothing is drawn in the first place."""
    x = np.full(1_000, 1e6, np.float32)
    window = Window.of((1e6 - 1e-3, 1e6 + 1e-3), (1e6 - 1e-3, 1e6 + 1e-3), 5_000, 1)
    assert (window.width, window.height) == (1_200, 16)
    planes = by_value(Placed(x, x, None), window, np.ones(1_000, bool), [Scale.of(np.ones(1_000))])
    assert planes["count"].sum() == 1_000


def test_too_many_categories():
    column = Categorical("clone", np.zeros(1, np.int32), tuple(map(str, range(65_535))))
    places = Placed(np.zeros(1, np.float32), np.zeros(1, np.float32), None)
    with pytest.raises(InvalidQuery, match="65,535 categories"):
        by_category(places, UNIT, np.ones(1, bool), column)


@given(data=st.data())
@settings(max_examples=25)
def test_compiled_and_plain_agree(data):
    n = data.draw(st.integers(0, 40))
    x, y = (data.draw(hnp.arrays(np.float32, n, elements=EIGHTHS.map(np.float32))) for _ in range(2))
    codes = data.draw(hnp.arrays(np.int32, n, elements=st.integers(OUTSIDE, 2)))
    found = [[np.empty((4, 5), np.int32) for _ in range(2)] for _ in range(2)]
    for kernel, out in zip((majority, majority.py_func), found, strict=True):
        kernel(x, y, codes, 3, UNIT.array(), *out)
    for compiled, plain in zip(*found, strict=True):
        np.testing.assert_array_equal(compiled, plain)
