"""``masldatlas datasets``: list, info, remove, check."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from core.atlas.catalog import Catalog
from core.atlas.import_state import ImportState, read_state, read_states, write_state
from core.atlas.paths import AtlasId
from core.cli import main
from core.cli.output import Progress, human_bytes
from tests.factories import imported, tiny
from tests.old_stores import downgraded

ROOT = Path(__file__).parents[3]
LIVER = AtlasId("human", "liver")


@pytest.fixture
def data(tmp_path):
    """Return a data directory with human/liver, made from a dropped file, and the simulated mouse/other."""
    data = tmp_path / "data"
    imported(data, tiny(data / "datasets" / "Human" / "liver.h5ad", n_cells=1_200), species="human")
    path = tiny(tmp_path / "elsewhere.h5ad", n_cells=5)
    imported(data, path, species="mouse", name="other", title="A\x1b[2Jliver\nof mice", simulated=True)
    return data


@pytest.fixture
def run(data, run_in):
    return partial(run_in, data, "datasets")


def refused(answer):
    code, out, err = answer
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert err.startswith("masldatlas: ")
    return err


def test_the_list(run, data):
    broken = data / "atlases" / "human" / "broken"
    broken.mkdir()
    (broken / "manifest.json").write_text("{")
    write_state(data, ImportState(id="human/half", phase="importing", fraction=0.42))
    write_state(data, ImportState(id="human/bad", phase="failed", error="It is empty."))
    write_state(data, ImportState(id="human/gone", phase="removed"))
    code, out, err = run()
    assert (code, err) == (0, "")
    header, *lines = out.splitlines()
    assert header.split() == ["id", "cells", "genes", "size", "state", "title"]
    assert lines[0].split()[:3] == ["human/liver", "1,200", "10"]
    assert lines[0].split()[5:] == ["ready", "liver"]
    assert lines[1].startswith("mouse/other")
    assert lines[1].endswith("  SIMULATED · A[2Jliver of mice")
    assert "human/broken" in lines[2]
    assert "broken" in lines[2].split()
    assert "importing 42%" in lines[3]
    assert lines[4].split(maxsplit=1)[1].lstrip().startswith("failed ")
    assert lines[4].endswith("  It is empty.")
    assert len(lines) == 5


def test_an_empty_list(tmp_path, capfd):
    with pytest.raises(SystemExit) as caught:
        main(["--data-dir", str(tmp_path / "none"), "datasets"])
    out, err = capfd.readouterr()
    assert (caught.value.code, out) == (0, "")
    assert "Import one with: masldatlas import FILE.h5ad" in err
    assert not (tmp_path / "none").exists()


def test_info(run, data):
    code, out, err = run("info", "human/liver")
    assert (code, err) == (0, "")
    facts = json.loads(out)
    manifest = Catalog(data).manifest(LIVER)
    assert facts["id"] == "human/liver"
    assert facts["content_hash"] == manifest.content_hash
    assert set(facts["files"]) == set(manifest.files)
    assert [layer["rule"] for layer in facts["layers"]] == [layer.rule for layer in manifest.layers]


@pytest.mark.parametrize(
    ("atlas", "words"),
    [
        ("human/livr", "Did you mean human/liver?"),
        ("Human/liver", "Did you mean human/liver?"),
        ("liver", "There is no atlas 'liver'"),
        ("human/../mouse/other", "There is no atlas"),
        ("", "There is no atlas ''"),
    ],
)
def test_info_of_none(run, atlas, words):
    assert words in refused(run("info", atlas))


@pytest.mark.parametrize("command", ["remove", "check"])
def test_no_such_atlas(run, data, command):
    assert "Did you mean human/liver?" in refused(run(command, "human/livr"))
    assert "is not an atlas id. Write <species>/<name>" in refused(run(command, "liver"))
    assert "is not a valid atlas name" in refused(run(command, "human/.."))
    assert Catalog(data).ids() == ["human/liver", "mouse/other"]


def test_remove(run, data):
    code, out, err = run("remove", "mouse/other")
    assert (code, out, err) == (0, "", "Removed mouse/other.\n")
    assert Catalog(data).ids() == ["human/liver"]
    assert read_states(data) == []
    assert list((data / "atlases" / ".work").iterdir()) == []


def test_remove_what_was_dropped_in(run, data):
    file = data / "datasets" / "Human" / "liver.h5ad"
    code, _, err = run("remove", "human/liver")
    assert code == 0
    assert err == f"{file} is kept and is not imported again unless it changes.\nRemoved human/liver.\n"
    assert file.exists()
    state = read_state(data, LIVER)
    assert state.phase == "removed"
    assert state.about(file)
    assert run()[1].count("human/liver") == 0


def test_remove_an_atlas_whose_id_a_file_waits_for(run, data):
    """The file was refused because the id was taken; now it may have it."""
    tiny(data / "datasets" / "Mouse" / "other.h5ad", n_cells=5)
    write_state(data, ImportState(id="mouse/other", phase="failed", file=str(data / "datasets/Mouse/other.h5ad")))
    assert run("remove", "mouse/other")[0] == 0
    assert read_states(data) == []


def test_remove_a_broken_one(run, data):
    (data / "atlases" / "human" / "liver" / "manifest.json").unlink()
    assert run("remove", "human/liver")[0] == 0
    assert read_state(data, LIVER).phase == "removed"


def test_remove_a_failed_import(run, data):
    file = data / "datasets" / "Human" / "bad.h5ad"
    file.write_bytes(b"no")
    stat = file.stat()
    failed = ImportState(
        id="human/bad", phase="failed", file=str(file), bytes=stat.st_size, mtime_ns=stat.st_mtime_ns, error="No."
    )
    write_state(data, failed)
    code, _, err = run("remove", "human/bad")
    assert (code, err) == (0, "Removed the failed or waiting import of human/bad.\n")
    assert read_state(data, AtlasId("human", "bad")).phase == "removed"
    write_state(data, ImportState(id="human/pbmc68k", phase="waiting", kind="demo"))
    assert run("remove", "human/pbmc68k")[0] == 0
    assert read_state(data, AtlasId("human", "pbmc68k")) is None


def test_remove_while_it_is_imported(run, data):
    from filelock import FileLock

    from core.atlas.paths import Places

    with FileLock(Places(data).lock(LIVER)):
        assert "is being imported right now" in refused(run("remove", "human/liver"))
    assert read_state(data, LIVER) is None
    assert Catalog(data).get(LIVER).n_cells == 1_200


def test_check(run, data):
    assert run("check") == (0, "human/liver  ok\nmouse/other  ok\n", "")
    assert run("check", "mouse/other") == (0, "mouse/other  ok\n", "")
    store = data / "atlases" / "human" / "liver"
    values = store / "layers" / "expression" / "cells.npy"
    content = bytearray(values.read_bytes())
    content[200] ^= 0xFF
    values.write_bytes(content)
    (store / "embeddings" / "X_umap.npy").unlink()
    code, out, err = run("check", "human/liver")
    assert (code, err) == (1, "")
    assert "human/liver  layers/expression/cells.npy differs from its checksum\n" in out
    assert "human/liver  embeddings/X_umap.npy is missing\n" in out
    code, out, _ = run("check")
    assert code == 1
    assert out.endswith("mouse/other  ok\n")


def test_upgrade(run, data, monkeypatch):
    assert run("upgrade", "mouse/other") == (0, "mouse/other  has version 2 of the store\n", "")
    before = downgraded(Catalog(data).get(LIVER)).manifest
    code, out, err = run("upgrade")
    assert code == 0
    upgraded = Catalog(data).manifest(LIVER)
    sizes = f"{human_bytes(before.bytes)} became {human_bytes(upgraded.bytes)}"
    assert out == f"human/liver  upgraded to version 2 of the store: {sizes}\nmouse/other  has version 2 of the store\n"
    assert "writing the layer expression" in err
    assert (upgraded.schema_version, upgraded.content_hash) == (2, before.content_hash)
    assert run("check", "human/liver") == (0, "human/liver  ok\n", "")
    (downgraded(Catalog(data).get(LIVER)).path / "obs.parquet").unlink()
    code, out, err = run("upgrade", "human/liver")
    assert (code, out) == (2, "")
    assert "\nmasldatlas: The atlas human/liver is not upgraded: obs.parquet is missing or differs" in err


def test_check_finds_everything_that_lies_there(run, data):
    """Also what is no atlas and cannot be named."""
    (data / "atlases" / "human" / "my atlas").mkdir()
    (data / "atlases" / "rat" / "x").mkdir(parents=True)
    (data / "atlases" / "mouse" / "other" / "manifest.json").write_text("{")
    code, out, err = run("check")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["human/liver", "human/my atlas", "mouse/other", "rat/x"]
    assert lines[0] == "human/liver  ok"
    assert all("manifest.json" in line for line in lines[1:])


def test_check_nothing(tmp_path, capfd):
    with pytest.raises(SystemExit) as caught:
        main(["--data-dir", str(tmp_path / "none"), "datasets", "check"])
    assert (caught.value.code, *capfd.readouterr()) == (0, "", "")


def test_a_reader_that_goes_away(data):
    """As ``| head -1`` does, once it has its line."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "core.cli", "--data-dir", str(data), "datasets", "info", "human/liver"]
    try:
        done = subprocess.run(command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writing)
    assert done.stderr == ""
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_300_000_000, "1.3 GB"), (5 * 10**15, "5000.0 TB")],
)
def test_sizes(size, words):
    assert human_bytes(size) == words


def test_what_the_system_refuses_is_one_sentence(run, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied", "/srv/data/atlases")

    monkeypatch.setattr(Catalog, "manifests", refuse)
    assert refused(run()) == "masldatlas: /srv/data/atlases: Permission denied.\n"


def test_an_error_of_ours_is_not_hidden(data, monkeypatch):
    """Its traceback is what a bug report needs."""

    def fail(self):
        raise FileNotFoundError(2, "No such file or directory", "x")

    monkeypatch.setattr(Catalog, "manifests", fail)
    with pytest.raises(FileNotFoundError):
        main(["--data-dir", str(data), "datasets"])


def test_an_interrupt(run, monkeypatch):
    def interrupt(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Catalog, "manifests", interrupt)
    code, out, err = run()
    assert (code, out) == (130, "")
    assert err.strip() == "masldatlas: interrupted"


def test_progress_on_a_terminal(monkeypatch, capsys):
    """One line that is rewritten, and left alone at the end."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    progress = Progress()
    for step, fraction in (("reading X", 0.1), ("reading X", 0.101), ("reading X", 0.5)):
        progress(step, fraction)
    progress.end()
    assert capsys.readouterr().err == "\r\x1b[2K 10 %  reading X\r\x1b[2K 50 %  reading X\n"
    progress("ready", 1.0)
    progress.end()
    assert capsys.readouterr().err == "\r\x1b[2K100 %  ready\n"


def test_visibility(run, data):
    assert run("visibility", "human/liver") == (0, "public\n", "")
    code, _, err = run("visibility", "human/liver", "private")
    assert code == 0
    assert err.startswith("human/liver is private.\nNobody sees it over HTTP until MASLDATLAS_ACCESS_VALUE")
    assert run("visibility", "human/liver")[1] == "private\n"
    assert "ready, private" in run()[1], "the operator sees all"
    assert "An atlas that is imported as human/liver again will be private too." in run("remove", "human/liver")[2]
    assert run("visibility", "mouse/new", "unlisted")[2] == "mouse/new will be unlisted once it is imported.\n"
    assert run("visibility", "human/liver", "public")[0] == 0
    assert run("visibility", "human/liver")[1] == "public\n"
    refused(run("visibility", "../etc", "private"))
    assert not (data / "etc").exists()
