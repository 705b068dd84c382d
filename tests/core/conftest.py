"""What tests of core share: importing an AnnData object, running a command, reference coefficients."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from core.atlas.paths import AtlasId, Places
from core.atlas.store import Atlas
from core.cli import main
from core.compute.executor import Workers
from tests.factories import imported


@pytest.fixture
def data(tmp_path) -> Path:
    """Return an empty data directory."""
    return tmp_path / "data"


@pytest.fixture
def load(data) -> Callable[..., Atlas]:
    """Return a function that imports a file into the data directory and opens the atlas."""

    def load(path, **request) -> Atlas:
        return Atlas(Places(data).store(AtlasId.parse(imported(data, path, **request))))

    return load


@pytest.fixture
def atlas_of(load, tmp_path) -> Callable[..., Atlas]:
    """Return a function that writes an AnnData object to a file, imports it and opens the atlas."""

    def atlas_of(adata, name="made", **request) -> Atlas:
        path = tmp_path / f"{name}.h5ad"
        adata.write_h5ad(path)
        return load(path, **request)

    return atlas_of


@pytest.fixture
def handlers_as_before() -> Iterator[None]:
    """Leave the signal handlers of the tests as they are."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def run_in(handlers_as_before, capfd) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs a command on a data directory, in this process: exit code, stdout and stderr."""

    def run_in(data, *arguments) -> tuple[int, str, str]:
        # What came before, as from an app that logs to the console, is not the command's.
        capfd.readouterr()
        with pytest.raises(SystemExit) as caught:
            main(["--data-dir", str(data), *map(str, arguments)])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return caught.value.code, out, err

    return run_in


def reference(x, y, method):
    """scipy's coefficient, NaN where it is not defined."""
    if x.size < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return np.nan
    return (stats.pearsonr if method == "pearson" else stats.spearmanr)(x, y).statistic


@pytest.fixture(scope="session")
def tools():
    """The function above, for tests that cannot import this file."""
    return SimpleNamespace(reference=reference)


@pytest.fixture
def pool():
    """Two workers."""
    workers = Workers(ThreadPoolExecutor(2))
    yield workers
    workers.close()
