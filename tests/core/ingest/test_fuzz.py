"""Mutated files: each is imported as anndata reads it, or refused in one sentence; nothing else happens."""

import multiprocessing
import os
import shutil
import time
from collections import Counter

import numpy as np
import pytest

from core.atlas.paths import AtlasId, Places
from core.errors import AtlasError
from core.ingest.import_process import ImportProcess
from core.ingest.import_request import ImportRequest
from tests.core.ingest._mutations import mutate, originals
from tests.core.ingest._reference import compare_for

SEED = 11
SECONDS = 60.0
MEMORY = 800_000_000
# Small files are read within a moment; what stands still is ended.
LIMIT = 3.0
PATIENCE = 60.0


@pytest.fixture(scope="module")
def process():
    with ImportProcess() as process:
        yield process


@pytest.fixture(scope="module")
def reference():
    """Return a function that compares a store with its file; None where anndata ends, stands still or raises."""
    context = multiprocessing.get_context("forkserver")
    # A process begins with the main module, which is pytest's.
    context.set_forkserver_preload(["pytest", "tests.core.ingest._loaded"])

    def compare(path, store):
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=compare_for, args=(path, store, theirs))
        child.start()
        theirs.close()
        try:
            answer = ours.recv() if ours.poll(PATIENCE) else None
        except EOFError:
            # It ended without a word: anndata crashed.
            return None
        else:
            assert not isinstance(answer, str), answer
            return answer
        finally:
            ours.close()
            child.kill()
            child.join()
            child.close()

    return compare


def run(n, start, process, reference, place):
    """Import `n` mutated files; return what came of them."""
    files = originals(place / "originals")
    data, outcomes = place / "data", Counter()
    for number in range(start, start + n):
        random = np.random.default_rng([SEED, number])
        path = place / "mutated.h5ad"
        what = mutate(path, files[number % len(files)], random)
        case = f"mutation {number} ({what} of {files[number % len(files)].name})"
        begin = time.monotonic()
        said = imported(process, path, data)
        if said:
            assert "\n" not in said, case
            assert len(said) < 2_000, case
            outcomes["refused"] += 1
        else:
            store = Places(data).store(AtlasId("other", "a"))
            unequal = reference(path, store)
            assert not unequal, f"{case}: unequal to what anndata reads: {unequal}"
            outcomes["not read by anndata" if unequal is None else "equal"] += 1
            shutil.rmtree(store)
        assert time.monotonic() - begin < SECONDS, case
        assert process.peak_bytes < MEMORY, f"{case}: {process.peak_bytes / 1e6:.0f} MB"
        assert _left(data) == [], case
    return outcomes


def imported(process, path, data):
    """Import a file; return the sentence with which it is refused, else nothing."""
    try:
        process.run(ImportRequest(path, species="other", name="a"), data, lambda *_: None, limit=LIMIT)
    except AtlasError as error:
        # Any other exception would end the command with a traceback.
        return str(error)
    return ""


def _left(data):
    """List what is below a data directory that no import should leave."""
    found = [path for path in data.rglob("*") if path.is_file() and path.suffix != ".lock"]
    return [*found, *Places(data).work.iterdir()]


@pytest.mark.slow(representative=True)
def test_the_originals_are_imported_as_they_are(process, reference, tmp_path):
    for path in originals(tmp_path / "originals"):
        atlas = process.run(ImportRequest(path, species="other", name=path.stem), tmp_path / "data", lambda *_: None)
        assert reference(path, Places(tmp_path / "data").store(atlas)) == []


@pytest.mark.parametrize(
    ("n", "start", "least"),
    [
        pytest.param(30, 0, 5, marks=pytest.mark.slow(representative=True)),
        pytest.param(70, 30, 11, marks=pytest.mark.slow),
    ],
)
def test_a_hundred_mutated_files(process, reference, tmp_path, n, start, least):
    outcomes = run(n, start, process, reference, tmp_path)
    assert outcomes.total() == n
    assert min(outcomes["refused"], outcomes["equal"]) >= least, outcomes


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("MASLDATLAS_TEST_FUZZ"), reason="takes four minutes: set MASLDATLAS_TEST_FUZZ=1")
def test_a_thousand_mutated_files(process, reference, tmp_path):
    outcomes = run(900, 100, process, reference, tmp_path)
    assert outcomes.total() == 900
    assert min(outcomes["refused"], outcomes["equal"]) > 150, outcomes
