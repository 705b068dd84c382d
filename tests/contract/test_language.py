"""Contracts on the English of the source: how docstrings open, and phrases that read as a translation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# A docstring opens with an imperative or a noun phrase (ruff's D401 knows the verbs), never with a relative clause.
OPENINGS = frozenset(
    [
        *("What", "Which", "Whether", "How", "Whoever", "Who", "Whose", "Where", "When", "Why", "Everything"),
        *("That", "As", "From", "Of", "In", "Whatever", "Nobody", "Somebody"),
    ]
)
PHRASES = re.compile(r"\b(whoever|a word at once|is no number that can be used|No cell is left)\b", re.IGNORECASE)


def sources() -> list[Path]:
    return [ROOT / "app.py", *(path for name in ("core", "callbacks", "pages") for path in (ROOT / name).rglob("*.py"))]


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each docstring."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
            yield getattr(node, "lineno", 1), text


def bad_openings(source: str) -> list[str]:
    return [f"{line}: {text.splitlines()[0]}" for line, text in docstrings(source) if text.split()[0] in OPENINGS]


def test_docstrings_open_with_an_imperative_or_a_noun():
    found = [
        f"{path.relative_to(ROOT)}:{problem}" for path in sources() for problem in bad_openings(path.read_text("utf-8"))
    ]
    assert not found, "\n".join(found)


def test_no_phrase_of_a_translation():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sources()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if PHRASES.search(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("text", ["What is here.", "Whether so.", "How often."])
def test_an_opening_is_refused(text):
    assert bad_openings(f'def f():\n    """{text}"""\n') == [f"1: {text}"]
