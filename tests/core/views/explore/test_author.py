"""What the author of an atlas chose: the colours of a column, and places in the tissue that count downwards."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from core.figures.palette import categories
from core.figures.print_style import Look
from core.services.container import Services
from core.settings.settings import load
from core.views.registry import render
from tests.factories import imported, tiny

ATLAS = "human/author"
TYPES = ("<b>LSEC</b>", "Hepatocyte", "Kupffer cell")
CHOSEN = ("#00ff00", "#ff00ff", "#0000ff")
LINK = f"/explore?figure={{}}&atlas={ATLAS}&embedding=spatial&color=CellType&gene=ALB&by=CellType"


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """Return the services of an atlas of 60 cells on a slope from the upper left to the lower right of a tissue."""
    directory = tmp_path_factory.mktemp("author")
    path = tiny(directory / "author.h5ad", uns={"CellType_colors": list(CHOSEN)})
    import anndata

    adata = anndata.read_h5ad(path)
    assert tuple(adata.obs["CellType"].cat.categories) == TYPES
    # One cell type after the other: mixed ones would have no labels.
    place = np.argsort(np.argsort(adata.obs["CellType"].cat.codes.to_numpy(), kind="stable"))
    adata.obsm["spatial"] = np.stack([place * 10.0, 5_000 + place * 5.0], axis=1)
    adata.write_h5ad(path)
    imported(directory / "data", path, species="human")
    return Services.of(load(data_dir=directory / "data"))


def named(services, link, **look):
    return render(services, link, Look(**look)) if look else render(services, link)


@pytest.mark.parametrize(("scale", "expected"), [("", CHOSEN), ("&scale=viridis", CHOSEN), ("&scale=own", None)])
def test_a_map_has_the_colours_of_the_author_unless_ours_are_chosen(services, scale, expected):
    figure = named(services, LINK.format("embedding") + scale).figure
    steps = [color for _, color in figure["data"][1]["marker"]["colorscale"][::2]]
    assert tuple(steps[:3]) == (expected or categories(TYPES))


@pytest.mark.parametrize("figure", ["violin", "composition"])
@pytest.mark.parametrize(("scale", "expected"), [("", CHOSEN), ("&scale=own", None)])
def test_other_figures_have_the_same(services, figure, scale, expected):
    drawn = named(services, LINK.format(figure) + scale).figure
    found = str(drawn["data"])
    for color in expected or categories(TYPES):
        assert color in found
    for color in set(CHOSEN) - set(expected or ()):
        assert color not in found


def test_violins_of_markers_have_them_too(services):
    link = f"/markers?figure=marker_violin&atlas={ATLAS}&by=CellType&category=Hepatocyte&gene=ALB"
    assert all(color in str(named(services, link).figure["data"]) for color in CHOSEN)


def test_a_palette_for_numbers_is_not_disturbed(services):
    usual = named(services, LINK.format("embedding").replace("color=CellType", "color=score")).figure
    own = named(services, LINK.format("embedding").replace("color=CellType", "color=score") + "&scale=own").figure
    assert own["data"][1]["marker"]["colorscale"] == usual["data"][1]["marker"]["colorscale"]


def test_the_tissue_hangs_downwards_with_equal_axes(services):
    layout = named(services, LINK.format("embedding")).figure["layout"]
    low, high = layout["yaxis"]["range"]
    assert (low > 5_295, high < 5_000) == (True, True)
    assert layout["xaxis"]["range"][0] < layout["xaxis"]["range"][1]
    assert layout["yaxis"]["scaleanchor"] == "x"
    upwards = named(services, LINK.format("embedding").replace("spatial", "X_umap")).figure["layout"]["yaxis"]["range"]
    assert upwards[0] < upwards[1]


def test_a_part_of_the_tissue_hangs_downwards(services):
    layout = named(services, LINK.format("embedding") + "&zoom=0_100_5000_5050").figure["layout"]
    assert (layout["xaxis"]["range"], layout["yaxis"]["range"]) == ([0, 100], [5_050, 5_000])


def test_small_maps_of_the_tissue_hang_downwards(services):
    layout = named(services, LINK.format("embedding") + "&facet=Group").figure["layout"]
    for name in ("yaxis", "yaxis2"):
        assert layout[name]["range"][0] > layout[name]["range"][1]


def test_a_picture_of_the_tissue_hangs_downwards(services):
    """The cell at the upper left of the tissue is at the upper left of the image, which is placed by its upper end."""
    drawn = named(services, LINK.format("embedding"), most_points=10)
    (image,) = drawn.figure["layout"]["images"]
    assert image["y"] == min(drawn.figure["layout"]["yaxis"]["range"])
    png = base64.b64decode(image["source"].partition(",")[2])
    alpha = np.asarray(Image.open(io.BytesIO(png)))[..., 3]
    rows, columns = np.nonzero(alpha)
    assert np.corrcoef(rows, columns)[0, 1] > 0.9, "later rows are further right"


def test_labels_lie_where_their_cells_are(services):
    figure = named(services, LINK.format("embedding"), width=180, height=180).figure
    labels = [each for each in figure["layout"]["annotations"] if each.get("yref") == "y"]
    assert labels
    assert all(5_000 <= each["y"] <= 5_295 for each in labels)


def test_a_raster_of_the_tissue_hangs_downwards(services):
    many = Services.of(load(data_dir=services.catalog.places.data, raster_above=10))
    (image,) = render(many, LINK.format("embedding")).figure["layout"]["images"]
    assert image["y"] < 5_000
    alpha = np.asarray(Image.open(io.BytesIO(base64.b64decode(image["source"].partition(",")[2]))))[..., 3]
    rows, columns = np.nonzero(alpha)
    assert np.corrcoef(rows, columns)[0, 1] > 0.9
