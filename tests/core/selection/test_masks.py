"""Masks are those of pandas."""

import numpy as np
import pandas as pd
import pytest
from cachetools import LRUCache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.atlas.paths import Places
from core.atlas.store import Atlas
from core.errors import InvalidQuery, UnknownColumn, UnknownGene
from core.ingest.importer import ImportRequest, import_file
from core.selection import masks as module
from core.selection.masks import mask_of
from core.selection.model import Lasso, Range, Selection, Threshold
from tests.core.ingest._build import counts, made

N = 60
RANDOM = np.random.default_rng(3)
OBS = pd.DataFrame(
    {
        "cell_type": pd.Categorical(RANDOM.choice(["Hepatocyte", "LSEC", None], N)),
        "group": RANDOM.choice(["Healthy", "MASH"], N),
        "n=1": pd.Categorical(RANDOM.choice(["a", "b", "c"], N)),
        "age": np.where(RANDOM.random(N) < 0.2, np.nan, RANDOM.integers(0, 10, N)),
        "score": RANDOM.normal(size=N),
    },
    index=[f"cell{i}" for i in range(N)],
)
PLACES = RANDOM.normal(size=(N, 3)).astype(np.float32)
PLACES[:4] = np.nan
CATEGORIES = {"cell_type": ["Hepatocyte", "LSEC", ""], "group": ["Healthy", "MASH", ""], "n=1": ["a", "b", "c", ""]}


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    place = tmp_path_factory.mktemp("selection")
    file = made(counts(N, 5), obs=OBS.copy())
    file.obsm["X_umap"] = PLACES
    file.write_h5ad(place / "a.h5ad")
    return Atlas(Places(place).store(import_file(ImportRequest(place / "a.h5ad"), place, lambda step, done: None)))


@st.composite
def selections(draw):
    where = {name: draw(st.lists(st.sampled_from(known), max_size=3)) for name, known in CATEGORIES.items()}
    ends = st.tuples(*[st.floats(-2, 10) | st.sampled_from([0, 3, 5])] * 2).map(sorted)
    open_ends = ends.flatmap(lambda both: st.sampled_from([both, [both[0], None], [None, both[1]], [None, None]]))
    drawn = draw(st.lists(st.tuples(st.sampled_from(["age", "score"]), open_ends), max_size=2))
    ranges = [Range(column, *both) for column, both in drawn]
    genes = st.tuples(st.sampled_from(["Gene0", "gene3"]), open_ends)
    thresholds = [Threshold(gene, *both) for gene, both in draw(st.lists(genes, max_size=1))]
    corner = st.tuples(*[st.floats(-2, 2)] * 2)
    planes = st.sampled_from(["X_umap", "X_umap:1-3"])
    polygons = st.tuples(planes, st.lists(corner, min_size=3, max_size=5).map(tuple))
    lassos = [Lasso(*both) for both in draw(st.lists(polygons, max_size=3))]
    other = draw(st.none() | st.sampled_from(["LSEC", "Hepatocyte"]))
    return Selection.of(where, ranges, thresholds, lassos, [Selection.of({"cell_type": [other]})] if other else [])


def of_pandas(selection, atlas):
    mask = pd.Series(True, index=OBS.index)
    for each in selection.thresholds:
        values = pd.Series(atlas.layer().dense(atlas.genes.resolve(each.gene)), OBS.index)
        mask &= (values > (-np.inf if each.low is None else each.low)) & (
            values <= (np.inf if each.high is None else each.high)
        )
    for plane in {lasso.plane for lasso in selection.lassos}:
        axes = [0, 1] if plane == "X_umap" else [0, 2]
        mask &= np.any([_enclosed(PLACES[:, axes], it.points) for it in selection.lassos if it.plane == plane], axis=0)
    for other in selection.excluded:
        mask &= ~of_pandas(other, atlas)
    for column, categories in selection.where:
        mask &= OBS[column].isin([each for each in categories if each]) | (OBS[column].isna() & ("" in categories))
    for each in selection.ranges:
        low, high = (-np.inf if each.low is None else each.low), (np.inf if each.high is None else each.high)
        mask &= OBS[each.column].between(low, high)
    return mask.to_numpy()


def _enclosed(places, points):
    """Count the edges that a ray to the right of each place crosses."""
    found = np.zeros(len(places), dtype=bool)
    for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True):
        for cell, (x, y) in enumerate(places.astype(float)):
            if (y0 <= y) != (y1 <= y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
                found[cell] = not found[cell]
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(selection=selections())
def test_masks_are_those_of_pandas(selection, atlas):
    mask = mask_of(atlas, selection)
    np.testing.assert_array_equal(mask, of_pandas(selection, atlas))
    assert mask.dtype == bool
    assert mask_of(atlas, Selection.from_text(selection.text())) is mask


def test_everything_is_selected_by_nothing(atlas):
    assert mask_of(atlas, Selection()).all()


def test_a_mask_is_kept_and_cannot_be_changed(atlas):
    selection = Selection.parse(["group=MASH"])
    mask = mask_of(atlas, selection)
    assert mask_of(atlas, Selection.parse(["group=MASH"])) is mask
    with pytest.raises(ValueError, match="read-only"):
        mask[0] = True


def test_only_so_many_bytes_of_masks_are_kept(atlas, monkeypatch):
    room = 4
    small = LRUCache(room * module._size_of(np.ones(atlas.n_cells, dtype=bool)), getsizeof=module._size_of)
    monkeypatch.setattr(mask_of, "cache", small)
    selections = [Selection.parse([], [f"age:{bound}:"]) for bound in range(room + 1)]
    masks = [mask_of(atlas, selection) for selection in selections]
    assert len(small) == room
    assert mask_of(atlas, selections[-1]) is masks[-1]
    assert mask_of(atlas, selections[0]) is not masks[0], "the one that was used least recently went"


def test_two_contents_have_two_masks(atlas, tmp_path):
    other = OBS.copy()
    other["group"] = "MASH"
    made(counts(N, 5), obs=other).write_h5ad(tmp_path / "a.h5ad")
    second = Atlas(
        Places(tmp_path).store(import_file(ImportRequest(tmp_path / "a.h5ad"), tmp_path, lambda step, done: None))
    )
    selection = Selection.parse(["group=MASH"])
    assert mask_of(second, selection).all()
    assert not mask_of(atlas, selection).all()


@pytest.mark.parametrize(
    ("where", "ranges", "kind", "says"),
    [
        (["celltype=LSEC"], [], UnknownColumn, "The column 'celltype' of other/a does not exist."),
        (["cell_type=Lsec"], [], UnknownColumn, "The column 'cell_type' of other/a has no category 'Lsec'."),
        (["cell_type=zzzzz"], [], UnknownColumn, "The column 'cell_type' of other/a has no category 'zzzzz'."),
        (["age=3"], [], InvalidQuery, "The column 'age' of other/a holds numbers, not categories."),
        ([], ["group:0:1"], InvalidQuery, "The column 'group' of other/a holds categories, not numbers."),
        ([], ["nas:0:1"], UnknownColumn, "The column 'nas' of other/a does not exist."),
    ],
)
def test_what_cannot_be_selected(where, ranges, kind, says, atlas):
    with pytest.raises(kind) as caught:
        mask_of(atlas, Selection.parse(where, ranges))
    assert caught.value.message == says
    assert caught.value.remedy


def test_a_misspelt_category_comes_with_its_neighbours(atlas):
    with pytest.raises(UnknownColumn) as caught:
        mask_of(atlas, Selection.parse(["cell_type=Hepatocytes"]))
    assert caught.value.suggestions == ("Hepatocyte",)


def test_inverting_leaves_the_others_and_twice_is_nothing(atlas):
    selection = Selection.parse(["cell_type=LSEC"], ["age:3:"])
    np.testing.assert_array_equal(mask_of(atlas, selection.inverse()), ~mask_of(atlas, selection))
    assert selection.inverse().inverse() == selection
    assert not mask_of(atlas, Selection().inverse()).any()


def test_a_threshold_of_zero_means_the_cells_that_express(atlas):
    values = atlas.layer().dense(0)
    np.testing.assert_array_equal(mask_of(atlas, Selection.parse(thresholds=["Gene0:0:"])), values > 0)
    np.testing.assert_array_equal(mask_of(atlas, Selection.parse(thresholds=["Gene0::0"])), values == 0)


@pytest.mark.parametrize(
    ("thresholds", "lassos", "kind"),
    [
        (["Gen0:0:"], [], UnknownGene),
        ([], ["X_tsne:0_0~1_0~1_1"], InvalidQuery),
        ([], ["X_umap:1-9:0_0~1_0~1_1"], InvalidQuery),
    ],
)
def test_what_no_threshold_and_no_lasso_can_name(thresholds, lassos, kind, atlas):
    with pytest.raises(kind) as caught:
        mask_of(atlas, Selection.parse(thresholds=thresholds, lassos=lassos))
    assert caught.value.remedy


@pytest.mark.parametrize("text", ["n=1=a", "n=1=b"])
def test_a_column_with_an_equals_sign_is_told_to_be_escaped(atlas, text):
    with pytest.raises(UnknownColumn) as caught:
        mask_of(atlas, Selection.parse([text]))
    escaped = text.replace("n=", r"n\=", 1)
    assert caught.value.remedy == f"Write {escaped}: an equals sign within a name needs a backslash before it."
    assert mask_of(atlas, Selection.parse([escaped])).any()


def test_another_unknown_column_is_told_of_as_before(atlas):
    with pytest.raises(UnknownColumn) as caught:
        mask_of(atlas, Selection.parse(["m=1=a"]))
    assert "backslash" not in str(caught.value)
