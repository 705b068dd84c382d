"""The lineage as a column: derived, last, and absent where the cell types are not those of a liver."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from core.analysis.contrasts import usable_columns
from core.atlas.lineages import LINEAGE
from core.errors import UnknownColumn
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.views.column_colors import OTHER_COLOR, colors_of
from core.views.lineages import derivation, members
from core.views.resolve import categorical

TYPES = ["Hepatocyte", "LSEC", "Kupffer cell", "cDC", "Hep 2"]


def liver(types, **more):
    names = np.resize(np.array(types, dtype=object), 40)
    names[0] = None
    obs = pd.DataFrame({"CellType": pd.Categorical(names), **more}, index=[f"c{at}" for at in range(40)])
    made = AnnData(np.ones((40, 3), dtype=np.float32), obs=obs, var=pd.DataFrame(index=["A", "B", "C"]))
    made.obsm["X_umap"] = np.random.default_rng(1).normal(size=(40, 2)).astype(np.float32)
    return made


def test_the_column_is_derived_and_last(atlas_of):
    atlas = atlas_of(liver(TYPES))
    column = atlas.categorical(LINEAGE)
    assert column.categories == ("Hepatocyte", "Endothelial", "Macrophage/monocyte", "Other")
    types = atlas.categorical("CellType")
    for code, kind in zip(column.codes[1:].tolist(), types.codes[1:].tolist(), strict=True):
        assert column.categories[code] == atlas.lineages[types.categories[kind]]
    assert column.codes[0] == -1
    info = atlas.column_info(LINEAGE)
    assert (info.kind, info.n_categories, info.n_missing) == ("categorical", 4, 1)
    assert atlas.columns[-1] == info
    assert atlas.manifest.column(LINEAGE) is None
    assert categorical(atlas)[-1] == usable_columns(atlas)[-1] == LINEAGE
    chosen = mask_of(atlas, Selection.of({LINEAGE: ["Hepatocyte"]}))
    np.testing.assert_array_equal(chosen, mask_of(atlas, Selection.of({"CellType": ["Hepatocyte", "Hep 2"]})))
    colors = colors_of(atlas, column)
    assert len(set(colors)) == len(colors)
    assert colors[-1] == OTHER_COLOR
    assert members(atlas)["Hepatocyte"] == ("Hep 2", "Hepatocyte")
    assert "Hepatocyte: Hep 2, Hepatocyte; Endothelial: LSEC" in derivation(atlas)


@pytest.mark.parametrize("types", [["T cell", "B cell", "NK"], ["a", "b"], ["Hepatocyte"]])
def test_what_is_no_liver_has_none(atlas_of, types):
    atlas = atlas_of(liver(types))
    assert atlas.lineages == {}
    assert atlas.columns == atlas.manifest.columns
    assert members(atlas) == {}
    with pytest.raises(UnknownColumn):
        atlas.column(LINEAGE)


def test_a_column_of_the_file_with_that_name_stays(atlas_of):
    own = pd.Categorical(np.resize(["mine", "yours"], 40))
    atlas = atlas_of(liver(TYPES, **{LINEAGE: own}))
    assert atlas.lineages == {}
    assert atlas.categorical(LINEAGE).categories == ("mine", "yours")
