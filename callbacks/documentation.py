"""Documentation: the chapter that the fragment of the address names, and the headings that a word occurs in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, State, dcc, html, no_update

from pages._controls import prose
from pages._ids import Shell
from pages._ids_documentation import Documentation as Id

if TYPE_CHECKING:
    from dash import Dash
    from dash._no_update import NoUpdate
    from dash.development.base_component import Component

    from core.api.documentation.chapters import Chapter, Manual, Section

HEADINGS = {1: html.H1, 2: html.H2, 3: html.H3}


def article(chapter: Chapter) -> list[Component]:
    """One chapter: each heading, which links to itself, with the text below it."""
    with_formulas = any("$" in section.text for section in chapter.sections)
    return [part for section in chapter.sections for part in _section(section, mathjax=with_formulas)]


def _section(section: Section, *, mathjax: bool) -> list[Component]:
    link = html.A(prose(section.title), href=f"#{section.anchor}", className="documentation-heading")
    # A heading takes the focus when it is jumped to, so that Tab and screen readers go on from there.
    heading = HEADINGS[section.level](link, id=section.anchor, tabIndex=-1)
    if not section.text:
        return [heading]
    return [heading, dcc.Markdown(section.text, mathjax=mathjax, className="documentation-text")]


def matching(manual: Manual, words: str) -> list[tuple[Chapter, list[Section]]]:
    """The chapters with those of their headings in which every word occurs, whatever the case.

    A chapter whose own title matches has all of its headings; a chapter without a match is left out.
    """
    wanted = words.casefold().split()

    def matches(title: str) -> bool:
        return all(word in title.casefold() for word in wanted)

    found = [
        (chapter, list(chapter.sections[1:]) if matches(chapter.title) else _matching(chapter, matches))
        for chapter in manual.chapters
    ]
    return [(chapter, below) for chapter, below in found if below or matches(chapter.title)]


def _matching(chapter: Chapter, matches: Any) -> list[Section]:  # noqa: ANN401 - a function of a title
    return [section for section in chapter.sections[1:] if matches(section.title)]


def contents(manual: Manual, current: Chapter, words: str) -> Component:
    """The list of chapters: below the current one its headings, or, where words are given, all that match."""
    searched = bool(words.split())
    return html.Ul(
        [
            html.Li(
                [_link(chapter.sections[0], current=chapter is current), _headings(below, shown=searched or chapter is current)]
            )
            for chapter, below in matching(manual, words)
        ]
    )


def _headings(sections: list[Section], *, shown: bool) -> Component | None:
    return html.Ul([html.Li(_link(section), className=f"level-{section.level}") for section in sections]) if shown and sections else None


def _link(section: Section, *, current: bool = False) -> Component:
    marked = {"aria-current": "page"} if current else {}
    return html.A(
        prose(section.title),
        href=f"#{section.anchor}",
        # On a small screen the list is a drawer, and a link closes it.
        **{"data-rail": "close", **marked},  # pyright: ignore[reportArgumentType]
    )


def found(manual: Manual, words: str) -> str:
    """How many headings match, as a sentence; empty where no word is given."""
    if not words.split():
        return ""
    n = sum(bool(below) * len(below) or 1 for _, below in matching(manual, words))
    if not n:
        return f"No heading contains “{words.strip()}”. Try a shorter word."
    return f"{n:,} heading{'' if n == 1 else 's'}"


def register(app: Dash, manual: Manual) -> None:
    """Wire the page to the chapters."""

    def show(fragment: str | None, shown: str | None) -> tuple[list[Component] | NoUpdate, str | NoUpdate]:
        """Draw a chapter only where it is not the one that is there already."""
        chapter = manual.chapter_of((fragment or "").removeprefix("#"))
        return (no_update, no_update) if chapter.name == shown else (article(chapter), chapter.name)

    def list_headings(fragment: str | None, words: str | None) -> tuple[Component, str]:
        current = manual.chapter_of((fragment or "").removeprefix("#"))
        return contents(manual, current, words or ""), found(manual, words or "")

    app.callback(
        Output(Id.ARTICLE, "children"),
        Output(Id.SHOWN, "data"),
        Input(Shell.URL, "hash"),
        State(Id.SHOWN, "data"),
    )(show)
    app.callback(
        Output(Id.LIST, "children"),
        Output(Id.FOUND, "children"),
        Input(Shell.URL, "hash"),
        Input(Id.FILTER, "value"),
    )(list_headings)
    app.clientside_callback(
        ClientsideFunction("documentation", "go"),
        Output(Id.ARTICLE, "title"),
        Input(Id.ARTICLE, "children"),
        Input(Shell.URL, "hash"),
        prevent_initial_call=True,
    )
