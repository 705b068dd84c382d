"""Layout of genes against groups on paper: blocks, and what is proposed where a figure is too high."""

from types import SimpleNamespace

import pytest

from core.errors import InvalidQuery
from core.figures.gene_grid import Grid
from core.figures.heatmap import heatmap
from core.figures.paper_sizes import MAX_HEIGHT
from core.figures.print_style import Look
from core.views.gene_grid import grid_layout
from core.views.markers.dotplot import _lower
from tests.core.figures.test_gene_grid import long_table


def laid_out(n_genes, look):
    table = long_table(n_genes)

    def draw(width, n_blocks):
        return heatmap(table, "u", look.colors, width=width, n_blocks=n_blocks)

    return grid_layout(Grid.of(table), look, draw, lambda most: (f"Show {most}", (("n", str(most)),)))


@pytest.mark.parametrize(
    ("n_genes", "width", "fits"), [(30, 85, True), (100, 183, True), (158, 183, False), (158, 89, False)]
)
def test_a_figure_fits_a_page_or_says_how_many_genes_do(n_genes, width, fits):
    look = Look.of(width=width)
    layout = laid_out(n_genes, look)
    assert (look.millimetres(layout.figure["layout"]["height"]) <= MAX_HEIGHT) == fits
    most = int(layout.lower.removeprefix("Show "))
    assert (most >= n_genes) == fits or n_genes <= 40
    assert layout.fitting == (("n", str(most)),)
    if not fits:
        fewer = laid_out(most, look)
        assert look.millimetres(fewer.figure["layout"]["height"]) <= MAX_HEIGHT


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
