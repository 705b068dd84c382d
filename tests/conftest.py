"""What every test may use; nothing here knows a module of the project."""

import os
import threading
from pathlib import Path

import hypothesis
import pytest

# Two cores and a cold numba make any deadline a coin toss; CI must fail, or pass, the same way twice.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_this_shell():
    """Clear the MASLDATLAS_ variables of whoever runs the tests, but those that are for the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("MASLDATLAS_") and not name.startswith("MASLDATLAS_TEST_"):
                patch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def _compiled():
    """Wait for what an app compiles in the background: numba changes the filters of warnings of all threads."""
    yield
    for thread in threading.enumerate():
        if thread.name == "warm-kernels":
            thread.join()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the directory of real .h5ad files that MASLDATLAS_TEST_DATA names."""
    named = os.environ.get("MASLDATLAS_TEST_DATA")
    if not named:
        pytest.skip("MASLDATLAS_TEST_DATA names no directory of real .h5ad files")
    directory = Path(named)
    assert directory.is_dir(), f"MASLDATLAS_TEST_DATA is {named}, which is not a directory"
    return directory
