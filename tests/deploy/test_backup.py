"""``backup.sh`` and ``restore.sh``, with real Redis servers."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.redis_servers import free_port, needs_redis, until

DEPLOY = Path(__file__).parents[2] / "deploy"


def contents(directory):
    return {path.name: path.read_text() for path in directory.iterdir()}


@pytest.fixture
def stack(root):
    """Two real Redis servers, with something in them, and two atlases; ended whatever happens."""
    import redis

    services = ("redis-cache", "redis-broker")
    (root / "ports.json").write_text(json.dumps({name: free_port() for name in services}))
    ports = json.loads((root / "ports.json").read_text())
    clients = {name: redis.Redis(port=port, retry=None) for name, port in ports.items()}

    def pong(client):
        try:
            return client.ping()
        except redis.RedisError:
            return False

    for name, client in clients.items():
        stand_in = [root / "stand-in-compose", "up", "-d", "--no-deps", name]
        subprocess.run(stand_in, env={**os.environ, "STACK_ROOT": str(root)}, check=True)
        until(lambda client=client: pong(client), name)
        client.set("answer", f"42 of {name}")
        client.hset("counts", mapping={"a": 1, "b": 2})
    for atlas in ("human/liver", "mouse/liver"):
        place = root / "app" / "atlases" / atlas
        place.mkdir(parents=True)
        (place / "manifest.json").write_text('{"source": {"file": "liver.h5ad", "sha256": "0123abc"}}')
        (place / "var.parquet").write_bytes(b"genes of " + atlas.encode())
    (root / "app" / "atlases" / ".work").mkdir()
    for atlas, visibility in (("human/liver", "private"), ("mouse/liver", "unlisted")):
        place = root / "app" / "visibility" / atlas
        place.parent.mkdir(parents=True)
        place.write_text(f"{visibility}\n")
    yield clients
    for client in clients.values():
        try:
            client.shutdown(nosave=True)
        except redis.RedisError:
            continue
        finally:
            client.close()


def backup(run, root, *options):
    assert run("secrets").returncode == 0
    done = run("backup", "--to", root / "backups", *options)
    assert done.returncode == 0, done.stderr
    [archive] = (root / "backups").iterdir()
    return archive


@needs_redis
@pytest.mark.parametrize("whole", [True, False])
def test_a_restore_brings_back_what_was_there(run, root, stack, whole):
    archive = backup(run, root, *(["--with-atlases"] if whole else []))
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    kept = contents(root / "secrets")
    for client in stack.values():
        client.delete("answer")
        client.set("later", "x")
    shutil.rmtree(root / "app" / "atlases" / "human" / "liver")
    (root / "app" / "atlases" / "mouse" / "liver" / "var.parquet").write_bytes(b"newer")
    shutil.rmtree(root / "secrets")
    (root / "env").unlink()
    visibility = root / "app" / "visibility"
    (visibility / "human" / "liver").unlink()
    (visibility / "mouse" / "liver").write_text("public\n")

    done = run("restore", archive, "--configuration", "--yes")
    assert done.returncode == 0, done.stderr
    for name, client in stack.items():
        assert client.get("answer") == f"42 of {name}".encode()
        assert client.hgetall("counts") == {b"a": b"1", b"b": b"2"}
        assert not client.exists("later")
        assert f"{name}: restored, 2 keys" in done.stdout
    assert stack["redis-broker"].info("persistence")["aof_enabled"] == 1
    assert contents(root / "secrets") == kept
    assert "DOMAIN=masld.lab.test" in (root / "env").read_text()
    assert (visibility / "human" / "liver").read_text() == "private\n"
    assert (visibility / "mouse" / "liver").read_text() == "public\n", "what was set since stays"
    human = root / "app" / "atlases" / "human" / "liver"
    if whole:
        assert (human / "var.parquet").read_bytes() == b"genes of human/liver"
        assert "human/liver: unpacked" in done.stdout
    else:
        assert not human.exists()
        assert "human/liver: missing" in done.stdout
        assert "file:liver.h5ad sha256:0123abc" in done.stdout
    assert (root / "app" / "atlases" / "mouse" / "liver" / "var.parquet").read_bytes() == b"newer", "it was there"
    assert not list((root / "app" / "atlases" / ".work").iterdir())


@needs_redis
def test_a_damaged_backup_changes_nothing(run, root, stack):
    archive = backup(run, root)
    whole = archive.read_bytes()
    at = whole.index(b"42 of redis-cache")
    archive.write_bytes(whole[:at] + b"41" + whole[at + 2 :])
    stack["redis-cache"].set("later", "x")
    done = run("restore", archive, "--yes")
    assert done.returncode == 1
    assert "a checksum is wrong; nothing was changed" in done.stderr
    assert stack["redis-cache"].exists("later")
    archive.write_bytes(b"no archive")
    assert "is no backup of MASLDatlas" in run("restore", archive, "--yes").stderr
    assert run("restore", root / "none.tar").returncode == 2
    assert run("restore").returncode == 2


@needs_redis
def test_a_backup_is_whole_or_not_there(run, root, stack):
    stack["redis-broker"].shutdown(nosave=True)
    done = run("backup", "--to", root / "backups")
    assert done.returncode == 1
    assert done.stderr.startswith("backup: redis-broker gives no snapshot")
    assert list((root / "backups").iterdir()) == []


@needs_redis
def test_old_backups_go(run, root, stack):
    (root / "backups").mkdir()
    for day in (1, 2, 3):
        (root / "backups" / f"masldatlas-2020010{day}T000000Z.tar").touch()
    (root / "backups" / "other.tar").touch()
    assert run("backup", "--to", root / "backups", "--keep", "2").returncode == 0
    left = sorted(path.name for path in (root / "backups").iterdir())
    assert len(left) == 3
    assert {"masldatlas-20200103T000000Z.tar", "other.tar"} < set(left)
    [newest] = [path for path in (root / "backups").glob("masldatlas-*.tar") if path.stat().st_size]
    with tarfile.open(newest) as archive:
        names = archive.getnames()
        sums = archive.extractfile("SHA256SUMS").read().decode()
        for line in sums.splitlines():
            digest, name = line.split()
            assert hashlib.sha256(archive.extractfile(name).read()).hexdigest() == digest
    assert set(names) == {"SHA256SUMS", "redis-cache.rdb", "redis-broker.rdb", "atlases.tar", "configuration.tar"}


@needs_redis
@pytest.mark.parametrize("append", ["yes", "no"])
def test_a_restored_server_starts_with_its_keys(tmp_path, stack, append):
    """As a container does it: the files are prepared while no server runs, and the server reads them at its start."""
    import redis

    ports = {name: client.connection_pool.connection_kwargs["port"] for name, client in stack.items()}
    snapshot = subprocess.run(
        ["redis-cli", "-p", str(ports["redis-cache"]), "--rdb", "-"], capture_output=True, check=True
    ).stdout
    place = tmp_path / "restored"
    (place / "appendonlydir").mkdir(parents=True)
    (place / "appendonlydir" / "appendonly.aof.manifest").write_text("of another time")
    command = ["sh", str(DEPLOY / "redis" / "restore.sh"), str(place), append]
    done = subprocess.run(command, input=snapshot, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert (place / "appendonlydir").exists() == (append == "yes")
    socket = place / "s"
    server = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", str(socket), "--dir", str(place), "--appendonly", append],
        stdout=subprocess.DEVNULL,
    )
    try:
        until(socket.exists, "the server")
        client = redis.Redis(unix_socket_path=str(socket))
        assert client.get("answer") == b"42 of redis-cache"
        client.close()
    finally:
        server.kill()
        server.wait()


@needs_redis
def test_what_is_no_snapshot_leaves_the_old_one(tmp_path):
    (tmp_path / "dump.rdb").write_text("the old one")
    command = ["sh", str(DEPLOY / "redis" / "restore.sh"), str(tmp_path), "no"]
    done = subprocess.run(command, input=b"nonsense", capture_output=True, check=False, timeout=60)
    assert done.returncode == 1
    assert b"this is no snapshot of Redis" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["dump.rdb"]
    assert (tmp_path / "dump.rdb").read_text() == "the old one"
