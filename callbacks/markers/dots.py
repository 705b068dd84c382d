"""The best genes of every category, as dots and as a heatmap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from callbacks._refused import or_words
from callbacks.markers.ranking import table_of
from core.dotplot import MAX_GENES, dots_of_groups
from core.errors import InvalidQuery
from core.figures.dotplot import dotplot
from core.figures.heatmap import heatmap
from core.figures.lattice import Grid, least_width
from core.markers import rows_of
from core.views.markers import ONE

if TYPE_CHECKING:
    import pyarrow as pa

    from core.contrasts import Groups
    from core.figures.theme import Theme
    from core.services import Services
    from core.views.markers import View

Outputs = dict[str, Any]
# Pixels that the legend of sizes takes side by side.
LEAST = 620


def draw(services: Services, view: View, theme: Theme, blank: Outputs) -> Outputs:
    """Both figures, and where their genes are to be had."""
    few = {"top": str(view.top), **({"category": view.query.category} if view.query.whose == ONE else {})}
    common = {"csv": view.api(**few, format="csv"), "xlsx": view.api(**few, format="xlsx")}

    def refused(why: str) -> Outputs:
        card = {"figure": blank, "size": {}, "fault": why, "title": "", "note": ""}
        return {"dots": card | {"title": "Dot plot"}, "heatmap": card | {"title": "Heatmap"}}

    return {**common, **or_words(lambda: _drawn(services, view, theme), refused)}


def best(view: View, table: pa.Table, groups: Groups) -> tuple[list[str], str]:
    """The genes of the plots, each once, and in words how they were chosen.

    Only genes that are higher in a category than outside mark it; and no more than 500 are drawn.
    """
    whose = [view.query.category] if view.query.whose == ONE else list(view.names)
    each = max(min(view.top, MAX_GENES // len(whose)), 1)
    genes: dict[str, None] = {}
    for name in whose:
        rows = rows_of(table, groups, name, each)
        above = rows["score"].to_numpy() > 0
        genes.update(dict.fromkeys(np.array(rows["gene"].to_pylist(), dtype=object)[above].tolist()))
    if not genes:
        raise InvalidQuery("No gene is higher in a category than outside it.", "Select more cells.")
    less = f" ({MAX_GENES} genes are drawn at most)" if each < view.top else ""
    of = whose[0] if len(whose) == 1 else "A and B each" if view.versus else f"each of {len(whose):,} categories"
    return list(genes), f"{len(genes):,} genes: the best {each} of {of}{less}, each once"


def _drawn(services: Services, view: View, theme: Theme) -> Outputs:
    table, groups = table_of(services, view)
    genes, how = best(view, table, groups)
    found = dots_of_groups(view.atlas, genes, view.query.layer, groups)
    unit = view.atlas.layer(view.query.layer).info.unit
    width = max(least_width(Grid.of(found)), LEAST)

    def card(figure: Outputs, title: str, note: str) -> Outputs:
        size = {"height": f"{figure['layout']['height']}px", "minWidth": f"{width}px"}
        return {"figure": figure, "size": size, "fault": "", "title": title, "note": note}

    return {
        "dots": card(
            dotplot(found, unit, theme, standardise=True),
            f"Best genes of {view.whom}",
            f"{how}. Area: percent of the cells that express it. Colour: mean, from 0 to 1 in each gene.",
        ),
        "heatmap": card(
            heatmap(found, unit, theme),
            "The same genes as a heatmap",
            "Mean of each category, as z over the categories.",
        ),
    }
