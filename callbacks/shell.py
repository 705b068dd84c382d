"""Callbacks of the frame: atlas switcher, page links, theme, footer, toasts, and status 404 for unknown pages."""

from __future__ import annotations

import re
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import dash
import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Input, Output, Patch, State, dcc, html, no_update
from flask import Response, request

from core import __version__
from core.errors import AtlasError, InvalidQuery
from core.selection.model import Selection
from core.urls.base_path import below, without
from core.urls.page_queries import AtlasQuery, CorrelationQuery, ExploreQuery, MarkersQuery, PageQuery, SpeciesQuery
from pages._controls import badge_species, prose, simulated_badge
from pages._ids import Shell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dash import Dash
    from dash._no_update import NoUpdate
    from dash.development.base_component import Component
    from flask import Flask

    from core.atlas.catalog import Catalog
    from core.atlas.manifest import Manifest
    from core.services.container import Services

PAGES: dict[str, type[PageQuery]] = {
    kind.PATH: kind for kind in (AtlasQuery, ExploreQuery, CorrelationQuery, MarkersQuery, SpeciesQuery)
}
# Dash answers every address without a route of its own with the single page of the app.
ANY_PAGE = "/<path:path>"
# Parameters that mean the same in every atlas, and those that name a column.
CARRIED = ("tab", "plot", "show", "measure", "gene_b", "genes", "method", "category", "top_n", "whose")
COLUMNS = ("by", "split", "facet")


def viewed(pathname: str | None, search: str | None) -> PageQuery:
    """Read the query of an address; an empty one for other pages and unreadable addresses."""
    kind = PAGES.get(without(pathname or ""))
    if kind is None:
        return ExploreQuery()
    try:
        return kind.parse(search or "")
    except InvalidQuery:
        return kind()


def switcher(manifests: list[Manifest], view: PageQuery) -> Component | None:
    """Build the menu of atlases: each entry links to the same page and gene in another atlas; None without atlases.

    The link holds the gene as it is named in this atlas, and the filters, columns and tab (`carried`). The page visited
    finds the symbol or ortholog there and says which filters mean nothing, so that only the visited atlas is opened.
    """
    if not manifests:
        return None
    current = next((manifest for manifest in manifests if manifest.id == view.atlas), None)
    label = _name(current) if current else html.Span("Choose an atlas", className="atlas-title")
    entries = [
        html.Li(
            dcc.Link(_name(manifest), href=carried(view, current, manifest).address),
            **{"aria-current": "true"} if manifest is current else {},  # pyright: ignore[reportArgumentType]
        )
        for manifest in manifests
    ]
    # For screen readers only.
    prefix = html.Span("Atlas: ", className="visually-hidden")
    # A disclosure of links, which browsers open, navigate and announce natively.
    return html.Details(
        [
            html.Summary(
                html.Span([prefix, label] if current else label, className="atlas-label"), className="atlas-toggle"
            ),
            html.Nav(html.Ul(entries), className="atlas-menu", **{"aria-label": "Atlases"}),  # pyright: ignore[reportArgumentType]
        ],
        className="atlas-switcher",
        **{"data-popover": "true"},  # pyright: ignore[reportArgumentType]
    )


def with_viewed(catalog: Catalog, view: PageQuery) -> list[Manifest]:
    """List the atlases, and the one that is viewed also where no list shows it."""
    manifests = catalog.manifests()
    if view.atlas and all(manifest.id != view.atlas for manifest in manifests):
        with suppress(AtlasError):  # the page says what is wrong with the address
            manifests.append(catalog.manifest(view.atlas))
    return manifests


def carried(view: PageQuery, here: Manifest | None, there: Manifest) -> PageQuery:
    """Take a view along to another atlas: gene, tab, filters, and columns under the name that they have there.

    A column that plays a role here is the one of the same role there. Lassos, ranges and kept groups belong to the
    cells of this atlas; they stay behind.
    """
    roles = {name: there.roles.get(role, "") for role, name in (here.roles if here else {}).items()}

    def column(name: str) -> str:
        return roles.get(name) or name

    where = {column(name): kept for name, kept in view.selection.where}
    plain = {name: getattr(view, name) for name in CARRIED if hasattr(view, name)}
    columns = {name: column(str(getattr(view, name))) for name in COLUMNS if getattr(view, name, "")}
    known = {name: text for name, text in columns.items() if there.column(text)}
    selection = Selection.of(where, thresholds=view.selection.thresholds)
    return type(view)(atlas=there.id, gene=view.gene, selection=selection, **plain, **known)


def _name(manifest: Manifest) -> Component:
    parts = [
        badge_species(manifest.species),
        html.Span(manifest.title or manifest.name, className="atlas-title"),
        simulated_badge() if manifest.simulated else None,
        html.Span(manifest.cells_in_words, className="atlas-cells"),
    ]
    return html.Span([part for part in parts if part is not None], className="atlas-name")


def footer(*, with_version: bool) -> list[Component | str]:
    """Name the program, its version, and the API."""
    name = f"MASLDatlas {__version__}" if with_version else "MASLDatlas"
    return [
        html.Span(name),
        html.Span("For research, not for diagnosis"),
        dcc.Link("Documentation", href=below("/documentation")),
        html.A("JSON API", href=below("/api/v1/datasets")),
    ]


def toast(notice: Mapping[str, Any]) -> Component:
    """Show one error until it is dismissed: title, detail, remedy."""
    title, detail, remedy = (str(notice.get(part) or "") for part in ("title", "detail", "remedy"))
    return dbc.Toast(
        [
            html.P(prose(detail), className="toast-detail"),
            html.P(prose(remedy), className="toast-remedy") if remedy else None,
            _undo() if notice.get("undo") else None,
        ],
        header=title or "Something went wrong",
        dismissable=True,
        class_name="toast-note" if notice.get("undo") else "toast-error",
        key=f"{title} {detail} {remedy}",
    )


def _undo() -> Component:
    """Build a button that takes the last step back, as that of the page does."""
    return html.Button("Undo", type="button", className="btn btn-outline-secondary btn-sm", **{"data-step": "undo"})  # pyright: ignore[reportArgumentType]


def stacked(shown: Sequence[Mapping[str, Any]] | None, notice: Mapping[str, Any]) -> list[Component] | Patch | NoUpdate:
    """Append a toast to those that are still open, unless it is open already.

    Open toasts are never sent back: they may have been dismissed while the answer was under way.
    """
    new = toast(notice)
    key: str = getattr(new, "key")  # noqa: B009 - a property of the component, unknown to its class
    open_keys = [each["props"].get("key") for each in shown or [] if each["props"].get("is_open", True)]
    if key in open_keys:
        return no_update
    if not open_keys:
        return [new]
    appended = Patch()
    appended.append(new)
    return appended


def missing(path: str, pages: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether no page has this address."""
    wanted = path.strip("/")
    for page in pages:
        if page["module"].rpartition(".")[2] == "not_found_404":
            continue
        template = page.get("path_template")
        if template:
            literal = "(.*)".join(map(re.escape, re.split(r"<[^>]*>", template.strip("/"))))
            if re.fullmatch(literal, wanted):
                return False
        elif page["path"].strip("/") == wanted:
            return False
    return True


def answer_missing_pages_with_404(server: Flask) -> None:
    """Set status 404 for unknown pages, which Dash answers with status 200."""

    @server.after_request
    def status(response: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else ""
        if (
            rule == ANY_PAGE
            and response.status_code == HTTPStatus.OK
            and missing(request.path, dash.page_registry.values())
        ):
            response.status_code = HTTPStatus.NOT_FOUND
        return response


def register(app: Dash, services: Services) -> None:
    """Wire the frame."""
    catalog, settings = services.catalog, services.settings

    def draw_switcher(
        pathname: str | None, search: str | None, _changed: str | None, seen: list[str] | None
    ) -> tuple[Component | NoUpdate | None, list[str] | NoUpdate]:
        """Redraw the menu only where it changes: it may be open and hold the focus."""
        view = viewed(pathname, search)
        manifests = with_viewed(catalog, view)
        now = [view.PATH, view.search(), *(f"{manifest.id} {manifest.content_hash}" for manifest in manifests)]
        return (no_update, no_update) if now == seen else (switcher(manifests, view), now)

    def draw_footer(_id: str) -> list[Component | str]:
        return footer(with_version=not settings.secure_mode)

    def show(notice: dict[str, str] | None, shown: list[dict[str, Any]] | None) -> list[Component] | Patch | NoUpdate:
        return stacked(shown, notice) if notice else no_update

    def name_address(_id: str, pathname: str | None) -> list[Component | str]:
        return ["Requested address: ", html.Code(pathname or "")]

    app.callback(
        Output(Shell.ATLAS, "children"),
        Output(Shell.SWITCHED, "data"),
        Input(Shell.URL, "pathname"),
        Input(Shell.URL, "search"),
        Input(Shell.CATALOG, "data"),
        State(Shell.SWITCHED, "data"),
    )(draw_switcher)
    app.callback(Output(Shell.FOOTER, "children"), Input(Shell.FOOTER, "id"))(draw_footer)
    app.callback(
        Output(Shell.TOASTS, "children"),
        Input(Shell.ERROR, "data"),
        State(Shell.TOASTS, "children"),
        prevent_initial_call=True,
    )(show)
    app.callback(Output(Shell.MISSING, "children"), Input(Shell.MISSING, "id"), State(Shell.URL, "pathname"))(
        name_address
    )
    app.clientside_callback(ClientsideFunction("shell", "keepAtlasMenu"), Input(Shell.ATLAS, "children"))
    app.clientside_callback(
        ClientsideFunction("shell", "theme"),
        Output(Shell.THEME, "data"),
        Output(Shell.THEME_CHOICE, "value"),
        Input(Shell.THEME_CHOICE, "value"),
    )
    app.clientside_callback(
        ClientsideFunction("shell", "links"),
        Output(Shell.LINK_HOME, "active"),
        Output(Shell.LINK_EXPLORE, "active"),
        Output(Shell.LINK_EXPLORE, "href"),
        Output(Shell.LINK_CORRELATION, "active"),
        Output(Shell.LINK_CORRELATION, "href"),
        Output(Shell.LINK_MARKERS, "active"),
        Output(Shell.LINK_MARKERS, "href"),
        Output(Shell.LINK_SPECIES, "active"),
        Output(Shell.LINK_SPECIES, "href"),
        Output(Shell.HELP_PAGE, "href"),
        Input(Shell.URL, "pathname"),
        Input(Shell.URL, "search"),
    )
    answer_missing_pages_with_404(app.server)
