"""``masldatlas import``: the id on stdout, all other output on stderr, and complete atlases only."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from core.atlas.catalog import Catalog
from core.atlas.import_state import read_states
from core.atlas.paths import AtlasId
from core.cli import main
from core.cli.context import Stop
from tests.factories import imported, tiny

ROOT = Path(__file__).parents[3]
PROGRESS = re.compile(r" {0,2}\d{1,3} %  [\w .']+")


@pytest.fixture(scope="session")
def good(tmp_path_factory):
    layers = {"scaled": np.full((20, 10), -0.5, dtype=np.float32), "also": np.ones((20, 10), dtype=np.float32)}
    return tiny(tmp_path_factory.mktemp("good") / "my liver.h5ad", n_cells=20, layers=layers)


@pytest.fixture
def run(tmp_path, run_in):
    """Return a function that runs a command on a fresh data directory: code, stdout, stderr."""
    run = partial(run_in, tmp_path / "data")
    run.data = tmp_path / "data"
    return run


def left_behind(data):
    """List what an import may leave only when it succeeds; locks stay, so that nobody deletes one that is held."""
    found = [path for path in data.rglob("*") if path.is_file() and path.suffix != ".lock"]
    return [*found, *(data / "atlases").glob("[!.]*/*"), *(data / "atlases" / ".work").glob("*")]


def refused(answer, data):
    code, out, err = answer
    assert code == 2
    assert out == ""
    *progress, sentence = err.splitlines()
    assert all(PROGRESS.fullmatch(line) for line in progress), err
    assert sentence.startswith("masldatlas: ")
    assert sentence.endswith((".", "?"))
    assert left_behind(data) == []
    return sentence


def test_the_id_and_nothing_else_on_stdout(run, good):
    code, out, err = run("import", good)
    assert (code, out) == (0, "human/my_liver\n")
    *lines, reminder = err.splitlines()
    assert "--citation" in reminder
    assert all(PROGRESS.fullmatch(line) for line in lines), err
    percent = [int(line.split("%")[0]) for line in lines]
    assert percent == sorted(percent)
    assert (percent[0], percent[-1]) == (0, 100)
    assert lines[-1] == "100 %  ready"
    assert Catalog(run.data).ids() == ["human/my_liver"]
    assert Catalog(run.data).manifest("human/my_liver").source.file == "my liver.h5ad"
    assert read_states(run.data) == []
    assert list((run.data / "atlases" / ".work").iterdir()) == []


def test_every_option(run, good):
    options = [
        *(
            "--species",
            "zebrafish",
            "--name",
            "Fish_1.a",
            "--cell-type",
            "Group",
            "--group",
            "Sample",
            "--sample",
            "CellType",
        ),
        *(
            "--layer",
            "scaled",
            "--layer",
            "also",
            "--title",
            "Leber <b>β</b>",
            "--citation",
            "Doe, 2024",
            "--simulated",
        ),
    ]
    code, out, _ = run("import", good, *options)
    assert (code, out) == (0, "zebrafish/Fish_1.a\n")
    manifest = Catalog(run.data).manifest("zebrafish/Fish_1.a")
    assert manifest.roles == {"cell_type": "Group", "group": "Sample", "sample": "CellType"}
    assert {layer.name for layer in manifest.layers} == {"expression", "counts", "scaled", "also"}
    assert (manifest.title, manifest.citation, manifest.simulated) == ("Leber <b>β</b>", "Doe, 2024", True)
    assert Catalog(run.data).check(AtlasId("zebrafish", "Fish_1.a")) == []


def test_what_is_not_said_is_found(run, good):
    run("import", good, "--species", "human")
    manifest = Catalog(run.data).manifest("human/my_liver")
    assert manifest.roles == {"cell_type": "CellType", "group": "Group", "sample": "Sample"}
    assert (manifest.title, manifest.simulated) == ("my liver", False)
    assert {layer.name for layer in manifest.layers} == {"expression", "counts"}


def test_a_name_that_is_taken(run, good, tmp_path):
    run("import", good, "--species", "human", "--name", "a")
    before = Catalog(run.data).manifest("human/a")
    code, out, err = run("import", good, "--species", "human", "--name", "a")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == ("masldatlas: The atlas human/a exists already. Give --replace, or another --name.")
    assert Catalog(run.data).manifest("human/a") == before
    other = tiny(tmp_path / "other.h5ad", n_cells=7)
    assert run("import", other, "--species", "human", "--name", "a", "--replace")[:2] == (0, "human/a\n")
    assert Catalog(run.data).manifest("human/a").n_cells == 7
    assert list((run.data / "atlases" / ".work").iterdir()) == []
    # The same name in another species is another atlas.
    assert run("import", good, "--species", "mouse", "--name", "a")[0] == 0


def test_a_replacement_that_fails_keeps_the_old_one(run, good, tmp_path):
    run("import", good, "--name", "a")
    (tmp_path / "cut.h5ad").write_bytes(good.read_bytes()[:20_000])
    code, _, _ = run("import", tmp_path / "cut.h5ad", "--name", "a", "--replace")
    assert code == 2
    assert Catalog(run.data).get("human/a").n_cells == 20
    assert list((run.data / "atlases" / ".work").iterdir()) == []


def bad_files(directory, good):
    whole = good.read_bytes()
    made = {
        "empty": b"",
        "text": b"gene,cell\n",
        "cut": whole[: len(whole) // 2],
        "magic": whole[:8],
        "zeros": bytes(5000),
    }
    for name, content in made.items():
        (directory / f"{name}.h5ad").write_bytes(content)
    import h5py

    with h5py.File(directory / "hdf5.h5ad", "w") as file:
        file["x"] = [1, 2]
    for name, value in (("nan", np.nan), ("inf", np.inf)):
        tiny(directory / f"{name}.h5ad", n_cells=20)
        with h5py.File(directory / f"{name}.h5ad", "r+") as file:
            file["X/data"][3] = value
    (directory / "folder.h5ad").mkdir()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("empty", "is empty"),
        ("text", "not an HDF5 file"),
        ("cut", "cut.h5ad"),
        ("magic", "magic.h5ad"),
        ("zeros", "not an HDF5 file"),
        ("hdf5", "not AnnData"),
        ("nan", "NaN"),
        ("inf", "inf"),
        ("folder", "is a directory"),
        ("missing", "There is no file"),
    ],
)
def test_bad_files(run, good, tmp_path, file, words):
    bad_files(tmp_path, good)
    assert words in refused(run("import", tmp_path / f"{file}.h5ad"), run.data)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--species", "rat"], "'rat' is not one of 'human'"),
        (["--name", "../x"], "'../x' is not a valid atlas name"),
        (["--name", "a/b"], "not a valid atlas name"),
        (["--name", ""], "not a valid atlas name"),
        (["--name", ".hidden"], "not a valid atlas name"),
        (["--name", "x" * 81], "not a valid atlas name"),
        (["--name", "line\nfeed"], "not a valid atlas name"),
        (["--cell-type", "celltypes"], "celltypes"),
        (["--group", "no such"], "no such"),
        (["--layer", "none"], "none"),
        (["--colour", "red"], "No such option"),
        (["--species"], "requires an argument"),
        (["another.h5ad"], "unexpected extra argument"),
    ],
)
def test_bad_options(run, good, options, words):
    assert words in refused(run("import", good, *options), run.data)


def test_no_file_named(run):
    assert "Missing argument 'FILE'. See masldatlas import --help." in refused(run("import"), run.data)


@pytest.mark.parametrize("kind", ["a file", "below a file", "nowhere"])
def test_a_data_directory_that_will_not_do(good, capsys, kind):
    place = {"a file": good, "below a file": good / "x", "nowhere": Path("/proc/none")}[kind]
    with pytest.raises(SystemExit) as caught:
        main(["--data-dir", str(place), "import", str(good)])
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("masldatlas: ")
    assert len(err.splitlines()) == 1
    assert str(place)[:50] in err, "a long path may be cut"


# Root may write anywhere: CAP_DAC_OVERRIDE, which a process can give up for those that it becomes.
UNPRIVILEGED = """
import ctypes, os, sys
if os.geteuid() == 0 and ctypes.CDLL(None).prctl(24, 1, 0, 0, 0):
    sys.exit("cannot give up the privilege")
os.execv(sys.executable, [sys.executable, "-m", "core.cli", *sys.argv[1:]])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="gives up a privilege as Linux has it")
def test_a_data_directory_that_is_read_only(good, tmp_path):
    place = tmp_path / "readonly"
    place.mkdir(mode=0o555)
    command = [sys.executable, "-c", UNPRIVILEGED, "--data-dir", str(place), "import", str(good)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert done.stderr == (
        f"masldatlas: The data directory {place} cannot be written to (permission denied). "
        "Choose another with --data-dir or MASLDATLAS_DATA_DIR.\n"
    )


def test_settings_come_first(run, good, monkeypatch):
    monkeypatch.setenv("MASLDATLAS_THREAD", "2")
    assert "the nearest one is MASLDATLAS_THREADS" in refused(run("import", good), run.data)


@pytest.mark.slow(representative=True)
@pytest.mark.parametrize(
    ("signal_", "code", "last"),
    [(signal.SIGTERM, 143, "%"), (signal.SIGINT, 130, "masldatlas: interrupted")],
)
def test_a_signal_in_the_middle(tmp_path, signal_, code, last):
    path = tiny(tmp_path / "long.h5ad", n_cells=120_000)
    imported(tmp_path / "data", tiny(tmp_path / "old.h5ad", n_cells=5), species="human", name="long")
    command = [sys.executable, "-m", "core.cli", "--data-dir", str(tmp_path / "data"), "import", str(path)]
    command += ["--species", "human", "--replace"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if "reading" in line or "sorting" in line:
                break
        process.send_signal(signal_)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == code, err
    assert out == ""
    # The signal may come while the garbage collector runs; then Python says that it has ignored it, and we have not.
    assert "Traceback" not in err or "Exception ignored in" in err
    assert not err or last in err.splitlines()[-1]
    assert Catalog(tmp_path / "data").get("human/long").n_cells == 5
    assert list((tmp_path / "data" / "atlases" / ".work").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_python_ignores(number):
    """As it does with any exception in a callback of the garbage collector."""
    reports = []
    report = (stop := Stop()).watched(lambda *said: reports.append(said))
    report("reading X", 0.1)
    with pytest.raises((SystemExit, KeyboardInterrupt)):
        stop._handle(number, None)
    with pytest.raises((SystemExit, KeyboardInterrupt)) as caught:
        report("reading X", 0.2)
    assert caught.type is KeyboardInterrupt if number == signal.SIGINT else caught.value.code == 143
    report("ready", 1.0)
    assert reports == [("reading X", 0.1), ("ready", 1.0)]


def test_the_next_import_clears_up(run, good):
    """What an import left that was killed, and an atlas between its two renames."""
    run("import", good, "--species", "human", "--name", "old")
    work = run.data / "atlases" / ".work"
    (run.data / "atlases" / "human" / "old").rename(work / "replaced-human__old")
    dead, newborn = work / "import-dead", work / "import-newborn"
    for scratch in (dead, newborn):
        (scratch / "store").mkdir(parents=True)
    (dead / "alive.lock").touch()
    run("import", good, "--species", "human", "--name", "new")
    assert Catalog(run.data).ids() == ["human/new", "human/old"]
    assert not dead.exists()
    assert newborn.exists(), "it may belong to an import that begins at this moment"
    os.utime(newborn, (time.time() - 100,) * 2)
    run("import", good, "--species", "human", "--name", "newer")
    assert not newborn.exists()


@pytest.mark.parametrize(
    "command",
    [[], ["import"], ["serve"], ["demo"], ["datasets"], *(["datasets", each] for each in ("info", "remove", "check"))],
)
def test_help(capsys, monkeypatch, command):
    """Whatever the settings are."""
    monkeypatch.setenv("MASLDATLAS_PORT", "many")
    for option in ("--help", "-h"):
        with pytest.raises(SystemExit) as caught:
            main([*command, option])
        assert caught.value.code == 0
        out, err = capsys.readouterr()
        assert out.startswith(f"Usage: {' '.join(['masldatlas', *command])}")
        assert err == ""
        assert "--tracked" not in out


def test_version_and_nothing(capsys):
    from core import __version__

    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"masldatlas, version {__version__}\n"
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
    assert "Usage: masldatlas" in capsys.readouterr().err


def test_tracked_writes_a_state_instead(run, good, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "nice", lambda _: 0)
    assert run("import", good, "--species", "human", "--name", "a", "--tracked") == (0, "human/a\n", "")
    assert read_states(run.data) == []
    (tmp_path / "bad.h5ad").write_bytes(b"no")
    code, _, err = run("import", tmp_path / "bad.h5ad", "--species", "human", "--name", "bad", "--tracked")
    assert code == 2
    (state,) = read_states(run.data)
    assert (state.id, state.phase) == ("human/bad", "failed")
    assert err == f"masldatlas: {state.error}\n"
    assert json.loads((run.data / "imports" / "human__bad.json").read_text())["bytes"] == 2


def test_a_sample(run, tmp_path):
    path = tiny(tmp_path / "liver.h5ad", n_cells=50)
    code, out, _ = run("import", path, "--species", "human", "--subset", "20", "--seed", "4")
    assert (code, out) == (0, "human/liver\n")
    manifest = Catalog(run.data).manifest("human/liver")
    assert (manifest.n_cells, manifest.subset.n_source_cells, manifest.subset.seed) == (20, 50, 4)
    code, out, _ = run("datasets")
    assert out.splitlines()[1].split()[:4] == ["human/liver", "20", "of", "50"]
    for wrong in (("--subset", "0"), ("--subset", "many"), ("--subset", "5", "--seed", "4294967296")):
        code, out, err = run("import", path, "--name", "other", *wrong)
        assert (code, out) == (2, "")
        assert len(err.splitlines()) == 1


def test_the_scale_is_handed_on(run, tmp_path):
    path = tiny(tmp_path / "logged.h5ad", n_cells=20)
    import anndata

    adata = anndata.read_h5ad(path)
    adata.X = adata.X * 0.37
    adata.X.data += np.random.default_rng(0).uniform(0, 0.3, adata.X.nnz).astype(np.float32)
    adata.write_h5ad(path)
    code, out, _ = run("import", path, "--scale", "log10_1p")
    layer = Catalog(run.data).get(out.strip()).layer().info
    assert (code, layer.scale, layer.unit) == (0, "log10_1p", "log10(expression + 1)")
    assert run("import", path, "--replace", "--scale", "log7")[0] == 2
