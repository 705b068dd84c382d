"""Layers that a worker of another process opens by path, and closes again when their store is gone."""

import gc
import weakref
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from core.atlas.catalog import Catalog
from core.atlas.paths import AtlasId
from core.compute import executor as module
from core.compute.executor import MAX_OPEN, LayerAddress, Workers
from core.errors import BrokenStore
from tests.core.web.conftest import imported, tiny

LIVER = AtlasId("human", "liver")


class Elsewhere(Executor):
    """Stands for another process: not a pool of threads of this one, so a task names its layer by path."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@pytest.fixture
def workers():
    module._open.clear()
    yield Workers(Elsewhere())
    module._open.clear()


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


def atlas_in(data, *, seed=0, name="liver"):
    source = tiny(data.parent / f"{name}.h5ad", n_cells=2_000, seed=seed)
    imported(data, source, species="human", name=name, replace=True)
    return Catalog(data).get(f"human/{name}")


def n_nonzero(layer, start, stop):
    return int(layer.gene_starts[stop] - layer.gene_starts[start])


def mapped(data):
    return [line for line in Path("/proc/self/maps").read_text().splitlines() if f"{data}/" in line]


def test_threads_get_the_opened_layer_itself(data):
    atlas = atlas_in(data)
    workers = Workers(ThreadPoolExecutor(2))
    module._open.clear()
    found = workers.over_genes(lambda layer, start, stop: layer is atlas.layer(), atlas, "expression")
    workers.close()
    assert all(found)
    assert len(module._open) == 0


def test_a_layer_is_opened_once_for_all_tasks(data, workers):
    atlas = atlas_in(data)
    layers = workers.over_genes(lambda layer, start, stop: layer, atlas, "expression")
    assert len(layers) > 1
    assert len(set(map(id, layers))) == 1
    assert layers[0] is not atlas.layer()
    total = sum(workers.over_genes(n_nonzero, atlas, "expression"))
    assert total == atlas.manifest.layer("expression").n_nonzero


def test_a_store_that_was_replaced_is_refused_and_let_go_of(data, workers):
    old = atlas_in(data)
    workers.over_genes(n_nonzero, old, "expression")
    [(_, layer)] = module._open.values()
    gone = weakref.ref(layer)
    del layer
    new = atlas_in(data, seed=1)
    with pytest.raises(BrokenStore, match="was replaced while it was being read"):
        workers.over_genes(n_nonzero, old, "expression")
    assert gone() is None
    assert sum(workers.over_genes(n_nonzero, new, "expression")) == new.manifest.layer("expression").n_nonzero


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="reads mapped files as Linux lists them")
def test_a_question_about_another_atlas_closes_one_that_was_removed(data, workers):
    liver, other = atlas_in(data), atlas_in(data, name="other")
    workers.over_genes(n_nonzero, liver, "expression")
    del liver
    Catalog(data).remove(LIVER)
    workers.over_genes(n_nonzero, other, "expression")
    gc.collect()
    assert [line for line in mapped(data) if "liver" in line] == []
    assert [address.store.name for address in module._open] == ["other"]


def test_few_layers_are_kept_open(data, workers):
    atlas = atlas_in(data)
    for number in range(MAX_OPEN + 3):
        other = data / f"copy{number}"
        other.symlink_to(atlas.path)
        module._opened(LayerAddress(other, "expression", atlas.manifest.content_hash))
    assert len(module._open) == MAX_OPEN


@pytest.mark.parametrize("layer", ["expression", "counts"])
def test_an_atlas_is_freed_without_the_garbage_collector(data, layer):
    """Atlas and layers do not hold each other: files are unmapped as soon as nobody reads them any more."""
    atlas = atlas_in(data)
    assert len(atlas.layer(layer).stats.mean) == atlas.manifest.n_genes
    atlas.categorical("CellType")
    gone = weakref.ref(atlas), weakref.ref(atlas.layer(layer))
    gc.disable()
    try:
        del atlas
        assert [each() for each in gone] == [None, None]
    finally:
        gc.enable()
