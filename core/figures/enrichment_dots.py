"""Gene sets as dots: effect, number of genes and adjusted p."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.figures.axes import axis, diverging
from core.figures.gene_grid import color_bar
from core.figures.text_width import BREAK, text_width, wrapped
from core.figures.theme import Json, Theme, base_layout, escaped, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

ROW, PRINT_ROW = 29, 23
# Pixels of the names of sets, in at most two lines of `LETTERS`.
NAMES: Final = 190.0
LETTERS, MAX_LINES = 11, 2
TOP, BOTTOM = 34, 48
N_SHOWN: Final = 20
SMALLEST, LARGEST = 6.0, 18.0
# Powers of ten of the adjusted p at which colours end; beyond, they would all be for one set.
FURTHEST: Final = 10.0
_PREFIX: Final = re.compile(r"^(HALLMARK|REACTOME|GOBP|GO|WP|KEGG|BIOCARTA|PID)_")
_LOWER: Final = frozenset(("of", "the", "by", "in", "and", "to", "via", "for", "from", "with", "on"))


def dots(table: pa.Table, theme: Theme, most: int = N_SHOWN, room: float = NAMES, *, paper: bool = False) -> Json:
    """Draw the sets of smallest p of a table of `core.analysis.enrichment.enrichment`, best first.

    Parameters
    ----------
    most
        No more rows than these are drawn.
    room
        Pixels of the names of sets; longer ones are wrapped, and shortened beyond two lines.
    paper
        Rows stand closer where all names are on one line.

    Notes
    -----
    Of ORA x is the fold enrichment, of GSEA the normalised enrichment score. The area of a dot is the number of genes
    in common (of the leading edge), which stands beside it, its colour the sign of the direction times -log10 of the
    adjusted p, up to 10.
    """
    rows = _best(table.to_pylist(), most)
    is_ranked = any(row["nes"] is not None and np.isfinite(row["nes"]) for row in rows)
    x = np.array([row["nes" if is_ranked else "fold"] for row in rows], dtype=np.float64)
    n_genes = np.array([row["n_genes"] for row in rows], dtype=np.float64)
    strength = np.array([_strength(row) for row in rows])
    reach = float(np.abs(strength).max(initial=0.0)) or 1.0
    labels = [_label(row, room, several=_has_several(rows)) for row in rows]
    pitch = ROW if not paper or any(BREAK in label for label in labels) else PRINT_ROW
    height = TOP + BOTTOM + pitch * max(len(rows), 1)
    marker = {
        "size": packed(np.maximum(LARGEST * np.sqrt(n_genes / max(n_genes.max(initial=1.0), 1.0)), SMALLEST)),
        "color": packed(strength),
        "colorscale": diverging(theme),
        "cmin": -reach,
        "cmax": reach,
        "opacity": 1,
        "line": {"width": 0.6, "color": theme.muted},
        "colorbar": color_bar("−log₁₀ adjusted p: lower · higher", theme, (-reach, reach), height - TOP - BOTTOM),
    }
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "markers+text",
                "x": packed(x, "f8"),
                "y": packed(-np.arange(len(rows), dtype=np.float64), "f8"),
                "marker": marker,
                "text": [f"{row['n_genes']:,}" for row in rows],
                "textposition": "middle right",
                "textfont": {"size": 10, "color": theme.muted},
                "cliponaxis": False,
                "hovertext": [_hover(row, is_ranked=is_ranked) for row in rows],
                "hovertemplate": "%{hovertext}<extra></extra>",
                "customdata": [f"{row['direction']}:{row['collection']}/{row['set']}" for row in rows],
            }
        ],
        "layout": {
            **base_layout(theme),
            "height": height,
            "margin": {"l": 8, "r": 16, "t": TOP, "b": BOTTOM},
            "xaxis": axis("normalised enrichment score" if is_ranked else "fold enrichment", theme)
            | {"zeroline": is_ranked, "zerolinecolor": theme.muted, "range": _range(x)},
            "yaxis": {
                "tickvals": (-np.arange(len(rows))).tolist(),
                "ticktext": labels,
                "tickfont": {"size": LETTERS, "color": theme.ink},
                "range": [-max(len(rows), 1) + 0.4, 0.6],
                "gridcolor": theme.grid,
                "zeroline": False,
                "automargin": True,
                "fixedrange": True,
            },
        },
    }


def readable(name: str) -> str:
    """Write the name of a set as words: ``HALLMARK_TNFA_SIGNALING_VIA_NFKB`` is ``TNFA SIGNALING via NFKB``."""
    plain = _PREFIX.sub("", name)
    if "_" not in plain:
        return plain
    return " ".join(word.lower() if word.lower() in _LOWER else word for word in plain.split("_"))


def _best(rows: Sequence[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    told = [row for row in rows if row["p"] is not None and np.isfinite(row["p"])]
    return sorted(told, key=lambda row: (row["p_adj"], row["p"]))[:most]


def _strength(row: Mapping[str, Any]) -> float:
    power = min(-np.log10(max(row["p_adj"], 10.0**-FURTHEST)), FURTHEST)
    return float(power if row["direction"] == "up" else -power)


def _has_several(rows: Sequence[Mapping[str, Any]]) -> bool:
    return len({row["collection"] for row in rows}) > 1


def _label(row: Mapping[str, Any], room: float, *, several: bool) -> str:
    name = readable(row["set"])
    lines = wrapped(f"{name} ({row['collection']})" if several else name, LETTERS, room).split(BREAK)
    if len(lines) > MAX_LINES:
        lines = [*lines[: MAX_LINES - 1], " ".join(lines[MAX_LINES - 1 :])]
    return BREAK.join(escaped(_fitting(line, room)) for line in lines)


def _fitting(line: str, room: float) -> str:
    """Shorten a line that is wider than there is room."""
    width = text_width(line, LETTERS)
    return line if width <= room else shortened(line, max(int(len(line) * room / width) - 1, 4))


def _range(x: NDArray[np.float64]) -> list[float]:
    """Return a range from zero, or beyond it, with room for the number beside the last dot."""
    low, high = min(0.0, float(x.min(initial=0.0))), max(0.0, float(x.max(initial=0.0)))
    reach = (high - low) or 1.0
    return [low - 0.1 * reach if low < 0 else 0.0, high + 0.16 * reach]


def _hover(row: Mapping[str, Any], *, is_ranked: bool) -> str:
    what = "genes of the leading edge" if is_ranked else f"listed genes, {row['expected']:.1f} expected"
    effect = f"NES {row['nes']:.2f}, ES {row['es']:.2f}" if is_ranked else f"fold {row['fold']:.2f}"
    return (
        f"{escaped(row['set'])}<br>{row['n_genes']:,} of {row['n_set']:,} {what}<br>{effect}, "
        f"{'higher' if row['direction'] == 'up' else 'lower'}<br>p {row['p']:.2g}, adjusted {row['p_adj']:.2g}"
    )
