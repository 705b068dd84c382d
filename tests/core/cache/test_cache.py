"""The cache against a real Redis that is well, away, hostile, full, or killed in the middle."""

import json
import math
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Barrier, Event

import numpy as np
import pyarrow as pa
import pytest
import redis
from structlog.testing import capture_logs

from core.cache import keys as cache_keys
from core.cache.cache import LARGEST_SHARE, Cache
from core.cache.inventory import census, shared_counters
from core.cache.keys import LOCKS, VALUES, canonical, key_of
from core.cache.redis_backend import TTL_SECONDS
from core.cache.serializer import Entry, SafeSerializer
from core.errors import InvalidQuery, UnknownGene
from core.selection.model import Range, Selection
from core.settings.settings import load
from tests.redis_servers import Server, needs_redis
from tests.waiting import DEADLINE, until

ROOT = Path(__file__).parents[3]
HASH = "ab" * 32
OTHER = "cd" * 32
SECRET = "a secret of the tests, long enough to be one"
pytestmark = needs_redis


@dataclass(frozen=True)
class Ask:
    gene: str
    method: str = "spearman"
    drop_zeros: bool = False
    selection: Selection = field(default_factory=Selection)


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def shared():
    server = Server().start()
    yield server
    server.kill()


@pytest.fixture
def server(shared):
    """Return an empty server, shared with other tests."""
    with closing(redis.Redis.from_url(shared.url)) as client:
        client.flushall()
    return shared


@pytest.fixture
def mortal():
    """Return a server that the test may kill."""
    server = Server().start()
    yield server
    server.kill()


@contextmanager
def cached(url, tmp_path, *, secret=SECRET, size="64MB", **options):
    cache = Cache(load(cache_redis=url, data_dir=tmp_path, secret_key=secret, cache_size=size), **options)
    try:
        yield cache
    finally:
        cache.close()


@pytest.fixture
def cache(server, tmp_path):
    with cached(server.url, tmp_path) as cache:
        yield cache


@pytest.fixture
def client(server):
    with closing(redis.Redis.from_url(server.url)) as client:
        yield client


class Work:
    """Something to compute, which counts how often it was."""

    def __init__(self, value=None):
        self.value = {"r": 0.5} if value is None else value
        self.n = 0

    def __call__(self):
        self.n += 1
        return self.value


def never():
    raise AssertionError("computed again")


def where(gene, service="correlates", content_hash=HASH):
    return VALUES + key_of(service, content_hash, Ask(gene))


# --- what is kept, and under what -------------------------------------------------------------------------------------


def test_the_second_time_it_is_found(cache):
    work = Work()
    first = cache.memo("correlates", HASH, Ask("ALB"), work)
    second = cache.memo("correlates", HASH, Ask("ALB"), never)
    assert (first.value, first.hit) == ({"r": 0.5}, False)
    assert (second.value, second.hit) == ({"r": 0.5}, True)
    assert second.ms == first.ms > 0
    counts = cache.counters
    assert (counts["hits"], counts["misses"], counts["computed"], counts["errors"]) == (1, 1, 1, 0)
    assert counts["stored_bytes"] > 0


def test_another_process_finds_it(cache, server, tmp_path):
    value = pa.table({"gene": ["A", "B"], "r": [math.nan, 0.25]})
    cache.memo("correlates", HASH, Ask("ALB"), lambda: value)
    with cached(server.url, tmp_path) as other:
        found = other.memo("correlates", HASH, Ask("ALB"), never)
    assert found.hit
    assert found.value["r"].to_numpy().tobytes() == value["r"].to_numpy().tobytes()
    assert found.value.schema == value.schema


def test_not_a_number_survives_in_a_dict(cache):
    cache.memo("pair", HASH, Ask("ALB"), lambda: {"r": math.nan, "ci": [-math.inf, math.inf]})
    found = cache.memo("pair", HASH, Ask("ALB"), never).value
    assert math.isnan(found["r"])
    assert found["ci"] == [-math.inf, math.inf]


def test_whatever_changes_the_answer_changes_the_key(monkeypatch):
    params = Ask("ALB", selection=Selection.of({"Group": ["MASH"]}, [Range("score", 0.0, None)]))
    keys = [
        key_of("correlates", HASH, params),
        key_of("correlates", OTHER, params),
        key_of("pair", HASH, params),
        key_of("correlates", HASH, replace(params, gene="APOB")),
        key_of("correlates", HASH, replace(params, method="pearson")),
        key_of("correlates", HASH, replace(params, drop_zeros=True)),
        key_of("correlates", HASH, replace(params, selection=Selection.of({"Group": ["MASH", "MASL"]}))),
        key_of("correlates", HASH, replace(params, selection=Selection.of({"Group": ["MASH"]}))),
        key_of("correlates", HASH, (params, 1)),
        key_of("correlates", HASH, (params, 1.0)),
        key_of("correlates", HASH, (params, True)),
        key_of("correlates", HASH, (params, "1")),
        key_of("correlates", HASH, {"gene": "ALB"}),
    ]
    monkeypatch.setattr(cache_keys, "__version__", "99.0")
    keys.append(key_of("correlates", HASH, params))
    monkeypatch.setattr(cache_keys, "SCHEMA", 99)
    keys.append(key_of("correlates", HASH, params))
    assert len(set(keys)) == len(keys)
    assert all(key.startswith((HASH, OTHER)) for key in keys)


def test_the_same_question_has_one_key():
    one = Ask("ALB", selection=Selection.of({"B": ["y", "x"], "A": ["1"]}, [Range("s", 1.0, 2.0)]))
    two = Ask("ALB", selection=Selection.of({"A": ["1"], "B": ["x", "y", "x"]}, [Range("s", 1.0, 2.0)]))
    assert key_of("s", HASH, one) == key_of("s", HASH, two)
    assert canonical({"b": 1, "a": 2}) == canonical({"a": 2, "b": 1})
    assert json.loads(canonical(one))["Ask"]["gene"] == "ALB"
    canonical(Ask("\udcff"))  # a file name that is no text; it is refused where it is looked up


@pytest.mark.parametrize(
    "params",
    [np.arange(3), (np.float64(1),), Ask(np.str_("ALB")), {1: 2}, object(), Ask, {"a": {1, 2}}, (math.nan,), b"bytes"],
)
def test_a_key_is_never_made_from_a_repr(cache, params):
    with pytest.raises(TypeError):
        cache.memo("correlates", HASH, params, never)


def test_it_ends_after_a_week(cache, client):
    cache.memo("correlates", HASH, Ask("ALB"), Work())
    assert TTL_SECONDS - 60 < client.ttl(where("ALB")) <= TTL_SECONDS
    client.delete(where("ALB"))
    assert not cache.memo("correlates", HASH, Ask("ALB"), Work()).hit


def test_an_exception_is_not_kept(cache):
    def fail():
        raise UnknownGene("There is no gene 'ALBB'.", suggestions=("ALB",))

    with pytest.raises(UnknownGene) as error:
        cache.memo("correlates", HASH, Ask("ALBB"), fail)
    assert error.value.suggestions == ("ALB",)
    assert cache.memo("correlates", HASH, Ask("ALBB"), Work()).value == {"r": 0.5}


def test_no_lock_is_left(cache, client):
    cache.memo("correlates", HASH, Ask("ALB"), Work())
    with pytest.raises(InvalidQuery):
        cache.memo("correlates", HASH, Ask("B"), lambda: (_ for _ in ()).throw(InvalidQuery("No.")))
    assert client.keys(f"{LOCKS}*") == []


@pytest.mark.parametrize("value", [{"a": (1, 2)}, {"a": "x" * (1 << 20)}, pa.table({"x": np.zeros(200_000)})])
def test_what_cannot_be_kept_is_still_an_answer(server, tmp_path, value):
    """A value with a tuple would come back with a list; a large one would push out all the others."""
    with cached(server.url, tmp_path, size=LARGEST_SHARE << 20) as cache:
        for _ in range(2):
            answer = cache.memo("correlates", HASH, Ask("ALB"), lambda: value)
            assert answer.value is value
            assert not answer.hit
        assert cache.counters["unstorable"] == 2
        assert cache.counters["stored_bytes"] == 0


def test_a_large_value_is_kept_whole(cache):
    value = pa.table({"x": np.random.default_rng(0).random(700_000)})
    cache.memo("correlates", HASH, Ask("ALB"), lambda: value)
    found = cache.memo("correlates", HASH, Ask("ALB"), never)
    assert found.hit
    assert found.value.equals(value)


# --- values planted by somebody else ----------------------------------------------------------------------------------


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def sealed(key, value, secret=SECRET):
    return SafeSerializer(secret, 1 << 30).dumps(Entry(key, value, 1.0))


@pytest.mark.parametrize("kind", ["pickle", "prefixed pickle", "garbage", "empty", "number", "cut", "foreign", "moved"])
def test_a_planted_value_is_rejected(cache, client, tmp_path, kind):
    key, bomb = where("ALB").removeprefix(VALUES), tmp_path / "bomb"
    planted = {
        "pickle": pickle.dumps(Bomb(bomb)),
        "prefixed pickle": b"!" + pickle.dumps(Bomb(bomb)),
        "garbage": os.urandom(500),
        "empty": b"",
        "number": b"42",
        "cut": sealed(key, {"r": 9.0})[:-1],
        "foreign": sealed(key, {"r": 9.0}, SECRET + "!"),
        "moved": sealed(where("APOB").removeprefix(VALUES), {"r": 9.0}),
    }[kind]
    client.set(where("ALB"), planted)
    answer = cache.memo("correlates", HASH, Ask("ALB"), Work())
    assert (answer.value, answer.hit) == ({"r": 0.5}, False)
    assert cache.counters["rejected"] == 1
    assert cache.memo("correlates", HASH, Ask("ALB"), never).hit, "ours has taken its place"
    assert not bomb.exists()
    assert cache.status()["status"] == "ok"


def test_a_planted_value_of_another_type_is_rejected(cache, client):
    client.rpush(where("ALB"), "a", "b")
    assert cache.memo("correlates", HASH, Ask("ALB"), Work()).value == {"r": 0.5}
    assert cache.counters["rejected"] == 1
    assert cache.memo("correlates", HASH, Ask("ALB"), never).hit


@pytest.mark.parametrize("milliseconds", [None, 10**9])
def test_a_planted_lock_holds_nobody_up(cache, client, milliseconds):
    client.set(LOCKS + where("ALB").removeprefix(VALUES), "mine", px=milliseconds)
    start = time.monotonic()
    assert cache.memo("correlates", HASH, Ask("ALB"), Work()).value == {"r": 0.5}
    assert time.monotonic() - start < 5
    assert cache.memo("correlates", HASH, Ask("ALB"), never).hit


def test_what_is_rejected_is_logged_without_the_value(cache, client):
    client.set(where("ALB"), b"my secret diary")
    with capture_logs() as logs:
        cache.memo("correlates", HASH, Ask("ALB"), Work())
    assert [line["event"] for line in logs] == ["a value in the cache is not ours; it is computed again"]
    assert "diary" not in str(logs)


# --- many at once -----------------------------------------------------------------------------------------------------


def test_sixteen_threads_compute_once(cache):
    barrier, work = Barrier(16), Work()

    def compute():
        # Until the other fifteen wait for this one.
        until(lambda: cache.counters["waits"] == 15, "all waiting")
        return work()

    def params(_):
        barrier.wait(DEADLINE)
        return cache.memo("correlates", HASH, Ask("ALB"), compute)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(params, range(16)))
    assert work.n == 1
    assert Counter(answer.hit for answer in answers) == {True: 15, False: 1}
    assert all(answer.value == {"r": 0.5} for answer in answers)


def test_an_exception_reaches_all_who_wait(cache):
    problem = InvalidQuery("The selection holds no cell.", "Select more cells.")

    def fail():
        until(lambda: cache.counters["waits"] == 7, "all waiting")
        raise problem

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(cache.memo, "correlates", HASH, Ask("ALB"), fail) for _ in range(8)]
        assert all(future.exception(DEADLINE) is problem for future in asked)


def test_mixed_keys_are_all_right(cache):
    def params(number):
        gene = f"GENE{number % 20}"
        value = pa.table({"r": [float(number % 20)] * 100}) if number % 2 else {"r": number % 20}
        found = cache.memo("correlates", HASH, Ask(gene), lambda: value).value
        return found["r"][0].as_py() == number % 20 if number % 2 else found == {"r": number % 20}

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(params, range(400)))
    assert cache.counters["computed"] == 20


PROCESS = """
import os, sys, time
from pathlib import Path
from core.cache.cache import Cache
from core.settings.settings import load
name, url, place, what = sys.argv[1:]
place = Path(place)
cache = Cache(load(cache_redis=url, data_dir=place, secret_key=%r), lock_seconds=%r)
def compute():
    with (place / "computed").open("a") as file:
        file.write(name + "\\n")
    if what == "hang":
        (place / "hanging").touch()
        sys.stdin.read()
    while len(list(place.glob("asking-*"))) < 3:
        pass
    return {"by": "all"}
(place / f"asking-{name}").touch()
print(cache.memo("correlates", "ab" * 32, {"gene": "ALB"}, compute).value["by"])
cache.close()
"""


def process(name, url, place, what="compute", lock_seconds=5.0):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MASLDATLAS_")}
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS % (SECRET, lock_seconds), name, url, str(place), what],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    )


def test_three_processes_compute_once(server, client, tmp_path):
    processes = [process(name, server.url, tmp_path) for name in "abc"]
    said = [each.communicate(timeout=4 * DEADLINE)[0].strip() for each in processes]
    assert said == ["all"] * 3
    assert len((tmp_path / "computed").read_text().split()) == 1
    counts = shared_counters(client)
    assert counts["computed"] == 1
    assert counts.get("misses", 0) + counts.get("hits", 0) == 3


def test_whoever_waits_goes_on_when_the_holder_is_killed(server, client, tmp_path):
    holder = process("holder", server.url, tmp_path, "hang", lock_seconds=0.5)
    try:
        until((tmp_path / "hanging").exists, "the holder at work", 4 * DEADLINE)
        with cached(server.url, tmp_path, lock_seconds=0.5) as cache, ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(cache.memo, "correlates", HASH, {"gene": "ALB"}, Work()) for _ in range(4)]
            until(lambda: cache.counters["waits"] >= 4, "all waiting")
            assert not any(future.done() for future in asked)
            holder.kill()
            assert [future.result(DEADLINE).value for future in asked] == [{"r": 0.5}] * 4
            assert cache.counters["computed"] == 1
    finally:
        holder.kill()
        holder.communicate()


def test_a_lock_is_kept_alive_while_its_holder_computes(server, client, tmp_path):
    lock = LOCKS + where("ALB").removeprefix(VALUES)
    with cached(server.url, tmp_path, lock_seconds=0.3) as cache:

        def compute():
            seen = [client.pttl(lock)]
            renewed = 0
            end = time.monotonic() + DEADLINE
            while renewed < 3:
                assert time.monotonic() < end
                seen.append(client.pttl(lock))
                assert seen[-1] >= 0, "the lock ran out"
                renewed += seen[-1] > seen[-2]
            return {"r": 0.5}

        cache.memo("correlates", HASH, Ask("ALB"), compute)
    assert client.exists(lock) == 0


def test_nobody_waits_forever(server, tmp_path):
    """The other process is alive and keeps its lock, but never comes to an end."""
    with (
        cached(server.url, tmp_path) as one,
        cached(server.url, tmp_path, wait_seconds=0.2) as two,
        ThreadPoolExecutor(1) as pool,
    ):
        began, go = Event(), Event()

        def slowly():
            began.set()
            assert go.wait(DEADLINE)
            return {"r": 0.5}

        slow = pool.submit(one.memo, "correlates", HASH, Ask("ALB"), slowly)
        assert began.wait(DEADLINE)
        assert two.memo("correlates", HASH, Ask("ALB"), Work()).value == {"r": 0.5}
        assert two.counters["computed"] == 1
        go.set()
        assert slow.result(DEADLINE).value == {"r": 0.5}


def test_a_waiting_process_takes_the_answer_of_the_other(server, tmp_path):
    with cached(server.url, tmp_path) as one, cached(server.url, tmp_path) as two, ThreadPoolExecutor(1) as pool:

        def slowly():
            until(lambda: two.counters["waits"], "the other to wait")
            return {"r": 0.5}

        began = pool.submit(one.memo, "correlates", HASH, Ask("ALB"), slowly)
        until(lambda: one.counters["misses"], "the first")
        with closing(redis.Redis.from_url(server.url)) as client:
            until(lambda: client.keys(f"{LOCKS}*"), "the lock")
        assert two.memo("correlates", HASH, Ask("ALB"), never).hit
        assert not began.result(DEADLINE).hit


# --- Redis away -------------------------------------------------------------------------------------------------------


def test_without_redis_every_answer_is_computed(tmp_path):
    server = Server()
    with cached(server.url, tmp_path, clock=Clock()) as cache, capture_logs() as logs:
        work = Work()
        for _ in range(50):
            assert cache.memo("correlates", HASH, Ask("ALB"), work).value == {"r": 0.5}
        assert work.n == 50
        assert cache.counters["errors"] == 1, "it is left alone after the first"
        assert len(logs) == 1, "one line, not fifty"
        assert cache.status()["status"] == "degraded"


def test_it_is_asked_again_after_a_pause(mortal, tmp_path):
    clock = Clock()
    with cached(mortal.url, tmp_path, clock=clock) as cache:
        cache.memo("correlates", HASH, Ask("ALB"), Work())
        mortal.kill()
        cache.memo("correlates", HASH, Ask("ALB"), Work())
        errors = cache.counters["errors"]
        assert errors == 1
        mortal.start()
        cache.memo("correlates", HASH, Ask("ALB"), Work())
        assert cache.counters["errors"] == errors, "not yet"
        clock.now += 0.6
        assert not cache.memo("correlates", HASH, Ask("ALB"), Work()).hit
        assert cache.memo("correlates", HASH, Ask("ALB"), never).hit
        assert cache.status()["status"] == "ok"


def test_the_state_is_true_at_once(mortal, tmp_path):
    with cached(mortal.url, tmp_path, clock=Clock()) as cache:
        assert cache.status()["status"] == "ok"
        mortal.kill()
        assert cache.status()["status"] == "degraded"
        assert cache.status()["status"] == "degraded"
        mortal.start()
        assert cache.status()["status"] == "ok"
        cache.memo("correlates", HASH, Ask("ALB"), Work())
        assert cache.memo("correlates", HASH, Ask("ALB"), never).hit


def test_a_server_that_does_not_answer_costs_little(tmp_path):
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"redis://user:secret-password@127.0.0.1:{silent.getsockname()[1]}/0"
        with cached(url, tmp_path, clock=Clock()) as cache:
            start = time.monotonic()
            for _ in range(20):
                cache.memo("correlates", HASH, Ask("ALB"), Work())
            assert time.monotonic() - start < 2
            assert "secret-password" not in str(cache.status())


def test_something_else_at_that_address(tmp_path):
    with closing(socket.create_server(("127.0.0.1", 0))) as other, ThreadPoolExecutor(1) as pool:

        def web():
            connection, _ = other.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        served = pool.submit(web)
        with cached(f"redis://127.0.0.1:{other.getsockname()[1]}/0", tmp_path, clock=Clock()) as cache:
            assert cache.memo("correlates", HASH, Ask("ALB"), Work()).value == {"r": 0.5}
            assert cache.counters["errors"] == 1
        served.result(DEADLINE)


def test_killed_and_started_again_under_load(mortal, tmp_path):
    """Every question is answered, none wrongly, and all is well afterwards without a restart."""
    with cached(mortal.url, tmp_path) as cache, ThreadPoolExecutor(8) as pool:
        stop, asked = Event(), Counter()

        def params(thread):
            number = thread
            while not stop.is_set():
                number += 1
                gene = number % 30
                value = cache.memo("correlates", HASH, Ask(f"GENE{gene}"), lambda: {"r": gene}).value  # noqa: B023 - called at once
                assert value == {"r": gene}
                asked[thread] += 1

        running = [pool.submit(params, at) for at in range(8)]
        try:
            until(lambda: cache.counters["hits"] > 200, "warm")
            for _ in range(3):
                mortal.kill()
                before = sum(asked.values())
                until(lambda: sum(asked.values()) > before + 200, "answers without Redis")  # noqa: B023
                assert cache.status()["status"] == "degraded"
                mortal.start()
                until(lambda: cache.status()["status"] == "ok", "well again")
                hits = cache.counters["hits"]
                until(lambda: cache.counters["hits"] > hits + 200, "warm again")  # noqa: B023
        finally:
            stop.set()
        for future in running:
            future.result(DEADLINE)


def test_killed_while_computing(mortal, tmp_path):
    with cached(mortal.url, tmp_path, lock_seconds=0.3) as cache:

        def compute():
            mortal.kill()
            until(lambda: cache.counters["errors"], "the lock cannot be kept")
            return {"r": 0.5}

        assert cache.memo("correlates", HASH, Ask("ALB"), compute).value == {"r": 0.5}


def test_a_server_that_is_full(tmp_path):
    server = Server("--maxmemory", "1", "--maxmemory-policy", "noeviction").start()
    try:
        with cached(server.url, tmp_path) as cache:
            assert cache.memo("correlates", HASH, Ask("ALB"), Work()).value == {"r": 0.5}
            assert cache.counters["errors"] > 0
            assert cache.status()["status"] == "ok", "it answers"
    finally:
        server.kill()


def test_a_wrong_password(tmp_path):
    server = Server("--requirepass", "right-password")
    url = server.url.replace("//", "//:wrong-password@")
    server.greeting = b"-NOAUTH"
    server.start()
    try:
        with cached(url, tmp_path, clock=Clock()) as cache:
            assert cache.memo("correlates", HASH, Ask("ALB"), Work()).value == {"r": 0.5}
            assert cache.status()["status"] == "degraded"
    finally:
        server.kill()


# --- off, closed, counted, flushed ------------------------------------------------------------------------------------


def test_turned_off(server, client, tmp_path):
    cache = Cache(load(cache_redis=server.url, data_dir=tmp_path, correlation_cache=False))
    cache.start()
    work = Work()
    for _ in range(3):
        assert not cache.memo("correlates", HASH, Ask("ALB"), work).hit
    assert work.n == 3
    assert cache.status() == {"status": "off", "reason": "turned off", "counters": cache.counters}
    assert cache.flush() == 0
    assert client.dbsize() == 0
    cache.close()


def test_closed_it_still_answers(cache):
    cache.memo("correlates", HASH, Ask("ALB"), Work())
    cache.close()
    cache.close()
    assert cache.memo("correlates", HASH, Ask("ALB"), Work()).value == {"r": 0.5}
    assert cache.status()["status"] == "off"


def test_one_atlas_is_flushed_and_the_others_stay(cache, client):
    client.set("somebody else's", "value")
    for content_hash, n in ((HASH, 7), (OTHER, 3)):
        for at in range(n):
            cache.memo("correlates", content_hash, Ask(f"GENE{at}"), Work())
    held = census(client)
    assert {digest: found.entries for digest, found in held.items()} == {HASH: 7, OTHER: 3}
    assert sum(found.bytes for found in held.values()) == cache.counters["stored_bytes"]
    assert cache.flush(HASH) == 7
    assert cache.flush(HASH) == 0
    assert cache.memo("correlates", OTHER, Ask("GENE1"), never).hit
    assert not cache.memo("correlates", HASH, Ask("GENE1"), Work()).hit
    assert cache.flush() == 4
    assert client.get("somebody else's") == b"value"


def test_a_pattern_is_not_a_pattern(cache):
    cache.memo("correlates", HASH, Ask("ALB"), Work())
    for pattern in ("*", "ab*", "[a-z]" * 2, "?" * 64, "\\*"):
        assert cache.flush(pattern) == 0
    assert cache.memo("correlates", HASH, Ask("ALB"), never).hit


def test_thousands_are_flushed(cache, client):
    with client.pipeline(transaction=False) as pipe:
        for at in range(3000):
            pipe.set(f"{VALUES}{HASH}:x:{at}", b"x")
        pipe.execute()
    assert cache.flush(HASH) == 3000


def test_a_flush_that_cannot_be_says_so(tmp_path):
    with cached(Server().url, tmp_path) as cache, pytest.raises(redis.RedisError):
        cache.flush()


def test_what_happened_is_shared(server, client, tmp_path):
    for _ in range(2):
        with cached(server.url, tmp_path) as cache:
            for _ in range(3):
                cache.memo("correlates", HASH, Ask("ALB"), Work())
    assert shared_counters(client) == {
        "hits": 5,
        "misses": 1,
        "computed": 1,
        "stored_bytes": client.strlen(where("ALB")),
    }


def test_a_killed_process_leaves_no_thread_or_lock_behind(server, client, tmp_path):
    holder = process("holder", server.url, tmp_path, "hang", lock_seconds=0.5)
    until((tmp_path / "hanging").exists, "the holder at work", 4 * DEADLINE)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    until(lambda: not client.keys(f"{LOCKS}*"), "the lock to end")
