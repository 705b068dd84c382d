"""Results are kept by the content of the atlas and bounded in bytes; exceptions are not kept."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from core.cache import in_process
from core.cache.in_process import MAX_BYTES, remembered, size_of


def atlas(digest):
    return SimpleNamespace(manifest=SimpleNamespace(content_hash=digest))


def test_asked_twice_computed_once_for_each_content_and_question():
    calls = []

    @remembered
    def answer(atlas, params, *, by=None):
        calls.append((atlas.manifest.content_hash, params, by))
        return object()

    first = answer(atlas("a"), 1)
    assert answer(atlas("a"), 1) is first
    others = [answer(atlas("b"), 1), answer(atlas("a"), 2), answer(atlas("a"), 1, by="x")]
    assert first not in others
    assert len(calls) == 4
    assert answer.__name__ == "answer"


def test_two_functions_have_results_of_their_own():
    one, other = remembered(lambda atlas: "one"), remembered(lambda atlas: "other")
    assert (one(atlas("a")), other(atlas("a"))) == ("one", "other")


def test_an_error_is_not_kept():
    turn = iter([ValueError("once"), 5])

    @remembered
    def answer(_atlas):
        found = next(turn)
        if isinstance(found, Exception):
            raise found
        return found

    with pytest.raises(ValueError, match="once"):
        answer(atlas("a"))
    assert answer(atlas("a")) == 5


def test_the_least_recently_used_results_go_first():
    calls = []

    @remembered
    def answer(_atlas, params):
        calls.append(params)
        return np.zeros(MAX_BYTES // 4, dtype=np.uint8)

    # Four of these and their keys are more than there is room for.
    for params in range(3):
        answer(atlas("a"), params)
    answer(atlas("a"), 0)
    answer(atlas("a"), 3)
    assert in_process._results.currsize <= MAX_BYTES
    calls.clear()
    answer(atlas("a"), 0)
    assert calls == []
    answer(atlas("a"), 1)
    assert calls == [1]


def test_a_result_larger_than_the_cache_is_returned_and_not_kept():
    answer = remembered(lambda _atlas: np.zeros(MAX_BYTES, dtype=np.uint8))
    assert answer(atlas("a")).size == MAX_BYTES
    assert answer(atlas("a")) is not answer(atlas("a"))


def test_many_threads_get_what_belongs_to_their_question():
    answer = remembered(lambda _atlas, params: params * 2)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda n: answer(atlas("a"), n % 7), range(500))) == [n % 7 * 2 for n in range(500)]


@dataclass(frozen=True)
class Part:
    values: np.ndarray
    names: tuple[str, ...]


@pytest.mark.parametrize(
    ("value", "least"),
    [
        (np.zeros(1000), 8000),
        (pa.table({"r": np.zeros(1000)}), 8000),
        ((np.zeros(10), np.zeros(20)), 240),
        ({"a": np.zeros(100)}, 800),
        (Part(np.zeros(100), ("name" * 100,)), 1200),
        ("text" * 100, 400),
        (None, 0),
        (1.5, 8),
    ],
)
def test_the_size_of_a_result_counts_all_that_it_holds(value, least):
    assert least <= size_of(value) <= least + 400
