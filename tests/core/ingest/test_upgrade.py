"""Stores of version 1: read as they are, and rewritten in place with the same content."""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from core.atlas.catalog import Catalog
from core.atlas.paths import AtlasId, Places
from core.atlas.store import COUNTS, EXPRESSION, Atlas
from core.errors import BrokenStore, Conflict, StorageFull
from core.ingest import upgrade as module
from core.ingest.store_swap import recover
from core.ingest.upgrade import upgrade
from tests.core.ingest._build import check_layer, check_stats, counts, dense_of, made, matrix_of
from tests.old_stores import downgraded

ROOT = Path(__file__).parents[3]
MADE = AtlasId("other", "made")


@pytest.fixture
def new(atlas_of):
    """Return an atlas with computed counts, a scaled layer and counts above what can be computed."""
    matrix = counts(80, 40, seed=2)
    scaled = np.random.default_rng(0).normal(size=(80, 40)).astype(np.float32)
    large = np.array(matrix.todense() if hasattr(matrix, "todense") else matrix) * 1e6
    return atlas_of(made(matrix, layers={"scaled": scaled, "large": large}), layers=("scaled", "large"))


def quiet(step, done):
    """Report to nobody."""


def content(atlas):
    """Return all that an atlas says of its genes and cells."""
    found = {}
    for info in atlas.manifest.layers:
        layer = atlas.layer(info.name)
        found[info.name] = dense_of(layer), layer.cell_sums, layer.dtype
        found[f"{info.name} stats"] = tuple(getattr(layer.stats, name) for name in ("n_nonzero", "minimum", "maximum"))
        check_stats(layer, matrix_of(layer))
    found["facts"] = atlas.manifest.columns, atlas.manifest.roles, atlas.genes.names, list(atlas.cells())
    return found


def same(one, other):
    """Return whether two contents are equal, bit for bit."""
    return one.keys() == other.keys() and all(
        all(np.array_equal(a, b) for a, b in zip(one[key], other[key], strict=True)) for key in one
    )


def test_a_store_of_version_1_is_read_and_upgraded(new, data):
    expected = content(new)
    assert {info.name: info.computed for info in new.manifest.layers} == {
        "expression": False, "counts": True, "scaled": False, "large": False,
    }  # fmt: skip
    old = downgraded(new)
    assert old.manifest.schema_version == 1
    assert same(content(old), expected)
    assert Catalog(data).check(MADE) == []
    steps = []
    upgraded = upgrade(MADE, data, lambda step, done: steps.append((step, done)))
    assert [done for _, done in steps] == sorted(done for _, done in steps)
    assert {step for step, _ in steps} >= {"checking the store", "writing the layer expression", "writing to disk"}
    assert steps[-1] == ("ready", 1.0)
    again = Atlas(old.path)
    assert again.manifest == upgraded
    assert same(content(again), expected)
    # It is the same content: links to it hold, and nothing that was computed of it is lost.
    assert again.manifest.content_hash == old.manifest.content_hash != new.manifest.content_hash
    assert again.manifest.sealed() == again.manifest
    assert (again.manifest.schema_version, again.manifest.source) == (2, old.manifest.source)
    assert again.manifest.layer(COUNTS).computed
    assert again.manifest.bytes < old.manifest.bytes
    assert Catalog(data).check(MADE) == []
    assert not list(Places(data).work.iterdir())
    assert upgrade(MADE, data, quiet) == upgraded
    # What was opened before says that it was replaced, and mixes nothing.
    assert old.layer(EXPRESSION).dense(0).tolist() == expected["expression"][0][:, 0].tolist()
    old._layers.clear()
    with pytest.raises(BrokenStore, match="was replaced while it was being read"):
        old.layer("scaled")


def test_counts_that_the_expression_does_not_imply_are_kept(atlas_of, data):
    matrix = counts(50, 12, seed=4)
    other = matrix.copy()
    other.data[3] += 1
    atlas = atlas_of(made(matrix.astype(np.float32) * 0.5, layers={"counts": other}))
    assert not atlas.manifest.layer(COUNTS).computed
    check_layer(atlas.layer(COUNTS), other)
    downgraded(atlas)
    assert not upgrade(MADE, data, quiet).layer(COUNTS).computed
    check_layer(Atlas(atlas.path).layer(COUNTS), other)


def test_counts_of_a_layer_that_the_expression_implies_are_computed(atlas_of):
    matrix = counts(50, 12, seed=4)
    totals = np.asarray(matrix.sum(axis=1)).ravel()
    dense = np.log1p(matrix.toarray() / np.where(totals > 0, totals, 1)[:, None] * 1e4)
    atlas = atlas_of(made(dense.astype(np.float32), layers={"counts": matrix}))
    assert atlas.manifest.layer(COUNTS).computed
    check_layer(atlas.layer(COUNTS), matrix)


def test_a_damaged_store_is_not_upgraded(new, data):
    old = downgraded(new)
    values = old.path / "layers" / "counts" / "data.npy"
    whole = bytearray(values.read_bytes())
    whole[-1] ^= 1
    values.write_bytes(whole)
    with pytest.raises(BrokenStore, match=r"other/made is not upgraded: layers/counts/data\.npy is missing or differs"):
        upgrade(MADE, data, quiet)
    assert Atlas(old.path).manifest == old.manifest
    assert not list(Places(data).work.iterdir())


def test_an_upgrade_that_cannot_be_done_now(new, data, monkeypatch):
    old = downgraded(new)
    with FileLock(Places(data).lock(MADE)), pytest.raises(Conflict):
        upgrade(MADE, data, quiet)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda place: module.shutil._ntuple_diskusage(100, 90, 10))
    with pytest.raises(StorageFull, match=r"^Upgrading other/made may need [\d.]+ GB below .*, and 0\.0 GB are free\."):
        upgrade(MADE, data, quiet)
    assert Atlas(old.path).manifest == old.manifest


UPGRADE = """
    import os, signal, sys
    from pathlib import Path
    from core.atlas.paths import AtlasId
    from core.ingest.upgrade import upgrade

    def report(step, done):
        if step == sys.argv[2]:
            os.kill(os.getpid(), signal.SIGKILL)

    upgrade(AtlasId("other", "made"), Path(sys.argv[1]), report)
"""


@pytest.mark.parametrize("when", ["writing the layer large", "writing to disk"])
def test_an_upgrade_that_is_killed_leaves_the_old_store(when, new, data):
    expected = content(new)
    old = downgraded(new)
    command = [sys.executable, "-c", textwrap.dedent(UPGRADE), str(data), when]
    assert subprocess.run(command, cwd=ROOT, timeout=60, check=False).returncode == -signal.SIGKILL
    recover(data)
    assert not list(Places(data).work.iterdir())
    assert Atlas(old.path).manifest == old.manifest
    assert same(content(Atlas(old.path)), expected)
    upgrade(MADE, data, quiet)
    assert same(content(Atlas(old.path)), expected)
