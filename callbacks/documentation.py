"""Documentation: the chapter that the fragment of the address names, and the headings in which words occur."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import ClientsideFunction, Input, Output, State, dcc, html, no_update

from core.urls.base_path import below
from pages._controls import prose
from pages._ids import Shell
from pages._ids_documentation import Documentation as Id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash import Dash
    from dash._no_update import NoUpdate
    from dash.development.base_component import Component

    from core.web.documentation.chapters import Chapter, Manual, Section

HEADINGS = {1: html.H1, 2: html.H2, 3: html.H3}


def article(chapter: Chapter) -> list[Component]:
    """Draw one chapter: each heading, which links to itself, with the text below it."""
    # One kind of Markdown for all of a chapter: MathJax, while it loads beside text that is there, measures nothing.
    with_formulas = any("$" in section.text for section in chapter.sections)
    return [part for section in chapter.sections for part in _section(section, mathjax=with_formulas)]


def _section(section: Section, *, mathjax: bool) -> list[Component]:
    link = html.A(prose(section.title), href=f"#{section.anchor}", className="documentation-heading")
    # A heading takes the focus when it is jumped to, so that Tab and screen readers go on from there.
    heading = HEADINGS[section.level](link, id=section.anchor, tabIndex=-1)
    if not section.text:
        return [heading]
    # Links of the chapters begin at the root of the server.
    text = section.text.replace("](/", f"]({below('/')}")
    return [heading, dcc.Markdown(text, mathjax=mathjax, className="documentation-text")]


def matching(manual: Manual, words: str) -> list[tuple[Chapter, Sequence[Section]]]:
    """Find the headings in which every word occurs, whatever the case; without words, all headings.

    Returns
    -------
    list
        Each chapter that matches, with the matching headings below its title; all of them where the title matches.
    """
    wanted = words.casefold().split()
    found: list[tuple[Chapter, Sequence[Section]]] = []
    for chapter in manual.chapters:
        title, *below = chapter.sections
        kept = below if _holds(title, wanted) else [section for section in below if _holds(section, wanted)]
        if kept or _holds(title, wanted):
            found.append((chapter, kept))
    return found


def _holds(section: Section, wanted: Sequence[str]) -> bool:
    return all(word in section.title.casefold() for word in wanted)


def contents(manual: Manual, current: Chapter, words: str) -> Component:
    """List the chapters, with the headings of the current one; where words are given, only what matches."""
    searched = bool(words.split())
    return html.Ul(
        [
            html.Li(
                [
                    _link(chapter.sections[0], current=chapter is current),
                    html.Ul([html.Li(_link(each), className=f"level-{each.level}") for each in below])
                    if below and (searched or chapter is current)
                    else None,
                ]
            )
            for chapter, below in matching(manual, words)
        ]
    )


def _link(section: Section, *, current: bool = False) -> Component:
    marked = {"aria-current": "page"} if current else {}
    # On a small screen the list is a drawer, which a link closes.
    return html.A(prose(section.title), href=f"#{section.anchor}", **{"data-rail": "close", **marked})  # pyright: ignore[reportArgumentType]


def summary(manual: Manual, words: str) -> str:
    """State how many headings match; empty where no word is given."""
    if not words.split():
        return ""
    n = sum(1 + len(below) if _holds(chapter.sections[0], words.casefold().split()) else len(below)
            for chapter, below in matching(manual, words))  # fmt: skip
    if not n:
        return f"No heading contains “{words.strip()}”. Try a shorter word."
    return f"{n:,} heading{'' if n == 1 else 's'}"


def register(app: Dash, manual: Manual) -> None:
    """Wire the page to the chapters."""

    def show(fragment: str | None, shown: str | None) -> tuple[list[Component] | NoUpdate, str | NoUpdate]:
        """Draw a chapter only where it is not the one that is there already."""
        chapter = _chapter_at(manual, fragment)
        return (no_update, no_update) if chapter.name == shown else (article(chapter), chapter.name)

    def list_headings(fragment: str | None, words: str | None) -> tuple[Component, str]:
        return contents(manual, _chapter_at(manual, fragment), words or ""), summary(manual, words or "")

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


def _chapter_at(manual: Manual, fragment: str | None) -> Chapter:
    return manual.chapter_of((fragment or "").removeprefix("#"))
