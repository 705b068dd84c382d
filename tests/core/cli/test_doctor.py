"""``masldatlas doctor``: findings and exit codes."""

import json
import re

import pytest
from click.testing import CliRunner

from core.atlas.import_state import ImportState, write_state
from core.cli import cli, main
from core.cli import doctor_checks as module
from core.cli.doctor_checks import examine
from core.settings.settings import load
from tests.factories import imported, tiny
from tests.redis_servers import Server, needs_redis

SECRET = "x" * 40


def found(strict_fault="", **settings):
    """Examine with some settings; return the findings by what they are about."""
    by = {}
    for finding in examine(load(**settings), strict_fault):
        by.setdefault(finding.what, []).append(finding)
    return by


def levels(findings):
    return [finding.level for finding in findings]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    place = tmp_path_factory.mktemp("doctor")
    imported(place / "data", tiny(place / "a.h5ad", n_cells=8), species="human")
    return place / "data"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Do not start a browser each time; one test looks at the real one."""
    monkeypatch.setattr(module, "browser", lambda: None)


def run(*arguments, **environment):
    result = CliRunner(env=environment).invoke(cli, arguments, standalone_mode=False)
    return result.return_value, result.output, result.exception


def test_one_screen(data):
    code, output, error = run("--data-dir", str(data), "doctor")
    assert error is None, output
    assert code == 0
    for what in ("version", "caps", "settings", "data", "disk", "atlases", "cache", "clock", "kernels", "browser"):
        assert re.search(rf"^[✓!✗] {what} ", output, re.M), what
    assert "1 with 8 cells" in output
    assert len(output.splitlines()) < 30


def test_as_json_and_with_something_wrong(data):
    code, output, error = run("--data-dir", str(data), "doctor", "--json", MASLDATLAS_HOST="0.0.0.0")
    assert error is None
    said = json.loads(output)
    assert code == said["wrong"] == 1
    [wrong] = [finding for finding in said["findings"] if finding["level"] == "wrong"]
    assert wrong["what"] == "settings"
    assert "the public default" in wrong["said"]
    assert "MASLDATLAS_SECRET_KEY" in wrong["remedy"]


def test_settings_that_cannot_be_understood(monkeypatch, capsys):
    monkeypatch.setenv("MASLDATLAS_PORT", "many")
    with pytest.raises(SystemExit) as ended:
        main(["doctor"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_broken_atlases_and_failed_imports(tmp_path):
    data = tmp_path / "data"
    imported(data, tiny(tmp_path / "a.h5ad", n_cells=8), species="human")
    manifest = data / "atlases" / "human" / "a" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:50])
    write_state(data, ImportState(id="mouse/b", phase="failed", error="b.h5ad is not an HDF5 file."))
    said = found(data_dir=data)
    assert levels(said["atlases"]) == ["note", "wrong"]
    assert "human/a" in said["atlases"][1].said
    assert said["atlases"][1].remedy
    [failed] = said["imports"]
    assert failed.said == "mouse/b: b.h5ad is not an HDF5 file."


def test_no_data_directory_yet(tmp_path):
    said = found(data_dir=tmp_path / "new")
    assert levels(said["data"]) == ["note"]
    assert not (tmp_path / "new").exists(), "it only looks"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"rate_limit": "off"}, "not limited"),
        ({"trusted_proxies": 0}, "no proxy is trusted"),
        ({"limiter_redis": None}, "counted in the cache"),
        ({"secure_mode": False}, "versions are shown"),
        ({"allowed_hosts": ""}, "only loopback names are answered"),
        ({"log_level": "DEBUG"}, "log level is DEBUG"),
        ({"embed_allowed_origins": "http://lab.example.org"}, "without TLS"),
        ({}, ""),
    ],
)
def test_settings_that_may_hurt(data, settings, words):
    careful = {"env": "production", "secret_key": SECRET, "secure_mode": True, "trusted_proxies": 1}
    careful |= {"limiter_redis": "redis://127.0.0.1:1/0", "correlation_cache": False, "host": "0.0.0.0"}
    careful |= {"allowed_hosts": "masld.example.org"}
    said = found(data_dir=data, **(careful | settings))["settings"]
    assert levels(said) == (["note"] if words else ["ok"])
    assert words in said[0].said


def test_the_strict_bundle(data):
    assert found(data_dir=data)["plotly.js"][0].level == "ok"
    assert found("It is not there.", data_dir=data)["plotly.js"][0].level == "note"
    assert (
        found("It is not there.", data_dir=data, env="production", secret_key=SECRET)["plotly.js"][0].level == "wrong"
    )


@needs_redis
def test_redis(data):
    server = Server("--maxmemory", "10mb", "--maxmemory-policy", "allkeys-lru").start()
    try:
        said = found(data_dir=data, cache_redis=server.url, limiter_redis=server.url)
        assert levels(said["cache"]) == ["ok"]
        assert levels(said["limiter"]) == ["note"], "counts must not be evicted"
        assert "noeviction" in said["limiter"][0].remedy
    finally:
        server.kill()
    url = server.url.replace("redis://", "redis://:secret-word@")
    [away] = found(data_dir=data, cache_redis=url)["cache"]
    assert away.level == "wrong"
    assert "secret-word" not in away.said
    assert "MASLDATLAS_CACHE_REDIS" in away.remedy


def test_kernels_that_do_not_compile(data, monkeypatch):
    from core.kernels import warm_up

    def fail():
        raise RuntimeError("no locator available")

    monkeypatch.setattr(warm_up, "warm_up", fail)
    [kernels] = found(data_dir=data)["kernels"]
    assert kernels.level == "wrong"
    assert "no locator available" in kernels.said


def test_a_clock_that_went_back(data, monkeypatch):
    monkeypatch.setattr(module.time, "time", lambda: 1_000_000_000.0)
    assert levels(found(data_dir=data)["clock"]) == ["wrong"]


def test_a_full_disk(data, monkeypatch):
    usage = type("Usage", (), {"total": 100, "free": 9})
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: usage)
    assert levels(found(data_dir=data)["disk"]) == ["wrong", "wrong"]


def test_programs(data, monkeypatch, tmp_path):
    monkeypatch.undo()
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("BROWSER_PATH", str(broken))
    monkeypatch.setenv("PATH", str(tmp_path))
    said = found(data_dir=data)
    assert levels(said["browser"]) == ["wrong"]
    assert levels(said["pdftocairo"]) == ["note"]
    broken.write_text("#!/bin/sh\necho Chromium 1.2.3\n")
    assert found(data_dir=data)["browser"][0].said == f"{broken}, Chromium 1.2.3"
