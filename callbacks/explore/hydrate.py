"""Controls of the page Explore: filled from a view, and read back into an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.shared import selection_controls as shared
from callbacks.shared.page import hydrated
from core.atlas.nouns import menu_name
from core.genes.lists import canonical as canonical_list
from core.urls.page_queries import ExploreQuery
from core.views.explore import zonation
from core.views.explore.state import COLORS, DEFAULTS, LABEL_PARAMETERS, canonical
from core.views.explore.tokens import BLEND, GENE, GENE_B, NONE, SET_A, SET_B, WORDS, token_of
from core.views.resolve import categorical, colorable
from pages._ids_explore import Explore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.atlas.store import Atlas
    from core.views.explore.state import ExploreView
    from core.views.resolve import Problem

Outputs = dict[str, Any]
# Parameters that links change; and those whose control holds the text of the address unchanged, empty for none.
KEPT = ("hide", *LABEL_PARAMETERS)
PLAIN = (
    "gene",
    "gene_b",
    *COLORS,
    "embedding",
    "layer",
    "facet",
    "by",
    "split",
    "scale",
    "show",
    "plot",
    "measure",
    "tab",
)


def hydrate(view: ExploreView | None, problems: list[Problem], *, at: int) -> Outputs:
    """Fill every control for a view, and show what is wrong with its address; see `callbacks.shared.page.hydrated`."""
    if view is None:
        return {**hydrated(Explore, None, problems, at=at), **_own(None, ExploreQuery())}
    kept = {name: str(getattr(view.query, name)) for name in KEPT}
    return {**hydrated(Explore, view, problems, at=at, kept=kept), **_own(view.atlas, view.query)}


def _own(atlas: Atlas | None, query: ExploreQuery) -> Outputs:
    """Fill the controls that only Explore has."""
    names = categorical(atlas) if atlas else []
    columns = shared.column_options(atlas, names) if atlas else []
    menus = colors(atlas, query) if atlas else [[] for _ in COLORS]
    return {
        "gene_b": {
            "typed": query.gene_b,
            "chosen": query.gene_b,
            "shown": query.gene_b,
            "atlas": atlas.id if atlas else "",
        },
        "colors": [
            {
                "options": menu,
                "value": getattr(query, name) or None,
            }
            for menu, name in zip(menus, COLORS, strict=True)
        ],
        **{
            name: {"options": columns, "value": getattr(query, name) or None, "hidden": not columns}
            for name in ("facet", "by", "split")
        },
        "look": {
            "scale": query.scale or None,
            "clip": query.clip if query.clip.startswith("p") else None,
            "clip_at": None if not query.clip or query.clip.startswith("p") else float(query.clip),
            "order": [] if query.order == "file" else ["high"],
            "size": float(query.size or 1),
            "opacity": float(query.opacity or 1),
        },
        "show": query.show or DEFAULTS["show"],
        "plot": query.plot or DEFAULTS["plot"],
        "tab": query.tab or DEFAULTS["tab"],
        "measure": query.measure or DEFAULTS["measure"],
        "no_zonation": atlas is None or not zonation.is_there(atlas),
        "list": {"typed": query.genes, "drawn": query.genes},
        "sets": {
            "set_a": query.set_a,
            "set_b": query.set_b,
            "name_a": query.name_a,
            "name_b": query.name_b,
            "method": query.score or DEFAULTS["score"],
            "drawn": {name: getattr(query, name) for name in ("set_a", "set_b", "name_a", "name_b", "score")},
        },
    }


def colors(atlas: Atlas, query: ExploreQuery) -> list[list[dict[str, str]]]:
    """List the options of the menu of each map; the first map cannot be left out."""
    every = _colors(atlas, query)
    return [[option for option in every if number or option["value"] != NONE] for number in range(len(COLORS))]


def _colors(atlas: Atlas, query: ExploreQuery) -> list[dict[str, str]]:
    """List what can colour a map: the genes by their symbols and the gene sets, then every column."""
    named = dict(WORDS)
    if query.gene:
        named[GENE] = query.gene
    if query.gene_b:
        named |= {GENE_B: query.gene_b, BLEND: f"{query.gene} and {query.gene_b}, blended"}
    if query.name_a:
        named[SET_A] = query.name_a
    if query.name_b:
        named[SET_B] = query.name_b
    columns = [{"label": menu_name(atlas, column.name), "value": token_of(column.name)} for column in colorable(atlas)]
    return [*({"label": label, "value": token} for token, label in named.items()), *columns]


def collect(
    filled: Mapping[str, Any] | None, choices: Mapping[str, Any], cells: Mapping[str, Any], _shown: str | None = None
) -> str | None:
    """Read the controls into a canonical address; None before there is an atlas.

    Parameters
    ----------
    choices
        Values of the page's own controls, by the names of the parameters.
    cells
        Values that `callbacks.shared.selection_controls.inputs` reads.
    """
    if not filled:
        return None
    kept = filled["kept"]
    sets = choices.get("sets") or {}
    clip_at = choices.get("clip_at")
    query = ExploreQuery(
        atlas=filled["atlas"],
        **{name: str(choices.get(name) or "") for name in PLAIN},
        clip=f"{clip_at:g}" if clip_at else str(choices.get("clip") or ""),
        order="" if choices.get("order") else "file",
        size=f"{choices.get('size') or 1:g}",
        opacity=f"{choices.get('opacity') or 1:g}",
        genes=canonical_list(choices.get("genes") or ""),
        **{name: str(sets.get(name) or "") for name in ("set_a", "set_b", "name_a", "name_b", "score")},
        **{name: kept[name] for name in ("a", "b", *KEPT)},
        selection=shared.selected(cells, kept),
    )
    return canonical(query).search()
