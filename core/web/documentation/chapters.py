"""Markdown chapters, split at their headings for search, links and tests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.web.documentation import reference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import click

_HEADING: Final = re.compile(r"(#{1,3}) (.+)")
_FENCE: Final = "```"
# The number at the beginning of a file name gives the order of the chapters.
_NUMBER: Final = re.compile(r"^\d+-")
_NOT_IN_AN_ANCHOR: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Section:
    """Heading with the Markdown below it, up to the next heading.

    Attributes
    ----------
    level : 1 for the title of the chapter, 2 and 3 below it
    anchor : unique id of the heading, without ``#``
    title : text of the heading, with code between backticks
    text : Markdown
    """

    level: int
    anchor: str
    title: str
    text: str


@dataclass(frozen=True)
class Chapter:
    """Chapter; its first section has the title of the chapter and its introduction."""

    name: str
    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        """Title of the chapter."""
        return self.sections[0].title


@dataclass(frozen=True)
class Manual:
    """Chapters in reading order."""

    chapters: tuple[Chapter, ...]

    def chapter_of(self, anchor: str) -> Chapter:
        """Return the chapter that contains a heading with this id, or the first chapter if there is none."""
        for chapter in self.chapters:
            if any(section.anchor == anchor for section in chapter.sections):
                return chapter
        return self.chapters[0]


def manual(directory: Path, commands: click.Group) -> Manual:
    """Read the chapters of a directory and add the generated sections.

    Parameters
    ----------
    directory
        Directory of the files ``<number>-<name>.md``, in the order of their numbers.
    commands
        Command group, for the chapter ``command-line``.

    Raises
    ------
    ValueError
        A file does not begin with ``# Title``, an anchor is not unique, or a generated chapter has no file.
    """
    generated: Mapping[str, Callable[[], str]] = {
        "command-line": lambda: reference.commands(commands),
        "api": reference.operations,
        "settings": reference.settings,
    }
    texts = {_NUMBER.sub("", path.stem): path.read_text("utf-8") for path in sorted(directory.glob("*.md"))}
    if lacking := sorted(set(generated) - set(texts)):
        raise ValueError(f"The chapters {', '.join(lacking)} have no file in {directory.name}/.")
    for name, write in generated.items():
        texts[name] = f"{texts[name].rstrip()}\n\n{write()}"
    return Manual(tuple(chapter(name, text) for name, text in texts.items()))


def chapter(name: str, text: str) -> Chapter:
    """Split a chapter at its headings of levels 1 to 3, ignoring ``#`` inside code blocks."""
    found: list[tuple[int, str, list[str]]] = []
    in_code = False
    for line in text.splitlines():
        in_code ^= line.startswith(_FENCE)
        heading = None if in_code else _HEADING.fullmatch(line.rstrip())
        if heading:
            found.append((len(heading[1]), heading[2], []))
        elif found:
            found[-1][2].append(line)
        elif line.strip():
            raise ValueError(f"The chapter {name!r} does not begin with a heading.")
    if [level for level, _, _ in found if level == 1] != [1] or found[0][0] != 1:
        raise ValueError(f"The chapter {name!r} does not begin with its one heading of level 1.")
    sections = tuple(
        Section(level, name if level == 1 else f"{name}-{slug(title)}", title, "\n".join(lines).strip())
        for level, title, lines in found
    )
    anchors = [section.anchor for section in sections]
    if twice := {anchor for anchor in anchors if anchors.count(anchor) > 1}:
        raise ValueError(f"Headings of the chapter {name!r} share an anchor: {', '.join(sorted(twice))}.")
    return Chapter(name, sections)


def slug(title: str) -> str:
    """Convert a heading to the last part of its anchor: ``Partial correlation`` to ``partial-correlation``."""
    return _NOT_IN_AN_ANCHOR.sub("-", title.lower()).strip("-")
