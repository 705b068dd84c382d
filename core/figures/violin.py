"""Horizontal violins and boxes of one gene."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from core.figures.color_space import translucent
from core.figures.text_width import widest, wrapped
from core.figures.theme import LONGEST, Json, base_layout, escaped, name_in_lines, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.analysis.distributions import CategorySummary, Density
    from core.analysis.donor_groups import DonorMeans
    from core.figures.theme import Theme

ROW = 36
TALL_ROW = 56
FEW = 5
SPLIT_ROW = 26
FRAME, BELOW = 56, 44
# On paper: rows of 4.5 mm at 7 pt, and of few rows; the largest share of the width for names; before their numbers.
PRINT_ROW, PRINT_FEW, NAMES, PRINT_GAP = 22.0, 34.0, 0.52, "  "
LETTERS, MARK = 12.0, 16
# Rows of several lines: pixels of a line, and between rows.
PRINT_LINE, PRINT_LEAD = 13.0, 6.0
HALF = 0.42
# Letters of a line of a name on a page, and pixels of each further line.
LETTERS_OF_LINE, LINE = 30, 15
# Rows between the middle of a violin and the dots of its donors.
DONOR_LIFT = 0.2
# Fewer cells are marked: their share and their quartiles say little.
FEW_CELLS = 20


@dataclass(frozen=True)
class Row:
    """Cells of a category, or of a category and a second one."""

    summary: CategorySummary
    density: Density
    color: str
    donors: DonorMeans | None = None


def violin(  # noqa: PLR0913 - the options of a figure
    rows: Sequence[Row],
    unit: str,
    theme: Theme,
    *,
    boxes: bool = False,
    expressing: bool = True,
    gene: str = "",
    width: float = 0.0,
    n_blocks: int = 1,
    pairs: Sequence[tuple[int, int]] = (),
) -> Json:
    """Draw one violin a row, from top to bottom, with quartiles (bar), median (dot), n, % expressing and zeros.

    The width of a violin is the share of its own cells: each has the same maximum. Fewer than five cells, or cells of
    one value, have no density: they show quartiles and median alone.

    Parameters
    ----------
    boxes
        Draw boxes instead: quartiles, median, and whiskers within 1.5 interquartile ranges.
    expressing
        Tell how many cells express it and how many zeros a row stands on; not for a score or for signed values, whose
        zero means nothing.
    gene
        Written before the unit, in italics.
    width
        Of the whole figure in pixels, on paper: names and numbers stand on one line where they fit. 0 on a page.
    n_blocks
        In how many blocks side by side the rows stand, on paper.
    pairs
        Dots of the first row and of the second that a line joins, by their places.
    """
    if n_blocks > 1:
        each = width / n_blocks
        parts = [
            violin(part, unit, theme, boxes=boxes, expressing=expressing, gene=gene, width=each)
            for part in _parts(rows, n_blocks)
        ]
        return side_by_side(parts, width)
    split = any(row.summary.split for row in rows)
    places, ticks, at = _places(rows, split=split, expressing=expressing, paper=bool(width))
    texts = [text.format(muted=theme.muted) for _, text in ticks]
    height: float = SPLIT_ROW if split else TALL_ROW if len(rows) <= FEW else ROW
    left = 8.0
    if not width:
        texts_of_names = [text.partition("<span")[0].removesuffix("<br>") for text in texts]
        height += LINE * max((text.count("<br>") for text in texts_of_names), default=0)
    else:
        texts, left = _fitted(texts, NAMES * width)
        n_lines = max((text.count("<br>") for text in texts), default=0) + 1
        height = max(PRINT_FEW if len(rows) <= FEW else 0, PRINT_ROW, PRINT_LINE * n_lines + PRINT_LEAD)
    title = f"<i>{escaped(gene)}</i> · {escaped(unit)}" if gene else escaped(unit)
    below = BELOW
    if not width and len(title) > LETTERS_OF_LINE and " · " in unit:
        # Beside names on a phone the axis has no room for it on one line.
        title, below = escaped(unit).replace(" · ", "<br>"), BELOW + LINE
    kept = [(row.summary, -place) for row, place in zip(rows, places, strict=True) if row.summary.n]
    if boxes:
        traces = [_box(row, -place) for row, place in zip(rows, places, strict=True) if row.summary.n]
    else:
        bodies = [_body(row, -place, theme) for row, place in zip(rows, places, strict=True) if row.density.grid.size]
        traces = [*bodies, _quartiles(kept, theme)]
    shown = [(row.donors, -place) for row, place in zip(rows, places, strict=True) if row.donors is not None]
    dots = [_donors([(each, place) for each, place in shown if each.donors], theme)] if shown else []
    if pairs:
        dots.insert(0, _pairs(shown, pairs, theme))
    return {
        "data": [*traces, *dots, _medians(kept, theme, expressing=expressing)],
        "layout": {
            **base_layout(theme),
            "height": round(at * height + FRAME + below - BELOW),
            "margin": {"l": left, "r": 14, "t": 8, "b": below},
            "dragmode": False,
            "xaxis": {
                "title": {"text": title, "font": {"size": 11, "color": theme.muted}, "standoff": 8},
                "gridcolor": theme.grid,
                "zeroline": False,
                "tickfont": {"size": 11, "color": theme.muted},
                "fixedrange": True,
                **({"range": _reach(rows)} if width else {"rangemode": "tozero"}),
            },
            "yaxis": {
                "range": [0.5 - at, 0.5],
                "tickvals": [-place for place, _ in ticks],
                "ticktext": texts,
                "tickfont": {"size": 12, "color": theme.ink},
                "showgrid": False,
                "zeroline": False,
                "ticks": "",
                "ticklabelstandoff": 6,
                "automargin": not width,
                "fixedrange": True,
            },
        },
    }


def _parts(rows: Sequence[Row], n: int) -> list[Sequence[Row]]:
    """Divide rows into blocks of about the same height; the rows of a category stay together."""
    firsts = [at for at, row in enumerate(rows) if at == 0 or row.summary.category != rows[at - 1].summary.category]
    # A category that is split has a heading.
    heads = int(any(row.summary.split for row in rows))
    above = [at + heads * category for category, at in enumerate(firsts)]
    total = len(rows) + heads * len(firsts)
    cuts = {firsts[int(np.argmin([abs(lines - total * part / n) for lines in above]))] for part in range(1, n)}
    ends = [0, *sorted(cuts - {0}), len(rows)]
    return [rows[one:other] for one, other in pairwise(ends)]


def side_by_side(figures: Sequence[Json], width: float) -> Json:
    """Join figures of `violin` that were each drawn for the same share of a width; values have one range."""
    if len(figures) == 1:
        return figures[0]
    layouts: list[Json] = [figure["layout"] for figure in figures]
    each, margin = width / len(figures), layouts[0]["margin"]
    inner = width - margin["l"] - margin["r"]
    reach = [end(layout["xaxis"]["range"][at] for layout in layouts) for at, end in enumerate((min, max))]
    lowest = min(layout["yaxis"]["range"][0] for layout in layouts)
    joined: Json = {**layouts[0], "height": max(layout["height"] for layout in layouts)}
    data: list[Json] = []
    for at, figure in enumerate(figures):
        number = str(at + 1) if at else ""
        own = figure["layout"]
        ends = at * each + own["margin"]["l"], (at + 1) * each - own["margin"]["r"]
        joined[f"xaxis{number}"] = {
            **own["xaxis"],
            "range": reach,
            "domain": [(end - margin["l"]) / inner for end in ends],
            "anchor": f"y{number}",
        }
        joined[f"yaxis{number}"] = {**own["yaxis"], "range": [lowest, 0.5], "anchor": f"x{number}"}
        data += [{**trace, "xaxis": f"x{number}", "yaxis": f"y{number}"} for trace in figure["data"]]
    return {"data": data, "layout": joined}


def _fitted(texts: list[str], room: float) -> tuple[list[str], float]:
    """Break names from their numbers, and long names, where they are wider than `room`; return the margin as well."""
    if widest(texts, LETTERS) > room:
        texts = [_broken(text, room) for text in texts]
    return texts, round(widest(texts, LETTERS)) + MARK


def _broken(text: str, room: float) -> str:
    """Break a name between words, and from its numbers where these do not fit beside its last line."""
    name, gap, numbers = text.partition(PRINT_GAP)
    lines = wrapped(name, LETTERS, room)
    beside = f"{lines}{gap}{numbers}"
    return beside if widest([beside], LETTERS) <= room or not numbers else f"{lines}<br>{numbers}"


def _reach(rows: Sequence[Row]) -> list[float]:
    """Return the range of the values, with room for the ring of a median at an end: the axis would cross it."""
    ends = [0.0]
    for row in rows:
        ends += [*row.density.grid[:1], *row.density.grid[-1:], row.summary.whisker_low, row.summary.whisker_high]
        ends += [row.summary.quartile_1, row.summary.quartile_3]
    known = [float(end) for end in ends if np.isfinite(end)]
    span = (max(known) - min(known)) or 1.0
    return [min(known) - 0.035 * span, max(known) + 0.02 * span]


def nothing(theme: Theme) -> Json:
    """Return an empty figure of little height."""
    hidden = {"visible": False, "fixedrange": True}
    margin = {"l": 0, "r": 0, "t": 0, "b": 0}
    return {
        "data": [],
        "layout": {**base_layout(theme), "height": 24, "margin": margin, "xaxis": hidden, "yaxis": hidden},
    }


def _places(
    rows: Sequence[Row], *, split: bool, expressing: bool, paper: bool
) -> tuple[list[float], list[tuple[float, str]], float]:
    places: list[float] = []
    ticks: list[tuple[float, str]] = []
    at = 0.0
    heading = None
    for row in rows:
        summary = row.summary
        if split and summary.category != heading:
            heading = summary.category
            at += 0.25 if places else 0.0
            ticks.append((at, f"<b>{_name(heading, paper=paper)}</b>"))
            at += 0.9
        name = _name(summary.split if split else summary.category, paper=paper)
        share = f" · {summary.pct_expressing:.{0 if paper else 1}f}%" if expressing else ""
        # Beside a name of a second column there is no room for more; the hover tells it.
        zeros = f" · {_zeros(summary)}" if expressing and not split and not paper else ""
        few = " (few)" if 0 < summary.n < FEW_CELLS else ""
        facts = f"{'' if paper else 'n '}{summary.n:,}{few}{share + zeros if summary.n else ' · no cells'}"
        gap = PRINT_GAP if paper else "  " if split else "<br>"
        ticks.append((at, f'{name}{gap}<span style="font-size:10px;color:{{muted}}">{facts}</span>'))
        places.append(at)
        at += 1.0
    return places, ticks, max(at, 1.0)


def _name(text: str, *, paper: bool) -> str:
    # On paper names are broken where they are wider than their room. The braces are doubled, as the tick texts are
    # formatted once more.
    lines = escaped(shortened(text, LONGEST)) if paper else name_in_lines(text, LETTERS_OF_LINE)
    return lines.replace("{", "{{").replace("}", "}}")


def _body(row: Row, centre: float, theme: Theme) -> Json:
    grid, height = row.density.grid, row.density.height * HALF
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(np.concatenate([grid, grid[::-1], grid[:1]])),
        "y": packed(np.concatenate([centre + height, centre - height[::-1], centre + height[:1]])),
        "fill": "toself",
        "fillcolor": translucent(row.color, 0.45 if theme.name == "light" else 0.55),
        "line": {"color": row.color, "width": 1.2},
        "hoverinfo": "skip",
    }


def _box(row: Row, centre: float) -> Json:
    summary = row.summary
    return {
        "type": "box",
        "orientation": "h",
        "y": [centre],
        "q1": [summary.quartile_1],
        "median": [summary.median],
        "q3": [summary.quartile_3],
        "lowerfence": [summary.whisker_low],
        "upperfence": [summary.whisker_high],
        "width": 2 * HALF * 0.8,
        "fillcolor": translucent(row.color, 0.45),
        "line": {"color": row.color, "width": 1.4},
        "hoverinfo": "skip",
    }


def _quartiles(kept: Sequence[tuple[CategorySummary, float]], theme: Theme) -> Json:
    # One trace for all bars: missing points separate them.
    x = [part for summary, _ in kept for part in (summary.quartile_1, summary.quartile_3, np.nan)]
    y = [part for _, place in kept for part in (place, place, np.nan)]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(x),
        "y": packed(y),
        "line": {"color": theme.ink, "width": 3.5},
        "hoverinfo": "skip",
    }


def _medians(kept: Sequence[tuple[CategorySummary, float]], theme: Theme, *, expressing: bool) -> Json:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": packed([summary.median for summary, _ in kept]),
        "y": packed([place for _, place in kept]),
        "marker": {"size": 7, "color": theme.paper, "line": {"color": theme.ink, "width": 1.6}},
        "cliponaxis": False,
        "hovertext": [_facts(summary, expressing=expressing) for summary, _ in kept],
        "hoverinfo": "text",
    }


def _donors(shown: Sequence[tuple[DonorMeans, float]], theme: Theme) -> Json:
    """One dot a donor, above the middle of its row so that the bar of the quartiles stays visible."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": packed([float(mean) for each, _ in shown for mean in each.means]),
        "y": packed([place + DONOR_LIFT for each, place in shown for _ in each.donors]),
        "marker": {"size": 6, "color": theme.ink, "opacity": 0.75, "line": {"color": theme.paper, "width": 0.8}},
        "cliponaxis": False,
        "hovertext": [
            f"<b>{escaped(donor)}</b><br>mean {mean:.3g} over {n:,} cells"
            for each, _ in shown
            for donor, mean, n in zip(each.donors, each.means, each.n_cells, strict=True)
        ],
        "hoverinfo": "text",
    }


def _pairs(shown: Sequence[tuple[DonorMeans, float]], pairs: Sequence[tuple[int, int]], theme: Theme) -> Json:
    """Lines between dots of the first row and of the second."""
    (upper, above), (lower, below) = shown
    x = [part for one, two in pairs for part in (float(upper.means[one]), float(lower.means[two]), np.nan)]
    y = [part for _ in pairs for part in (above + DONOR_LIFT, below + DONOR_LIFT, np.nan)]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(x),
        "y": packed(y),
        "line": {"color": theme.muted, "width": 1},
        "hoverinfo": "skip",
    }


def _zeros(summary: CategorySummary) -> str:
    return f"{summary.n_zeros:,} zero{'' if summary.n_zeros == 1 else 's'}"


def _facts(summary: CategorySummary, *, expressing: bool) -> str:
    share = f", {summary.pct_expressing:.1f}% express it, {_zeros(summary)}" if expressing else ""
    name = f"{summary.category} · {summary.split}" if summary.split else summary.category
    return (
        f"<b>{escaped(name)}</b><br>{summary.n:,} cells{share}"
        f"<br>median {summary.median:.3g}, quartiles {summary.quartile_1:.3g} to {summary.quartile_3:.3g}"
        f"<br>mean {summary.mean:.3g}"
    )
