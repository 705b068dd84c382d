"""Controls of the page Species: filled from a view, and read back into an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.shared.page import hydrated
from core.urls.page_queries import NO_OTHERS, SpeciesQuery
from core.views.species.state import TABS, comparable, resolve
from pages._controls import SPECIES
from pages._ids_species import Species as Id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from callbacks.species.part import Part
    from core.services.container import Services
    from core.views.resolve import Problem
    from core.views.species.state import SpeciesView

Outputs = dict[str, Any]


def hydrate(parts: Mapping[str, Part], view: SpeciesView | None, problems: list[Problem], *, at: int) -> Outputs:
    """Fill every control for a view, and show what is wrong with its address; see `callbacks.shared.page.hydrated`."""
    common = hydrated(Id, view, problems, at=at)
    own = {name: part.hydrate(view) for name, part in parts.items() if part.hydrated}
    if view is None:
        return {
            **common,
            "gene": {"typed": "", "shown": "", "chosen": None},
            "others": {"options": [], "value": []},
            "list": {"typed": "", "drawn": ""},
            "tab": TABS[0],
            "parts": own,
        }
    query = view.query
    return {
        **common,
        "gene": {"typed": query.gene, "shown": query.gene, "chosen": query.gene},
        "others": {"options": _options(view), "value": list(query.beside)},
        "list": {"typed": query.genes, "drawn": query.genes},
        "tab": query.tab,
        "parts": own,
    }


def collect(
    services: Services,
    parts: Mapping[str, Part],
    filled: Mapping[str, Any] | None,
    choices: Mapping[str, Any],
    shown: str | None,
) -> str | None:
    """Read the controls into a canonical address; None before there is an atlas.

    Parameters
    ----------
    choices
        gene, others, genes, tab, and under ``parts`` those of each tab.
    shown
        Address of the current view: another gene is one of any species.
    """
    if not filled:
        return None
    query = SpeciesQuery(
        atlas=filled["atlas"],
        others=",".join(choices.get("others") or ()) or NO_OTHERS,
        gene=str(choices.get("gene") or ""),
        genes=str(choices.get("genes") or ""),
        tab=str(choices.get("tab") or ""),
    )
    before = SpeciesQuery.parse(shown or "")
    if before.gene == query.gene:
        query = query.but(species=before.species)
    for name, part in parts.items():
        if part.choices:
            query = part.collect(query, choices["parts"][name])
    view, _ = resolve(services, query.search())
    return view.state if view else None


def _options(view: SpeciesView) -> list[dict[str, str]]:
    return [
        {"label": f"{SPECIES[each.species]} · {each.title or each.id}", "value": each.id, "search": each.id}
        for each in comparable(view.services.catalog, view.atlas)
    ]
