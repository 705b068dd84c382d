"""Actions on a selection as a whole: links to the resulting view, so that Back undoes each."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from dash import dcc, html

from core.errors import AtlasError
from core.figures.theme import shortened
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.urls.base_path import below
from core.urls.page_queries import to_search

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.atlas.store import Atlas
    from core.urls.page_queries import PageQuery

Kept = TypeVar("Kept")
MAX_WORDS = 60
NAMED = ("a", "b")


def actions(atlas: Atlas, query: PageQuery) -> list[Component]:
    """Build chips of lassos and exclusions, links to invert, reset and save the selection, and both saved groups."""
    selection = query.selection
    chips = [
        *(
            _chip(query, selection.but(lassos=_without(selection.lassos, lasso)), lasso.words())
            for lasso in selection.lassos
        ),
        *(
            _chip(query, selection.but(excluded=_without(selection.excluded, part)), f"not ({part.words()})")
            for part in selection.excluded
        ),
    ]
    inverse = query.but(selection=selection.inverse()).address
    buttons = [] if selection.is_all else [
        *_markers_of(atlas, query),
        _link("Invert", inverse, "Select the cells outside this selection"),
        _link("Reset", query.but(selection=Selection()).address, "Select all cells", name="cells-reset"),
    ]  # fmt: skip
    named = [part for name in NAMED for part in _named(atlas, query, name)]
    return [
        html.Div(chips, className="cells-chips", hidden=not chips),
        html.Div(buttons, className="cells-buttons", hidden=not buttons),
        html.Div([*named, *_compare(query)], className="cells-named", hidden=not named),
    ]


def _without(items: tuple[Kept, ...], one: Kept) -> tuple[Kept, ...]:
    return tuple(item for item in items if item != one)


def _chip(query: PageQuery, without: Selection, words: str) -> Component:
    return html.Span(
        [
            html.Span(shortened(words, MAX_WORDS), title=words),
            dcc.Link("×", href=query.but(selection=without).address, title=f"Remove {words}", className="cells-remove"),
        ],
        className="cells-chip",
    )


def _link(text: str, href: str, title: str, *, name: str = "") -> Component:
    return dcc.Link(text, href=href, title=title, className=f"btn btn-outline-secondary btn-sm {name}".strip())


def _named(atlas: Atlas, query: PageQuery, name: str) -> list[Component]:
    """Show one of the two saved groups, and the link that saves this selection in its place."""
    letter, text = name.upper(), str(getattr(query, name))
    keep = [] if query.selection.is_all or query.selection.text() == text else [
        _link(
            f"Save as group {letter}",
            query.but(**{name: query.selection.text()}).address,
            f"Save this selection as group {letter}",
            name=f"cells-keep-{name}",
        )
    ]  # fmt: skip
    if not text:
        return [html.Div(keep, className="cells-one")] if keep else []
    forget = dcc.Link(
        "×", href=query.but(**{name: ""}).address, title=f"Remove group {letter}", className="cells-remove"
    )
    try:
        kept = Selection.from_text(text)
        n = int(mask_of(atlas, kept).sum())
    except AtlasError as error:
        return [html.Div([html.B(letter), f": {error.message} ", forget, *keep], className="cells-one")]
    show = dcc.Link(
        [html.B(letter), f" {n:,} cells"],
        href=query.but(selection=kept).address,
        title=f"Select group {letter}: {kept.words()}",
        className=f"cells-show-{name}",
    )
    words = html.Span(shortened(kept.words(), MAX_WORDS), className="cells-words", title=kept.words())
    return [html.Div([html.Span([show, forget]), words, *keep], className="cells-one")]


def _markers_of(atlas: Atlas, query: PageQuery) -> list[Component]:
    """Link to the comparison of the selected cells with all others, as far as there are cells on both sides."""
    selection = query.selection
    n = int(mask_of(atlas, selection).sum())
    if not 0 < n < atlas.n_cells:
        return []
    address = _comparison(query.atlas, selection, selection.inverse())
    words = f"Find markers of {'this cell' if n == 1 else f'these {n:,} cells'}"
    return [_link(words, address, "Genes that differ between these cells and all others", name="cells-markers")]


def _compare(query: PageQuery) -> list[Component]:
    """Link to the comparison of both groups, or of the only one with all other cells."""
    saved = [(name.upper(), text) for name in NAMED if (text := str(getattr(query, name)))]
    try:
        groups = [(letter, Selection.from_text(text)) for letter, text in saved]
    except AtlasError:  # the group itself is shown with what is wrong with it
        return []
    match groups:
        case [(_, one), (_, other)]:
            text, title = "Compare A and B", "Genes that differ between groups A and B"
        case [(letter, one)]:
            other = one.inverse()
            text = f"Compare {letter} with all other cells"
            title = f"Genes that differ between group {letter} and all other cells"
        case _:
            return []
    return [_link(text, _comparison(query.atlas, one, other), title, name="cells-compare")]


def _comparison(atlas: str, one: Selection, other: Selection) -> str:
    return below("/markers") + to_search([("atlas", atlas), ("a", one.text()), ("b", other.text())])
