"""A small atlas and an app that serves it; `tiny` and `imported` make others."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.ingest.importer import ImportRequest, import_file
from core.settings.settings import load

GENES = ("ALB", "CYP2E1", "APOA1", "LYVE1", "alb", "HLA-DRA", "MT-CO1", "GLUL", 'odd "gene", name', "ΔNp63/p40")
# Names that a careless CSV, JSON or header breaks.
CELLS = (
    *("AAAC-1", "comma,cell", 'quote"cell', "line\nfeed", "carriage\rreturn", "both\r\nof them", "tab\tcell"),
    *("=1+1", "@SUM(A1)", "-2+3", "+4", " spaces ", "<script>alert(1)</script>", "Zelle-ß-肝"),
    *("NaN", "'", '"', ",", "1e5", "007"),
)
N_CELLS = 60


def tiny(path, *, cells=None, n_cells=N_CELLS, genes=GENES, seed=0, **more):
    """Write an .h5ad of integer counts with a map, and whatever else AnnData takes."""
    import anndata

    rng = np.random.default_rng(seed)
    names = list(cells or [f"cell{at}" for at in range(n_cells)])
    counts = sparse.random(len(names), len(genes), density=0.5, random_state=seed, format="csr", dtype=np.float32)
    counts.data = np.ceil(counts.data * 50).astype(np.float32)
    cell_types = rng.choice(["Hepatocyte", "Kupffer cell", "<b>LSEC</b>"], len(names)).astype(object)
    cell_types[0] = None
    obs = pd.DataFrame(
        {
            "CellType": pd.Categorical(cell_types),
            "Group": pd.Categorical(np.resize(["Healthy", "MASH"], len(names))),
            "Sample": pd.Categorical(np.resize(["d1", "d2", "d3"], len(names))),
            "score": np.where(np.arange(len(names)) == 1, np.nan, rng.normal(size=len(names))),
        },
        index=pd.Index(names, dtype=object),
    )
    var = pd.DataFrame(
        {"gene_ids": [f"ENSG{at:011d}" for at in range(len(genes))]}, index=pd.Index(genes, dtype=object)
    )
    umap = rng.normal(size=(len(names), 2)).astype(np.float32)
    umap[2] = np.nan
    made = anndata.AnnData(counts, obs=obs, var=var, obsm={"X_umap": umap}, **more)
    path.parent.mkdir(parents=True, exist_ok=True)
    made.write_h5ad(path)
    return path


def imported(data, path, **options):
    """Import a file into a data directory within this process; return the id."""
    return str(import_file(ImportRequest(path=Path(path), **options), data, lambda *_: None))


def problem(answer, status):
    """Check that an answer is a problem document and return it."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    body = json.loads(answer.data)
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert "Traceback" not in answer.text
    assert ".py" not in answer.text
    return body


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """Return a data directory with the atlas human/liver; not to be changed."""
    rng = np.random.default_rng(5)
    directory = tmp_path_factory.mktemp("api")
    names = [*CELLS, *(f"cell{at}" for at in range(N_CELLS - len(CELLS)))]
    scaled = rng.normal(size=(N_CELLS, len(GENES))).astype(np.float32)
    path = tiny(directory / "files" / "liver.h5ad", cells=names, layers={"scaled": scaled})
    imported(directory / "data", path, species="human", layers=("scaled",), title="Liver <i>of</i> tests")
    return directory / "data"


@pytest.fixture(scope="session")
def make_app():
    """Return a function that makes an app on a data directory."""
    from app import create_app

    return lambda data, **settings: create_app(load(data_dir=data, **settings))


@pytest.fixture(scope="session")
def server(data, make_app):
    """Return the Flask server of an app on `data`."""
    return make_app(data).server


@pytest.fixture
def client(server):
    """Return a client of `server`."""
    return server.test_client()
