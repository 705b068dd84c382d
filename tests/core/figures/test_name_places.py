"""Names of points: none covers another, a point, or the edge."""

import numpy as np
import pytest

from core.figures.name_places import GAP, LEADING, arranged
from core.figures.text_width import text_width

LETTERS = 11.0


def boxes(names, points, places):
    for name, (x, y), place in zip(names, points, places, strict=True):
        if place is not None:
            width, line = text_width(name, LETTERS), LEADING * LETTERS
            left = x + place.dx - {"left": 0, "center": width / 2, "right": width}[place.anchor]
            yield left, y + place.dy - line / 2, left + width, y + place.dy + line / 2


@pytest.mark.parametrize("seed", range(5))
def test_no_name_covers_another_or_a_point_or_leaves_the_plot(seed):
    rng = np.random.default_rng(seed)
    names = [f"GENE{at}" for at in range(16)]
    points = [tuple(point) for point in rng.normal((250, 300), (25, 40), (16, 2))]
    others = [tuple(point) for point in rng.normal((250, 260), 30, (40, 2))]
    size = (300.0, 400.0)
    places = arranged(names, points, size, LETTERS, others)
    found = list(boxes(names, points, places))
    assert len(found) >= 8
    for at, one in enumerate(found):
        assert one[0] >= 0 and one[1] >= 0 and one[2] <= size[0] and one[3] <= size[1]  # noqa: PT018
        for other in found[:at]:
            assert one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
        assert not any(one[0] < x < one[2] and one[1] < y < one[3] for x, y in (*points, *others))


def test_a_lonely_name_stands_above_its_point_and_what_has_no_room_is_left_out():
    [place] = arranged(["ALB"], [(100.0, 100.0)], (200.0, 200.0), LETTERS)
    assert (place.dx, place.anchor, place.is_far) == (0.0, "center", False)
    assert place.dy == GAP + LEADING * LETTERS / 2
    assert arranged(["a name that is long"], [(10.0, 10.0)], (40.0, 20.0), LETTERS) == [None]
    assert arranged([], [], (200.0, 200.0), LETTERS) == []
