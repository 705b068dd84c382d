"""The key of a cached answer: from the code's version, the service, the atlas' content and the question's own text."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import fields, is_dataclass
from typing import Final, cast

from core import __version__

# Raise it when the meaning of cached values changes within one version of the code.
SCHEMA: Final = 3
# Where values, locks and shared counters lie in Redis: others may use the same one.
PREFIX: Final = "masldatlas:"
VALUES: Final = f"{PREFIX}value:"
LOCKS: Final = f"{PREFIX}lock:"
COUNTERS: Final = f"{PREFIX}counters"


def canonical(params: object) -> str:
    """Write the canonical text of a question: JSON with sorted keys, a dataclass with its name and fields.

    Raises
    ------
    TypeError
        There is something in it that has no canonical text, such as an array: keys are made from primitives only.
    """
    return json.dumps(_primitive(params), sort_keys=True, separators=(",", ":"), allow_nan=False)


def key_of(service: str, content_hash: str, params: object) -> str:
    """Make the key of an answer: the content hash comes first, so that the answers of one atlas can be flushed."""
    whole = json.dumps([__version__, SCHEMA, service, content_hash, canonical(params)])
    return f"{content_hash}:{service}:{hashlib.sha256(whole.encode()).hexdigest()}"


def _primitive(value: object) -> object:
    """Convert a question to JSON types; types are compared exactly, so that nothing is stored under its repr."""
    if value is None or type(value) in (str, int, bool) or (type(value) is float and math.isfinite(value)):
        return value
    if isinstance(value, tuple | list):
        return [_primitive(each) for each in cast("tuple[object, ...]", value)]
    if is_dataclass(value) and not isinstance(value, type):
        named = {each.name: _primitive(getattr(value, each.name)) for each in fields(value)}
        return {type(value).__qualname__: named}
    if isinstance(value, dict):
        found = cast("dict[object, object]", value)
        if all(type(name) is str for name in found):
            return {str(name): _primitive(inner) for name, inner in found.items()}
    raise TypeError(f"{type(value).__qualname__} has no place in the key of a cached answer")
