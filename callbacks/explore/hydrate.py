"""From the address to the controls, and from the controls to the address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from dash import dcc, html, no_update

from callbacks.explore.view import ROLES, View, categorical, colourable, planes
from core.expression import NOT_GIVEN
from core.query import ExploreQuery, Range, Selection
from core.store import MISSING
from pages._ids import Explore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from callbacks.explore.view import Problem
    from core.catalog import Catalog
    from core.store import Atlas

Outputs = dict[str, Any]
# The value of an option is a category behind an equals sign, so that no category can be mistaken for this one.
NONE_GIVEN = "?"


def hydrate(view: View | None, problems: list[Problem], *, at: int) -> Outputs:
    """Options and values of every control, for a view and what was wrong with its address.

    Parameters
    ----------
    at
        A number that differs from call to call: the browser tells by it a followed address from a moved control.
    """
    if view is None:
        return {"hydrated": None, "problems": [*_alerts(problems), _no_atlas()], "no_answer": True, **_nothing()}
    atlas, query = view.atlas, view.query
    columns = categorical(atlas)
    roles = list(atlas.manifest.roles.values())
    others = [column for column in columns if column not in roles]
    more = [column for column, _ in query.selection.where if column in others]
    chosen = {column: list(kept) for column, kept in query.selection.where}
    layers = [{"label": f"{layer.name} ({layer.unit})", "value": layer.name} for layer in atlas.manifest.layers]
    ranges = [str(bounds) for bounds in query.selection.ranges]
    return {
        # A broken address stays as it was until something is chosen, so that it can be read and corrected.
        "hydrated": {"search": view.state, "atlas": atlas.id, "at": at, "write": not problems},
        "problems": _alerts(problems),
        "no_answer": False,
        "filters": [
            _filter(atlas, name, ROLES[role], chosen) for role, name in atlas.manifest.roles.items() if name in columns
        ],
        "more_filters": [_filter(atlas, name, name, chosen) for name in more],
        "more": {"options": [{"label": name, "value": name} for name in others], "value": more, "hidden": not others},
        "ranges": {
            "options": [
                {"label": Selection(ranges=(bounds,)).words(), "value": str(bounds)}
                for bounds in query.selection.ranges
            ],
            "value": ranges,
            "hidden": not ranges,
        },
        "gene": {"typed": query.gene, "shown": query.gene, "chosen": query.gene, "atlas": atlas.id},
        "color": {
            "options": [{"label": column.name, "value": column.name} for column in colourable(atlas)],
            "value": query.color or None,
        },
        "embedding": {
            "options": [{"label": label, "value": value} for value, label in planes(atlas)],
            "value": query.embedding or None,
        },
        "split": {
            "options": [{"label": name, "value": name} for name in columns],
            "value": query.split or None,
            "hidden": not columns,
        },
        "layer": {"options": layers, "value": query.layer, "hidden": len(layers) < 2},  # noqa: PLR2004 - nothing to choose
    }


def collect(
    hydrated: dict[str, Any] | None,
    choices: dict[str, str | None],
    filters: dict[str, list[str] | None],
    ranges: list[str] | None,
) -> str | None:
    """The canonical address of what the controls say; None before there is an atlas.

    Parameters
    ----------
    choices
        gene, color, embedding, split and layer.
    filters
        By column, the values of the options that are chosen.
    """
    if not hydrated:
        return None
    where = {
        column: ["" if value == NONE_GIVEN else value[1:] for value in values or []]
        for column, values in filters.items()
    }
    query = ExploreQuery(
        atlas=hydrated["atlas"],
        **{name: value or "" for name, value in choices.items()},
        selection=Selection.of(where, [Range.parse(text) for text in ranges or []]),
    )
    return query.but(layer="" if query.layer == "expression" else query.layer).search()


def more_filters(
    catalog: Catalog,
    hydrated: dict[str, Any] | None,
    columns: Sequence[str] | None,
    filters: dict[str, list[str] | None],
) -> list[Component] | Any:  # noqa: ANN401 - no_update has no type of its own
    """A filter for each further column; what is chosen in those that stay is kept."""
    if not hydrated:
        return no_update
    atlas = catalog.get(hydrated["atlas"])
    roles = set(atlas.manifest.roles.values())
    wanted = [column for column in columns or [] if column not in roles]
    if sorted(wanted) == sorted(set(filters) - roles):
        return no_update
    chosen = {
        column: ["" if value == NONE_GIVEN else value[1:] for value in values or []]
        for column, values in filters.items()
    }
    return [_filter(atlas, column, column, chosen) for column in wanted]


def _filter(atlas: Atlas, name: str, label: str, chosen: dict[str, list[str]]) -> Component:
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
                id={"type": Explore.FILTER, "column": name},
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


def _alerts(problems: list[Problem]) -> list[Component]:
    return [
        html.Div(
            [
                html.P(f"{problem.text} {problem.remedy}".strip()),
                html.Div(
                    [
                        html.Span("Instead: "),
                        *(dcc.Link(name, href=f"/explore{to}", className="choice") for name, to in problem.choices),
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


def _no_atlas() -> Component:
    return html.Div(
        [
            html.H2("No atlas yet", className="empty-title"),
            html.P("There is nothing to explore until an atlas has been imported.", className="empty-text"),
            dcc.Link("See how to add one", href="/", className="btn btn-primary"),
        ],
        className="empty-state",
    )


def _nothing() -> Outputs:
    empty: Outputs = {"options": [], "value": None}
    hidden: Outputs = {"options": [], "value": None, "hidden": True}
    return {
        "filters": [],
        "more_filters": [],
        "more": {**hidden, "value": []},
        "ranges": {**hidden, "value": []},
        "gene": {"typed": "", "shown": "", "chosen": None, "atlas": ""},
        "color": empty,
        "embedding": empty,
        "split": hidden,
        "layer": hidden,
    }
