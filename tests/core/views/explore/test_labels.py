"""Labels of whole atlases, at the sizes of a phone, of a column of a journal, of a laptop and of a full screen."""

import numpy as np
import pytest
from scipy.spatial import KDTree

from core.atlas.catalog import Catalog
from core.atlas.embedding_axes import planes
from core.demo.catalogue import DEMO
from core.demo.prepare import prepare
from core.figures.cell_map import PAD
from core.selection.model import Selection
from core.views.explore.labels import in_window, names, placed
from core.views.explore.map_spec import plane_and_places
from tests.e2e._large import import_large
from tests.factories import imported

# Pixels of a panel: 320 px, 85 mm, a card beside another, a full screen.
PANELS = {"320 px": (240, 260), "85 mm": (255, 250), "card": (476, 316), "full screen": (1380, 700)}
REAL = (
    "human_liver_he2020_ahca", "human_pancreas_baron2016_4donors", "human_pbmc_kang2018_ifnb_2donors",
    "human_pbmc_kang2018_ctrl_8donors", "human_glioblastoma_panobinostat_5pat_x2",
    "mouse_fetal_liver_scHOT_hepatobranch_logexpr",
)  # fmt: skip


def check(atlas, column, panel):
    """Place the labels of a column on a map, and return how many have no room."""
    embedding = planes(atlas)[0][0]
    xy, plane = plane_and_places(atlas, embedding)
    codes, categories = atlas.categorical(column).codes, atlas.categorical(column).categories
    found = names(atlas, embedding, column, Selection(), ())
    assert len(found) == len(set(codes[(codes >= 0) & np.isfinite(xy).all(axis=0)].tolist()))
    pads = [PAD * (high - low) for low, high in (plane.x, plane.y)]
    window = (plane.x[0] - pads[0], plane.x[1] + pads[0], plane.y[0] - pads[1], plane.y[1] + pads[1])
    assert in_window(found, window) == list(found)
    labels = placed(found, plane, window, panel)
    own = {(name.x, name.y): name.text for name in found}
    trees = {
        category: KDTree(xy[:, codes == code].T) for code, category in enumerate(categories) if (codes == code).any()
    }
    for label in labels:
        assert own[label.x, label.y] == label.text, "a line leads to its own cells"
        nearest = min(trees, key=lambda category: trees[category].query((label.x, label.y))[0])
        assert nearest.startswith(label.text.removesuffix("…"))
    return len(found) - len(labels)


def test_labels_of_an_atlas_lie_on_their_cells(tmp_path):
    atlas = Catalog(tmp_path / "data").get(import_large(tmp_path, tmp_path / "data", 3_000))
    assert {place: check(atlas, "cell_type", panel) for place, panel in PANELS.items()} == dict.fromkeys(PANELS, 0)


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_labels_of_real_atlases_lie_on_their_cells(tmp_path, real_data, name):
    atlas = Catalog(tmp_path).get(imported(tmp_path, real_data / f"{name}.h5ad", species="human", name="real"))
    columns = [column.name for column in atlas.manifest.columns if column.kind == "categorical" and column.n_categories]
    column = atlas.manifest.roles.get("cell_type") or columns[0]
    hidden = {place: check(atlas, column, panel) for place, panel in PANELS.items()}
    # On small maps some may have no room, which the page and exports say.
    assert hidden["full screen"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("demo", DEMO, ids=lambda demo: f"{demo.atlas}")
def test_labels_of_demo_atlases_lie_on_their_cells(tmp_path, demo):
    data = tmp_path / "data"
    made = prepare(demo, data, lambda *_: None, n_cells=1_200, seed=1, replace=False, threads=1)
    atlas = Catalog(data).get(str(made))
    hidden = {place: check(atlas, atlas.manifest.roles["cell_type"], panel) for place, panel in PANELS.items()}
    assert hidden["full screen"] == 0
