"""Distribution of a value over the cells of each category, shared by violins of genes and of scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.analysis.distributions import densities, summarise
from core.analysis.donor_groups import MIN_CELLS, MIN_DONORS, DonorMeans, compare, donor_means
from core.analysis.expression import NOT_GIVEN
from core.atlas.nouns import noun_of
from core.errors import EmptySelection
from core.figures.palette import NOT_GIVEN as GREY
from core.figures.palette import OWN
from core.figures.paper_sizes import MAX_HEIGHT
from core.figures.print_style import TITLE, fitted
from core.figures.violin import Row, violin
from core.views.column_colors import colors_of
from core.views.formatting import number, p_equals
from core.views.layout import Layout
from core.views.lineages import noted
from core.views.view import vector

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.analysis.distributions import CategorySummary, Density
    from core.analysis.expression import Valued
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.views.explore.state import ExploreView

# More rows are readable in the table only.
MAX_ROWS = 48
BESIDE = "Numbers give cells per row and the percentage with a value above zero."
VIOLINS = "Violins show kernel density, scaled to equal maximum width; bars, interquartile range; circles, median."
BOXES = (
    "Boxes show the interquartile range; lines and circles, median; whiskers reach to the last value within 1.5 "
    "interquartile ranges."
)
DOTS = f" Small dots show means of donors with {MIN_CELLS} cells or more."
BESIDE_N = "Numbers give cells per row."
DENSITY = (
    "Kernel densities are Gaussian with Scott’s bandwidth, evaluated between the smallest and the largest value of "
    "each group."
)
# Pixels for names and violins; factor of the row height on paper.
LEAST_WIDTH, CLOSE = 280.0, 0.95


@dataclass(frozen=True, eq=False)
class Rows:
    """Summaries and densities of the categories that are drawn.

    Attributes
    ----------
    by, split
        The column of the rows, and the one that splits them; empty for none.
    drawn
        The largest categories, in the order of the column.
    n_rows
        How many categories have cells, whether they are drawn or not.
    expressing
        Whether a value above zero means that a cell expresses it.
    donors
        Donors of each row, where the rows are groups that are compared; else empty.
    """

    view: ExploreView
    by: str
    split: str
    drawn: list[tuple[CategorySummary, Density]]
    n_rows: int
    expressing: bool = True
    donors: Mapping[tuple[str, str], DonorMeans] = field(default_factory=dict[tuple[str, str], DonorMeans])

    @property
    def boxes(self) -> bool:
        """True where boxes are drawn instead of violins."""
        return self.view.query.plot == "box"

    @property
    def marks(self) -> str:
        """Describe the marks, for a legend."""
        return f"{BOXES if self.boxes else VIOLINS}{DOTS if self.donors else ''}"

    @property
    def nouns(self) -> str:
        """Columns as nouns, for a legend."""
        atlas = self.view.atlas
        return noun_of(atlas, self.by) + (f" and {noun_of(atlas, self.split)}" if self.split else "")

    @property
    def columns(self) -> str:
        """Columns, for a title."""
        names = [noun_of(self.view.atlas, name) for name in (self.by, self.split) if name]
        return " and ".join(names)

    @property
    def note(self) -> str:
        """Note on how to read the violins, and how many are left out."""
        left_out = f"The {MAX_ROWS} largest of {self.n_rows:,}. " if len(self.drawn) < self.n_rows else ""
        marks = "box: quartiles, dot: median, whiskers: 1.5 IQR" if self.boxes else "bar: quartiles, dot: median"
        numbers = "n, % expressing, zeros" if self.expressing else "n"
        dots = f"; small dots: means of donors with {MIN_CELLS} cells or more" if self.donors else ""
        lineages = noted(self.view.atlas, self.by, self.split)
        return f"{left_out}By {self.columns}: {numbers}; {marks}{dots}.{self.tested}{lineages}"

    @property
    def tested(self) -> str:
        """Difference between the groups over donors, with its test; empty where no groups of donors are compared."""
        group = self.view.atlas.manifest.roles.get("group", "")
        if not self.donors or self.by != group or self.split:
            return ""
        means = {name: self.donors[name, ""].means for name in self.view.atlas.categorical(group).categories}
        found = compare(means)
        if found is None:
            return f" Too few donors for a test: it takes two groups of {MIN_DONORS}."
        n = ", ".join(f"{name} {size:,}" for name, size in zip(found.groups, found.sizes, strict=True))
        medians = (
            ""
            if found.difference is None
            else f"difference of medians ({found.groups[1]} − {found.groups[0]}) {number(found.difference)}, "
        )
        return f" Over donors: {medians}{found.name} {p_equals(found.p)} (n = {n})."

    @property
    def tables(self) -> dict[str, pa.Table]:
        """Quartiles of every row that is drawn, and the outlines of violins."""
        found = {"summary": summary_table([summary for summary, _ in self.drawn])}
        if self.donors:
            found["donors"] = donor_table(self.donors, [summary for summary, _ in self.drawn])
        return found if self.boxes else {**found, "density": density_table(self.drawn)}

    def draw(self, unit: str, theme: Theme, gene: str = "", width: float = 0.0, n_blocks: int = 1) -> Json:
        """Draw violins or boxes; `unit` is the title of the axis, the rest as of `core.figures.violin.violin`.

        Raises
        ------
        InvalidQuery
            No cells match the filters.
        """
        if not self.drawn:
            raise EmptySelection
        colors = _colors(self.view, self.split or self.by, theme)
        rows = [
            Row(
                summary,
                density,
                colors.get(summary.split or summary.category, theme.muted),
                self.donors.get((summary.category, summary.split)),
            )
            for summary, density in self.drawn
        ]
        return violin(
            rows,
            unit,
            theme,
            boxes=self.boxes,
            expressing=self.expressing,
            gene=gene,
            width=width,
            n_blocks=n_blocks,
        )


def rows_of(view: ExploreView, values: Valued, by: str, split: str, *, expressing: bool = True) -> Rows:
    """Summarise anything that has a number for every cell in each category of a column.

    Parameters
    ----------
    values
        A gene, or a score.
    split
        A second column that splits the rows; empty for none.
    """
    selection = view.query.selection
    pairs = zip(
        summarise(view.atlas, values, by, selection, split),
        densities(view.atlas, values, by, selection, split),
        strict=True,
    )
    with_cells = [(summary, density) for summary, density in pairs if summary.n]
    most = sorted(with_cells, key=lambda pair: -pair[0].n)[:MAX_ROWS]
    kept = {id(summary) for summary, _ in most}
    drawn = [(summary, density) for summary, density in with_cells if id(summary) in kept]
    # Donors are the replicates where groups are compared; elsewhere their dots would only hide the cells.
    group = view.atlas.manifest.roles.get("group")
    compared = group is not None and group in (by, split)
    donors = donor_means(view.atlas, values, by, selection, split) if compared else {}
    return Rows(view, by, split, drawn, len(with_cells), expressing, donors)


def paper_layout(look: Look, draw: Callable[[float, int], Json]) -> Layout:
    """Lay violins out so that no two names overlap, and side by side where they are too high for a page.

    Parameters
    ----------
    draw : takes the width of the figure in pixels, and the number of blocks side by side
    """
    paper = look if look.screen else fitted(look, (LEAST_WIDTH, 0.0))
    figure = vector(draw(0.0 if look.screen else paper.pixels(paper.width), 1))
    if not (look.screen or look.height):
        width, page = paper.pixels(paper.width), paper.pixels(MAX_HEIGHT) - TITLE
        n_blocks = 1
        while figure["layout"]["height"] > page and width / (n_blocks + 1) >= LEAST_WIDTH:
            n_blocks += 1
            figure = vector(draw(width, n_blocks))
    least = LEAST_WIDTH, CLOSE * float(figure["layout"]["height"])
    return Layout(figure, look, least, "Choose a column with fewer categories, or give a height")


def summary_table(found: Sequence[CategorySummary]) -> pa.Table:
    """Tabulate one row for each violin: its cells, mean, quartiles and whiskers."""
    names = ("n", "n_expressing", "pct_expressing", "mean", "median", "quartile_1", "quartile_3", "whisker_low",
             "whisker_high", "n_zeros")  # fmt: skip
    split = {"split": [each.split for each in found]} if any(each.split for each in found) else {}
    columns = {name: [getattr(each, name) for each in found] for name in names}
    return pa.table({"category": [each.category for each in found], **split, **columns})


def donor_table(donors: Mapping[tuple[str, str], DonorMeans], drawn: Sequence[CategorySummary]) -> pa.Table:
    """Tabulate the mean of each donor in each row that is drawn."""
    rows = [
        (each.category, each.split, donor, float(mean), n)
        for each in drawn
        if (found := donors.get((each.category, each.split)))
        for donor, mean, n in zip(found.donors, found.means, found.n_cells, strict=True)
    ]
    kinds = {"category": pa.string(), "split": pa.string(), "donor": pa.string(), "mean": pa.float64(), "n": pa.int64()}
    return pa.table({name: pa.array([row[at] for row in rows], kind) for at, (name, kind) in enumerate(kinds.items())})


def density_table(kept: Sequence[tuple[CategorySummary, Density]]) -> pa.Table:
    """Return the outlines: 256 points of each row of five cells or more."""
    split = any(summary.split for summary, _ in kept)
    sizes = [density.grid.size for _, density in kept]
    names = {
        "category": [summary.category for summary, _ in kept],
        **({"split": [summary.split for summary, _ in kept]} if split else {}),
    }
    repeated = {
        name: np.repeat(np.array(texts, dtype=object), sizes).tolist() if texts else [] for name, texts in names.items()
    }
    return pa.table(
        {
            **{name: pa.array(texts, pa.string()) for name, texts in repeated.items()},
            "value": np.concatenate([np.empty(0), *(density.grid for _, density in kept)]).astype(np.float64),
            "density": np.concatenate([np.empty(0), *(density.height for _, density in kept)]).astype(np.float64),
        }
    )


def _colors(view: ExploreView, column: str, theme: Theme) -> dict[str, str]:
    found = view.atlas.categorical(column)
    colors = colors_of(view.atlas, found, own=view.query.scale == OWN)
    return {NOT_GIVEN: GREY[theme.name], **dict(zip(found.categories, colors, strict=True))}
