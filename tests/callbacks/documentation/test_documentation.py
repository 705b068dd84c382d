"""The page Documentation: what is found, what is listed, and what is drawn."""

import pytest
from dash import dcc, html
from dash.development.base_component import Component

from callbacks.documentation import article, contents, matching, summary
from core.web.documentation.chapters import Manual, chapter

MANUAL = Manual(
    (
        chapter("data", "# Your own data\n\nIntro.\n\n## Import a file\n\nText.\n\n### Import `h5ad`\n"),
        chapter("methods", "# Methods\n\n## Correlation\n\n$r$\n\n## Markers\n\nText.\n"),
        chapter("privacy", "# Privacy\n"),
    )
)


def every(node, kind):
    if isinstance(node, Component):
        return ([node] if isinstance(node, kind) else []) + every(getattr(node, "children", None), kind)
    return [found for part in node for found in every(part, kind)] if isinstance(node, (list, tuple)) else []


def links(node):
    return [link.href for link in every(node, html.A)]


@pytest.mark.parametrize(
    ("words", "anchors", "said"),
    [
        ("import", ["data", "data-import-a-file", "data-import-h5ad"], "2 headings"),
        ("H5AD import", ["data", "data-import-h5ad"], "1 heading"),
        ("methods", ["methods", "methods-correlation", "methods-markers"], "3 headings"),
        ("privacy", ["privacy"], "1 heading"),
        ("nothing here", [], "No heading contains “nothing here”. Try a shorter word."),
    ],
)
def test_headings_are_found_by_their_words(words, anchors, said):
    assert links(contents(MANUAL, MANUAL.chapters[0], words)) == [f"#{anchor}" for anchor in anchors]
    assert summary(MANUAL, words) == said


def test_without_words_the_headings_of_the_current_chapter_are_listed():
    listed = contents(MANUAL, MANUAL.chapters[1], " ")
    assert links(listed) == ["#data", "#methods", "#methods-correlation", "#methods-markers", "#privacy"]
    current = [link for link in every(listed, html.A) if getattr(link, "aria-current", None)]
    assert [link.href for link in current] == ["#methods"]
    assert summary(MANUAL, " ") == ""
    assert len(matching(MANUAL, "")) == 3


def test_an_article_has_headings_with_ids_that_link_to_themselves():
    parts = article(MANUAL.chapters[0])
    headings = every(parts, (html.H1, html.H2, html.H3))
    assert [(type(each).__name__, each.id) for each in headings] == [
        ("H1", "data"),
        ("H2", "data-import-a-file"),
        ("H3", "data-import-h5ad"),
    ]
    assert links(parts) == ["#data", "#data-import-a-file", "#data-import-h5ad"]
    assert [each.mathjax for each in every(parts, dcc.Markdown)] == [False, False]


def test_all_texts_of_a_chapter_with_formulas_are_set_alike():
    assert [each.mathjax for each in every(article(MANUAL.chapters[1]), dcc.Markdown)] == [True, True]
