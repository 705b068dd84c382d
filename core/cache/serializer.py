"""Serialisation of cached answers for Redis: Arrow or JSON, signed; never a pickle.

::

    "MASLD" version kind      7 bytes; kind is A (an Arrow stream) or J (JSON)
    signature                32 bytes, HMAC-SHA256 over all the rest, keyed from the secret of the settings
    length of the facts       4 bytes
    facts                     JSON: the key it was stored under, the milliseconds it took
    padding                   zeros up to a multiple of 64, so that Arrow reads its columns in place
    payload

Nothing is read before the signature is verified: write access to Redis allows neither running code nor forging results.
Since the key is signed too, an answer cannot be moved under another question.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import orjson
import pyarrow as pa
from cachelib.serializers import BaseSerializer

if TYPE_CHECKING:
    from collections.abc import Callable

Value: TypeAlias = "pa.Table | dict[str, Any] | list[Any]"

MAGIC: Final = b"MASLD\x01"
_KINDS: Final = (b"A", b"J")
_SIGNED: Final = len(MAGIC) + 1 + hashlib.sha256().digest_size
_ALIGNMENT: Final = 64
# JSON has no NaN and no infinities: they travel as {"~": "nan"}, and a dict that has a "~" of its own as {"~": {...}}.
_MARK: Final = "~"
_SHORTEST: Final = _SIGNED + 4
_INT64: Final = 1 << 63


class Rejected(ValueError):
    """Entry in Redis that this program did not write."""


class Unstorable(TypeError):
    """Value that would not be read back unchanged, or is too large to keep."""


@dataclass
class Entry:
    """Value with its key, computing time and size.

    Attributes
    ----------
    key : what it was stored under
    value : the answer; to be read, not changed, since other threads may hold the same object
    ms : milliseconds it took to compute
    size : bytes it takes in Redis; filled in when it is written or read
    """

    key: str
    value: Value
    ms: float
    size: int = field(default=0, compare=False)


class SafeSerializer(BaseSerializer):
    """The serializer that Flask-Caching's Redis backend is given in place of its own, which unpickles.

    Parameters
    ----------
    secret : the secret of the settings
    limit : bytes above which a value is refused
    """

    def __init__(self, secret: str, limit: int) -> None:
        # A key of its own: a signature made here is of no use for cookies, and the other way round.
        self._key = hmac.digest(secret.encode(), b"masldatlas cache", "sha256")
        self._limit = limit

    def dumps(self, value: Any, protocol: int = 0) -> bytes:  # noqa: ANN401, ARG002 - cachelib's signature
        """Turn an `Entry` into signed bytes.

        Raises
        ------
        Unstorable
            It is too large, or neither a table nor plain JSON: tuples, numpy scalars and keys that are not texts would
            come back as something else than they were.
        """
        if not isinstance(value, Entry):
            raise Unstorable(f"{type(value).__name__} is not an entry of the cache")
        if isinstance(value.value, pa.Table):
            kind, payload = b"A", _table_bytes(value.value, self._limit)
        else:
            kind, payload = b"J", memoryview(_json_bytes(value.value))
        facts = orjson.dumps({"key": value.key, "ms": value.ms})
        start = _SHORTEST + len(facts)
        head = len(facts).to_bytes(4, "big") + facts + bytes(-start % _ALIGNMENT)
        value.size = _SIGNED + len(head) + payload.nbytes
        if value.size > self._limit:
            raise Unstorable(f"{value.size:,} bytes are more than the {self._limit:,} that one value may take")
        magic = MAGIC + kind
        return b"".join((magic, self._sign(magic, head, payload), head, payload))

    def loads(self, bvalue: Any) -> Entry | None:  # noqa: ANN401 - cachelib's signature
        """Read signed bytes; None where there is nothing.

        Raises
        ------
        Rejected
            They are not whole, not ours, or signed with another secret.
        """
        if bvalue is None:
            return None
        view = memoryview(cast("bytes", bvalue))
        magic, rest = bytes(view[: len(MAGIC) + 1]), view[_SIGNED:]
        if magic[: len(MAGIC)] != MAGIC or magic[-1:] not in _KINDS or view.nbytes < _SHORTEST:
            raise Rejected("it is not in our format")
        if not hmac.compare_digest(self._sign(magic, rest), view[len(magic) : _SIGNED]):
            raise Rejected("its signature is wrong")
        n_facts = int.from_bytes(rest[:4], "big")
        facts = orjson.loads(rest[4 : 4 + n_facts])
        start = _SHORTEST + n_facts
        payload = view[start + -start % _ALIGNMENT :]
        value = _table(payload) if magic[-1:] == b"A" else _from_json(bytes(payload))
        return Entry(key=facts["key"], value=value, ms=facts["ms"], size=view.nbytes)

    def dump(self, value: Any, f: Any, protocol: int = 0) -> None:  # noqa: ANN401, ARG002 - cachelib's signature
        """Refuse: cachelib's own would pickle into a file."""
        raise Unstorable("nothing is written to files")

    def load(self, f: Any) -> Any:  # noqa: ANN401, ARG002 - cachelib's signature
        """Refuse: cachelib's own would unpickle a file."""
        raise Rejected("nothing is read from files")

    def _sign(self, *parts: bytes | memoryview) -> bytes:
        signature = hmac.new(self._key, digestmod=hashlib.sha256)
        for part in parts:
            signature.update(part)
        return signature.digest()


def _table_bytes(table: pa.Table, limit: int) -> memoryview:
    if table.nbytes > limit:
        raise Unstorable(f"{table.nbytes:,} bytes are more than the {limit:,} that one value may take")
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return memoryview(sink.getvalue())


def _table(payload: memoryview) -> pa.Table:
    with pa.ipc.open_stream(pa.py_buffer(payload)) as reader:
        return reader.read_all()


def _json_bytes(value: object) -> bytes:
    if not isinstance(value, dict | list):
        raise Unstorable(f"{type(value).__name__} is neither a table, nor a dict, nor a list")
    try:
        return orjson.dumps(_marked(cast("object", value)))
    except (TypeError, RecursionError) as error:  # a lone surrogate, or lists within lists within lists
        raise Unstorable(str(error)) from error


def _from_json(text: bytes) -> Any:  # noqa: ANN401 - JSON
    value = orjson.loads(text)
    return _plain(value) if b'"~"' in text else value


def _marked(value: object) -> object:
    """Mark NaN and infinities in a value; types are compared exactly, since JSON knows no subclasses."""
    kind = type(value)
    if kind is float:
        number = cast("float", value)
        return number if math.isfinite(number) else {_MARK: str(number)}
    if kind is str or kind is bool or value is None:
        return value
    if kind is int and -_INT64 <= cast("int", value) < _INT64:
        return value
    if kind is list:
        return _each(cast("list[object]", value), _marked)
    if kind is dict:
        found = cast("dict[object, object]", value)
        if not all(type(name) is str for name in found):
            raise Unstorable("a dict has a key that is not a text")
        marked = {name: _marked(inner) for name, inner in found.items()}
        return {_MARK: marked} if _MARK in found else marked
    raise Unstorable(f"{kind.__module__}.{kind.__qualname__} is not plain JSON")


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """Undo `_marked`."""
    if isinstance(value, list):
        return _each(cast("list[object]", value), _plain)
    if not isinstance(value, dict):
        return value
    found = cast("dict[str, object]", value)
    marked = found.get(_MARK)
    if isinstance(marked, str):
        return float(marked)
    own = cast("dict[str, object]", marked) if isinstance(marked, dict) else found
    return {name: _plain(inner) for name, inner in own.items()}


def _each(values: list[object], change: Callable[[object], object]) -> list[object]:
    return [change(each) for each in values]
