"""Figures for paper, made fit for frames of any width."""

import base64

import numpy as np
import pytest

from core.embed.responsive import CLEAR, FEW_POINTS, LEAST_POINT, NARROW, on_screen
from core.figures.print_style import Look, styled
from core.figures.theme import packed

WIDE = 900


def figure(*traces, **layout):
    return {"data": list(traces), "layout": {"height": 400, "width": 500, "margin": {"r": 80, "b": 10}, **layout}}


def points(n, size=4.0, **more):
    where = packed(np.arange(n))
    return {"type": "scatter", "mode": "markers", "x": where, "y": where, "marker": {"size": size}, **more}


def name(text, color):
    return {**points(0), "x": [None], "y": [None], "name": text, "showlegend": True, "marker": {"color": color}}


def test_the_figure_that_is_given_stays_as_it_is():
    given = figure(
        points(5), name("a &lt; b", "#112233"), showlegend=True, xaxis={"title": {"text": "many words " * 9}}
    )
    before = repr(given)
    on_screen(given, width=280, clear=True)
    assert repr(given) == before


def test_the_size_is_left_to_the_frame():
    found = on_screen(figure(points(5)), width=WIDE, clear=False)
    assert found.height == 400
    assert {"width", "height"}.isdisjoint(found.figure["layout"])
    assert found.figure["layout"]["hovermode"] == "closest"
    assert found.figure["layout"]["dragmode"] is False


def test_a_clear_figure_has_no_ground():
    found = on_screen(figure(paper_bgcolor="#fff", plot_bgcolor="#fff"), width=WIDE, clear=True).figure["layout"]
    assert found["paper_bgcolor"] == found["plot_bgcolor"] == CLEAR


@pytest.mark.parametrize(("n", "kind"), [(FEW_POINTS, "scatter"), (FEW_POINTS + 1, "scattergl")])
def test_many_points_are_drawn_by_webgl(n, kind):
    assert on_screen(figure(points(n)), width=WIDE, clear=False).figure["data"][0]["type"] == kind


def test_points_of_a_small_map_are_smaller():
    sizes = [on_screen(figure(points(3, 4.0)), width=w, clear=False).figure["data"][0]["marker"]["size"]
             for w in (WIDE, 400, 200)]  # fmt: skip
    assert sizes[0] == 4.0
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[2] < sizes[1]
    tiny = on_screen(figure(points(3, 1.4)), width=200, clear=False).figure["data"][0]["marker"]["size"]
    assert tiny == LEAST_POINT


def test_names_leave_the_figure_for_the_frame():
    given = figure(points(5), name("a &lt; b", "#112233"), name("c", "#445566"), showlegend=True)
    found = on_screen(given, width=WIDE, clear=False)
    assert found.legend == (("a < b", "#112233"), ("c", "#445566"))
    assert len(found.figure["data"]) == 1
    assert found.figure["layout"]["showlegend"] is False


def test_a_legend_of_sizes_stays():
    given = figure(points(5), name("25%", "#112233"), showlegend=True, legend={"title": {"text": "cells"}})
    found = on_screen(given, width=WIDE, clear=False)
    assert found.legend == ()
    assert len(found.figure["data"]) == 2


def test_bars_are_named_and_stay():
    bars = [{"type": "bar", "name": it, "marker": {"color": "#112233"}, "x": [1.0]} for it in ("a", "b")]
    found = on_screen(figure(*bars), width=WIDE, clear=False)
    assert [text for text, _ in found.legend] == ["a", "b"]
    assert len(found.figure["data"]) == 2


@pytest.mark.parametrize("holder", ["trace", "marker"])
def test_a_scale_goes_below_a_narrow_figure(holder):
    bar = {"title": {"text": "r"}, "len": 0.5, "thickness": 9}
    trace = {"type": "heatmap", "colorbar": bar} if holder == "trace" else points(3, 4.0)
    if holder == "marker":
        trace["marker"]["colorbar"] = bar

    def drawn(width):
        found = on_screen(figure(trace), width=width, clear=False)
        shown = found.figure["data"][0]
        return found, shown["colorbar"] if holder == "trace" else shown["marker"]["colorbar"]

    wide, beside = drawn(NARROW)
    narrow, below = drawn(NARROW - 1)
    assert beside == bar
    assert below["orientation"] == "h"
    assert below["title"] == {"text": "r", "side": "bottom"}
    assert narrow.height > wide.height
    assert narrow.figure["layout"]["margin"]["r"] < wide.figure["layout"]["margin"]["r"]
    lying = {**bar, "orientation": "h"}
    kept = on_screen(figure({"type": "heatmap", "colorbar": lying}), width=280, clear=False)
    assert kept.figure["data"][0]["colorbar"] == lying


def test_long_titles_of_axes_are_broken_where_they_are_longer_than_the_axis():
    given = figure(xaxis={"title": {"text": "% of the sample's selected cells"}}, xaxis2={"title": {"text": "r"}})
    found = on_screen(given, width=280, clear=False)
    assert found.figure["layout"]["xaxis"]["title"]["text"] == "% of the sample's<br>selected cells"
    assert found.figure["layout"]["xaxis2"]["title"]["text"] == "r"
    assert found.height > 400
    assert "<br>" not in on_screen(given, width=WIDE, clear=False).figure["layout"]["xaxis"]["title"]["text"]


def lattice(n):
    dots = {**points(n), "marker": {"size": packed(np.full(n, 16.0))}}
    texts = ["A &lt;very&gt; long name of a category", "<i>B</i>"]
    return figure(dots, xaxis={"side": "top", "ticktext": [f"G{at}" for at in range(n)]}, yaxis={"ticktext": texts})


def test_a_lattice_is_as_close_as_can_be_read_and_then_scrolls():
    few, many = (on_screen(lattice(n), width=320, clear=False) for n in (5, 60))
    assert few.least <= 320
    assert many.least > 320
    names = few.figure["layout"]["yaxis"]["ticktext"]
    assert names == ["A &lt;very&gt; long name<br>of a category", "<i>B</i>"]
    assert on_screen(lattice(60), width=WIDE, clear=False).least > WIDE
    assert on_screen(lattice(5), width=WIDE, clear=False).least < WIDE
    assert on_screen(figure(points(3)), width=280, clear=False).least == 0


def test_names_of_a_matrix_are_thinned():
    def every(n, width):
        axis = {"type": "category", "dtick": 1}
        trace = {"type": "heatmap", "x": [f"G{at}" for at in range(n)], "y": []}
        return on_screen(figure(trace, xaxis=axis, yaxis=axis), width=width, clear=False).figure["layout"]["xaxis"][
            "dtick"
        ]

    assert every(5, 280) == 1
    assert every(60, 280) > every(40, 280) > 1
    assert every(60, WIDE) == 1


def test_bars_without_names_make_no_legend():
    bars = {"type": "bar", "x": [1.0, 2.0], "y": [1, 2], "marker": {"color": ["#112233", "#445566"]}}
    found = on_screen(figure(bars, xaxis={}, yaxis={}), width=320, clear=False)
    assert found.legend == ()
    assert len(found.figure["data"]) == 1


def test_names_that_lie_flat_above_columns_keep_their_width():
    names = {
        "tickangle": 0,
        "side": "top",
        "tickvals": [0, 1, 2],
        "ticktext": ["Human<br>SIMULATED", "Mouse<br>SIMULATED", "Zebrafish"],
    }
    rows = {"ticktext": ["Scar-associated macrophage"] * 3, "tickvals": [0, 1, 2]}
    made = figure(points(3, packed(np.full(3, 14.0))), xaxis=names, yaxis=rows, margin={"l": 190, "r": 86, "b": 8})
    made["layout"]["width"] = 506
    found = on_screen(made, width=320, clear=False)
    assert found.least == 506 - 86 + 24
    assert found.figure["data"][0]["marker"]["size"] == packed(np.full(3, 14.0))


def test_dots_of_a_figure_that_scrolls_keep_their_size():
    names = {
        "side": "top",
        "tickangle": -90,
        "tickvals": list(range(21)),
        "ticktext": [f"<i>G{at}</i>" for at in range(21)],
    }
    rows = {"ticktext": ["Scar-associated macrophage"] * 3, "tickvals": [0, 1, 2]}
    made = figure(points(3, packed(np.full(3, 14.0))), xaxis=names, yaxis=rows, margin={"l": 190, "r": 86, "b": 8})
    made["layout"]["width"] = 620
    drawn = styled(made, Look(width=320 / 96 * 25.4, font_size=9.0, screen=True))
    assert drawn["layout"]["width"] == 620
    size = on_screen(drawn, width=320, clear=False).figure["data"][0]["marker"]["size"]
    assert 10 < np.frombuffer(base64.b64decode(size["bdata"]), dtype=f"<{size['dtype']}").max() < 15


@pytest.mark.parametrize("side", ["below", "right"])
def test_a_frame_has_no_room_for_the_legend_that_it_lists_itself(side):
    made = figure(*(name(f"cell type {at}", "#112233") for at in range(17)), showlegend=True, xaxis={}, yaxis={})
    drawn = styled(made, Look(width=320 / 96 * 25.4, font_size=9.0, legend=side, screen=True))
    assert drawn["layout"]["margin"]["b"] == 10
    assert drawn["layout"]["height"] == 400
