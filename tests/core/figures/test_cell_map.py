"""The map of the cells: one look, with or without its cells."""

import base64

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.cell_map import (
    Coloring,
    Look,
    Plane,
    blended,
    embedding,
    limits,
    outlines,
    point_size,
    scale_of,
    with_cells,
)
from core.figures.labels import Label, arranged
from core.figures.palette import SCALES
from core.figures.small_maps import Facet, Spread
from core.figures.theme import DARK, LIGHT, escaped, packed, shortened, theme_of

PLANE = Plane("UMAP", (0, 1), (0.0, 10.0), (-5.0, 5.0), "hash/X_umap", 4)
KINDS = [
    Coloring("category", colors=("#111111", "#222222"), labels=(Label("<b>A & B</b>", 1.0, 2.0, 3.0, 4.0),)),
    Coloring("number", low=-1.0, high=1.0, unit="n<i>"),
    Coloring("expression", low=0.0, high=4.0, unit="log1p(CP10k)"),
    Coloring("none"),
]


def unpacked(array):
    kind = {"f4": "<f4"}[array["dtype"]]
    return np.frombuffer(base64.b64decode(array["bdata"]), dtype=kind)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("coloring", KINDS)
def test_plotly_accepts_every_kind(coloring, theme):
    figure = embedding(PLANE, coloring, theme)
    xy = np.float32([[0, 1, np.nan, 3], [0, 1, 2, 3]])
    whole = with_cells(figure, xy, np.array([0, -1, 0, 0]), np.float32([0, 1, 1, 0]), coloring.kind)
    drawn = go.Figure(whole)
    assert [len(unpacked(trace["x"])) for trace in whole["data"]] == [1, 2], "a cell without a place is not drawn"
    assert drawn.layout.paper_bgcolor == theme.paper
    assert drawn.layout.yaxis.scaleanchor == "x"
    assert figure["data"][1]["x"] == [], "the figure without cells is left as it was"


def test_axes_say_what_they_are_and_nothing_else():
    layout = embedding(Plane("PCA", (0, 2), (0, 1), (0, 1), "r", 4), Coloring("none"), LIGHT)["layout"]
    assert [it["text"] for it in layout["annotations"]] == ["PCA 1", "PCA 3"]
    assert not layout["xaxis"]["showticklabels"]
    assert layout["xaxis"]["range"] == [-0.03, 1.03]
    assert layout["uirevision"] == "r"
    assert not layout["margin"]["autoexpand"], "a colour bar must not make one map smaller than the other"


def test_names_are_text():
    layout = embedding(PLANE, KINDS[0], LIGHT)["layout"]
    label = layout["annotations"][-1]
    assert label["text"] == "&lt;b&gt;A &amp; B&lt;/b&gt;"
    assert (label["showarrow"], label["ax"], label["ay"]) == (True, 3.0, -4.0)
    bar = embedding(PLANE, KINDS[1], LIGHT)["data"][1]["marker"]["colorbar"]
    assert bar["title"]["text"] == "n&lt;i&gt;"


def test_the_highest_lie_on_top_unless_asked_otherwise():
    figure = embedding(PLANE, KINDS[2], LIGHT)
    xy = np.float32([[0, 1, 2, 3], [0, 0, 0, 0]])
    values = np.float32([2, 0, 1, 0])
    inside = with_cells(figure, xy, np.zeros(4, int), values, "expression")["data"][1]
    assert unpacked(inside["x"]).tolist() == [1, 3, 2, 0]
    assert unpacked(inside["marker"]["color"]).tolist() == [0, 0, 1, 2]
    inside = with_cells(figure, xy, np.zeros(4, int), values, "expression", sort=False)["data"][1]
    assert unpacked(inside["x"]).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_small_maps_share_axes_and_keep_apart(n):
    figure = embedding(PLANE, KINDS[2], LIGHT, facets=[Facet(f"<b>{place}") for place in range(n)])
    xy = np.float32([[0, 1, 2, np.nan], [0, 0, 0, 0]])
    whole = with_cells(figure, xy, np.array([0, 1, -1, 0]), np.float32([2, 1, 5, 9]), "expression")
    drawn = go.Figure(whole)
    assert [len(unpacked(trace["x"])) for trace in whole["data"][:4]] == [2, 1, 2, 1]
    assert [trace.marker.showscale for trace in drawn.data[1::2]] == [True] + [False] * (n - 1)
    assert drawn.layout.xaxis2.matches == "x"
    assert drawn.layout.yaxis2.matches == "y"
    spans = [
        (drawn.layout[f"xaxis{p or ''}"].domain, drawn.layout[f"yaxis{p or ''}"].domain) for p in [0, *range(2, n + 1)]
    ]
    for one, (x, y) in enumerate(spans):
        assert 0 <= x[0] < x[1] <= 1
        assert 0 <= y[0] < y[1] <= 1
        for u, v in spans[one + 1 :]:
            assert x[1] < u[0] or u[1] < x[0] or y[1] < v[0] or v[1] < y[0]
    assert "&lt;b&gt;0" in [it["text"] for it in figure["layout"]["annotations"]]


def test_two_genes_make_one_code_and_one_colour():
    codes = blended(np.array([0.0, 4.0, 4.0, 9.0, 0.0]), np.array([0.0, 0.0, 2.0, 9.0, 1.0]), (4.0, 2.0))
    assert codes.tolist() == [0, 240, 255, 255, 8]
    assert blended(np.zeros(2), np.ones(2), (0.0, 1.0)).tolist() == [15, 15]
    scale, low, high = scale_of(Coloring("blend"), LIGHT)
    assert (low, high, len(scale)) == (-0.5, 255.5, 512)
    assert len({color for _, color in scale}) > 200
    assert go.Figure(embedding(PLANE, Coloring("blend"), DARK)).data[1].marker.showscale is False


def test_a_score_is_centred_at_zero_and_every_scale_is_known():
    for scale in ("", *SCALES):
        steps, low, high = scale_of(Coloring("score", low=-1.0, high=3.0, scale=scale), LIGHT)
        assert (low, high) == (-3.0, 3.0)
        assert go.Figure(embedding(PLANE, Coloring("score", low=-1.0, high=3.0, scale=scale), DARK)).data
        assert all(color.startswith("#") for _, color in steps)


def test_size_and_opacity_are_factors():
    marker = embedding(PLANE, KINDS[0], LIGHT, Look(2.0, 0.5))["data"][1]["marker"]
    assert marker["size"] == pytest.approx(2 * point_size(4))
    assert marker["opacity"] == pytest.approx(0.45)


def test_lassos_are_outlined_on_every_small_map():
    shapes = outlines([((0.0, 0.0), (1.5, 0.0), (1.0, 1.0))], 2, LIGHT)
    assert [shape["path"] for shape in shapes] == ["M0.0,0.0L1.5,0.0L1.0,1.0Z"] * 2
    assert [shape["yref"] for shape in shapes] == ["y", "y2"]
    assert go.Figure(layout={"shapes": shapes}).layout.shapes[1].xref == "x2"


def test_zero_has_its_own_grey_and_missing_its_own():
    scale, low, high = scale_of(KINDS[2], LIGHT)
    assert (low, high) == (0.0, 4.0)
    assert scale[0][1] == scale[1][1] == LIGHT.blank
    assert scale[1][0] == scale[2][0] < 1 / 65_535
    negative, low, _ = scale_of(Coloring("expression", low=-2.0, high=2.0), LIGHT)
    assert negative[0][1] != LIGHT.blank
    steps, low, high = scale_of(KINDS[0], DARK)
    assert (low, high) == (-0.5, 2.5)
    assert [color for _, color in steps[::2]] == ["#111111", "#222222", "#6b7876"]


def test_a_gene_that_no_cell_expresses_still_has_a_scale():
    _, low, high = scale_of(Coloring("expression", low=0.0, high=0.0), LIGHT)
    assert high > low


@pytest.mark.parametrize(
    ("values", "wanted"),
    [([1.0, np.nan, 3.0], (1, 3)), ([np.nan], (0, 1)), ([], (0, 1)), ([2.0], (1.5, 2.5)), ([np.inf, 1, 2], (1, 2))],
)
def test_limits(values, wanted):
    assert limits(np.float32(values)) == wanted


def test_points_shrink_with_their_number():
    sizes = [point_size(n) for n in (1, 100, 10_000, 100_000, 10_000_000)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 9
    assert sizes[-1] == 1.8


def test_labels_do_not_cover_each_other():
    at = np.array([[5.0, 0.0], [5.0, 0.01], [np.nan, np.nan], [0.0, 0.0]])
    bounds = ((0.0, 10.0), (-5.0, 5.0))
    labels = arranged(["small", "large", "none", "at the very edge"], at, [1, 9, 0, 5], bounds)
    assert [label.text for label in labels] == ["large", "at the very edge", "small"]
    assert labels[0].up == 0
    assert labels[2].is_led, "the smaller one moves"
    assert labels[1].right > 0, "moved in, lest it be cut"
    crowd = arranged([f"label {n}" for n in range(500)], np.zeros((500, 2)), range(500), bounds)
    assert 12 < len(crowd) < 200, "what finds no place is left out"
    assert arranged([], np.zeros((0, 2)), [], bounds) == []


def test_text_and_arrays():
    assert escaped("<i>&") == "&lt;i&gt;&amp;"
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"
    assert unpacked(packed([1.5, 2.5])).tolist() == [1.5, 2.5]
    assert theme_of("dark") is DARK
    assert theme_of(None) is LIGHT


def test_small_maps_stand_in_fewer_columns_where_a_figure_is_narrow():
    spread = Spread(columns=2, gap=0.2)
    layout = embedding(PLANE, KINDS[2], LIGHT, facets=[Facet(str(place)) for place in range(4)], spread=spread)[
        "layout"
    ]
    lefts = [layout[f"xaxis{number}"]["domain"][0] for number in ("", 2, 3, 4)]
    assert lefts[0] == lefts[2] < lefts[1] == lefts[3]
    above, below = layout["yaxis"]["domain"], layout["yaxis3"]["domain"]
    assert above[0] - below[1] == pytest.approx(0.2)
    titles = [note for note in layout["annotations"] if note["text"] in "0123"]
    assert [note["y"] for note in titles] == [layout[f"yaxis{number}"]["domain"][1] for number in ("", 2, 3, 4)]
