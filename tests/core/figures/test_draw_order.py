"""The order in which the points of a map are drawn."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.figures.draw_order import RANKED, drawn

FIXTURE = json.loads((Path(__file__).parents[2] / "js/fixtures/draw_order.json").read_text("utf-8"))


def test_the_browser_scatters_alike():
    cells = np.array(FIXTURE["cells"])
    assert cells[drawn(cells, np.zeros(cells.size), "category")].tolist() == FIXTURE["scattered"]


@pytest.mark.parametrize("kind", ["category", "number"])
def test_the_last_sample_of_a_file_does_not_cover_the_others(kind):
    """In each tenth of what is drawn, each of four samples of a file has its share."""
    sample = np.repeat(np.arange(4), 2_500)
    order = drawn(np.arange(sample.size), sample, kind)
    assert sorted(order) == list(range(sample.size))
    for part in np.array_split(sample[order], 10):
        assert np.abs(np.bincount(part, minlength=4) - 250).max() < 15


@pytest.mark.parametrize("kind", RANKED)
def test_the_highest_are_drawn_last(kind):
    values = np.array([3.0, 0.0, 2.0, 0.0])
    assert drawn(np.array([5, 6, 7, 9]), values, kind).tolist() == [1, 3, 2, 0]


def test_without_values_nothing_moves():
    assert drawn(np.array([4, 2]), None, "none").tolist() == [0, 1]
