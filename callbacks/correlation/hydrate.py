"""Controls of the page Correlation: filled from a view, and read back into an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.shared import selection_controls as shared
from callbacks.shared.page import hydrated
from core.genes.lists import canonical as canonical_list
from core.urls.page_queries import CorrelationQuery
from core.views.correlation.state import TABS, TOP, canonical, group_names
from core.views.resolve import categorical
from pages._ids_correlation import Correlation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.views.correlation.state import CorrelationView
    from core.views.resolve import Problem

Outputs = dict[str, Any]


def hydrate(view: CorrelationView | None, problems: list[Problem], *, at: int) -> Outputs:
    """Fill every control for a view, and show what is wrong with its address; see `callbacks.shared.page.hydrated`."""
    common = hydrated(Correlation, view, problems, at=at)
    if view is None:
        empty: Outputs = {"options": [], "value": None}
        return {
            **common,
            "one_map": True,
            "gene_b": {"typed": "", "chosen": None, "shown": "", "atlas": ""},
            "method": None,
            "zeros": [],
            "by": {**empty, "hidden": True},
            "depth": [],
            "adjust": {**empty, "hidden": True},
            "groups": {"options": [], "one": None, "two": None, "options_too": [], "hidden": True},
            "list": {"typed": "", "drawn": "", "top": TOP},
            "tab": TABS[0],
        }
    atlas, query = view.atlas, view.query
    names = categorical(atlas)
    columns = shared.column_options(atlas, names)
    groups = shared.options(group_names(atlas))
    return {
        **common,
        "one_map": len(common["embedding"]["options"]) < 2,  # noqa: PLR2004 - nothing to choose
        "gene_b": {"typed": query.gene_b, "chosen": query.gene_b, "shown": query.gene_b, "atlas": atlas.id},
        "method": query.method,
        "zeros": ["true"] if view.drop_zeros else [],
        "by": {"options": columns, "value": query.by or None, "hidden": not columns},
        "depth": [] if query.depth == "false" else ["true"],
        "adjust": {
            "options": columns,
            "value": query.adjust or None,
            "hidden": not columns,
        },
        "groups": {
            "options": groups,
            "one": query.one or None,
            "options_too": groups,
            "two": query.two or None,
            "hidden": not groups,
        },
        "list": {"typed": query.genes, "drawn": query.genes, "top": view.top},
        "tab": query.tab,
    }


def collect(
    filled: Mapping[str, Any] | None, choices: Mapping[str, Any], cells: Mapping[str, Any], _shown: str | None = None
) -> str | None:
    """Read the controls into a canonical address; None before there is an atlas.

    Parameters
    ----------
    choices
        gene, gene_b, method, zeros, layer, by, depth, adjust, embedding, one, two, genes, top_n and tab.
    cells
        Values that `callbacks.shared.selection_controls.inputs` reads.
    """
    if not filled:
        return None
    names = ("gene", "gene_b", "method", "layer", "by", "adjust", "embedding", "one", "two", "genes", "tab")
    texts = {name: str(choices.get(name) or "") for name in names}
    texts["genes"] = canonical_list(texts["genes"])
    if texts["gene_b"] == texts["gene"]:
        texts["gene_b"] = ""
    query = CorrelationQuery(
        atlas=filled["atlas"],
        **texts,
        drop_zeros="true" if choices.get("zeros") else "",
        depth="" if choices.get("depth") else "false",
        # A number field is empty while its value is out of range.
        top_n=str(choices.get("top_n") or TOP),
        a=filled["kept"]["a"],
        b=filled["kept"]["b"],
        selection=shared.selected(cells, filled["kept"]),
    )
    return canonical(query).search()
