"""Files of other formats that reach outside of themselves are refused, as .h5ad files are."""

import h5py
import numpy as np
import pytest

from core.errors import InvalidFile
from core.ingest.importer import ImportRequest, import_file
from tests.core.ingest.formats.test_formats import adata, counts, write_mudata, write_tenx

__all__ = ["adata", "counts"]


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"root:x:0:0:" + bytes(400))
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["names"] = np.array([b"secret"] * 400)
    return path


@pytest.mark.parametrize("how", ["storage", "link", "virtual"])
@pytest.mark.parametrize("place", ["matrix/barcodes", "mod/rna/obs/secret"])
def test_a_file_that_reads_others_is_refused(adata, secret, tmp_path, how, place):
    path = tmp_path / "evil.h5"
    write_mudata(path, adata) if place.startswith("mod") else write_tenx(path, adata.X)
    with h5py.File(path, "r+") as file:
        if place in file:
            del file[place]
        if how == "storage":
            file.create_dataset(place, (10,), "S8", external=[(str(secret), 0, 80)])
        elif how == "link":
            file[place] = h5py.ExternalLink(str(tmp_path / "other.h5"), "names")
        else:
            layout = h5py.VirtualLayout((400,), "S6")
            layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "names", (400,))
            file.create_virtual_dataset(place, layout)
    with pytest.raises(InvalidFile, match=r"another file|other files"):
        import_file(ImportRequest(path), tmp_path / "data", lambda *_: None)
