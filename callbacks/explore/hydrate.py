"""From the address to the controls, and from the controls to the address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks import _selection as shared
from callbacks._view import categorical, colourable
from core.query import ExploreQuery
from pages._ids import Explore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callbacks._view import Problem
    from callbacks.explore.view import View

Outputs = dict[str, Any]


def hydrate(view: View | None, problems: list[Problem], *, at: int) -> Outputs:
    """Options and values of every control, for a view and what was wrong with its address.

    Parameters
    ----------
    at
        A number that differs from call to call: the browser tells by it a followed address from a moved control.
    """
    if view is None:
        empty: Outputs = {"options": [], "value": None}
        return {
            "hydrated": None,
            "problems": [*shared.alerts(problems), shared.no_atlas()],
            "no_answer": True,
            **shared.nothing(),
            "color": empty,
            "split": {**empty, "hidden": True},
        }
    atlas, query = view.atlas, view.query
    columns = categorical(atlas)
    return {
        # A broken address stays as it was until something is chosen, so that it can be read and corrected.
        "hydrated": {"search": view.state, "atlas": atlas.id, "at": at, "write": not problems},
        "problems": shared.alerts(problems),
        "no_answer": False,
        **shared.controls(Explore, atlas, query),
        "color": {
            "options": shared.options([column.name for column in colourable(atlas)]),
            "value": query.color or None,
        },
        "split": {"options": shared.options(columns), "value": query.split or None, "hidden": not columns},
    }


def collect(
    hydrated: dict[str, Any] | None,
    choices: dict[str, str | None],
    filters: dict[str, list[str] | None],
    ranges: Sequence[str] | None,
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
    query = ExploreQuery(
        atlas=hydrated["atlas"],
        **{name: value or "" for name, value in choices.items()},
        selection=shared.selected(filters, ranges),
    )
    return query.but(layer="" if query.layer == "expression" else query.layer).search()
