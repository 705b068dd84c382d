"""What the cache writes: it comes back as it was, and nothing else is read."""

import io
import math
import pickle
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pytest
from cachelib.serializers import RedisSerializer
from flask_caching.backends.rediscache import RedisCache
from hypothesis import given
from hypothesis import strategies as st

from core.cache.serializer import MAGIC, Entry, Rejected, SafeSerializer, Unstorable

SECRET = "a secret of the tests, long enough to be one"
LIMIT = 10_000_000


@pytest.fixture
def serializer():
    return SafeSerializer(SECRET, LIMIT)


def there_and_back(serializer, value):
    return serializer.loads(serializer.dumps(Entry("a key", value, 12.5))).value


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def table():
    return pa.table(
        {
            "gene": ["ALB", "CYP2E1", "", "naïve"],
            "r": [0.1, math.nan, -0.0, math.inf],
            "n": pa.array([1, 2, 3, None], pa.int64()),
            "kind": pa.array(["a", "b", "a", None]).dictionary_encode(),
        }
    ).replace_schema_metadata({"made": "here"})


def test_a_table_comes_back_bit_for_bit(serializer):
    values = table()
    found = there_and_back(serializer, values)
    assert found.schema.equals(values.schema, check_metadata=True)
    assert orjson.dumps(found.drop(["r"]).to_pylist()) == orjson.dumps(values.drop(["r"]).to_pylist())
    assert found["r"].to_numpy().tobytes() == values["r"].to_numpy().tobytes()


@pytest.mark.parametrize("rows", [0, 1, 100_000])
def test_tables_of_any_size(serializer, rows):
    values = pa.table({"x": np.arange(rows, dtype=float), "name": [str(at) for at in range(rows)]})
    found = there_and_back(serializer, values)
    assert found.equals(values)
    for chunk in found["x"].chunks:
        assert chunk.buffers()[1].address % 8 == 0, "numpy and numba read it in place"


def test_a_slice_is_stored_without_the_rest(serializer):
    whole = pa.table({"x": np.arange(100_000, dtype=float)})
    entry = Entry("key", whole.slice(10, 5), 1.0)
    assert len(serializer.dumps(entry)) < 2000
    assert serializer.loads(serializer.dumps(entry)).value.equals(whole.slice(10, 5))


def test_the_facts_travel_along(serializer):
    entry = Entry("human:ü", {"a": 1}, 12.5)
    sealed = serializer.dumps(entry)
    found = serializer.loads(sealed)
    assert found == entry
    assert found.size == entry.size == len(sealed)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=True) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "~", "nan", "b"]), inner),
    max_leaves=20,
)


def same(a, b):
    """Equal in value and type, NaN to NaN, and -0.0 only to itself."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[name], b[name]) for name in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


@given(st.lists(JSON) | st.dictionaries(st.text(), JSON))
def test_json_comes_back_as_it_was(value):
    assert same(there_and_back(SafeSerializer(SECRET, LIMIT), value), value)


@pytest.mark.parametrize(
    "value",
    [
        {"~": {"~": "nan"}},
        {"~": "nan"},
        {"a": [math.nan, {"~": math.inf}], "b": -math.inf},
        {"a": '"~"'},
        [[math.nan] * 3] * 3,
        [],
        {},
    ],
)
def test_not_a_number_survives(serializer, value):
    assert same(there_and_back(serializer, value), value)


@pytest.mark.parametrize(
    "value",
    [
        {"a": (1, 2)},
        {"a": np.float64(1)},
        {"a": np.arange(3)},
        {"a": 2**63},
        {1: "a"},
        {"a": "\ud800"},
        {"a": {1, 2}},
        "text",
        None,
        b"bytes",
        3.5,
    ],
)
def test_what_would_come_back_otherwise_is_refused(serializer, value):
    with pytest.raises(Unstorable):
        serializer.dumps(Entry("key", value, 1.0))


def test_endless_nesting_is_refused(serializer):
    value = []
    value.append(value)
    with pytest.raises(Unstorable):
        serializer.dumps(Entry("key", value, 1.0))


@pytest.mark.parametrize("value", [pa.table({"x": np.zeros(1000)}), {"x": "a" * 8000}])
def test_what_is_too_large_is_refused(value):
    with pytest.raises(Unstorable, match="4,000"):
        SafeSerializer(SECRET, 4000).dumps(Entry("key", value, 1.0))


def test_only_entries_are_written(serializer):
    with pytest.raises(Unstorable):
        serializer.dumps({"a": 1})


def test_nothing_is_nothing(serializer):
    assert serializer.loads(None) is None


def test_every_changed_byte_is_noticed(serializer):
    sealed = serializer.dumps(Entry("key", {"gene": "ALB", "r": 0.5}, 1.0))
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(Rejected):
            serializer.loads(bytes(changed))


@pytest.mark.parametrize("value", [{"gene": "ALB"}, pa.table({"r": [1.0, 2.0]})])
def test_every_cut_is_noticed(serializer, value):
    sealed = serializer.dumps(Entry("key", value, 1.0))
    for n in range(len(sealed)):
        with pytest.raises(Rejected):
            serializer.loads(sealed[:n])
    with pytest.raises(Rejected):
        serializer.loads(sealed + b"\0")


@pytest.mark.parametrize("planted", [b"", b"garbage", b"1", MAGIC, MAGIC + b"J" + bytes(200), b"\0" * 1000])
def test_garbage_is_rejected(serializer, planted):
    with pytest.raises(Rejected):
        serializer.loads(planted)


def test_another_secret_is_rejected(serializer):
    foreign = SafeSerializer(SECRET + "!", LIMIT).dumps(Entry("key", {"r": 1.0}, 1.0))
    with pytest.raises(Rejected, match="signature"):
        serializer.loads(foreign)


def test_a_pickle_is_rejected_and_not_run(serializer, tmp_path):
    bomb = tmp_path / "bomb"
    for planted in (b"!" + pickle.dumps(Bomb(bomb)), pickle.dumps(Bomb(bomb)), MAGIC + b"P" + pickle.dumps(Bomb(bomb))):
        with pytest.raises(Rejected):
            serializer.loads(planted)
    with pytest.raises(Rejected):
        serializer.load(io.BytesIO(pickle.dumps(Bomb(bomb))))
    with pytest.raises(Unstorable):
        serializer.dump(Bomb(bomb), io.BytesIO())
    assert not bomb.exists()


def test_the_trap_is_real(tmp_path):
    """By default the backend of Flask-Caching runs what it finds in Redis."""
    bomb = tmp_path / "bomb"
    assert isinstance(RedisCache(host=object()).serializer, RedisSerializer)
    RedisCache(host=object()).serializer.loads(b"!" + pickle.dumps(Bomb(bomb)))
    assert bomb.exists()
