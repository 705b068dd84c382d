"""The frame around all pages: bar, page, footer, toasts, help. Its data comes from ``callbacks/shell.py``."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import dash
import dash_bootstrap_components as dbc
from dash import dcc, html

from core.urls.base_path import below
from pages import _embed_dialog as embed
from pages import _export_dialog as publish
from pages._controls import icon
from pages._ids import Shell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

# The theme must be set before the first paint, so its script is loaded in <head> and not by Dash.
HEAD_SCRIPT = "js/1-shell/theme.js"
_INDEX = f"""<!DOCTYPE html>
<html lang="en" data-base="@BASE@">
  <head>
    {{%metas%}}
    <meta name="color-scheme" content="light dark">
    <title>{{%title%}}</title>
    <link rel="icon" type="image/svg+xml" href="@BASE@/assets/favicon.svg">
    {{%css%}}
    <script src="@BASE@/assets/{HEAD_SCRIPT}"></script>
  </head>
  <body>
    <noscript><p class="noscript">MASLDatlas draws its figures in the browser: please enable JavaScript.</p></noscript>
    {{%app_entry%}}
    {{%config%}}
    {{%scripts%}}
    {{%renderer%}}
  </body>
</html>"""


def index(base: str) -> str:
    """Return the HTML of every page below a path; its scripts read the path from ``data-base``."""
    return _INDEX.replace("@BASE@", base)


THEMES = (("light", "sun", "Light theme"), ("dark", "moon", "Dark theme"), ("auto", "auto", "System theme"))
SHORTCUTS = (
    ("/", "Search for a gene"),
    ("?", "Show or hide these shortcuts"),
    ("↑ ↓", "Move through suggestions"),
    ("Enter", "Choose the suggestion"),
    ("P L B", "Explore: drag to pan, lasso or select a box"),
    ("Ctrl + scroll", "Zoom a map; also Cmd, or a pinch. The wheel alone scrolls the page"),
    ("Ctrl Z", "Explore: undo; with Shift: redo"),
    ("Esc", "Close a list, drawer or message"),
    ("← →", "Move between tabs and within a legend; Enter opens"),
    ("Tab", "Go to the next control; the first two skip navigation and controls"),
)
HELP = (
    ("/documentation#first-steps", "First steps"),
    ("/documentation#methods", "Methods and formulas"),
    ("/documentation#figures", "Figures for papers"),
    ("/documentation#citing", "How to cite"),
    ("/documentation", "All of the documentation"),
)


def layout() -> html.Div:
    """Lay out the frame; Dash puts the page into its container."""
    return html.Div(
        [
            dcc.Location(id=Shell.URL, refresh=False),
            dcc.Store(id=Shell.THEME),
            dcc.Store(id=Shell.ERROR),
            dcc.Store(id=Shell.CATALOG),
            dcc.Store(id=Shell.SWITCHED),
            *_skip_links(),
            _bar(),
            html.Main(_page(), id=Shell.MAIN, tabIndex=-1),
            html.Footer(id=Shell.FOOTER, className="footer"),
            html.Div(id=Shell.TOASTS, className="toasts", role="status", **{"aria-live": "polite"}),  # pyright: ignore[reportArgumentType]
            _help(),
            *publish.parts(),
            embed.dialog(),
        ],
        className="shell",
    )


def _skip_links() -> Sequence[Component]:
    """Build the links before the bar; the second is shown where a page has results beside its controls."""
    links = (("main", "Skip to the content"), ("results", "Skip to results"))
    return [
        html.A(words, href=f"#{Shell.MAIN}", className="skip-link", **{"data-skip": place})  # pyright: ignore[reportArgumentType]
        for place, words in links
    ]


def _page() -> Component:
    """Give Dash's container of the page a title from the start: its script for titles can fail without one."""
    container = deepcopy(dash.page_container)
    for part in container.children:  # pyright: ignore[reportGeneralTypeIssues, reportOptionalIterable]
        if isinstance(part, dcc.Store):
            part.data = {"title": "MASLDatlas"}  # pyright: ignore[reportAttributeAccessIssue]
    return container


def _bar() -> html.Header:
    brand = dcc.Link([html.Span(className="brand-mark"), html.Span("MASLDatlas")], href=below("/"), className="brand")
    menu_button = html.Button(
        icon("menu"),
        type="button",
        className="icon-button menu-button",
        **{"data-menu": "true", "aria-label": "Menu", "aria-expanded": "false", "aria-controls": Shell.MENU},  # pyright: ignore[reportArgumentType]
    )
    pages = html.Nav(
        [
            dbc.NavLink("Atlases", id=Shell.LINK_HOME, href=below("/")),
            dbc.NavLink("Explore", id=Shell.LINK_EXPLORE, href=below("/explore")),
            dbc.NavLink("Markers", id=Shell.LINK_MARKERS, href=below("/markers")),
            dbc.NavLink("Correlation", id=Shell.LINK_CORRELATION, href=below("/correlation")),
            dbc.NavLink("Species", id=Shell.LINK_SPECIES, href=below("/species")),
        ],
        className="bar-links",
        **{"aria-label": "Pages"},  # pyright: ignore[reportArgumentType]
    )
    help_button = html.Button(
        icon("help"),
        type="button",
        className="icon-button",
        title="Keyboard shortcuts (?)",
        **{"data-help": "true", "aria-label": "Help and keyboard shortcuts", "aria-haspopup": "dialog"},  # pyright: ignore[reportArgumentType]
    )
    menu = html.Div([pages, publish.page_link(), _themes(), help_button], id=Shell.MENU, className="bar-menu")
    return html.Header([brand, html.Div(id=Shell.ATLAS, className="bar-atlas"), menu_button, menu], className="bar")


def _themes() -> html.Div:
    def option(value: str, picture: str, words: str) -> dict[str, object]:
        return {
            "value": value,
            "label": html.Span([icon(picture), html.Span(words, className="visually-hidden")], title=words),
        }

    choices = dbc.RadioItems(
        id=Shell.THEME_CHOICE,
        options=[option(*theme) for theme in THEMES],  # pyright: ignore[reportArgumentType]
        class_name="theme-choice",
        input_class_name="btn-check",
        label_class_name="theme-option",
    )
    return html.Div(choices, role="group", **{"aria-label": "Theme"})  # pyright: ignore[reportArgumentType]


def _help_link(href: str, words: str, **more: str) -> Component:
    """Return a link to the documentation, which closes the dialog."""
    return html.Span(dcc.Link(words, href=below(href), **more), **{"data-help": "true"})  # pyright: ignore[reportArgumentType]


def _help() -> html.Dialog:
    rows = [html.Div([html.Dt([html.Kbd(key) for key in keys.split()]), html.Dd(words)]) for keys, words in SHORTCUTS]
    close = html.Button(
        icon("close"),
        type="button",
        className="icon-button",
        **{"data-help": "true", "aria-label": "Close"},  # pyright: ignore[reportArgumentType]
    )
    title = "shell-help-title"
    return html.Dialog(
        html.Div(
            [
                html.Div([html.H2("Help", id=title), close], className="help-head"),
                html.Nav(
                    [
                        _help_link("/documentation#pages", "This page", id=Shell.HELP_PAGE),
                        *(_help_link(href, words) for href, words in HELP),
                    ],
                    className="help-links",
                    **{"aria-label": "Documentation"},  # pyright: ignore[reportArgumentType]
                ),
                html.H3("Keyboard shortcuts", className="help-part"),
                html.Dl(rows, className="shortcuts"),
                html.P(
                    "The page address saves the current view. Copy it to return or to share.",
                    className="help-note",
                ),
            ],
            className="help-body",
        ),
        id=Shell.HELP,
        className="help",
        **{"aria-labelledby": title},  # pyright: ignore[reportArgumentType]
    )
