"""Names in printed figures: no two texts overlap, whatever the width of the column."""

import math
import re
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from core.export.browser import Caller, shared
from core.export.formats import print_bytes
from core.figures.print_style import Look
from core.figures.text_width import text_width
from core.services.container import Services
from core.settings.settings import browser
from core.settings.settings import load as settings
from core.views.registry import render
from tests.factories import imported, tiny

pytestmark = pytest.mark.skipif(browser() is None, reason="neither Chromium nor Chrome is installed here")
GENES = "ALB+CYP2E1+GLUL+APOA1+CYP3A4+HAMP+TTR"
LINKS = {
    "dotplot": f"/explore?atlas=human/names&tab=dots&genes={GENES}",
    "heatmap": f"/explore?atlas=human/names&tab=dots&genes={GENES}",
    "matrix": f"/correlation?atlas=human/names&gene=ALB&genes={GENES}",
    "marker_heatmap": "/markers?atlas=human/names&by=CellType",
    "violin": "/explore?atlas=human/names&gene=ALB",
    "composition": "/explore?atlas=human/names&tab=composition",
}
# 320 pixels of a narrow screen, at 96 to the inch.
PHONE = 320 / 96 * 25.4
WIDTHS = [
    pytest.param(85.0),
    *(pytest.param(width, marks=pytest.mark.slow) for width in (57.0, PHONE, 180.0)),
]
# Share of a letter's height that capitals without descenders take.
CAPITALS = 0.72


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    directory = tmp_path_factory.mktemp("names")
    imported(directory / "data", tiny(directory / "names.h5ad", n_cells=200), species="human", name="names")
    services = Services.of(settings(data_dir=directory / "data"))
    yield services
    services.close()


def moved(element, matrix):
    """Apply the transform of an element to the matrix of its parent."""
    for name, values in re.findall(r"(translate|rotate|scale)\(([^)]*)\)", element.get("transform", "")):
        number = [float(part) for part in re.split(r"[ ,]+", values.strip())]
        step = np.eye(3)
        if name == "translate":
            step[:2, 2] = number[0], (number[1] if len(number) > 1 else 0.0)
        elif name == "scale":
            step[0, 0], step[1, 1] = number[0], number[-1]
        else:
            angle = math.radians(number[0])
            step[:2, :2] = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
            around = np.array([*number[1:3], 0.0]) if len(number) > 1 else np.zeros(3)
            step[:2, 2] = (around - step @ around)[:2]
        matrix = matrix @ step
    return matrix


def boxes(svg):
    """Return the text and the four corners, (4, 2), of each line of text of an SVG."""
    found = []

    def line(element, matrix, text, x, y, style):
        size = float(re.search(r"font-size: ?([\d.]+)", style)[1])
        anchor = re.search(r"text-anchor: ?(\w+)", style)
        named = anchor[1] if anchor else element.get("text-anchor", "start")
        width, height = text_width(text, size), CAPITALS * size
        left = {"middle": x - width / 2, "end": x - width}.get(named, x)
        corners = np.array([[left, y, 1], [left + width, y, 1], [left + width, y - height, 1], [left, y - height, 1]])
        found.append((text, (corners @ matrix.T)[:, :2]))

    def walk(element, matrix):
        matrix = moved(element, matrix)
        if element.tag.endswith("}text"):
            style, x, y = element.get("style", ""), float(element.get("x", 0)), float(element.get("y", 0))
            lines = [part for part in element if "line" in (part.get("class") or "")]
            if not lines and "".join(element.itertext()).strip():
                line(element, matrix, "".join(element.itertext()), x, y, style)
            size = float((re.search(r"font-size: ?([\d.]+)", style) or [0, 12])[1])
            for part in lines:
                part.set("text-anchor", part.get("text-anchor") or element.get("text-anchor", "start"))
                down = float((part.get("dy") or "0em").removesuffix("em")) * size
                line(part, matrix, "".join(part.itertext()), float(part.get("x", x)), y + down, style)
            return
        for child in element:
            walk(child, matrix)

    walk(ElementTree.fromstring(svg), np.eye(3))
    return found


def overlap(one, other):
    """Return whether two rectangles overlap, however they are turned: no axis of either separates them."""
    for box in (one, other):
        for edge in (box[1] - box[0], box[3] - box[0]):
            axis = edge / (np.linalg.norm(edge) or 1.0)
            a, b = one @ axis, other @ axis
            if a.max() <= b.min() + 0.2 or b.max() <= a.min() + 0.2:
                return False
    return True


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("figure", LINKS)
def test_no_two_names_overlap_and_none_is_cut(services, figure, width):
    drawn = render(services, LINKS[figure], Look.of("journal", width=width), figure)
    texts = boxes(print_bytes(drawn, "svg", Caller(shared())))
    assert len(texts) > 5
    touching = [(a, b) for (a, one), (b, other) in combinations(texts, 2) if overlap(one, other)]
    assert not touching
    layout = drawn.figure["layout"]
    for text, corners in texts:
        assert corners.min() > -1, f"{text} is cut"
        assert corners[:, 0].max() < layout["width"] + 1, f"{text} is cut"


def test_overlaps_are_found():
    flat = np.array([[0.0, 0], [10, 0], [10, 5], [0, 5]])
    assert overlap(flat, flat + np.array([9, 0]))
    assert not overlap(flat, flat + np.array([10, 0]))
    turn = np.array([[0.5, -0.866], [0.866, 0.5]])
    slanted = flat @ turn.T
    assert not overlap(slanted, slanted + np.array([6.5, 0])), "upright boxes would overlap"
    assert overlap(slanted, slanted + np.array([4, 0]))
