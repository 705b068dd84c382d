"""Filters by a numeric column or by the expression of a gene: a histogram above a slider."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from dash import dcc, html

from core.atlas.store import Numeric
from core.selection.model import Range, Selection, Threshold

if TYPE_CHECKING:
    from dash.development.base_component import Component
    from numpy.typing import NDArray

    from core.atlas.store import Atlas
    from pages._ids import Ids

BINS = 40
STEPS = 200
COLUMN, GENE = "column", "gene"


def column_bounds(ids: Ids, atlas: Atlas, name: str, given: Range | None) -> Component:
    """Build the filter of a numeric column; the full width of the slider keeps every cell, also without a value."""
    column = atlas.column(name)
    values = column.values[np.isfinite(column.values)] if isinstance(column, Numeric) else np.empty(0)
    step, low, high = _scale(values)
    missing = atlas.n_cells - values.size
    note = f"{missing:,} cells without a value" if missing else ""
    return _field(
        ids,
        {"of": COLUMN, "name": name, "given": str(given or "")},
        html.Span(name),
        (values, note),
        (low, high, step, _shown(given, low, high)),
    )


def gene_bounds(ids: Ids, atlas: Atlas, given: Threshold, without: str) -> Component:
    """Build the filter by the expression of a gene.

    Parameters
    ----------
    without
        Address of the view without this filter.
    """
    gene = atlas.genes.resolve(given.gene)
    values = atlas.layer().nonzeros(gene)[1]
    step, low, high = _scale(np.concatenate([values, np.zeros(1)]))
    # The leftmost position of the slider includes the cells that do not express the gene.
    low -= step
    label = [
        html.Span([html.I(atlas.genes.names[gene]), f" · {atlas.layer().info.unit}"]),
        dcc.Link("×", href=without, title=f"Remove the filter by {given.gene}", className="cells-remove"),
    ]
    above = "cells other than 0" if atlas.layer().info.signed else "expressing cells"
    note = f"{values.size:,} {above}; the histogram leaves out the others"
    return _field(
        ids,
        {"of": GENE, "name": given.gene, "given": str(given)},
        html.Span(label, className="cells-label"),
        (values, note),
        (low, high, step, _shown(given, low, high)),
    )


def read(
    ids: list[dict[str, str]], values: list[list[float] | None], lows: list[float], highs: list[float]
) -> Selection:
    """Read ranges and thresholds from the sliders; a slider that was not moved gives the filter it was built from."""
    ranges: list[Range] = []
    thresholds: list[Threshold] = []
    for place, value, low, high in zip(ids, values, lows, highs, strict=True):
        kind = Range if place["of"] == COLUMN else Threshold
        given = kind.parse(place["given"]) if place["given"] else None
        if value is None or value == _shown(given, low, high):
            moved = given
        else:
            ends = (value[0] if value[0] > low else None, value[1] if value[1] < high else None)
            moved = kind(place["name"], *ends)
        if isinstance(moved, Range) and (moved is given or (moved.low, moved.high) != (None, None)):
            ranges.append(moved)
        elif isinstance(moved, Threshold):
            thresholds.append(moved)
    return Selection.of({}, ranges, thresholds)


def _shown(given: Range | Threshold | None, low: float, high: float) -> list[float]:
    """Give the positions of both handles of a slider."""
    ends = (None, None) if given is None else (given.low, given.high)
    first = low if ends[0] is None else min(max(ends[0], low), high)
    last = high if ends[1] is None else min(max(ends[1], low), high)
    return [first, last]


def _scale(values: NDArray[Any]) -> tuple[float, float, float]:
    """Choose a round step, and the ends of the values as multiples of the step."""
    if not values.size:
        return 1.0, 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if low == high:
        return 1.0, low, low + 1.0
    rough = (high - low) / STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    if step < 1 and bool((values == np.rint(values)).all()):
        step = 1.0
    digits = max(0, -math.floor(math.log10(step)))
    return step, round(math.floor(low / step) * step, digits), round(math.ceil(high / step) * step, digits)


def _field(
    ids: Ids,
    place: dict[str, str],
    label: Component,
    values_and_note: tuple[NDArray[Any], str],
    scale: tuple[float, float, float, list[float]],
) -> Component:
    (values, note), (low, high, step, shown) = values_and_note, scale
    return html.Div(
        [
            html.Div(label, className="explore-label"),
            _histogram(values, low, high, place["name"]),
            dcc.RangeSlider(
                id={"type": ids.BOUNDS, **place},
                min=low,
                max=high,
                step=step,
                value=shown,
                marks=None,
                allowCross=False,
            ),
            html.P(note, className="cells-note") if note else None,
        ],
        className="explore-field cells-bounds",
    )


def _histogram(values: NDArray[Any], low: float, high: float, name: str) -> Component:
    counts, _ = np.histogram(values, bins=BINS, range=(low, high))
    top = max(int(counts.max()), 1)
    bars = [html.I(style={"height": f"{100 * n / top:.1f}%"}) for n in counts.tolist()]
    words = f"Histogram of {name}: {values.size:,} cells from {low:g} to {high:g}"
    return html.Div(bars, className="cells-histogram", role="img", **{"aria-label": words})  # pyright: ignore[reportArgumentType]
