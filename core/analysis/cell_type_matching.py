"""Matching of the cell types of two atlases: by name, by lineage, or as a person says.

A match goes from one cell type of a reference atlas to any number of cell types of another, whose cells are then taken
together. Names are compared as words, without case, punctuation and a plural s; a type without a namesake matches the
types of its lineage (`core.atlas.lineages`) that are nobody's namesakes. Whatever is edited counts instead of both.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import quote, unquote

from core.atlas.lineages import OTHER, lineages_of
from core.atlas.name_words import words_of
from core.errors import InvalidQuery

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

By: TypeAlias = Literal["name", "lineage", "edited", "none"]
HOW: Final[dict[By, str]] = {
    "name": "same name",
    "lineage": "same lineage",
    "edited": "edited",
    "none": "no match",
}
MAX_EDITS: Final = 200
# Characters that need no code in an edit; the separators of edits are not among them.
_PLAIN: Final = " /()',._-&*!+"
_SHORTEST_PLURAL: Final = 4


@dataclass(frozen=True)
class Match:
    """A cell type of the reference, and those of another atlas that match it.

    Attributes
    ----------
    types : cell types of the other atlas, in the order of the atlas; empty for none
    by : how they were found
    lineage : of the cell type of the reference
    """

    reference: str
    types: tuple[str, ...]
    by: By
    lineage: str


@dataclass(frozen=True)
class Edit:
    """Word of a person on a cell type: the types that match it, none for no match.

    `atlas` is the id of the other atlas; empty where every other atlas is meant that has all of the types.
    """

    reference: str
    types: tuple[str, ...]
    atlas: str = ""


def matched(
    reference: Sequence[str], other: Sequence[str], edited: Mapping[str, tuple[str, ...]] | None = None
) -> list[Match]:
    """Match each cell type of a reference with those of another atlas.

    Parameters
    ----------
    reference, other : names of the cell types that have cells
    edited : cell types of the other atlas by those of the reference; instead of what the names say
    """
    named = _by_words(other)
    lineages, others = lineages_of(reference), lineages_of(other)
    wanted = {_words(name) for name in reference}
    free = [name for name in other if _words(name) not in wanted]
    found: list[Match] = []
    for name in reference:
        lineage = lineages[name]
        types, by = named.get(_words(name), ()), "name"
        if not types and lineage != OTHER:
            types, by = tuple(each for each in free if others[each] == lineage), "lineage"
        if edited is not None and name in edited:
            types, by = tuple(each for each in other if each in edited[name]), "edited"
        found.append(Match(name, types, by if types or by == "edited" else "none", lineage))
    return found


def without_match(matches: Sequence[Match], other: Sequence[str]) -> tuple[str, ...]:
    """List the cell types of the other atlas that match none of the reference."""
    taken = {name for match in matches for name in match.types}
    return tuple(name for name in other if name not in taken)


def read_edits(text: str) -> tuple[Edit, ...]:
    """Read the edits of an address: ``human type=mouse type``, several separated by semicolons.

    ``type=one|another`` takes two types together, ``type=`` says that there is no match, and ``type=ATLAS:one`` speaks
    of one atlas only. The characters ``% ; = | :`` within a name are percent-encoded.

    Raises
    ------
    InvalidQuery
        An edit is malformed, or there are more than 200.
    """
    parts = [part for part in text.split(";") if part.strip()]
    if len(parts) > MAX_EDITS:
        raise InvalidQuery(f"{len(parts):,} matches are edited; {MAX_EDITS} is the limit.", "Remove some.")
    found: dict[tuple[str, str], Edit] = {}
    for part in parts:
        name, equals, rest = part.partition("=")
        if not equals or not name.strip():
            raise InvalidQuery(
                f"The match {part[:80]!r} cannot be read.", "Write it as TYPE=TYPE, or TYPE= for no match."
            )
        before, colon, after = rest.partition(":")
        atlas, types = (unquote(before).strip(), after) if colon else ("", rest)
        names = tuple(dict.fromkeys(unquote(each).strip() for each in types.split("|") if each.strip()))
        edit = Edit(unquote(name).strip(), names, atlas)
        found[edit.reference, edit.atlas] = edit
    return tuple(found.values())


def write_edits(edits: Sequence[Edit]) -> str:
    """Write edits as the text of an address, which `read_edits` reads."""
    return ";".join(
        f"{_quoted(edit.reference)}={f'{_quoted(edit.atlas)}:' if edit.atlas else ''}"
        f"{'|'.join(map(_quoted, edit.types))}"
        for edit in sorted(edits, key=lambda edit: (edit.reference, edit.atlas))
    )


def _quoted(name: str) -> str:
    return quote(name, safe=_PLAIN)


def _by_words(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for name in names:
        found[_words(name)] += (name,)
    return dict(found)


def _words(name: str) -> str:
    """Return the words of a name without a plural s: macrophages and Macrophage are one."""
    return " ".join(
        word[:-1] if len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith("ss") else word
        for word in words_of(name).split()
    )
