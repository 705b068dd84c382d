"""The catalogue: what lies on disk is the truth, whoever put it there, changed it or took it away."""

import gc
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from core.atlas import catalog as module
from core.atlas.catalog import Catalog
from core.atlas.import_state import ImportState, write_state
from core.atlas.paths import AtlasId, Places
from core.errors import BrokenStore, Conflict, UnknownAtlas
from tests.factories import imported, tiny

LIVER = AtlasId("human", "liver")


@pytest.fixture(scope="session")
def sources(tmp_path_factory):
    """Return two different files."""
    directory = tmp_path_factory.mktemp("sources")
    return tiny(directory / "liver.h5ad", n_cells=2_000), tiny(directory / "new" / "liver.h5ad", n_cells=1_000, seed=1)


@pytest.fixture
def data(tmp_path, sources):
    """Return a data directory with human/liver."""
    imported(tmp_path, sources[0], species="human")
    return tmp_path


def elsewhere(program):
    """Run a program in another process."""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3])


def test_nothing(tmp_path):
    for data in (tmp_path, tmp_path / "not there"):
        catalog = Catalog(data)
        assert (catalog.manifests(), catalog.broken(), catalog.imports(), catalog.ids()) == ([], {}, [], [])
        with pytest.raises(UnknownAtlas):
            catalog.get("human/liver")
    assert list(tmp_path.iterdir()) == [], "looking makes nothing"


def test_the_same_object(data):
    catalog = Catalog(data)
    atlas = catalog.get("human/liver")
    assert catalog.get(LIVER) is atlas
    assert catalog.get("human/liver") is atlas
    assert catalog.manifest("human/liver") is atlas.manifest
    assert Catalog(data).get(LIVER) is not atlas


def test_another_process_imports_and_removes(data, sources):
    catalog = Catalog(data)
    assert catalog.ids() == ["human/liver"]
    shutil.copytree(data / "atlases" / "human" / "liver", data / "copy")
    manifest = json.loads((data / "copy" / "manifest.json").read_text())
    (data / "copy" / "manifest.json").write_text(json.dumps(manifest | {"name": "second"}))
    elsewhere(f"import os; os.rename({str(data / 'copy')!r}, {str(data / 'atlases' / 'human' / 'second')!r})")
    assert [each.id for each in catalog.manifests()] == ["human/liver", "human/second"]
    assert catalog.get("human/second").n_cells == 2_000
    elsewhere(
        "from core.atlas.catalog import Catalog; from core.atlas.paths import AtlasId; from pathlib import Path\n"
        f"Catalog(Path({str(data)!r})).remove(AtlasId('human', 'second'))"
    )
    assert catalog.ids() == ["human/liver"]
    with pytest.raises(UnknownAtlas):
        catalog.get("human/second")


def test_a_replacement_is_seen_and_the_old_atlas_goes_on(data, sources):
    catalog = Catalog(data)
    old = catalog.get(LIVER)
    before = old.layer("expression").dense(0)
    umap = old.embedding("X_umap")
    imported(data, sources[1], species="human", replace=True)
    new = catalog.get(LIVER)
    assert new is not old
    assert new.n_cells == 1_000
    assert new.manifest.content_hash != old.manifest.content_hash
    assert np.array_equal(old.layer("expression").dense(0), before)
    assert umap.shape == (2_000, 2)
    assert len(new.layer("expression").dense(0)) == 1_000
    assert list((data / "atlases" / ".work").iterdir()) == []


def test_the_same_file_again_is_opened_anew(data, sources):
    """Its content is the same, and what the old object has not read yet comes from files that are gone."""
    catalog = Catalog(data)
    old = catalog.get(LIVER)
    imported(data, sources[1], species="human", replace=True)
    imported(data, sources[0], species="human", replace=True)
    new = catalog.get(LIVER)
    assert new is not old
    assert new.manifest.content_hash == old.manifest.content_hash
    assert len(new.cells()) == 2_000


def mapped():
    """Count the files below an atlas that this process has mapped."""
    gc.collect()
    return sum("/layers/" in line for line in Path("/proc/self/maps").read_text().splitlines())


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="counts mapped files as Linux shows them")
@pytest.mark.parametrize("how", ["replaced", "removed"])
def test_files_that_are_gone_are_let_go_of(data, sources, how):
    catalog = Catalog(data)
    before = mapped()
    catalog.get(LIVER).layer("expression")
    assert mapped() > before
    if how == "replaced":
        imported(data, sources[1], species="human", replace=True)
        catalog.get(LIVER)
    else:
        catalog.remove(LIVER)
        assert catalog.ids() == []
    assert mapped() == before


def test_few_are_kept_open(tmp_path, sources, monkeypatch):
    monkeypatch.setattr(module, "MAX_OPEN", 2)
    imported(tmp_path, sources[1], species="human", name="a")
    for name in "bc":
        shutil.copytree(tmp_path / "atlases/human/a", tmp_path / "atlases/human" / name)
        manifest = tmp_path / "atlases/human" / name / "manifest.json"
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"name": name}))
    catalog = Catalog(tmp_path)
    a, b = catalog.get("human/a"), catalog.get("human/b")
    assert catalog.get("human/a") is a
    catalog.get("human/c")
    assert catalog.get("human/a") is a, "the one that was used last stays"
    assert catalog.get("human/b") is not b


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text[: len(text) // 2], "cannot be read"),
        (lambda text: "", "cannot be read"),
        (lambda text: "[]", "cannot be read"),
        (lambda text: "null", "cannot be read"),
        (
            lambda text: text.replace('"schema_version": 2', '"schema_version": 3'),
            "schema 3; this program reads 1 and 2",
        ),
        (lambda text: text.replace('"n_cells": 2000', '"n_cells": "many"'), "cannot be read"),
        (lambda text: text.replace('"name": "liver"', '"name": "heart"'), "has the manifest of human/heart"),
        (lambda text: text.replace('"species": "human"', '"species": "rat"'), "cannot be read"),
    ],
)
def test_a_broken_manifest(data, change, words):
    catalog = Catalog(data)
    assert catalog.broken() == {}
    manifest = data / "atlases" / "human" / "liver" / "manifest.json"
    whole = manifest.read_text()
    manifest.write_text(change(whole))
    assert catalog.manifests() == []
    assert words in catalog.broken()["human/liver"].message
    assert "\n" not in str(catalog.broken()["human/liver"])
    assert catalog.ids() == ["human/liver"]
    with pytest.raises(BrokenStore, match=words):
        catalog.get(LIVER)
    assert [fault.file for fault in catalog.check(LIVER)] == ["manifest.json"]
    manifest.write_text(whole)
    assert catalog.broken() == {}
    assert catalog.get(LIVER).n_cells == 2_000
    catalog.remove(LIVER)


def test_a_manifest_that_was_mended_without_a_trace(data):
    """A broken atlas is looked at each time: a mended permission or a restored file keeps its time stamp."""
    manifest = data / "atlases" / "human" / "liver" / "manifest.json"
    stat, whole = manifest.stat(), manifest.read_bytes()
    manifest.write_bytes(b" " * len(whole))
    os.utime(manifest, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    catalog = Catalog(data)
    assert list(catalog.broken()) == ["human/liver"]
    manifest.write_bytes(whole)
    os.utime(manifest, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert catalog.broken() == {}


def test_what_else_may_lie_there(data):
    atlases = data / "atlases"
    (atlases / "human" / "empty").mkdir()
    (atlases / "human" / "notes.txt").write_text("mine")
    (atlases / "human" / ".hidden").mkdir()
    (atlases / ".work" / "import-x").mkdir(parents=True)
    shutil.copytree(atlases / "human" / "liver", atlases / ".work" / "liver")
    shutil.copytree(atlases / "human" / "liver", atlases / "human" / "renamed")
    shutil.copytree(atlases / "human" / "liver", atlases / "mouse" / "liver")
    (atlases / "README").write_text("mine")
    catalog = Catalog(data)
    assert [each.id for each in catalog.manifests()] == ["human/liver"]
    assert set(catalog.broken()) == {"human/empty", "human/renamed", "mouse/liver"}
    assert "has the manifest of human/liver" in catalog.broken()["human/renamed"].message
    assert "Move it back" in catalog.broken()["mouse/liver"].remedy
    # They can be cleared away by name.
    for name in catalog.broken():
        catalog.remove(AtlasId.parse(name))
    assert catalog.broken() == {}


def test_unknown(data):
    catalog = Catalog(data)
    with pytest.raises(UnknownAtlas, match=r"Did you mean human/liver\?") as caught:
        catalog.get("human/livr")
    assert caught.value.suggestions == ("human/liver",)
    for text in ("", "human", "human/", "/liver", "human/../human/liver", "human/liver/", "human/.work", "x" * 10_000):
        with pytest.raises(UnknownAtlas) as caught:
            catalog.get(text)
        assert len(str(caught.value)) < 300
    for act in (catalog.remove, catalog.check):
        with pytest.raises(UnknownAtlas):
            act(AtlasId("mouse", "none"))
    assert not Places(data).lock(AtlasId("mouse", "none")).exists()


def test_check_finds_what_is_wrong(data):
    catalog = Catalog(data)
    assert catalog.check(LIVER) == []
    store = data / "atlases" / "human" / "liver"
    values = store / "layers" / "expression" / "cells.npy"
    whole = bytearray(values.read_bytes())
    whole[-1] ^= 1
    values.write_bytes(whole)
    (store / "var.parquet").unlink()
    with (store / "obs.parquet").open("ab") as file:
        file.write(b"x")
    found = {fault.file: fault.problem for fault in catalog.check(LIVER)}
    assert found["layers/expression/cells.npy"] == "differs from its checksum"
    assert found["var.parquet"] == "is missing"
    assert "bytes instead of" in found["obs.parquet"]
    assert len(found) == 3


def test_check_finds_a_changed_manifest(data):
    manifest = data / "atlases" / "human" / "liver" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"title": "liver"', '"title": "heart"'))
    (fault,) = Catalog(data).check(LIVER)
    assert (fault.file, fault.problem) == ("manifest.json", "was changed after the import")


def test_nobody_removes_what_is_being_replaced(data):
    with FileLock(Places(data).lock(LIVER)), pytest.raises(Conflict, match="being imported right now"):
        Catalog(data).remove(LIVER)
    assert Catalog(data).get(LIVER).n_cells == 2_000
    Catalog(data).remove(LIVER)
    assert list((data / "atlases" / ".work").iterdir()) == []


def test_imports_leave_out_what_was_removed(tmp_path):
    for name, phase in (("a", "failed"), ("b", "removed"), ("c", "waiting"), ("d", "importing")):
        write_state(tmp_path, ImportState(id=f"human/{name}", phase=phase))
    assert [state.phase for state in Catalog(tmp_path).imports()] == ["importing", "waiting", "failed"]


def test_many_threads(data, sources):
    catalog = Catalog(data)
    with ThreadPoolExecutor(8) as pool:
        assert len({id(atlas) for atlas in pool.map(lambda _: catalog.get(LIVER), range(200))}) == 1
        replaced = pool.submit(imported, data, sources[1], species="human", replace=True)
        sizes = set()
        while not replaced.done():
            # Between its two renames the atlas is not there for an instant; whatever is seen is whole.
            try:
                atlas = catalog.get(LIVER)
            except UnknownAtlas:
                continue
            sizes.add(atlas.n_cells)
        assert replaced.result() == "human/liver"
        assert sizes <= {1_000, 2_000}
        assert len({id(atlas) for atlas in pool.map(lambda _: catalog.get(LIVER), range(200))}) == 1
        assert catalog.get(LIVER).n_cells == 1_000
