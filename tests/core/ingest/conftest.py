"""The importer, as it is: elsewhere a file that another test has imported is not imported again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.atlas.paths import Places
from core.atlas.store import Atlas
from core.ingest.importer import ImportRequest, import_file


@pytest.fixture
def load(data) -> Callable[..., Atlas]:
    """Return a function that imports a file into the data directory and opens the atlas."""

    def load(path, report=lambda step, done: None, **request) -> Atlas:
        atlas = import_file(ImportRequest(Path(path), **request), data, report)
        return Atlas(Places(data).store(atlas))

    return load
