"""From the address to the controls, and from the controls to the address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.shared import problems as problems_
from callbacks.shared import selection_controls as shared
from core.genes.lists import words
from core.urls.page_queries import CorrelationQuery
from core.views.correlation.state import TOP, canonical, group_names
from core.views.resolve import categorical
from pages._ids_correlation import Correlation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.views.correlation.state import CorrelationView
    from core.views.resolve import Problem

Outputs = dict[str, Any]


def hydrate(view: CorrelationView | None, problems: list[Problem], *, at: int) -> Outputs:
    """Options and values of every control, for a view and what was wrong with its address; `at` as in Explore."""
    if view is None:
        empty: Outputs = {"options": [], "value": None}
        return {
            "hydrated": None,
            "problems": [*problems_.alerts(problems), problems_.no_atlas()],
            "no_answer": True,
            **shared.nothing(),
            "one_map": True,
            "gene_b": {"typed": "", "chosen": None, "shown": "", "atlas": ""},
            "method": None,
            "zeros": [],
            "by": {**empty, "hidden": True},
            "depth": [],
            "adjust": {**empty, "hidden": True},
            "groups": {"options": [], "one": None, "two": None, "options_too": [], "hidden": True},
            "list": {"typed": "", "drawn": "", "top": TOP},
        }
    atlas, query = view.atlas, view.query
    columns = categorical(atlas)
    known = shared.controls(Correlation, atlas, query)
    groups = shared.options(group_names(atlas))
    return {
        "hydrated": {
            "search": view.state,
            "atlas": atlas.id,
            "at": at,
            "write": not problems,
            "kept": shared.kept(query),
        },
        "problems": problems_.alerts(problems),
        "no_answer": False,
        **known,
        "one_map": len(known["embedding"]["options"]) < 2,  # noqa: PLR2004 - nothing to choose
        "gene_b": {"typed": query.gene_b, "chosen": query.gene_b, "shown": query.gene_b, "atlas": atlas.id},
        "method": query.method,
        "zeros": ["true"] if view.drop_zeros else [],
        "by": {"options": shared.options(columns), "value": query.by or None, "hidden": not columns},
        "depth": [] if query.depth == "false" else ["true"],
        "adjust": {"options": shared.options(columns), "value": query.adjust or None, "hidden": not columns},
        "groups": {
            "options": groups,
            "one": query.one or None,
            "options_too": groups,
            "two": query.two or None,
            "hidden": not groups,
        },
        "list": {"typed": query.genes, "drawn": query.genes, "top": view.top},
    }


def collect(
    hydrated: dict[str, Any] | None,
    choices: Mapping[str, Any],
    cells: Mapping[str, Any],
) -> str | None:
    """The canonical address of what the controls say; None before there is an atlas.

    Parameters
    ----------
    choices
        gene, gene_b, method, zeros, layer, by, depth, adjust, embedding, one, two, genes and top_n.
    cells
        What `_selection.inputs` names.
    """
    if not hydrated:
        return None
    names = ("gene", "gene_b", "method", "layer", "by", "adjust", "embedding", "one", "two", "genes")
    texts = {name: str(choices.get(name) or "") for name in names}
    texts["genes"] = " ".join(words(texts["genes"]))
    if texts["gene_b"] == texts["gene"]:
        texts["gene_b"] = ""
    query = CorrelationQuery(
        atlas=hydrated["atlas"],
        **texts,
        drop_zeros="true" if choices.get("zeros") else "",
        depth="" if choices.get("depth") else "false",
        # A field of numbers is empty while what stands in it is out of bounds.
        top_n=str(choices.get("top_n") or TOP),
        a=hydrated["kept"]["a"],
        b=hydrated["kept"]["b"],
        selection=shared.selected(cells, hydrated["kept"]),
    )
    return canonical(query).search()
