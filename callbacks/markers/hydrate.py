"""Controls of the page Markers: filled from a view, and read back into an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.shared import selection_controls as shared
from callbacks.shared.page import hydrated
from core.urls.page_queries import MarkersQuery
from core.views.markers.state import ONE, TABS, TOP, columns, resolve
from pages._ids_markers import Markers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.services.container import Services
    from core.views.markers.state import MarkersView
    from core.views.resolve import Problem

Outputs = dict[str, Any]
EACH, VERSUS = "each", "versus"
NO_PAIR = "To compare two groups, select cells in Explore and save them as A, then save another selection as B."


def hydrate(view: MarkersView | None, problems: list[Problem], *, at: int) -> Outputs:
    """Fill every control for a view, and show what is wrong with its address; see `callbacks.shared.page.hydrated`."""
    common = hydrated(Markers, view, problems, at=at)
    if view is None:
        return {
            **common,
            "mode": {"options": _modes(possible=False), "value": EACH, "help": ""},
            "by": {"options": [], "value": None, "hidden": True},
            "category": {"options": [], "value": None},
            "top": TOP,
            "whose": EACH,
            "tab": TABS[0],
        }
    query = view.query
    possible = bool(query.a and query.b)
    names = columns(view.atlas)
    by = query.by or next(iter(names), None)
    return {
        **common,
        "mode": {
            "options": _modes(possible=possible),
            "value": VERSUS if view.versus else EACH,
            "help": "" if possible else NO_PAIR,
        },
        "by": {"options": shared.column_options(view.atlas, names), "value": by, "hidden": not names},
        "category": {"options": view.options, "value": query.category or None},
        "top": view.top,
        "whose": query.whose or EACH,
        "tab": query.tab,
    }


def collect(
    services: Services,
    filled: Mapping[str, Any] | None,
    choices: Mapping[str, Any],
    cells: Mapping[str, Any],
    shown: str | None,
) -> str | None:
    """Read the controls into a canonical address; None before there is an atlas.

    Parameters
    ----------
    choices
        mode, by, category, gene, top_n, whose, tab and layer.
    cells
        Values that `callbacks.shared.selection_controls.inputs` reads.
    shown
        Address of the current view: a change of the column drops its category.
    """
    if not filled:
        return None
    kept = filled["kept"]
    query = MarkersQuery(
        atlas=filled["atlas"],
        by="" if choices.get("mode") == VERSUS else str(choices.get("by") or ""),
        category=str(choices.get("category") or ""),
        gene=str(choices.get("gene") or ""),
        # A number field is empty while its value is out of range.
        top_n=str(choices.get("top_n") or TOP),
        whose=ONE if choices.get("whose") == ONE else "",
        tab=str(choices.get("tab") or ""),
        layer=str(choices.get("layer") or ""),
        a=kept["a"],
        b=kept["b"],
        selection=shared.selected(cells, kept),
    )
    if shown and MarkersQuery.parse(shown).by != query.by:
        query = query.but(category="")
    view, _ = resolve(services, query.search())
    return view.state if view else None


def _modes(*, possible: bool) -> list[dict[str, Any]]:
    return [
        {"label": "Each category against the rest", "value": EACH},
        {"label": "Group A against group B", "value": VERSUS, "disabled": not possible},
    ]
