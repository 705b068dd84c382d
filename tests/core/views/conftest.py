"""Services on one small atlas, real and simulated."""

from pathlib import Path

import pytest

from core.ingest.importer import ImportRequest, import_file
from core.services.container import Services
from core.settings.settings import load
from tests.factories import imported, tiny


@pytest.fixture(scope="session")
def services(tmp_path_factory):
    """Return the services of human/liver, and mouse/made, which is simulated."""
    directory = tmp_path_factory.mktemp("views")
    imported(directory / "data", tiny(directory / "liver.h5ad"), species="human", title="Liver <i>of</i> tests")
    simulated = ImportRequest(path=Path(tiny(directory / "made.h5ad", seed=1)), species="mouse", simulated=True)
    import_file(simulated, directory / "data", lambda *_: None)
    return Services.of(load(data_dir=directory / "data"))
