"""Entries of a legend: the categories with selected cells, those without a category last."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.figures.palette import NOT_GIVEN
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.views.explore import embedding
from core.views.explore.legend import entries

MASH = Selection.parse(["Group=MASH"])


def test_the_entries_count_the_selected_cells(services):
    atlas = services.catalog.get("human/liver")
    column, mask = atlas.categorical("CellType"), mask_of(atlas, MASH)
    found = {entry.category: entry.n for entry in entries(atlas, "CellType", MASH)}
    assert found == {
        name: n
        for code, name in enumerate(column.categories)
        if (n := int(np.count_nonzero(mask & (column.codes == code))))
    }


def test_cells_without_a_category_come_last_and_are_grey(services):
    atlas = services.catalog.get("human/liver")
    *named, last = entries(atlas, "CellType", Selection())
    assert (last.category, last.n, last.color) == ("", 1, NOT_GIVEN["light"])
    assert all(entry.category for entry in named)


def test_without_a_selected_cell_there_is_no_entry(services):
    atlas = services.catalog.get("human/liver")
    assert entries(atlas, "CellType", Selection.parse(ranges=["score:1e9:"])) == ()


@pytest.mark.parametrize(
    ("info", "said"),
    [
        (SimpleNamespace(computed=True, origin="computed at import with scanpy, seed 0"), "were computed at import"),
        (SimpleNamespace(computed=False, origin="obsm['X_umap']"), "are those provided with the data (X_umap)"),
    ],
)
def test_methods_say_where_the_coordinates_come_from(info, said):
    view = SimpleNamespace(plane=(info, (0, 1)), query=SimpleNamespace(embedding="X_umap"))
    assert embedding._origin(SimpleNamespace(view=view)).startswith(said)
