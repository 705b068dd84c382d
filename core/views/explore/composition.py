"""What each sample is made of, as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.composition import Composition, CompositionParams, composition
from core.errors import InvalidQuery
from core.figures.composition import bars
from core.figures.print_style import EDGE, LINE, SWATCH, legend_lines, legend_width, settled
from core.views.explore.state import resolve
from core.views.result import Figure, Subject, Words, finished, sure

if TYPE_CHECKING:
    from core.figures.print_style import Look
    from core.figures.theme import Json
    from core.services.container import Services

# Of single pieces of bars: more would keep a browser busy for many seconds.
MAX_BARS = 20_000
# Names and bars; and how much closer rows may stand on paper than on the page.
LEAST, CLOSE = (300.0, 120.0), 0.75
# Pixels that the longest names of samples take.
NAMES = 260.0


def draw(services: Services, search: str, look: Look) -> Figure:
    """One bar a sample, in the order of the groups.

    Raises
    ------
    InvalidQuery
        Something in the address means nothing here, the atlas names no samples, or no cell is left.
    """
    view, problems = resolve(services, search)
    if view is None:
        raise InvalidQuery("There is no atlas to draw.", "Import one: masldatlas import FILE.")
    notes = sure(problems)
    params = CompositionParams.of(view.atlas, view.by, selection=view.query.selection)
    found = checked(params, composition(view.atlas, params))
    figure: Json = bars(found, view.atlas.categorical(params.by).categories, look.colours)
    names = [trace["name"] for trace in figure["data"]]
    look = settled(look, names)
    layout = figure["layout"]
    if look.legend == "below":
        room = LINE * legend_lines(look, names, NAMES) + EDGE
        layout["legend"] |= {"entrywidth": legend_width(names) - SWATCH}
        layout["margin"] |= {"b": layout["margin"]["b"] + room}
        layout["height"] = max(found.n_samples * LINE, LEAST[1]) + room + layout["margin"]["b"]
    least = LEAST[0] + (legend_width(names) if look.legend == "right" else 0), CLOSE * float(layout["height"])
    order = f", in the order of {found.group}" if found.group else ""
    left = []
    if found.n_empty:
        left.append(f"{found.n_empty:,} samples without selected cells are left out.")
    if found.n_without:
        left.append(f"{found.n_without:,} cells without a {params.sample} are left out.")
    words = Words(
        f"{params.by} in each {params.sample}",
        f"Each bar is a {params.sample}{order}; its pieces are the percentages of its selected cells, n their number.",
        " ".join(["Fractions are of the selected cells of each sample, those without a category included.", *left]),
        {"by": params.by, "sample": params.sample, **({"group": found.group} if found.group else {})},
    )
    subject = Subject("composition", view.atlas, view.query, view.state, notes=notes)
    return finished(subject, figure, {"composition": found.table}, words, look, least)


def checked(params: CompositionParams, found: Composition) -> Composition:
    """The same, if it can be drawn; else InvalidQuery."""
    if not found.n_samples:
        raise InvalidQuery("No cell with a sample is left by the filters.", "Remove one, or reset them all.")
    if found.table.num_rows > MAX_BARS:
        raise InvalidQuery(
            f"{params.by} in each {params.sample} makes {found.table.num_rows:,} bars; {MAX_BARS:,} are drawn at most.",
            "Choose a column with fewer categories for the rows.",
        )
    return found
