"""Controls of cells and gene that all analysis pages share, filled from a view and read back into a selection.

The ids of these controls have the same names on each page, so each function takes the ids of its page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from dash import ALL, Input, Output, State, html, no_update

from callbacks.shared import numeric_filters
from callbacks.shared.selection_actions import actions
from core.atlas.embedding_axes import planes
from core.atlas.nouns import ROLES, menu_name
from core.atlas.store import MISSING
from core.selection.model import Selection
from core.views.formatting import category_label
from core.views.resolve import categorical, colorable
from pages._fields import dropdown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash import Dash
    from dash.development.base_component import Component

    from core.atlas.catalog import Catalog
    from core.atlas.store import Atlas
    from core.selection.model import Threshold
    from core.urls.page_queries import PageQuery
    from pages._ids import Ids

Outputs = dict[str, Any]
# Values of options begin with an equals sign, so that no category can be mistaken for this value.
NONE_GIVEN = "?"


def every_filter(ids: Ids) -> dict[str, Any]:
    """Return the id pattern of all filters by category of a page."""
    return {"type": ids.FILTER, "column": ALL}


def every_bound(ids: Ids) -> dict[str, Any]:
    """Return the id pattern of all filters by number or expression of a page."""
    return {"type": ids.BOUNDS, "of": ALL, "name": ALL, "given": ALL}


def hydrated(ids: Ids) -> Outputs:
    """Return the outputs that `controls` and `nothing` fill."""
    return {
        "filters": Output(ids.FILTERS, "children"),
        "more_filters": Output(ids.MORE_FILTERS, "children"),
        "more": {
            "options": Output(ids.MORE, "options"),
            "value": Output(ids.MORE, "value"),
            "hidden": Output(ids.MORE_FIELD, "hidden"),
        },
        "thresholds": Output(ids.THRESHOLDS, "children"),
        "limit": {
            "typed": Output(ids.LIMIT, "value"),
            "shown": Output(ids.LIMIT_SEARCH, "data-gene"),
            "atlas": Output(ids.LIMIT_SEARCH, "data-atlas"),
        },
        "gene": {
            "typed": Output(ids.GENE, "value"),
            "chosen": Output(ids.CHOSEN, "data"),
            "shown": Output(ids.GENE_SEARCH, "data-gene"),
            "atlas": Output(ids.GENE_SEARCH, "data-atlas"),
        },
        **(
            {"embedding": {"options": Output(ids["EMBEDDING"], "options"), "value": Output(ids["EMBEDDING"], "value")}}
            if _has_maps(ids)
            else {}
        ),
        "layer": {
            "options": Output(ids.LAYER, "options"),
            "value": Output(ids.LAYER, "value"),
            "hidden": Output(ids.LAYER_FIELD, "hidden"),
        },
    }


def _has_maps(ids: Ids) -> bool:
    return "EMBEDDING" in ids.__members__


def inputs(ids: Ids) -> Outputs:
    """Return the inputs that `selected` reads."""
    bounds = every_bound(ids)
    return {
        "filters": Input(every_filter(ids), "value"),
        "columns": State(every_filter(ids), "id"),
        "bounds": Input(bounds, "value"),
        "places": State(bounds, "id"),
        "lows": State(bounds, "min"),
        "highs": State(bounds, "max"),
    }


def controls(ids: Ids, atlas: Atlas, query: PageQuery) -> Outputs:
    """Fill the filters, the gene, the embedding and the layer."""
    selection = query.selection
    columns = categorical(atlas)
    roles = list(atlas.manifest.roles.values())
    others = [column.name for column in colorable(atlas) if column.name not in roles]
    filtered = [column for column, _ in selection.where] + [bounds.column for bounds in selection.ranges]
    more = [column for column in dict.fromkeys(filtered) if column in others]
    chosen = {column: list(kept) for column, kept in selection.where}
    layers = [{"label": f"{layer.name} ({layer.unit})", "value": layer.name} for layer in atlas.manifest.layers]

    def without(threshold: Threshold) -> str:
        kept = tuple(other for other in selection.thresholds if other != threshold)
        return query.but(selection=selection.but(thresholds=kept)).address

    return {
        "filters": [
            _filter(ids.FILTER, atlas, name, ROLES[role], chosen)
            for role, name in atlas.manifest.roles.items()
            if name in columns
        ],
        "more_filters": [part for name in more for part in _more(ids, atlas, name, selection)],
        "more": {"options": options(others), "value": more, "hidden": not others},
        "thresholds": [numeric_filters.gene_bounds(ids, atlas, each, without(each)) for each in selection.thresholds],
        "limit": {"typed": "", "shown": "", "atlas": atlas.id},
        "gene": {"typed": query.gene, "shown": query.gene, "chosen": query.gene, "atlas": atlas.id},
        **(
            {
                "embedding": {
                    "options": [{"label": label, "value": value} for value, label in planes(atlas)],
                    "value": query.embedding or None,
                }
            }
            if _has_maps(ids)
            else {}
        ),
        "layer": {"options": layers, "value": query.layer, "hidden": len(layers) < 2},  # noqa: PLR2004 - nothing to choose
    }


def nothing(ids: Ids) -> Outputs:
    """Empty the controls, where there is no atlas."""
    hidden: Outputs = {"options": [], "value": None, "hidden": True}
    return {
        "filters": [],
        "more_filters": [],
        "more": {**hidden, "value": []},
        "thresholds": [],
        "limit": {"typed": "", "shown": "", "atlas": ""},
        "gene": {"typed": "", "shown": "", "chosen": None, "atlas": ""},
        **({"embedding": {"options": [], "value": None}} if _has_maps(ids) else {}),
        "layer": hidden,
    }


def options(names: Sequence[str]) -> list[dict[str, str]]:
    """Return the options of a menu of categories."""
    return [{"label": name, "value": name} for name in names]


def column_options(atlas: Atlas, names: Sequence[str]) -> list[dict[str, str]]:
    """Return the options of a menu of columns, each named by what it means."""
    return [{"label": menu_name(atlas, name), "value": name} for name in names]


def kept(query: PageQuery) -> dict[str, str]:
    """Return the parameters that no control holds, so that `collect` can keep them."""
    selection = Selection(lassos=query.selection.lassos, excluded=query.selection.excluded)
    return {"selection": selection.text(), "a": query.a, "b": query.b}


def selected(cells: Mapping[str, Any], kept: Mapping[str, str]) -> Selection:
    """Read the selection from the controls, together with the parts that no control holds."""
    filters = {column["column"]: values for column, values in zip(cells["columns"], cells["filters"], strict=True)}
    bounds = numeric_filters.read(cells["places"], cells["bounds"], cells["lows"], cells["highs"])
    rest = Selection.from_text(kept["selection"])
    return Selection.of(_categories(filters), bounds.ranges, bounds.thresholds, rest.lassos, rest.excluded)


def register(app: Dash, catalog: Catalog, ids: Ids, kind: type[PageQuery]) -> None:
    """Wire the filters of further columns, and the actions on the selection as a whole."""

    def add_filters(
        more: list[str] | None, columns: list[dict[str, str]], places: list[dict[str, str]], state: str | None
    ) -> Any:  # noqa: ANN401 - a list of components or no_update
        if not state:
            return no_update
        query = kind.parse(state)
        atlas = catalog.get(query.atlas)
        roles = set(atlas.manifest.roles.values())
        there = {column["column"] for column in columns}
        there |= {place["name"] for place in places if place["of"] == numeric_filters.COLUMN}
        wanted = [name for name in more or [] if name not in roles]
        # A followed address has filled the filters already.
        if set(wanted) == there - roles:
            return no_update
        return [part for name in wanted for part in _more(ids, atlas, name, query.selection)]

    def act(state: str | None) -> Any:  # noqa: ANN401
        if not state:
            return no_update
        query = kind.parse(state)
        return actions(catalog.get(query.atlas), query)

    app.callback(
        output=Output(ids.MORE_FILTERS, "children", allow_duplicate=True),
        inputs={
            "more": Input(ids.MORE, "value"),
            "columns": State(every_filter(ids), "id"),
            "places": State(every_bound(ids), "id"),
            "state": State(ids.STATE, "data"),
        },
        prevent_initial_call=True,
    )(add_filters)
    app.callback(output=Output(ids.ACTIONS, "children"), inputs={"state": Input(ids.STATE, "data")})(act)


def _more(ids: Ids, atlas: Atlas, name: str, selection: Selection) -> list[Component]:
    """Build the filters of a further column: one of categories, or one a range and at least one."""
    info = atlas.column_info(name)
    if info is not None and info.kind == "categorical":
        return [_filter(ids.FILTER, atlas, name, name, {column: list(kept) for column, kept in selection.where})]
    given = [bounds for bounds in selection.ranges if bounds.column == name]
    return [numeric_filters.column_bounds(ids, atlas, name, bounds) for bounds in given or [None]]


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
        missing = category_label("")
        options.append({"label": f"{missing} · {int(counts[MISSING + 1]):,}", "value": NONE_GIVEN, "search": missing})
    words = label if label == name else f"{label} ({name})"
    return html.Div(
        [
            html.Div(words, className="explore-label"),
            dropdown(
                id={"type": kind, "column": name},
                options=options,  # pyright: ignore[reportArgumentType]
                value=[f"={category}" if category else NONE_GIVEN for category in chosen.get(name, [])],
                multi=True,
                placeholder=f"All {len(options):,}",
                optionHeight="auto",  # pyright: ignore[reportArgumentType]
                labels={"selected_count": "{num_selected} selected"},
            ),
        ],
        className="explore-field",
    )
