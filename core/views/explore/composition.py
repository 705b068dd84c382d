"""Cell composition of each sample, as bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.analysis.composition import CompositionParams
from core.errors import EmptySelection, InvalidQuery
from core.figures.composition import bars
from core.figures.palette import OWN
from core.figures.print_style import EDGE, LINE, SWATCH, legend_lines, legend_width, with_legend_room
from core.services.memoized import answer
from core.views.column_colors import colors_of
from core.views.column_names import heading, noun
from core.views.explore.state import resolve
from core.views.layout import Layout
from core.views.result import Subject, Words
from core.views.view import View, vector

if TYPE_CHECKING:
    import pyarrow as pa

    from core.analysis.composition import Composition
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.explore.state import ExploreView

# Maximum number of bar segments: more would block a browser for many seconds.
MAX_BARS = 20_000
# Pixels for names and bars; factor of the row height on paper.
LEAST, CLOSE = (300.0, 120.0), 0.75
# Pixels of the longest sample names.
NAMES = 260.0


@dataclass(frozen=True, eq=False)
class Samples:
    """The categories of every sample."""

    view: ExploreView
    params: CompositionParams
    found: Composition


def compute(services: Services, view: ExploreView) -> Samples:
    """Count the cells of each category in each sample.

    Raises
    ------
    InvalidQuery
        The atlas names no samples, no cells match the filters, or there are more bars than a browser can draw.
    """
    params = CompositionParams.of(view.atlas, view.by, selection=view.query.selection)
    found = answer(services, view.atlas, params).value
    if not found.n_samples:
        raise EmptySelection("No cells that belong to a sample match these filters.")
    if found.table.num_rows > MAX_BARS:
        raise InvalidQuery(
            f"{params.by} in each {params.sample} makes {found.table.num_rows:,} bars; {MAX_BARS:,} are drawn at most.",
            "Choose a column with fewer categories for the rows.",
        )
    return Samples(view, params, found)


def draw(result: Samples, theme: Theme) -> Json:
    """Draw one bar a sample, in the order of the groups."""
    column = result.view.atlas.categorical(result.params.by)
    colors = colors_of(result.view.atlas, column, own=result.view.query.scale == OWN)
    return bars(result.found, column.categories, theme, colors)


def words(result: Samples) -> Words:
    """Describe the bars and what they leave out."""
    params, found, manifest = result.params, result.found, result.view.atlas.manifest
    sample = noun(manifest, params.sample)
    order = f", in the order of {found.group}" if found.group else ""
    left: list[str] = []
    if found.n_empty:
        left.append(f"{found.n_empty:,} samples without selected cells are omitted.")
    if found.n_without:
        left.append(f"{found.n_without:,} cells without a {sample} are left out.")
    return Words(
        f"{heading(manifest, params.by)} in each {sample}",
        f"Each bar is a {sample}{order}; its pieces are the percentages of its selected cells, n their number.",
        " ".join(["Fractions are of the selected cells of each sample, those without a category included.", *left]),
        {"by": params.by, "sample": params.sample, **({"group": found.group} if found.group else {})},
        _note(sample, found),
    )


def subject(result: Samples) -> Subject:
    """Name the data of the bars."""
    view = result.view
    return Subject(view.atlas, view.query, view.state)


def tables(result: Samples) -> dict[str, pa.Table]:
    """Return one row a sample and category."""
    return {"composition": result.found.table}


def layout(result: Samples, look: Look) -> Layout:
    """Lay the bars out with the legend where it has room."""
    figure = vector(draw(result, look.colors))
    names = [trace["name"] for trace in figure["data"]]
    look = with_legend_room(look, names)
    layout = figure["layout"]
    if look.legend == "below":
        room = LINE * legend_lines(look, names, NAMES) + EDGE
        layout["legend"] |= {"entrywidth": legend_width(names) - SWATCH}
        layout["margin"] |= {"b": layout["margin"]["b"] + room}
        layout["height"] = max(result.found.n_samples * LINE, LEAST[1]) + room + layout["margin"]["b"]
    beside = legend_width(names) if look.legend == "right" else 0
    return Layout(figure, look, (LEAST[0] + beside, CLOSE * float(layout["height"])))


def _note(sample: str, found: Composition) -> str:
    """State how many samples there are, in which order, and what is left out."""
    n = found.n_samples
    parts = [f"{n:,} sample{'' if n == 1 else 's'}{f' in the order of {found.group}' if found.group else ''}"]
    if found.n_empty:
        parts.append(f"{found.n_empty:,} without selected cells omitted")
    if found.n_without:
        cells = "1 cell" if found.n_without == 1 else f"{found.n_without:,} cells"
        parts.append(f"{cells} without a {sample} omitted")
    return f"{'; '.join(parts)}. Fractions are of the selected cells of each sample."


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
