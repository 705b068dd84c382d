"""Labels on maps stand on the cells that they name, or a line leads to them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from core.figures.labels import LETTER, LINE, PANEL, anchors, arranged, coherence


def clusters(rng, n_categories=6, n=120):
    """Return clusters of several shapes, of which some overlap; the first is a crescent round the second."""
    turn = rng.uniform(0, np.pi * 1.6, n)
    crescent = np.stack([4 * np.cos(turn), 4 * np.sin(turn)]) + rng.normal(0, 0.15, (2, n))
    parts = [crescent, rng.normal(0, 0.4, (2, n))]
    parts += [rng.uniform(-6, 6, (2, 1)) + rng.normal(0, 0.7, (2, n)) for _ in range(n_categories - 2)]
    codes = np.repeat(np.arange(n_categories), n).astype(np.int32)
    return np.concatenate(parts, axis=1).astype(np.float32), codes


@pytest.mark.parametrize("seed", range(20))
def test_a_label_without_a_line_lies_nearest_to_its_own_cells(seed):
    xy, codes = clusters(np.random.default_rng(seed))
    at = anchors(xy, codes, np.ones(codes.size, dtype=bool), 6)
    bounds = tuple((float(part.min()), float(part.max())) for part in xy)
    labels = arranged([f"category {code}" for code in range(6)], at, np.bincount(codes).tolist(), bounds)
    assert labels
    for label in labels:
        code = int(label.text.removeprefix("category "))
        distances = [cKDTree(xy[:, codes == other].T).query((label.x, label.y))[0] for other in range(6)]
        assert np.argmin(distances) == code


def test_the_median_of_a_crescent_would_name_the_cluster_inside():
    xy, codes = clusters(np.random.default_rng(1), 2)
    at = anchors(xy, codes, np.ones(codes.size, dtype=bool), 2)
    inside = np.hypot(*at[0])
    assert np.hypot(*np.median(xy[:, codes == 0], axis=1)) < 3
    assert inside > 3


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.sampled_from([(380.0, 380.0), (190.0, 190.0), (320.0, 500.0)]))
def test_labels_do_not_overlap_and_stay_inside(seed, n, panel):
    rng = np.random.default_rng(seed)
    at = rng.normal(size=(n, 2))
    bounds = tuple((float(part.min()) - 0.1, float(part.max()) + 0.1) for part in at.T)
    names = ["x" * int(rng.integers(1, 25)) for _ in range(n)]
    labels = arranged(names, at, rng.integers(1, 9, n).tolist(), bounds, panel)
    scale = min(panel[0] / (bounds[0][1] - bounds[0][0]), panel[1] / (bounds[1][1] - bounds[1][0]))
    boxes = [
        (
            (label.x - sum(bounds[0]) / 2) * scale + label.right,
            (label.y - sum(bounds[1]) / 2) * scale + label.up,
            len(label.text) * LETTER / 2,
        )
        for label in labels
    ]
    for place, (x, y, half) in enumerate(boxes):
        assert abs(x) + half <= panel[0] / 2 + 1e-6
        assert abs(y) + LINE / 2 <= panel[1] / 2 + 1e-6
        for other in boxes[:place]:
            assert abs(x - other[0]) >= half + other[2] - 1e-6 or abs(y - other[1]) >= LINE - 1e-6
    assert all(label.is_led or (label.right, label.up) == (0.0, 0.0) for label in labels)


def test_categories_without_cells_have_no_label():
    xy = np.array([[0, 1, np.nan], [0, 1, 2]], dtype=np.float32)
    codes = np.array([0, 2, 1], dtype=np.int32)
    mask = np.array([True, False, True])
    at = anchors(xy, codes, mask, 3)
    assert at[0].tolist() == [0, 0]
    assert np.isnan(at[1:]).all()
    assert [label.text for label in arranged(["a", "b", "c"], at, [1, 0, 0], ((0, 1), (0, 1)), PANEL)] == ["a"]
    assert np.isnan(anchors(xy, codes, np.zeros(3, dtype=bool), 3)).all()


def test_coherence_tells_clusters_from_mixtures():
    rng = np.random.default_rng(3)
    xy, codes = clusters(rng, 4, 300)
    mask = np.ones(codes.size, dtype=bool)
    assert coherence(xy, codes, mask) > 0.7
    stages = rng.integers(0, 4, codes.size).astype(np.int32)
    assert abs(coherence(xy, stages, mask)) < 0.1
    # As many cells as neighbours, or one category, tell nothing.
    assert np.isnan(coherence(xy, codes, np.arange(codes.size) < 15))
    assert np.isnan(coherence(xy, codes, codes == 1))
