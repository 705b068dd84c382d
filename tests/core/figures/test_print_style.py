"""How figures are set on paper."""

import io

import numpy as np
import pytest
from PIL import Image

from core.errors import InvalidQuery
from core.figures.bitmap import colored, discs
from core.figures.dotplot import legend_of_sizes, size_entry
from core.figures.paper_sizes import height_warning
from core.figures.print_legend import is_moved, measured
from core.figures.print_style import Look, fitted, styled
from core.figures.theme import LIGHT

FIGURE = {
    "data": [],
    "layout": {
        "height": 300,
        "margin": {"t": 8, "l": 8},
        "showlegend": True,
        "xaxis": {"gridcolor": "#e6ebea", "title": {"text": "r", "font": {"size": 12, "color": "#566461"}}},
        "yaxis": {"showticklabels": False},
    },
}


def test_letters_have_the_size_asked_for():
    for points in (5.0, 7.0, 12.0):
        look = Look.of(font_size=points, width=85)
        # 12 pixels of the figure, scaled, in points of 1/72 inch.
        assert 12 * look.scale / 96 * 72 == pytest.approx(points)
        assert look.millimetres(look.pixels(85)) == pytest.approx(85)
        assert styled(FIGURE, look)["layout"]["width"] * look.scale / 96 * 25.4 == pytest.approx(85, abs=0.01)


def test_a_title_makes_room_for_itself():
    layout = styled(FIGURE, Look(title=True), "A <b>title</b>")["layout"]
    assert layout["title"]["text"] == "A &lt;b&gt;title&lt;/b&gt;"
    assert layout["height"] == 328
    assert layout["margin"]["t"] == 36
    assert "title" not in styled(FIGURE, Look(), "A title")["layout"]
    fixed = {**FIGURE, "layout": {**FIGURE["layout"], "margin": {"t": 8, "l": 8, "autoexpand": False}}}
    [note] = styled(fixed, Look(title=True), "A title")["layout"]["annotations"]
    assert note["text"] == "A title"


def test_the_journal_has_no_grid_and_black_letters():
    layout = styled(FIGURE, Look.of("journal"))["layout"]
    assert layout["xaxis"]["showgrid"] is False
    assert layout["xaxis"]["linecolor"] == layout["xaxis"]["title"]["font"]["color"] == "#000000"
    assert layout["paper_bgcolor"] == "#ffffff"
    assert "linecolor" not in layout["yaxis"]


def test_nothing_of_the_figure_given_changes():
    before = repr(FIGURE)
    styled(FIGURE, Look.of("journal", "below", width=85), "Title")
    assert repr(FIGURE) == before


@pytest.mark.parametrize(("legend", "shown"), [("right", True), ("below", True), ("none", False)])
def test_the_legend(legend, shown):
    layout = styled(FIGURE, Look.of(legend=legend))["layout"]
    assert layout["showlegend"] is shown
    if shown:
        assert layout["legend"]["orientation"] == ("v" if legend == "right" else "h")


@pytest.mark.parametrize(
    ("more", "said"),
    [({"theme": "neon"}, "no theme 'neon'"), ({"legend": "left"}, "no legend 'left'"), ({"width": 1e9}, "width of"),
     ({"height": float("nan")}, "height of"), ({"font_size": 0.1}, "font size"), ({"dpi": 10_000}, "resolution"),
     ({"family": "x</style><script>"}, "not a list of fonts"), ({"family": ""}, "not a list of fonts")],
)  # fmt: skip
def test_looks_are_checked(more, said):
    with pytest.raises(InvalidQuery) as caught:
        Look.of(**more)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("given", "look"),
    [
        ({}, Look()),
        ({"width": "85", "height": " ", "gene": "ALB"}, Look(width=85)),
        ({"width": "nature-1", "title": "1", "legend": "right"}, Look(width=89, legend="right", title=True)),
        (
            {"width": "85", "height": "60.5", "font_size": "7", "dpi": "600", "theme": "journal", "legend": "below",
             "title": "0", "font": "DejaVu Serif"},
            Look("journal", 85, 60.5, 7, "DejaVu Serif", "below", title=False, dpi=600),
        ),
    ],
)  # fmt: skip
def test_looks_are_read_from_an_address(given, look):
    assert Look.read(given) == look


def test_letters_become_smaller_where_names_would_lie_over_each_other():
    look = Look(width=85, height=60, font_size=9)
    assert fitted(look, (0, 0)) is look
    assert fitted(look, (300, 100)) is look
    narrow = fitted(look, (400, 0))
    assert narrow.font_size < 9
    assert narrow.pixels(85) == pytest.approx(400, rel=0.01)
    low = fitted(look, (0, 300))
    assert low.pixels(60) >= 300
    assert fitted(Look(width=85, font_size=9), (0, 3_000)).font_size == 9, "no height was asked for"
    with pytest.raises(InvalidQuery, match=r"with a font size of 4 pt, the figure needs 282 by 113 mm"):
        fitted(look, (2_400, 932))


def test_a_wide_legend_goes_below_in_columns_and_says_so():
    entries = [(name, "#000000") for name in ("Scar-associated macrophage", "B cell", "T cell") * 4]
    narrow = measured(entries, Look(width=85, legend="right"))
    assert (narrow.side, narrow.n_columns) == ("below", 2)
    assert narrow.n_columns * narrow.width <= Look(width=85).pixels(85)
    assert is_moved(narrow, Look(legend="right"))
    assert not is_moved(narrow, Look(legend="auto"))
    assert measured(entries, Look(width=180)).side == "right"
    assert measured(entries, Look(width=57)).n_columns == 2, "names are broken"
    assert measured(entries, Look(width=180, legend="none")).room == (0, 0)
    assert sum(map(len, narrow.columns)) == len(entries)


def test_a_figure_higher_than_the_page_of_a_journal_is_warned_of():
    assert not height_warning(170)
    assert "171 mm high" in height_warning(171)
    assert height_warning(300, "Plot fewer genes").endswith("170 mm at most. Plot fewer genes.")


def test_what_must_be_said_is_said_without_a_title():
    layout = styled(FIGURE, Look(title=False), "SIMULATED. ALB", "SIMULATED")["layout"]
    assert layout["title"]["text"] == "SIMULATED"


def test_discs_lie_where_their_cells_do():
    xy = np.array([[0.25, 0.75], [0.25, 0.75]], dtype=np.float32)
    colors = np.array([[255, 0, 0], [0, 0, 255]], dtype=np.uint8)
    png = discs((0.0, 1.0, 0.0, 1.0), (100, 100), [(xy, colors)], 10.0, 1.0)
    with Image.open(io.BytesIO(png)) as image:
        assert image.size == (100, 100)
        # Row 0 is the highest y.
        assert image.getpixel((25, 74)) == (255, 0, 0, 255)
        assert image.getpixel((75, 24)) == (0, 0, 255, 255)
        assert image.getpixel((50, 50))[3] == 0


def test_colours_of_values():
    table = {"table": ["#000000", "#ff0000", "#ffffff"], "low": 0.0, "high": 2.0, "zero": "#010203"}
    found = colored(np.array([0.0, 1.0, 5.0]), table, "expression")
    assert found.tolist() == [[1, 2, 3], [255, 0, 0], [255, 255, 255]]
    assert colored(np.array([2, 0]), table, "category").tolist() == [[255, 255, 255], [0, 0, 0]]


def test_a_title_of_an_axis_that_would_be_cut_is_broken():
    title = "Spearman’s ρ of <i>TREM2</i> and <i>CD68</i>, <b>of many donors</b>"
    names = {"automargin": False, "ticktext": ["x" * 30], "tickfont": {"size": 12}}
    axis = {"title": {"text": title, "font": {"size": 12}}}
    made = {
        "data": [],
        "layout": {"height": 300, "margin": {"l": 200, "r": 14, "b": 44}, "xaxis": axis, "yaxis": names},
    }
    narrow, wide = (styled(made, Look(width=width))["layout"] for width in (85, 180))
    assert narrow["xaxis"]["title"]["text"].replace("<br>", " ") == title
    n_lines = narrow["xaxis"]["title"]["text"].count("<br>") + 1
    assert n_lines > 1
    assert narrow["height"] - 300 == narrow["margin"]["b"] - 44 == round((n_lines - 1) * 1.3 * 12)
    assert wide["xaxis"]["title"]["text"] == title
    assert wide["height"] == 300


def test_a_legend_that_would_narrow_the_axes_stands_below_by_itself():
    def made(name):
        layout = {"height": 300, "showlegend": True, "margin": {"l": 50, "r": 10, "b": 40}, "xaxis": {}, "yaxis": {}}
        return {"data": [{"name": name, "x": [1], "y": [1]}], "layout": layout}

    long = "in the first species only (1,234)"
    below, beside = (styled(made(name), Look(width=85))["layout"] for name in (long, "A"))
    assert below["legend"]["orientation"] == "h"
    assert below["margin"]["b"] - 40 == below["height"] - 300 > 20
    assert beside["legend"]["orientation"] == "v"
    assert beside["height"] == 300
    assert styled(made(long), Look(width=85, legend="right"))["layout"]["legend"]["orientation"] == "v"


def test_sizes_of_dots_stand_on_one_line_where_the_figure_is_narrow():
    theme, font = LIGHT, {"size": 11}
    entries = [size_entry(percent, 16, theme) for percent in (25, 50, 75, 100)]
    legend = legend_of_sizes("% of cells expressing", "left", font, 400)
    layout = {"height": 300, "showlegend": True, "legend": legend, "margin": {"l": 150, "r": 80, "t": 60}, "yaxis": {}}
    for width, lines in ((85, 1), (57, 2)):
        drawn = styled({"data": entries, "layout": layout}, Look(width=width), "", "SIMULATED")["layout"]
        assert drawn["showlegend"] is False
        assert [shape["type"] for shape in drawn["shapes"]] == ["circle"] * 4
        assert [shape["x1"] - shape["x0"] for shape in drawn["shapes"]] == pytest.approx(
            [8, 11.31, 13.86, 16], abs=0.01
        )
        assert [note["text"] for note in drawn["annotations"]] == ["% of cells expressing", "25%", "50%", "75%", "100%"]
        assert len({note["yshift"] for note in drawn["annotations"]}) == lines
        assert max(note["xshift"] for note in drawn["annotations"]) + 150 + 30 < drawn["width"]
    assert styled({"data": entries, "layout": layout}, Look(width=180))["layout"]["showlegend"] is True
