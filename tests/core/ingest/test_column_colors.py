"""The author's colours of a column, in the order of the store."""

import h5py
import numpy as np
import pandas as pd
import pytest

from core.ingest.subset import Subset
from tests.core.ingest._build import counts, made

RAW = counts(30, 6)
CELLS = [f"cell{i}" for i in range(30)]


def colors_of(atlas, name):
    column = atlas.categorical(name)
    return dict(zip(column.categories, atlas.manifest.column(name).colors, strict=False))


def made_with(values, **uns):
    return made(RAW, obs=pd.DataFrame({"kind": values}, index=CELLS), uns=uns)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["#FF0000", "#00ff00", "#0000ff"], ["#ff0000", "#00ff00", "#0000ff"]),
        (["red", "lime", "tab:blue"], ["#ff0000", "#00ff00", "#1f77b4"]),
        (["#f00", "#0f0f", "0.5"], ["#ff0000", "#00ff00", "#808080"]),
        ([[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.5]], ["#ff0000", "#00ff00", "#0000ff"]),
        ([[255, 0, 0], [0, 255, 0], [0, 0, 255]], ["#ff0000", "#00ff00", "#0000ff"]),
    ],
)
def test_colours_however_they_are_written(given, expected, atlas_of):
    atlas = atlas_of(made_with(pd.Categorical(["a", "b", "c"] * 10), kind_colors=np.array(given)))
    assert list(colors_of(atlas, "kind").values()) == expected
    assert atlas.manifest.notes == ()


def test_colours_follow_their_categories(atlas_of):
    """The store leaves out unused categories, and orders the others naturally."""
    kind = pd.Categorical(["c10", "c2"] * 15, categories=["c10", "c2", "unused"])
    atlas = atlas_of(made_with(kind, kind_colors=["#111111", "#222222", "#333333"]))
    assert atlas.categorical("kind").categories == ("c2", "c10")
    assert colors_of(atlas, "kind") == {"c10": "#111111", "c2": "#222222"}


def test_colours_of_flags_texts_and_stages(atlas_of):
    obs = pd.DataFrame(
        {
            "flag": [True, False] * 15,
            "text": [f"sample{at % 12}" for at in range(30)],
            "group": pd.Categorical(["MASH", "Healthy"] * 15),
        },
        index=CELLS,
    )
    colors = {
        "flag_colors": ["#aaaaaa", "#bbbbbb"],
        "text_colors": [f"#0000{at:02x}" for at in range(12)],
        "group_colors": ["#00ff00", "#ff0000"],
    }
    atlas = atlas_of(made(RAW, obs=obs, uns=colors))
    assert colors_of(atlas, "flag") == {"False": "#aaaaaa", "True": "#bbbbbb"}
    assert colors_of(atlas, "text")["sample10"] == "#00000a", "scanpy orders texts naturally"
    assert colors_of(atlas, "group") == {"Healthy": "#00ff00", "MASH": "#ff0000"}


def test_a_sample_of_the_cells_keeps_the_colours_of_its_categories(atlas_of):
    kind = pd.Categorical(["a"] * 15 + ["b"] * 15)
    atlas = atlas_of(made_with(kind, kind_colors=["#111111", "#222222"]), subset=Subset(1))
    (name,) = atlas.categorical("kind").categories
    assert colors_of(atlas, "kind") == {name: {"a": "#111111", "b": "#222222"}[name]}


def test_colours_by_name(atlas_of):
    atlas = atlas_of(made_with(pd.Categorical(["a", "b"] * 15), kind_colors={"b": "blue", "a": "red"}))
    assert colors_of(atlas, "kind") == {"a": "#ff0000", "b": "#0000ff"}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["#111111"], "uns['kind_colors'] has colours for 1 of 2 categories of 'kind' and is not used."),
        (
            ["#111111", "javascript:"],
            "uns['kind_colors'] has the colour 'javascript:', which is none, and is not used.",
        ),
    ],
)
def test_what_are_no_colours_of_the_column_is_said(given, says, atlas_of):
    atlas = atlas_of(made_with(pd.Categorical(["a", "b"] * 15), kind_colors=np.array(given)))
    assert colors_of(atlas, "kind") == {}
    assert atlas.manifest.notes == (says,)


def test_colours_of_no_column_or_of_numbers_are_nobodys(load, tmp_path):
    made_with(np.arange(30.0), gone_colors=["red"], kind_colors=["red"] * 30).write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "a") as file:
        file["uns/odd_colors"] = 3
    atlas = load(tmp_path / "a.h5ad")
    assert [column.colors for column in atlas.manifest.columns] == [()]
    assert atlas.manifest.notes == ()
