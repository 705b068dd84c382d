"""``masldatlas demo``: real cells, and reproducible simulated cells."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.atlas.catalog import Catalog
from core.atlas.import_state import ImportState, read_state, read_states, write_state
from core.demo.catalogue import DEMO

ROOT = Path(__file__).parents[3]
CELLS = "200"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Return a directory, and a function that runs `masldatlas demo` in a process of its own, as users do."""
    directory = tmp_path_factory.mktemp("demo")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MASLDATLAS_")}

    def demo(data, *options):
        command = [sys.executable, "-m", "core.cli", "--data-dir", str(directory / data), "demo", *options]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    return directory, demo


@pytest.fixture(scope="module")
def real(demo):
    """Return a data directory with the real atlas, and what the command printed."""
    directory, run = demo
    return directory / "one", run("one", "--only", "real")


@pytest.fixture(scope="module")
def simulated(demo):
    """Return two data directories, each with one small simulated atlas, and what the two commands printed."""
    directory, run = demo
    options = ("--cells", CELLS, "--only", "human")
    return (directory / "one", directory / "two"), [run("one", *options), run("two", *options)]


@pytest.fixture
def run(run_in):
    return lambda data, *arguments: run_in(data, "demo", *arguments)


def check_printed(answer, atlas):
    code, out, err = answer
    assert code == 0, err
    assert out == f"{atlas}\n"
    assert err.splitlines()[-1] == "100 %  ready"
    assert "Warning" not in err


def test_what_the_real_one_prints(real):
    check_printed(real[1], "human/pbmc68k")


@pytest.mark.slow
def test_what_the_simulated_ones_print(simulated):
    for answer in simulated[1]:
        check_printed(answer, "human/masld_simulated_200")


def test_the_real_one_says_that_it_is(real):
    catalog = Catalog(real[0])
    manifest = catalog.manifest("human/pbmc68k")
    assert (manifest.n_cells, manifest.simulated) == (700, False)
    assert "real data" in manifest.title
    assert "not liver" in manifest.title
    assert "Zheng" in manifest.citation
    assert manifest.roles["cell_type"] == "bulk_labels"
    assert catalog.get("human/pbmc68k").genes.search("CD3D")


@pytest.mark.slow
def test_the_simulated_one_says_that_it_is(simulated):
    atlas = Catalog(simulated[0][0]).get("human/masld_simulated_200")
    manifest = atlas.manifest
    assert manifest.n_cells == int(CELLS)
    assert manifest.simulated
    assert "imulated" in manifest.title
    assert "SIMULATED" in manifest.citation
    assert manifest.roles == {"cell_type": "CellType", "group": "Group", "sample": "Sample"}
    assert atlas.role("group").categories == ("Healthy", "MASL", "MASH", "Cirrhosis")
    assert manifest.embeddings[0].computed
    counts = atlas.layer("counts").dense(atlas.genes.resolve("ALB"))
    assert counts.sum() > 0
    assert np.array_equal(counts, np.rint(counts))


@pytest.mark.slow
def test_the_same_seed_gives_the_same_cells(simulated):
    """The counts, tables and statistics byte for byte, and the map too, on one machine."""
    one, two = (Catalog(data).manifest("human/masld_simulated_200") for data in simulated[0])
    assert one.files == two.files
    assert one.content_hash == two.content_hash


def check_nothing_is_left_behind(data):
    assert list((data / "atlases" / ".work").iterdir()) == []
    assert read_states(data) == []
    assert all(not Catalog(data).check(manifest_id) for manifest_id in ids(data))


def test_nothing_of_the_real_one_is_left_behind(real):
    check_nothing_is_left_behind(real[0])


@pytest.mark.slow
def test_nothing_of_the_simulated_ones_is_left_behind(simulated):
    for data in simulated[0]:
        check_nothing_is_left_behind(data)


def ids(data):
    from core.atlas.paths import AtlasId

    return map(AtlasId.parse, Catalog(data).ids())


def test_it_is_not_made_twice(real, run):
    data, _ = real
    code, out, err = run(data, "--only", "real")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith("masldatlas: The atlas human/pbmc68k exists already.")
    before = Catalog(data).manifest("human/pbmc68k").content_hash
    assert run(data, "--only", "real", "--replace")[:2] == (0, "human/pbmc68k\n")
    assert Catalog(data).manifest("human/pbmc68k").content_hash == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--cells", "63"], "63 is not in the range"),
        (["--cells", "many"], "not a valid integer"),
        (["--seed", "-1"], "-1 is not in the range"),
        (["--only", "rat"], "'rat' is not one of 'real', 'human'"),
        (["real"], "unexpected extra argument"),
    ],
)
def test_bad_options(tmp_path, run, options, words):
    code, out, err = run(tmp_path / "data", *options)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert words in err
    assert not (tmp_path / "data").exists()


def prepared(monkeypatch, fail=()):
    """Replace the preparation by a record of it; return the record."""
    from core.errors import InvalidFile

    calls = []

    def prepare(demo, data, report, **options):
        calls.append((demo.kind, options))
        report("simulating cells", 0.5)
        if demo.kind in fail:
            raise InvalidFile(f"No {demo.kind}.", "Try again.")
        return demo.atlas

    monkeypatch.setattr("core.demo.prepare.prepare", prepare)
    monkeypatch.setattr(os, "nice", lambda _: 0)
    return calls


def test_all_of_it_in_order(tmp_path, run, monkeypatch):
    calls = prepared(monkeypatch)
    code, out, _ = run(tmp_path)
    assert code == 0
    assert [kind for kind, _ in calls] == ["real", "human", "mouse", "zebrafish", "integrated"]
    assert out.split() == [str(demo.atlas) for demo in DEMO]
    assert calls[0][1] | {"threads": 0} == {"n_cells": 20_000, "seed": 1, "replace": False, "threads": 0}


def test_larger_ones_lie_beside_the_usual(tmp_path, run, monkeypatch):
    calls = prepared(monkeypatch)
    code, out, _ = run(tmp_path, "--cells", "100000", "--seed", "7", "--replace")
    assert code == 0
    assert [kind for kind, _ in calls] == ["human", "mouse", "zebrafish", "integrated"]
    assert out.split()[-1] == "integrated/masld_simulated_100000"
    assert {name: calls[0][1][name] for name in ("n_cells", "seed", "replace")} == {
        "n_cells": 100_000,
        "seed": 7,
        "replace": True,
    }


def test_tracked_prepares_what_waits(tmp_path, run, monkeypatch):
    calls = prepared(monkeypatch, fail={"mouse"})
    for demo in DEMO[1:4]:
        write_state(tmp_path, ImportState(id=str(demo.atlas), phase="waiting", kind="demo", title=demo.title))
    code, out, err = run(tmp_path, "--tracked")
    assert (code, out) == (2, "")
    assert err == "masldatlas: No mouse. Try again.\n"
    assert [kind for kind, _ in calls] == ["human", "mouse", "zebrafish"]
    (state,) = read_states(tmp_path)
    assert (state.id, state.phase, state.error) == (str(DEMO[2].atlas), "failed", "No mouse. Try again.")
    assert (state.kind, state.title) == ("demo", DEMO[2].title)
    assert read_state(tmp_path, DEMO[1].atlas) is None
