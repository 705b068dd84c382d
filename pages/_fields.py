"""Controls that the analysis pages share: groups of the rail, gene search, maps; each takes the ids of its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from dash import dcc, html

from pages import _controls as controls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from pages._ids import Home, Ids
    from pages._ids_correlation import Correlation
    from pages._ids_explore import Explore
    from pages._ids_markers import Markers
    from pages._ids_species import Species

Id: TypeAlias = "Explore | Correlation | Markers | Species | Home"

# Transparent, so that the skeleton behind the plot shows until the figure arrives.
BLANK = {
    "data": [],
    "layout": {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {"visible": False},
        "yaxis": {"visible": False},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
    },
}
# Pixels of the list of a menu: ten options, and the field that searches them.
MENU = 400
CONFIG: dict[str, Any] = {"showSendToCloud": False, "displaylogo": False, "responsive": True}


def group(title: str, children: Sequence[Component]) -> Component:
    """Group controls of the rail under a heading."""
    return html.Section([html.H2(title, className="explore-question"), *children], className="explore-group")


def field(label: str, control: Component, *, id: str | None = None, hidden: bool = False) -> Component:  # noqa: A002 - the name of Dash's property
    """Place a control below its label."""
    words = html.Label(label, htmlFor=str(getattr(control, "id", "")), className="explore-label")
    if id is None:
        return html.Div([words, control], className="explore-field")
    return html.Div([words, control], id=id, hidden=hidden, className="explore-field")


def filters(ids: Ids) -> Component:
    """Build the group of filters: the number of cells they leave, and the actions on the selection."""
    return group(
        "Which cells",
        [
            html.P(id=ids.COUNT, className="explore-count", **{"aria-live": "polite"}),  # pyright: ignore[reportArgumentType]
            html.Div(id=ids.ACTIONS, className="cells-actions"),
            html.Div(id=ids.FILTERS),
            html.Div(id=ids.MORE_FILTERS),
            html.Div(id=ids.THRESHOLDS),
            dcc.Store(id=ids.LIMITED),
            # Folded, so that the groups below are reached.
            html.Details(
                [
                    html.Summary("More filters"),
                    field(
                        "More columns",
                        dropdown(id=ids.MORE, multi=True, placeholder="Filter by another column"),
                        id=ids.MORE_FIELD,
                    ),
                    gene_search(
                        "Filter by the expression of",
                        (ids.LIMIT_SEARCH, ids.LIMIT, ids.LIMIT_LIST, ids.LIMITED),
                        first=False,
                        placeholder="A gene",
                    ),
                ],
                className="explore-look",
            ),
        ],
    )


def dropdown(id: Any, **options: Any) -> dcc.Dropdown:  # noqa: A002, ANN401 - as dcc.Dropdown names its properties
    """Build a menu that shows ten options at once."""
    return dcc.Dropdown(id=id, maxHeight=MENU, **options)


def layer(ids: Ids) -> Component:
    """Build the menu of layers; hidden for an atlas with one layer."""
    menu = dropdown(id=ids.LAYER, clearable=False, searchable=False)
    return field("Layer", menu, id=ids.LAYER_FIELD, hidden=True)


def gene_search(
    label: str,
    ids: tuple[Id, Id, Id, Id],
    *,
    first: bool = True,
    placeholder: str = "ALB, or ENSG…",
    source: str = "",
    gene: str = "",
) -> Component:
    """Build a search field for genes, with suggestions from the server.

    Parameters
    ----------
    ids
        Ids of the whole, the field, the list of suggestions, and the store for the choice.
    first
        Focus this field with the key ``/``.
    source
        Address that finds genes; by default that of the atlas in ``data-atlas``.
    gene
        Gene that is chosen already.
    """
    search, typed, suggestions, chosen = ids
    key = {"data-gene-search": "true"} if first else {}
    asked = {"data-source": source} if source else {}
    return html.Div(
        [
            html.Label(label, htmlFor=typed, className="explore-label"),
            dcc.Input(
                id=typed,
                type="text",
                value=gene or None,
                placeholder=placeholder,
                autoComplete="off",
                spellCheck=False,
                className="explore-gene",
            ),
            html.Ul(id=suggestions, className="gene-list", hidden=True, role="listbox"),
        ],
        id=search,
        className="explore-field gene-search",
        **{"data-atlas": "", "data-gene": gene, "data-field": typed, "data-chosen": chosen, **asked, **key},  # pyright: ignore[reportArgumentType]
    )


def map_card(ids: Ids, side: str, *, tools: Sequence[Component] = ()) -> Component:
    """Build the card of one embedding plot, with its legend where the page has one."""

    def of(part: str) -> Id:
        return ids[f"{side}_{part}".upper().rstrip("_")]

    legend = (
        [html.Div(id=of("legend"), className="explore-legend")] if f"{side}_LEGEND".upper() in ids.__members__ else []
    )
    return controls.card(
        [
            html.Div(
                [
                    html.Div(className="explore-skeleton", **{"aria-hidden": "true"}),  # pyright: ignore[reportArgumentType]
                    controls.figure(
                        html.Div(id=of(""), className="explore-graph"),
                        "Map of cells coloured by",
                        of("title"),
                        of("note"),
                        ids.SENTENCE,
                        has_buttons=True,
                    ),
                    html.Div(id=of("fault"), className="explore-fault", role="status"),
                    html.Div(className="map-unlabelled", role="status"),
                    html.Div(id=of("hover"), className="explore-tooltip", hidden=True),
                ],
                className="explore-map",
            ),
            *legend,
        ],
        title=html.Span(id=of("title")),
        subtitle=html.Span(id=of("note")),
        tools=tools,
    )
