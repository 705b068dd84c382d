"""Layout of genes against groups on paper: blocks, and what is proposed where a figure is too high."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.embed.responsive import on_screen
from core.errors import InvalidQuery
from core.figures.dotplot import dotplot
from core.figures.gene_grid import Grid
from core.figures.heatmap import heatmap
from core.figures.paper_sizes import MAX_HEIGHT
from core.figures.print_style import LETTERS, Look, fitted, styled
from core.views.gene_grid import grid_layout
from core.views.markers.dotplot import _lower
from tests.core.figures.test_gene_grid import long_table, table_of, unpacked


def height_of(layout):
    return layout.look.height or layout.look.millimetres(layout.figure["layout"]["height"])


def laid_out(n_genes, look):
    table = long_table(n_genes)

    def draw(width, n_blocks):
        return heatmap(table, "u", look.colors, width=width, n_blocks=n_blocks)

    return grid_layout(Grid.of(table), look, draw, lambda most: (f"Show {most}", (("n", str(most)),)))


@pytest.mark.parametrize(
    ("n_genes", "width", "fits"),
    [(30, 85, True), (100, 183, True), (158, 183, True), (66, 89, True), (230, 183, False), (158, 89, False)],
)
def test_a_figure_fits_a_page_or_says_how_many_genes_do(n_genes, width, fits):
    look = Look.of(width=width)
    layout = laid_out(n_genes, look)
    assert (height_of(layout) <= MAX_HEIGHT) == fits
    most = int(layout.lower.removeprefix("Show "))
    assert (most >= n_genes) == fits or n_genes <= 40
    assert layout.fitting == (("n", str(most)),)
    if not fits:
        assert height_of(laid_out(most, look)) <= MAX_HEIGHT


@pytest.mark.parametrize(("n_genes", "width"), [(158, 183), (66, 89)])
def test_a_list_a_little_too_high_stands_closer_in_letters_that_can_be_read(n_genes, width):
    layout = laid_out(n_genes, Look.of(width=width))
    figure = styled(layout.figure, fitted(layout.look, layout.least))["layout"]
    paper = fitted(layout.look, layout.least)
    assert paper.millimetres(figure["height"]) == pytest.approx(MAX_HEIGHT, abs=0.01)
    points = paper.font_size * figure["yaxis"]["tickfont"]["size"] / LETTERS
    assert points >= 5 - 0.01
    margin, (bottom, top) = figure["margin"], figure["yaxis"]["range"]
    pitch = (figure["height"] - margin["t"] - margin["b"]) / (bottom - top)
    assert pitch >= 1.15 * figure["yaxis"]["tickfont"]["size"], "names of rows would overlap"
    asked = laid_out(n_genes, Look.of(width=width, height=200.0))
    assert asked.look.height == 200


def test_in_a_narrow_frame_every_dot_can_be_seen():
    table = table_of([f"GENE{at}" for at in range(21)], ["naive thymus-derived CD4-positive T cell", "B", "C"])
    look = Look(width=320 / 96 * 25.4, font_size=9.0, screen=True)

    def draw(width, n_blocks):
        return dotplot(table, "u", look.colors, width=width, n_blocks=n_blocks)

    figure = grid_layout(Grid.of(table), look, draw, lambda _: ("", ())).figure
    shown = on_screen(figure, width=320, clear=False).figure["data"][0]
    sizes, grid = unpacked(shown["marker"]["size"]), Grid.of(table)
    share = grid.pct[np.nonzero(grid.n_expressing)]
    np.testing.assert_allclose(sizes, sizes.max() * np.sqrt(share / share.max()), rtol=1e-5)
    assert 7 < sizes[share > 90].max() <= 13


def test_a_frame_keeps_the_layout_of_the_page():
    layout = laid_out(100, Look(width=183, screen=True))
    assert len(layout.figure["data"]) == 1


def test_a_paper_without_room_for_a_name_is_refused():
    with pytest.raises(InvalidQuery, match="would overlap"):
        laid_out(100, Look.of(width=20))


@pytest.mark.parametrize(
    ("whose", "most", "lower", "fitting"),
    [
        ("", 129, "Show the best 8 genes of each group (top_n=8)", (("top_n", "8"),)),
        ("", 20, "Show the best 1 gene of each group (top_n=1)", (("top_n", "1"),)),
        ("one", 43, "Show the best 43 genes (top_n=43)", (("top_n", "43"),)),
        ("", 10, "Show the genes of one category", ()),
    ],
)
def test_markers_propose_a_number_of_genes_of_each_group(whose, most, lower, fitting):
    view = SimpleNamespace(query=SimpleNamespace(whose=whose), names=tuple(map(str, range(16))))
    found = _lower(SimpleNamespace(view=view), most)
    assert found[0].startswith(lower)
    assert found[1] == fitting
