"""Panels of Explore: meaning of the colours of a map, and the arrays behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import numpy as np

from core.analysis.expression import NOT_GIVEN, expression_of
from core.analysis.gene_set_scores import UNITS, method_of
from core.atlas.lineages import LINEAGE, VERSION
from core.atlas.store import Categorical
from core.errors import AtlasError
from core.figures.cell_map import Coloring, limits
from core.figures.palette import OWN, SCALES
from core.genes.lists import joined
from core.views.column_colors import colors_of
from core.views.explore.map_spec import arrays
from core.views.explore.tokens import BLEND, GENE, GENE_B, SET_A, SET_B, column_of
from core.views.lineages import derived

if TYPE_CHECKING:
    from core.arrays import Floats
    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]
# With fewer expressing cells a 99th percentile is meaningless.
MIN_CLIPPED = 20


@dataclass(frozen=True)
class Panel:
    """One map without its cells.

    Attributes
    ----------
    title, note
        What it shows, in words; a gene is to be set in italics.
    colouring
        What its colours mean.
    values, values_b
        Addresses of the arrays behind the colours; the second for a blend.
    raster
        The same question for the raster of an atlas with too many cells to send.
    names
        What hover calls each code of a category.
    tops
        Upper ends of the two genes of a blend.
    fault
        Why there is nothing to colour, with what to do.
    """

    title: str
    note: str
    coloring: Coloring
    values: str | None = None
    values_b: str | None = None
    raster: str = ""
    names: tuple[str, ...] = ()
    tops: tuple[float, float] = (0.0, 0.0)
    italic: bool = False
    fault: str = ""


def panel_of(view: ExploreView, token: str) -> Panel:
    """Describe the map that a token of the address stands for."""
    if token in (GENE, GENE_B):
        return _gene(view, view.query.gene if token == GENE else view.query.gene_b)
    if token == BLEND:
        return _blend(view)
    if token in (SET_A, SET_B):
        return _score(view, token)
    return _column(view, column_of(token))


def top_of(values: Floats, clip: str) -> tuple[float, str]:
    """Return the upper end of a scale, and a note where it is not the largest value.

    ``p99`` is the 99th percentile of the values above zero: with most cells at zero, that of all cells would be zero.
    """
    highest = float(values.max()) if values.size else 0.0
    if not clip:
        return highest, ""
    if clip.startswith("p"):
        positive = values[values > 0]
        if positive.size < MIN_CLIPPED:
            return highest, ""
        above = "cells above 0" if values.min() < 0 else "expressing cells"
        return float(np.percentile(positive, float(clip[1:]))), f"clipped at percentile {clip[1:]} of {above}"
    top = float(clip)
    return (top, f"clipped at {top:g}") if top < highest else (highest, "")


def _column(view: ExploreView, name: str) -> Panel:
    if not name:
        return Panel("Cells", "This atlas has no column to colour by.", Coloring("none"))
    column = view.atlas.column(name)
    # The address changes with the vocabulary, as it does with the atlas.
    version = {"v": str(VERSION)} if name == LINEAGE else {}
    values, raster = arrays(view.atlas, "column", name=name, **version), urlencode({"column": name, **version})
    if isinstance(column, Categorical):
        names = (*column.categories, NOT_GIVEN)
        colors = colors_of(view.atlas, column, own=view.query.scale == OWN)
        note = derived(view.atlas) if name == LINEAGE else ""
        return Panel(name, note, Coloring("category", colors), values, raster=raster, names=names)
    low, high = limits(column.values)
    scale = _scale(view)
    centred = scale in SCALES and SCALES[scale][1]
    coloring = Coloring("score" if centred else "number", low=low, high=high, unit=name, scale=scale)
    return Panel(name, "Cells without a value are not coloured.", coloring, values, raster=raster)


def _gene(view: ExploreView, gene: str) -> Panel:
    if not gene:
        return Panel("", "", Coloring("none"), fault="Choose a second gene in the rail.")
    expression = expression_of(view.atlas, gene, view.query.layer)
    top, clipped = top_of(expression.values, view.query.clip)
    low = min(0.0, float(expression.values.min()))
    coloring = Coloring(
        "expression",
        low=low,
        high=top,
        unit=expression.unit,
        scale=_sequential(view),
        subject=expression.gene,
        is_gene=True,
    )
    gene_id = "" if expression.gene_id == expression.gene else expression.gene_id
    return Panel(
        expression.gene,
        " · ".join(filter(None, [gene_id, _order(view), clipped])),
        coloring,
        values=_gene_array(view, expression.gene),
        raster=urlencode({"gene": expression.gene, "layer": expression.layer}),
        italic=True,
    )


def _blend(view: ExploreView) -> Panel:
    genes = (view.query.gene, view.query.gene_b)
    if not all(genes):
        return Panel("", "", Coloring("none"), fault="Choose a second gene in the rail.")
    found = [expression_of(view.atlas, gene, view.query.layer) for gene in genes]
    tops = [top_of(each.values, view.query.clip) for each in found]
    clipped = next((words for _, words in tops if words), "")
    names = [each.gene for each in found]
    note = f"{found[0].unit}: {names[0]} to {tops[0][0]:.3g}, {names[1]} to {tops[1][0]:.3g}"
    return Panel(
        " and ".join(names),
        " · ".join(filter(None, [note, clipped])),
        Coloring("blend", unit=found[0].unit),
        values=_gene_array(view, names[0]),
        values_b=_gene_array(view, names[1]),
        raster=urlencode({"gene": names[0], "gene_b": names[1], "layer": found[0].layer}),
        names=tuple(names),
        tops=(tops[0][0], tops[1][0]),
        italic=True,
    )


def _score(view: ExploreView, token: str) -> Panel:
    letter = "A" if token == SET_A else "B"
    try:
        listed = view.listed(letter)
    except AtlasError as error:
        return Panel("", "", Coloring("none"), fault=f"{error.message} {error.remedy}")
    if not listed.genes:
        why = "No name of this set is a gene of this atlas" if listed.unknown else f"Gene set {letter} is empty"
        return Panel("", "", Coloring("none"), fault=f"{why}. Paste one under “Gene sets” below.")
    values = view.scored(listed)
    finite = values[np.isfinite(values)]
    low, high = limits(finite)
    top, clipped = top_of(np.abs(finite), view.query.clip)
    if clipped:
        low, high = max(low, -top), min(high, top)
    method = method_of(view.query.score)
    parameters = {"genes": joined(listed.genes, ","), "method": method}
    return Panel(
        view.set_name(letter),
        " · ".join(filter(None, [f"{len(listed.genes):,} genes", clipped])),
        Coloring("score", low=low, high=high, unit=UNITS[method], scale=_scale(view), subject=view.set_name(letter)),
        values=arrays(view.atlas, f"score/{quote(view.query.layer, safe='')}", **parameters),
        raster=urlencode({**parameters, "layer": view.query.layer}),
    )


def _gene_array(view: ExploreView, gene: str) -> str:
    return arrays(view.atlas, f"gene/{quote(view.query.layer, safe='')}", gene=gene)


def _scale(view: ExploreView) -> str:
    """Return the palette of numbers that is asked for; empty for the usual one."""
    return view.query.scale if view.query.scale in SCALES else ""


def _sequential(view: ExploreView) -> str:
    scale = view.query.scale
    return scale if scale in SCALES and not SCALES[scale][1] else ""


def _order(view: ExploreView) -> str:
    if view.is_raster:
        return "Each pixel shows the mean of its cells"
    return "Cells drawn in file order" if view.query.order == "file" else "Highest-expressing cells drawn on top"
