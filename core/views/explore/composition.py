"""Cell composition of each sample, as bars."""

from __future__ import annotations

from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

from core.analysis.composition import CompositionParams
from core.atlas.nouns import counted, heading, noun_of
from core.errors import EmptySelection, InvalidQuery
from core.figures.composition import bars
from core.figures.palette import OWN
from core.figures.print_legend import MOVED, is_moved, measured, with_legend
from core.figures.print_style import fitted
from core.services.memoized import answer
from core.views.column_colors import colors_of
from core.views.explore.state import resolve
from core.views.layout import Layout
from core.views.lineages import noted
from core.views.result import Subject, Words
from core.views.view import View, vector

if TYPE_CHECKING:
    import pyarrow as pa

    from core.analysis.composition import Composition
    from core.atlas.store import Atlas
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.explore.state import ExploreView

# Maximum number of bar segments: more would block a browser for many seconds.
MAX_BARS = 20_000
# Pixels for names and bars; factor of the row height on paper.
LEAST, CLOSE = (300.0, 120.0), 0.75


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


def draw(result: Samples, theme: Theme, width: float = 0.0) -> Json:
    """Draw one bar a sample, in the order of the groups."""
    column = result.view.atlas.categorical(result.params.by)
    colors = colors_of(result.view.atlas, column, own=result.view.query.scale == OWN)
    noun = noun_of(result.view.atlas, result.params.sample)
    return bars(result.found, column.categories, theme, colors, width, noun)


def words(result: Samples) -> Words:
    """Describe the bars and what they leave out."""
    params, found, atlas = result.params, result.found, result.view.atlas
    one, part = noun_of(atlas, params.sample), noun_of(atlas, params.by)
    order = f", ordered by {noun_of(atlas, found.group)}" if found.group else ""
    left: list[str] = []
    if found.n_empty:
        left.append(f" {counted(found.n_empty, one)} without selected cells {_are(found.n_empty)} not shown.")
    if found.n_without:
        left.append(f" {counted(found.n_without, 'cell')} without a {one} {_are(found.n_without)} not shown.")
    return Words(
        f"{heading(atlas, params.by)} in each {one}",
        f"Each bar is a {one}{order}; segments show the percentage of its cells in each {part}; n, cells per {one}."
        f"{''.join(left)}",
        f"The fraction of each {part} was computed over the selected cells of each {one}, including cells without a "
        f"{part}.",
        {"by": params.by, "sample": params.sample, **({"group": found.group} if found.group else {})},
        f"{_note(atlas, one, found)}{noted(atlas, params.by)}",
        f"{part.capitalize()} composition of each {one}",
    )


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def subject(result: Samples) -> Subject:
    """Name the data of the bars."""
    view = result.view
    return Subject(view.atlas, view.query, view.state)


def tables(result: Samples) -> dict[str, pa.Table]:
    """Return one row a sample and category."""
    return {"composition": result.found.table}


def layout(result: Samples, look: Look) -> Layout:
    """Lay the bars out with the legend where it has room."""
    if look.screen:
        return Layout(vector(draw(result, look.colors)), look)
    paper = fitted(look, (LEAST[0], 0.0))
    figure = vector(draw(result, look.colors, paper.pixels(paper.width)))
    entries = [(unescape(trace["name"]), trace["marker"]["color"]) for trace in figure["data"]]
    legend = measured(entries, paper)
    right, below = legend.room
    layout = figure["layout"]
    margin = layout["margin"]
    natural = max(layout["height"], legend.height + margin["t"] + margin["b"] if legend.side == "right" else 0) + below
    # Bars keep their height beside a legend that is higher.
    panel, room = (height - margin["t"] - margin["b"] for height in (layout["height"], natural - below))
    layout["yaxis"] |= {"domain": [1 - panel / room, 1]}
    layout |= {"margin": {**margin, "r": margin["r"] + right, "b": margin["b"] + below}, "height": round(natural)}
    figure = with_legend(figure, legend, paper, margin["b"])
    notes = (MOVED,) if is_moved(legend, look) else ()
    return Layout(figure, look, (LEAST[0], CLOSE * natural), "Choose a larger width, or select fewer samples", notes)


def _note(atlas: Atlas, sample: str, found: Composition) -> str:
    """State how many samples there are, in which order, and what is left out."""
    n = found.n_samples
    parts = [f"{counted(n, sample)}{f', ordered by {noun_of(atlas, found.group)}' if found.group else ''}"]
    if found.n_empty:
        parts.append(f"{found.n_empty:,} without selected cells omitted")
    if found.n_without:
        cells = "1 cell" if found.n_without == 1 else f"{found.n_without:,} cells"
        parts.append(f"{cells} without a {sample} omitted")
    return f"{'; '.join(parts)}. Fractions are of the selected cells of each {sample}."


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
