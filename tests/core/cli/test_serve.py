"""``masldatlas serve``: errors at the start, each in one sentence, and imports alongside the server."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from app import serve
from core.cli import main
from tests.factories import imported, tiny
from tests.waiting import DEADLINE, until

ROOT = Path(__file__).parents[3]
SECRET = "correct-horse-battery-staple-0123456789"


def refused(arguments, capfd):
    """Run in this process, where it must not get as far as serving; return the one sentence."""
    capfd.readouterr()
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments], serve=serve)
    out, err = capfd.readouterr()
    assert caught.value.code == 2
    assert out == ""
    assert len(err.splitlines()) == 1, err
    assert err.startswith("masldatlas: ")
    assert err.rstrip().endswith(".")
    return err


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"PROT": "80"}, "MASLDATLAS_PROT is not a setting; the nearest one is MASLDATLAS_PORT"),
        ({"PORT": "http"}, "MASLDATLAS_PORT is 'http'"),
        ({"ENV": "production"}, "MASLDATLAS_SECRET_KEY is missing or the well-known default"),
        ({"ENV": "production", "SECRET_KEY": "short"}, "MASLDATLAS_SECRET_KEY is too short"),
        ({"CACHE_REDIS": "http://x"}, "MASLDATLAS_CACHE_REDIS does not begin with redis://"),
    ],
)
def test_settings(tmp_path, capfd, monkeypatch, variables, words):
    for name, value in variables.items():
        monkeypatch.setenv(f"MASLDATLAS_{name}", value)
    assert words in refused(["--data-dir", tmp_path, "serve"], capfd)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--port", "65536"], "65536 is not in the range"),
        (["--port", "http"], "not a valid integer"),
        (["--host", "no host"], "MASLDATLAS_HOST"),
        (["--colour"], "No such option"),
    ],
)
def test_options(tmp_path, capfd, options, words):
    assert words in refused(["--data-dir", tmp_path, "serve", *options], capfd)


@pytest.mark.parametrize("place", ["a file", "nowhere"])
def test_a_data_directory_that_will_not_do(tmp_path, capfd, place):
    (tmp_path / "file").touch()
    data = tmp_path / "file" if place == "a file" else Path("/proc/none")
    words = "which is not a directory" if place == "a file" else "/proc/none cannot be written to"
    assert words in refused(["--data-dir", data, "serve", "--no-demo"], capfd)


def test_a_port_in_use(tmp_path, capfd, monkeypatch):
    started = []
    monkeypatch.setattr("core.ingest.watcher.Supervisor.start", started.append)
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        sentence = refused(["--data-dir", tmp_path, "serve", "--port", port], capfd)
    assert sentence == (
        f"masldatlas: The server cannot listen on 127.0.0.1:{port} (address already in use). "
        "Choose another --host or --port.\n"
    )
    assert started == [], "nothing is imported for a server that does not run"


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_a_host_that_is_not_ours(tmp_path, capfd, monkeypatch, host):
    monkeypatch.setenv("MASLDATLAS_SECRET_KEY", SECRET)
    assert f"The server cannot listen on {host}:0" in refused(
        ["--data-dir", tmp_path, "serve", "--port", "0", "--host", host, "--no-imports"], capfd
    )


def test_a_host_that_others_reach_with_the_known_secret(tmp_path, capfd):
    sentence = refused(["--data-dir", tmp_path, "serve", "--port", "0", "--host", "0.0.0.0", "--no-imports"], capfd)
    assert "MASLDATLAS_SECRET_KEY is the well-known default" in sentence


class Serving:
    """A server in a process of its own, its log in a file."""

    def __init__(self, directory, *options, **variables):
        self.log = directory / "log"
        command = [sys.executable, "-m", "app", "--data-dir", str(directory / "data"), "serve", "--port", "0"]
        variables = {"REFERENCES_FETCH": "false"} | variables
        environment = os.environ | {f"MASLDATLAS_{name}": value for name, value in variables.items()}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([*command, *options], cwd=ROOT, env=environment, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(DEADLINE)
        finally:
            self.process.kill()
            self.process.wait()

    def text(self):
        return self.log.read_text()

    def urls(self):
        def found():
            assert self.process.poll() is None, self.text()
            return re.findall(r"http://[^\s\"]+:[1-9]\d+", self.text())

        return until(found, "the address in the log")


def get(url):
    with urllib.request.urlopen(url, timeout=DEADLINE) as answer:
        return answer.read()


@pytest.mark.slow(representative=True)
def test_a_file_is_imported_and_the_import_ends_with_the_server(tmp_path):
    """The whole way: a dropped file, a state over HTTP, the atlas; then a signal in the middle of another import."""
    datasets = tmp_path / "data" / "datasets" / "Human"
    tiny(datasets / "small.h5ad", n_cells=30)
    with Serving(tmp_path, "--no-demo") as server:
        (url,) = server.urls()
        until(lambda: b'"human/small"' in get(f"{url}/api/v1/datasets"), "the atlas or its import")
        until(lambda: get(f"{url}/api/v1/datasets/human/small/genes?q=ALB") if ready(url) else None, "the atlas")
        tiny(tmp_path / "large.h5ad", n_cells=80_000).replace(datasets / "large.h5ad")
        until(lambda: b'"importing"' in get(f"{url}/api/v1/datasets"), "the second import")
        server.process.terminate()
        assert server.process.wait(DEADLINE) == 0
    assert "Traceback" not in server.text()
    assert list((tmp_path / "data" / "atlases" / ".work").iterdir()) == []
    assert not (tmp_path / "data" / "atlases" / "human" / "large").exists()


def ready(url):
    return b'"id":"human/small","species"' in get(f"{url}/api/v1/datasets")


def test_production(tmp_path):
    """JSON lines, no secret in them; and the data may be read-only if nothing is to be imported."""
    with Serving(tmp_path, "--no-demo", "--no-imports", ENV="production", SECRET_KEY=SECRET) as server:
        (url,) = server.urls()
        assert get(f"{url}/healthz") == b"ok\n"
        get(f"{url}/api/v1/datasets")
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(DEADLINE) == 0
    lines = server.text().splitlines()
    assert all(line.startswith("{") for line in lines)
    assert SECRET not in server.text()
    assert not (tmp_path / "data" / "imports").exists()


@pytest.mark.slow
def test_a_server_that_is_killed_by_its_files_says_where_and_starts_again(tmp_path):
    """As SIGBUS does where a file is truncated while a kernel reads it; after the restart its atlas alone is broken."""
    atlas = imported(tmp_path / "data", tiny(tmp_path / "a.h5ad", n_cells=4_000), species="human", name="a")
    with Serving(tmp_path, "--no-demo", "--no-imports") as server:
        server.urls()
        server.process.send_signal(signal.SIGBUS)
        assert server.process.wait(DEADLINE) == -signal.SIGBUS
    assert "Fatal Python error: Bus error" in server.text()
    os.truncate(tmp_path / "data" / "atlases" / atlas / "layers" / "expression" / "cells.npy", 5_000)
    with Serving(tmp_path, "--no-demo", "--no-imports") as server:
        (url,) = server.urls()
        with pytest.raises(urllib.error.HTTPError, match="500"):
            get(f"{url}/api/v1/datasets/{atlas}/expression?gene=ALB")
        assert b'"human/a"' in get(f"{url}/api/v1/datasets")
        assert server.process.poll() is None
