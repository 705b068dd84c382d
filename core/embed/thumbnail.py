"""Preview image of a figure, for pages without scripts, link previews and catalogues."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.embed.payload import memo, screen_look
from core.embed.responsive import NARROW
from core.export.formats import file_bytes, paper_look
from core.views.registry import render_search

if TYPE_CHECKING:
    from core.embed.options import Options
    from core.embed.target import Target
    from core.services.container import Services

# Social networks show 1200 by 630 pixels, twice this size; see `core.embed.payload.DOTS`.
CARD = (600, 315)


@dataclass(frozen=True)
class ThumbnailParams:
    """Parameters of a preview image, for its cache key."""

    view: str
    search: str
    dark: bool
    title: bool
    width: int
    height: int


def preview_image(services: Services, target: Target, options: Options) -> bytes:
    """Return the PNG with its provenance inside; drawn once.

    It travels alone, so simulated cells are called SIMULATED in it even where no title is asked for.

    Raises
    ------
    InvalidQuery
        The address does not say what to draw.
    Unavailable
        There is no browser to draw with, or it has too much to do.
    """
    titled = options.title or target.simulated
    params = ThumbnailParams(target.view, target.search, options.dark, titled, options.width, options.height)

    def compute() -> dict[str, Any]:
        look = replace(
            screen_look(target.view, options),
            title=titled,
            legend="below" if options.width < NARROW else "right",
            screen=False,
        )
        drawn = render_search(services, target.view, target.search, paper_look(look, "png"))
        return {"png": base64.b64encode(file_bytes(drawn, "png")).decode()}

    return base64.b64decode(str(memo(services, "poster", target, params, compute)["png"]))
