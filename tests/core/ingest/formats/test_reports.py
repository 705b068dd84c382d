"""Files like those of public bug reports; each kind is also made by a test of its own beside."""

import importlib.util

import anndata
import numpy as np
import pytest

from core.atlas.paths import Places
from core.atlas.store import Atlas
from core.errors import InvalidFile, UnknownColumn
from core.genes.lists import joined, look_up
from core.ingest.importer import ImportRequest, import_file
from core.selection.masks import mask_of
from core.selection.model import Selection

pytestmark = pytest.mark.real


@pytest.fixture
def opened(real_data, tmp_path):
    """Return a function that imports a file of the reports and opens the atlas."""

    def open_(name):
        path = real_data / "reports" / name
        if not path.exists():
            pytest.skip(f"there is no {name} among the real files")
        atlas = import_file(ImportRequest(path, species="human"), tmp_path, lambda *_: None)
        return Atlas(Places(tmp_path).store(atlas))

    return open_


@pytest.mark.parametrize("name", ["compressed_zstd_all.h5ad", "compressed_blosc.h5ad"])
def test_filters_are_read_or_named(opened, name):
    if importlib.util.find_spec("hdf5plugin") is None:
        with pytest.raises(InvalidFile, match=r"compressed with the filter (zstd|blosc)"):
            opened(name)
    else:
        assert opened(name).n_cells == 60


def test_a_packed_file(opened):
    atlas = opened("wrong_gz.h5ad.gz")
    assert (atlas.n_cells, atlas.manifest.n_genes) == (60, 30)


def test_genes_that_differ_in_case_alone(opened):
    index = opened("case_only_genes.h5ad").genes
    for name in ("ALB", "Alb", "alb", "TNF", "Tnf", "tnf"):
        assert index.names[index.search(name)[0]] == index.names[index.resolve(name)] == name


def test_odd_genes(opened, real_data):
    atlas = opened("odd_genes.h5ad")
    source = list(anndata.read_h5ad(real_data / "reports" / "odd_genes.h5ad", backed="r").var_names)
    assert list(atlas.genes.ids) == source
    for name in atlas.genes.names:
        assert atlas.genes.names[atlas.genes.search(name)[0]] == name
        assert look_up(atlas.genes, name).genes == (name,)
    assert look_up(atlas.genes, joined(atlas.genes.names)).genes == atlas.genes.names
    pasted = "\ufeffALB\u200b，HLA\u2011DRA, si:ch211-1 (1 of many)\r\nHLA-A|HLA-B ; CD3 (UCHT1)"
    names = ("ALB", "HLA-DRA", "si:ch211-1 (1 of many)", "HLA-A|HLA-B", "CD3 (UCHT1)")
    assert look_up(atlas.genes, pasted).genes == names


def test_a_column_with_an_equals_sign(opened):
    atlas = opened("equals_in_column.h5ad")
    name = next(column.name for column in atlas.manifest.columns if "=" in column.name)
    category = atlas.categorical(name).categories[0]
    with pytest.raises(UnknownColumn) as caught:
        mask_of(atlas, Selection.parse([f"{name}={category}"]))
    escaped = name.replace("=", r"\=") + f"={category}"
    assert f"Write {escaped}:" in caught.value.remedy
    assert np.count_nonzero(mask_of(atlas, Selection.parse([escaped]))) > 0
