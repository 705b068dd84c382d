"""The disk space of an atlas that was removed or replaced is given back: nothing keeps its files mapped."""

import gc
from pathlib import Path

import pytest

from app import EXTENSION, create_app
from callbacks.explore.hydrate import hydrate
from callbacks.explore.legend import legend
from core.analysis.raster import placed
from core.atlas.paths import AtlasId
from core.settings.settings import load
from core.urls.figure_specs import FIGURES
from core.urls.page_queries import CorrelationQuery, DifferencesQuery, ExploreQuery, MarkersQuery
from core.views.explore.labels import named
from core.views.explore.state import resolve
from tests.factories import DRAWN, imported, tiny

LIVER = AtlasId("human", "liver")
API = "/api/v1/datasets/human/liver"
QUESTIONS = (
    f"{API}/correlations?gene=ALB",
    f"{API}/correlations?gene=ALB&drop_zeros=true&where=Group=MASH",
    f"{API}/markers?by=CellType&category=Kupffer cell",
    f"{API}/score?genes=ALB,GLUL&method=ulm",
    f"{API}/score?genes=ALB,GLUL&method=mean_z",
    f"{API}/expression?gene=ALB",
    f"{API}/cells/3",
    f"{API}/dotplot?genes=ALB,GLUL&by=CellType",
    "/api/v1/genes/ALB/atlases",
)
ARRAYS = (
    "embedding/X_umap",
    "gene/expression?gene=ALB",
    "score/expression?genes=ALB,GLUL",
    "column?name=CellType",
    "mask?where=Group=MASH",
)
VIEWS = (
    "gene=ALB&color=CellType&color_2=@gene&facet=Group&where=Group%3DMASH",
    "gene=ALB&color=@blend&gene_b=GLUL&tab=dots&genes=ALB,GLUL",
    "gene=ALB&color=@set_a&set_a=ALB,GLUL&tab=sets",
)
PARAMETERS = {
    ExploreQuery: "gene=ALB&set_a=ALB,GLUL&genes=ALB,GLUL,CYP2E1",
    CorrelationQuery: "gene=ALB&gene_b=GLUL&genes=ALB,GLUL,CYP2E1",
    MarkersQuery: "",
    DifferencesQuery: "",
}

pytestmark = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="reads mapped files as Linux lists them")


def mapped(data):
    """Name the files of atlases below a data directory that this process maps, deleted ones too."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return sorted({line.split(maxsplit=5)[5] for line in lines if f"{data}/" in line})


def clustered(path):
    """Write an atlas whose cell types have places of their own on the map, so that they are labelled."""
    import anndata

    adata = anndata.read_h5ad(tiny(path, n_cells=3_000))
    adata.obsm["X_umap"][:, 0] += 9 * adata.obs["CellType"].cat.codes.to_numpy()
    adata.write_h5ad(path)
    return path


def ask_everything(app):
    """Ask an atlas what its pages, the API and figures ask."""
    client, services = app.server.test_client(), app.server.extensions[EXTENSION]
    digest = client.get(API).json["content_hash"]
    for path in (*QUESTIONS, *(f"/arrays/{LIVER}/{digest}/{array}" for array in ARRAYS)):
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.text)
    for parameters in VIEWS:
        view, problems = resolve(services, f"?atlas={LIVER}&{parameters}")
        assert view is not None
        assert problems == []
        assert hydrate(view, problems, at=1)
        assert legend(view, "CellType")
        if view.query.facet:
            assert any(named(view, "CellType"))
    # As a raster does, without datashader, which takes seconds to import.
    assert placed(services.catalog.get(LIVER), "X_umap", (0, 1)).x.size
    for name in DRAWN:
        spec = FIGURES[name]
        answer = client.get(f"/api/v1/figures/{name}.json?atlas={LIVER}&{PARAMETERS[spec.query]}")
        assert answer.status_code == 200, (name, answer.text)


@pytest.mark.parametrize("change", ["removed", "replaced"])
def test_no_file_of_an_atlas_that_is_gone_stays_mapped(tmp_path, change):
    data = tmp_path / "data"
    imported(data, clustered(tmp_path / "liver.h5ad"), species="human")
    app = create_app(load(data_dir=data, correlation_cache=False))
    services = app.server.extensions[EXTENSION]
    ask_everything(app)
    old = mapped(data)
    assert {path.rpartition("/")[2] for path in old} >= {"cells.npy", "levels.npy"}
    if change == "removed":
        services.catalog.remove(LIVER)
        assert services.catalog.ids() == []
    else:
        imported(data, tiny(tmp_path / "liver.h5ad", n_cells=2_000, seed=1), species="human", replace=True)
        assert services.catalog.manifest(LIVER).n_cells == 2_000
    gc.collect()
    assert mapped(data) == []
