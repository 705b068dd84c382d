"""A small atlas and an app that serves it; others are made with ``tests/factories.py``."""

import json

import numpy as np
import pytest

from core.settings.settings import load
from tests.factories import CELLS, GENES, N_CELLS, imported, tiny
from tests.references import install


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
    edges = [("TF", gene, 1.0 + at) for at, gene in enumerate(GENES[:6])]
    install(directory / "data", sets={"hallmark": {"liver": GENES[:3], "other": GENES[3:]}}, edges={"collectri": edges})
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
