"""Answers are kept by the content of the atlas, and errors are not."""

from types import SimpleNamespace

import pytest

from core.cache.in_process import MOST, remembered


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


def test_the_oldest_go_first():
    calls = []

    @remembered
    def answer(_atlas, params):
        calls.append(params)
        return params

    for params in range(MOST):
        answer(atlas("a"), params)
    answer(atlas("a"), 0)
    answer(atlas("a"), MOST)
    calls.clear()
    answer(atlas("a"), 0)
    assert calls == []
    answer(atlas("a"), 1)
    assert calls == [1]
