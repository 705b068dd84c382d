"""Which cells, which gene: the controls that all pages share, between an address and what it means.

The pages name their controls alike, so each function takes the ids of its page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from dash import ALL, Input, Output, State, dcc, html, no_update

from callbacks._view import ROLES, categorical, planes
from core.expression import NOT_GIVEN
from core.query import Range, Selection
from core.store import MISSING
from pages._ids import Correlation, Explore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash import Dash
    from dash.development.base_component import Component

    from callbacks._view import Problem
    from core.catalog import Catalog
    from core.query import PageQuery
    from core.store import Atlas

Outputs = dict[str, Any]
Ids: TypeAlias = type[Explore] | type[Correlation]
# The value of an option is a category behind an equals sign, so that no category can be mistaken for this one.
NONE_GIVEN = "?"


def every_filter(ids: Ids) -> dict[str, Any]:
    """The pattern of all filters of a page."""
    return {"type": ids.FILTER, "column": ALL}


def hydrated(ids: Ids) -> Outputs:
    """The outputs that `controls` and `nothing` fill."""
    return {
        "filters": Output(ids.FILTERS, "children"),
        "more_filters": Output(ids.MORE_FILTERS, "children"),
        "more": {
            "options": Output(ids.MORE, "options"),
            "value": Output(ids.MORE, "value"),
            "hidden": Output(ids.MORE_FIELD, "hidden"),
        },
        "ranges": {
            "options": Output(ids.RANGES, "options"),
            "value": Output(ids.RANGES, "value"),
            "hidden": Output(ids.RANGES_FIELD, "hidden"),
        },
        "gene": {
            "typed": Output(ids.GENE, "value"),
            "chosen": Output(ids.CHOSEN, "data"),
            "shown": Output(ids.GENE_SEARCH, "data-gene"),
            "atlas": Output(ids.GENE_SEARCH, "data-atlas"),
        },
        "embedding": {"options": Output(ids.EMBEDDING, "options"), "value": Output(ids.EMBEDDING, "value")},
        "layer": {
            "options": Output(ids.LAYER, "options"),
            "value": Output(ids.LAYER, "value"),
            "hidden": Output(ids.LAYER_FIELD, "hidden"),
        },
    }


def controls(ids: Ids, atlas: Atlas, query: PageQuery) -> Outputs:
    """Options and values of the filters, the gene, the map and the layer."""
    columns = categorical(atlas)
    roles = list(atlas.manifest.roles.values())
    others = [column for column in columns if column not in roles]
    more = [column for column, _ in query.selection.where if column in others]
    chosen = {column: list(kept) for column, kept in query.selection.where}
    layers = [{"label": f"{layer.name} ({layer.unit})", "value": layer.name} for layer in atlas.manifest.layers]
    ranges = [str(bounds) for bounds in query.selection.ranges]
    return {
        "filters": [
            _filter(ids.FILTER, atlas, name, ROLES[role], chosen)
            for role, name in atlas.manifest.roles.items()
            if name in columns
        ],
        "more_filters": [_filter(ids.FILTER, atlas, name, name, chosen) for name in more],
        "more": {"options": options(others), "value": more, "hidden": not others},
        "ranges": {
            "options": [
                {"label": Selection(ranges=(bounds,)).words(), "value": str(bounds)}
                for bounds in query.selection.ranges
            ],
            "value": ranges,
            "hidden": not ranges,
        },
        "gene": {"typed": query.gene, "shown": query.gene, "chosen": query.gene, "atlas": atlas.id},
        "embedding": {
            "options": [{"label": label, "value": value} for value, label in planes(atlas)],
            "value": query.embedding or None,
        },
        "layer": {"options": layers, "value": query.layer, "hidden": len(layers) < 2},  # noqa: PLR2004 - nothing to choose
    }


def nothing() -> Outputs:
    """What the controls show when there is no atlas."""
    hidden: Outputs = {"options": [], "value": None, "hidden": True}
    return {
        "filters": [],
        "more_filters": [],
        "more": {**hidden, "value": []},
        "ranges": {**hidden, "value": []},
        "gene": {"typed": "", "shown": "", "chosen": None, "atlas": ""},
        "embedding": {"options": [], "value": None},
        "layer": hidden,
    }


def options(names: Sequence[str]) -> list[dict[str, str]]:
    """The options of a menu of columns or categories."""
    return [{"label": name, "value": name} for name in names]


def by_column(columns: list[dict[str, str]], filters: list[list[str] | None]) -> dict[str, list[str] | None]:
    """The values of all filters by their column."""
    return {column["column"]: values for column, values in zip(columns, filters, strict=True)}


def selected(filters: dict[str, list[str] | None], ranges: Sequence[str] | None) -> Selection:
    """The selection that the controls say."""
    return Selection.of(_categories(filters), [Range.parse(text) for text in ranges or []])


def register(app: Dash, catalog: Catalog, ids: Ids) -> None:
    """Wire what happens among the filters themselves: further columns, and the way back to all cells."""
    pattern = every_filter(ids)

    def add_filters(
        more: list[str] | None,
        filters: list[list[str] | None],
        columns: list[dict[str, str]],
        hydrated: dict[str, Any] | None,
    ) -> Any:  # noqa: ANN401 - a list of components or no_update
        if not hydrated:
            return no_update
        return more_filters(ids, catalog.get(hydrated["atlas"]), more, by_column(columns, filters))

    def reset(_n: int | None, columns: list[dict[str, str]]) -> dict[str, Any]:
        return {"filters": [[] for _ in columns], "ranges": []}

    app.callback(
        output=Output(ids.MORE_FILTERS, "children", allow_duplicate=True),
        inputs={
            "more": Input(ids.MORE, "value"),
            "filters": State(pattern, "value"),
            "columns": State(pattern, "id"),
            "hydrated": State(ids.HYDRATED, "data"),
        },
        prevent_initial_call=True,
    )(add_filters)
    app.callback(
        output={
            "filters": Output(pattern, "value", allow_duplicate=True),
            "ranges": Output(ids.RANGES, "value", allow_duplicate=True),
        },
        inputs={"_n": Input(ids.RESET, "n_clicks"), "columns": State(pattern, "id")},
        prevent_initial_call=True,
    )(reset)


def more_filters(
    ids: Ids, atlas: Atlas, columns: Sequence[str] | None, filters: dict[str, list[str] | None]
) -> list[Component] | Any:  # noqa: ANN401 - no_update has no type of its own
    """A filter for each further column; what is chosen in those that stay is kept."""
    roles = set(atlas.manifest.roles.values())
    wanted = [column for column in columns or [] if column not in roles]
    if sorted(wanted) == sorted(set(filters) - roles):
        return no_update
    chosen = _categories(filters)
    return [_filter(ids.FILTER, atlas, column, column, chosen) for column in wanted]


def alerts(problems: Sequence[Problem]) -> list[Component]:
    """What was wrong with the address, with what to choose instead."""
    return [
        html.Div(
            [
                html.P(f"{problem.text} {problem.remedy}".strip()),
                html.Div(
                    [
                        html.Span("Instead: "),
                        *(dcc.Link(name, href=to, className="choice") for name, to in problem.choices),
                    ],
                    className="explore-choices",
                )
                if problem.choices
                else None,
            ],
            className="explore-problem",
        )
        for problem in problems
    ]


def no_atlas() -> Component:
    """What stands on a page when there is no atlas at all."""
    return html.Div(
        [
            html.H2("No atlas yet", className="empty-title"),
            html.P("There is nothing to explore until an atlas has been imported.", className="empty-text"),
            dcc.Link("See how to add one", href="/", className="btn btn-primary"),
        ],
        className="empty-state",
    )


def _categories(filters: dict[str, list[str] | None]) -> dict[str, list[str]]:
    return {
        column: ["" if value == NONE_GIVEN else value[1:] for value in values or []]
        for column, values in filters.items()
    }


def _filter(kind: str, atlas: Atlas, name: str, label: str, chosen: dict[str, list[str]]) -> Component:
    column = atlas.categorical(name)
    counts = np.bincount(column.codes + 1, minlength=len(column.categories) + 1)
    options = [
        {"label": f"{category or '(empty)'} · {n:,}", "value": f"={category}", "search": category}
        for category, n in zip(column.categories, counts[1:].tolist(), strict=True)
    ]
    if counts[MISSING + 1]:
        options.append(
            {"label": f"{NOT_GIVEN} · {int(counts[MISSING + 1]):,}", "value": NONE_GIVEN, "search": NOT_GIVEN}
        )
    words = label if label == name else f"{label} ({name})"
    return html.Div(
        [
            html.Div(words, className="explore-label"),
            dcc.Dropdown(
                id={"type": kind, "column": name},
                options=options,  # pyright: ignore[reportArgumentType]
                value=[f"={category}" if category else NONE_GIVEN for category in chosen.get(name, [])],
                multi=True,
                placeholder=f"All {len(options):,}",
                optionHeight="auto",  # pyright: ignore[reportArgumentType]
                labels={"selected_count": "{num_selected} chosen"},
            ),
        ],
        className="explore-field",
    )
