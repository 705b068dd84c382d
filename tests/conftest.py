"""What every test may use, and rules for all of them; nothing here knows a module of the project.

- Files are not synced to the disk, but for tests of the mark `durability`.
- Tests, and the processes that they start, share one directory of compiled kernels.
- A test that takes longer than `CALL_SECONDS` fails, unless it bears the mark `slow`. ``pytest --slow=few`` runs of
  the slow tests only those marked ``slow(representative=True)``.
- Coverage is measured of tests that are neither slow nor of real data, which not everybody has, of the first case of
  each test, and in this process alone. Tracing costs half as much again as all that Python does, in the libraries too,
  so that it is off elsewhere; what is measured is less than what the tests cover, never more.
"""

import hashlib
import os
import threading
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).parents[1]
CALL_SECONDS = 5
# What a test costs more while coverage is measured, at most.
COVERAGE = 2.0
# The first case of each test, by the name of its function: its coverage is measured.
FIRST_CASES = pytest.StashKey[dict[str, str]]()


def kernel_version():
    """Return a checksum of the kernels: numba does not see that a function of another file has changed."""
    sources = sorted((ROOT / "core" / "kernels").glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]


# Numba reads this when it is imported; a server would otherwise keep the kernels beside its data, and compile anew.
# No test fetches reference data from a package index; those of the download name a folder instead.
os.environ.update(PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull)
os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / ".pytest_cache" / "numba" / kernel_version()))

# Two cores and a cold numba make any deadline a coin toss; CI must fail, or pass, the same way twice.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_addoption(parser):
    parser.addoption(
        "--slow",
        choices=("all", "few"),
        default="all",
        help="which tests marked slow run: all, or only those marked slow(representative=True)",
    )


def pytest_collection_modifyitems(config, items):
    """Leave out the slow tests that others represent."""
    if config.getoption("--slow") == "all":
        return
    left_out = [item for item in items if (mark := slow(item)) and not mark.kwargs.get("representative")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def slow(item):
    """Return the mark `slow` of a test, or None; one of its own, or of a parameter, goes before that of its module."""
    return item.get_closest_marker("slow")


def coverage(config):
    """Return what starts and stops the measuring of coverage, or None where none is measured."""
    return getattr(config.pluginmanager.getplugin("_cov"), "cov_controller", None)


def allowed_seconds(config):
    """Return how long a test may take: longer under coverage, and where processes want more cores than there are."""
    traced = COVERAGE if coverage(config) else 1.0
    return CALL_SECONDS * traced * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def is_traced(item):
    """Return whether the coverage of a test is measured: further cases of a test run much the same lines."""
    if slow(item) or item.get_closest_marker("real"):
        return False
    function = item.nodeid.partition("[")[0]
    return item.nodeid == item.config.stash.setdefault(FIRST_CASES, {}).setdefault(function, item.nodeid)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    """Measure coverage only while a test runs that :func:`is_traced`, and while its fixtures are made."""
    controller = coverage(item.config)
    if controller is None or is_traced(item):
        return (yield)
    controller.pause()
    try:
        return (yield)
    finally:
        controller.resume()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Fail a test that takes too long without saying so."""
    report = yield
    allowed = allowed_seconds(item.config)
    if report.when == "call" and report.passed and not slow(item) and call.duration > allowed:
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} took {call.duration:.1f} s, and a test may take {allowed:.1f} s at this load of the "
            "machine. Make the test faster, or mark it slow."
        )
    return report


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_this_shell():
    """Clear the MASLDATLAS_ variables of whoever runs the tests, but those that are for the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("MASLDATLAS_") and not name.startswith("MASLDATLAS_TEST_"):
                patch.delenv(name)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_waiting_for_the_disk():
    """Let nothing wait for the disk: what a test writes need not survive a power cut."""
    with pytest.MonkeyPatch.context() as patch:
        real = os.fsync
        patch.setattr(os, "fsync", lambda handle: None)
        yield real


@pytest.fixture(autouse=True)
def _durability(request, _no_waiting_for_the_disk, monkeypatch):
    """Give the tests of the mark `durability` what the operating system does."""
    if request.node.get_closest_marker("durability"):
        monkeypatch.setattr(os, "fsync", _no_waiting_for_the_disk)


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
