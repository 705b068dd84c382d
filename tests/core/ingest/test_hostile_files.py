"""Files of a hostile tester, which once crashed, held up or misused the importer."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.atlas.catalog import Catalog
from core.atlas.paths import Places
from core.errors import InvalidFile
from core.ingest.import_process import ImportProcess
from core.ingest.import_request import ImportRequest

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def process():
    with ImportProcess() as process:
        yield process


@pytest.fixture
def hostile(real_data):
    directory = real_data / "hostile"
    if not directory.is_dir():
        pytest.skip("MASLDATLAS_TEST_DATA has no directory hostile")
    return directory


def made(script, *arguments):
    subprocess.run([sys.executable, str(script), *map(str, arguments)], check=True, capture_output=True)


def refused(process, path, data, limit=60.0):
    with pytest.raises(InvalidFile) as caught:
        process.run(ImportRequest(path, name="a"), data, lambda *_: None, limit=limit)
    assert "\n" not in str(caught.value)
    assert process.peak_bytes < 800e6
    assert Catalog(data).ids() == []
    assert list(Places(data).work.iterdir()) == []
    return str(caught.value)


@pytest.mark.slow(representative=True)
@pytest.mark.parametrize("mode", ["nan", "write", "swap"])
def test_indices_that_are_no_integers(mode, process, hostile, tmp_path, data):
    made(hostile / "make_nan_index.py", tmp_path / "x.h5ad", mode)
    assert "X/indices holds float64 values, not integers" in refused(process, tmp_path / "x.h5ad", data)


@pytest.mark.parametrize("mode", ["bytes", "names"])
def test_files_that_read_other_files(mode, process, hostile, tmp_path, data):
    (tmp_path / "secret").write_text("root:x:0:0:root:/root:/bin/bash\n" * 40)
    made(hostile / "make_external.py", tmp_path / "x.h5ad", tmp_path / "secret", mode)
    assert "keeps its data in another file" in refused(process, tmp_path / "x.h5ad", data)


def test_a_virtual_dataset_without_its_source(process, hostile, tmp_path, data):
    made(hostile / "make_vds_missing.py", tmp_path / "x.h5ad")
    assert "X is a virtual dataset" in refused(process, tmp_path / "x.h5ad", data)


def test_a_file_that_holds_up_hdf5(process, hostile, data):
    begin = time.monotonic()
    said = refused(process, hostile / "hang_hdf5.h5ad", data, limit=2.0)
    assert time.monotonic() - begin < 30
    # Depending on the version of HDF5 and on what is looked at first, it loops or sees the damage.
    stood = "The import of hang_hdf5.h5ad made no progress for 2 s while opening, and was ended."
    assert said.startswith((stood, "hang_hdf5.h5ad cannot be read"))


def test_a_bomb(process, hostile, data):
    (bomb,) = Path(hostile).glob("bomb_*.h5ad")
    assert "obs/_index would take 2.5 GB, but the file has 405.9 kB" in refused(process, bomb, data)


def test_names_that_mean_something_elsewhere_are_imported(process, hostile, data):
    atlas = process.run(ImportRequest(hostile / "hostile.h5ad", name="a"), data, lambda *_: None)
    assert Catalog(data).check(atlas) == []
