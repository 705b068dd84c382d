"""Shares of cell types in the samples of both sides, and their test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.abundance import AbundanceParams, design, samples
from core.analysis.pseudobulk import sizes_of
from core.errors import InvalidQuery
from core.figures import abundance as figure
from core.services.memoized import answer
from core.views.differences.comparison import in_words
from core.views.differences.state import resolve
from core.views.layout import Layout
from core.views.result import Subject, Words
from core.views.view import View, vector

if TYPE_CHECKING:
    import pyarrow as pa

    from core.analysis.design import Design
    from core.arrays import F64
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.differences.state import DifferencesView


# Pixels of a cell type on paper, and of names and boxes.
PRINT_ROW, LEAST_WIDTH = 30, 330.0


@dataclass(frozen=True, eq=False)
class Abundance:
    """Composition of the kept samples.

    Attributes
    ----------
    types, names : cell types, and samples
    shares : (n_types, n_samples) percent
    methods : from the provenance of the table
    """

    view: DifferencesView
    model: Design
    types: tuple[str, ...]
    names: list[str]
    shares: F64
    n_cells: int
    table: pa.Table
    methods: str


def compute(services: Services, view: DifferencesView) -> Abundance:
    """Compare the compositions.

    Raises
    ------
    InvalidQuery
        The samples cannot be compared, or there are no cell types.
    """
    if view.why:
        raise InvalidQuery(view.why)
    params = AbundanceParams.of(view.atlas, view.design)
    found = answer(services, view.atlas, params)
    model, rows = design(view.atlas, params), samples(view.atlas, params)
    sizes = sizes_of(view.atlas, params.design.units, params.by_type)
    cells = sizes.cells[:, model.kept]
    shares = 100 * cells / cells.sum(axis=0)
    names = [rows[at].sample for at in model.kept.tolist()]
    methods = str(found.provenance["methods"])
    return Abundance(view, model, sizes.types, names, shares, int(cells.sum()), found.value, methods)


def draw(result: Abundance, theme: Theme) -> Json:
    """Draw the shares."""
    return figure.abundance(
        result.types, result.shares, result.model.side, result.names, result.view.sides.names, theme
    )


def words(result: Abundance) -> Words:
    """Describe the shares."""
    a, b = result.view.sides.names
    samples_in_words = in_words(result.view, result.model.n_a, result.model.n_b)
    smallest = result.table["p_smallest"].to_numpy()
    reachable = np.nanmin(smallest) if np.isfinite(smallest).any() else np.nan
    exact = f" The smallest p that a permutation can reach is {reachable:.2g}." if np.isfinite(reachable) else ""
    return Words(
        f"Composition of {a} and {b}",
        f"Boxes show the share of each cell type in {samples_in_words}; each dot is one sample.",
        result.methods,
        {"comparison": result.view.sides.words, "formula": result.model.formula, "types": ""},
        f"Share of each cell type in {samples_in_words}, a dot a sample.{exact} Shares add up to one: when one type "
        "falls, all others rise.",
        f"Composition of the samples of {a} and {b}",
    )


def subject(result: Abundance) -> Subject:
    """Name the data of the shares."""
    view = result.view
    n = result.model.n_a + result.model.n_b
    return Subject(view.atlas, view.query, view.state, "", result.n_cells, n)


def tables(result: Abundance) -> dict[str, pa.Table]:
    """Return the test of each cell type."""
    return {"abundance": result.table}


def layout(result: Abundance, look: Look) -> Layout:
    """Lay the shares out with closer rows on paper."""
    drawn = vector(draw(result, look.colors))
    if not look.screen:
        drawn["layout"]["height"] -= (figure.ROW - PRINT_ROW) * len(result.types)
    return Layout(drawn, look, (LEAST_WIDTH, 0.0), "Give a height")


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
