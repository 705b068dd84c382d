"""JSON of an embedded figure: Plotly's figure for a screen and the text around it; computed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

from core.cache.keys import key_of
from core.embed.controls import controls_of
from core.embed.responsive import on_screen
from core.figures.print_style import DPI, INCH, Look
from core.urls.figure_specs import FIGURES
from core.views.formatting import cells_of
from core.views.registry import render_search

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.embed.options import Options
    from core.embed.target import Target
    from core.services.container import Services
    from core.views.result import Facts, Figure

Answer: TypeAlias = dict[str, Any]

# Points of 12 pixels at 96 dpi: a pixel of the figure is one of the screen.
POINTS = 9.0
# Pixels of an image for one of CSS, as on screens of high density.
DOTS = 2


@dataclass(frozen=True)
class PayloadParams:
    """Parameters of the payload, for its cache key."""

    view: str
    search: str
    dark: bool
    clear: bool
    width: int
    height: int


@dataclass(frozen=True)
class DescriptionParams:
    """Parameters of the description, for its cache key; the options of the frame do not matter."""

    view: str
    search: str


def etag_of(target: Target, options: Options, form: str) -> str:
    """Return the ETag of a response: a hash of program version, atlas content, address and options."""
    params = (form, target.view, target.search, target.content, *map(str, options.pairs()))
    return key_of("embed", target.atlas.manifest.content_hash, params).rpartition(":")[2][:32]


def payload_json(services: Services, target: Target, options: Options) -> bytes:
    """Return the JSON of a frame: the figure with its size, text and controls.

    Raises
    ------
    InvalidQuery
        The address does not say what to draw.
    """
    params = PayloadParams(
        target.view, target.search, options.dark, options.background == "transparent", options.width, options.height
    )

    def compute() -> Answer:
        drawn = _draw(services, target, screen_look(target.view, options))
        shown = on_screen(drawn.figure, width=options.width, clear=params.clear)
        body = {
            **_words(target, drawn),
            "figure": shown.figure,
            "height": shown.height,
            "least": shown.least,
            "legend_entries": shown.legend,
            "rows": FIGURES[target.view].has_rows,
        }
        # Cached as text, so that a cache hit needs no encoding.
        return {"json": orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY).decode()}

    return str(memo(services, "embed", target, params, compute)["json"]).encode()


def words(services: Services, target: Target) -> Answer:
    """Return the text beside a figure: title, legend, n, address of the page, notes, and whether cells are simulated.

    Raises
    ------
    InvalidQuery
        The address does not say what to draw.
    """

    def compute() -> Answer:
        found = _words(target, _draw(services, target, Look(screen=True)))
        return {name: value for name, value in found.items() if name != "controls"}

    return memo(services, "embed_words", target, DescriptionParams(target.view, target.search), compute)


def screen_look(view: str, options: Options) -> Look:
    """Return the look of a figure on a screen; the frame writes the title itself."""
    return Look.of(
        "dark" if options.dark else "light",
        FIGURES[view].frame_legend,
        width=options.width / DPI * INCH,
        height=options.height / DPI * INCH,
        font_size=POINTS,
        title=False,
        screen=True,
        dpi=int(DOTS * DPI),
    )


def _draw(services: Services, target: Target, look: Look) -> Figure:
    return render_search(services, target.view, target.search, look)


def _words(target: Target, drawn: Figure) -> Answer:
    facts = drawn.facts
    return {
        "title": str(facts["title"]),
        "legend": drawn.legend,
        "n": _n(facts),
        "open": str(facts["permalink"]),
        "notes": list(drawn.notes),
        "simulated": bool(facts["simulated"]),
        "sample": str(facts["subset"] or ""),
        "dataset": target.atlas.id,
        "dataset_title": str(facts["dataset_title"]),
        "controls": controls_of(target, facts),
    }


def _n(facts: Facts) -> str:
    """Return ``n = 4,120 cells of 16 samples`` and the selection."""
    samples = facts["n_samples"]
    of = f" of {samples:,} sample{'' if samples == 1 else 's'}" if isinstance(samples, int) else ""
    return f"n = {cells_of(int(str(facts['n_cells'])))}{of} · {facts['selection']}"


def memo(services: Services, service: str, target: Target, params: object, compute: Callable[[], Answer]) -> Answer:
    """Return a cached result, or compute the result where something beside the atlas decides it."""
    if not target.lasts:
        return compute()
    asked = (params, target.content)
    return services.cache.memo(service, target.atlas.manifest.content_hash, asked, compute).value
