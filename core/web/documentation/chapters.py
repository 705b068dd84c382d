"""Chapters of Markdown, split at their headings, so that each heading can be found, linked to and tested."""

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
# A number before the name of a file gives its place among the chapters.
_PLACE: Final = re.compile(r"^\d+-")
_NOT_IN_AN_ANCHOR: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Section:
    """A heading and the Markdown below it, up to the next heading.

    Attributes
    ----------
    level : 1 for the title of the chapter, 2 and 3 below it
    anchor : the id of the heading, without ``#``; no other heading of the documentation has it
    title : the heading, in which names of code stand between backticks
    text : Markdown
    """

    level: int
    anchor: str
    title: str
    text: str


@dataclass(frozen=True)
class Chapter:
    """A chapter; its first section carries the title of the chapter and what stands above all other headings."""

    name: str
    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        """The heading of the chapter."""
        return self.sections[0].title


@dataclass(frozen=True)
class Manual:
    """All chapters, in reading order."""

    chapters: tuple[Chapter, ...]

    def chapter_of(self, anchor: str) -> Chapter:
        """The chapter that has a heading of this id; the first chapter where none has."""
        for chapter in self.chapters:
            if any(section.anchor == anchor for section in chapter.sections):
                return chapter
        return self.chapters[0]


def manual(directory: Path, commands: click.Group) -> Manual:
    """Read the chapters of a directory and complete those that are generated.

    Parameters
    ----------
    directory
        Holds ``<number>-<name>.md``; the numbers give the order.
    commands
        The command line, for the chapter ``command-line``.

    Raises
    ------
    ValueError
        A file does not begin with ``# Title``, two headings have the same anchor, or a generated chapter has no file.
    """
    generated: Mapping[str, Callable[[], str]] = {
        "command-line": lambda: reference.commands(commands),
        "api": reference.operations,
        "settings": reference.settings,
    }
    texts = {_PLACE.sub("", path.stem): path.read_text("utf-8") for path in sorted(directory.glob("*.md"))}
    if lacking := sorted(set(generated) - set(texts)):
        raise ValueError(f"The chapters {', '.join(lacking)} have no file in {directory.name}/.")
    for name, write in generated.items():
        texts[name] = f"{texts[name].rstrip()}\n\n{write()}"
    return Manual(tuple(chapter(name, text) for name, text in texts.items()))


def chapter(name: str, text: str) -> Chapter:
    """Split the text of a chapter at its headings of levels 1 to 3; a ``#`` inside a block of code is none."""
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
    """A heading as the last part of its anchor: ``Partial correlation`` gives ``partial-correlation``."""
    return _NOT_IN_AN_ANCHOR.sub("-", title.lower()).strip("-")
