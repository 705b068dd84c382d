"""Link previews: OpenGraph and Twitter tags of a page, and its oEmbed link.

The tags are written without rendering a figure; the image is rendered when it is requested.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from flask import request

from core.embed.payload import DOTS
from core.embed.target import find, title_of
from core.embed.thumbnail import CARD
from core.errors import AtlasError
from core.urls.figure_specs import FIGURES, FIRST
from core.urls.page_queries import MAX_URL
from core.urls.permalinks import read
from core.web.embed.oembed import card_image, discovery

if TYPE_CHECKING:
    from core.embed.target import Target
    from core.services.container import Services

NAME: Final = "MASLDatlas"
ABOUT: Final = "Explore single-cell RNA-seq atlases of the liver in MASLD."


def tags(services: Services) -> str:
    """Return the tags for the head of the requested page.

    A page whose parameters are invalid gets the general tags of the site; the page itself reports the error.
    """
    home = request.url_root.rstrip("/")
    query = request.query_string.decode("utf-8", "replace")
    # A query beyond the limit cannot be read by the page either.
    query = query if len(query) <= MAX_URL else ""
    url = f"{home}{request.path}{f'?{query}' if query else ''}"
    target = _target(services, query) if request.path in FIRST else None
    pairs = [("property", "og:site_name", NAME), ("property", "og:type", "website"), ("property", "og:url", url)]
    if target is None:
        pairs += _words(NAME, ABOUT)
        return "\n    ".join(_meta(*pair) for pair in pairs)
    manifest = target.atlas.manifest
    mark = "SIMULATED. " if manifest.simulated else ""
    shown = FIGURES[target.view].description
    about = f"{mark}{shown[0].upper()}{shown[1:]}. {manifest.cells_in_words}, {manifest.n_genes:,} genes."
    pairs += [
        *_words(f"{title_of(target)} · {NAME}", about),
        ("property", "og:image", home + card_image(target.view, target.search)),
        ("property", "og:image:type", "image/png"),
        ("property", "og:image:width", str(DOTS * CARD[0])),
        ("property", "og:image:height", str(DOTS * CARD[1])),
        ("property", "og:image:alt", f"{title_of(target)}: {shown}"),
        ("name", "twitter:card", "summary_large_image"),
        ("name", "twitter:image", home + card_image(target.view, target.search)),
    ]
    return "\n    ".join([*(_meta(*pair) for pair in pairs), discovery(url)])


def _target(services: Services, query: str) -> Target | None:
    try:
        return find(services, read(f"{request.path}?{query}").figure, query)
    except AtlasError:  # the page itself reports the error
        return None


def _words(title: str, about: str) -> list[tuple[str, str, str]]:
    return [
        ("name", "description", about),
        ("property", "og:title", title),
        ("property", "og:description", about),
        ("name", "twitter:title", title),
        ("name", "twitter:description", about),
    ]


def _meta(kind: str, name: str, content: str) -> str:
    return f'<meta {kind}="{name}" content="{escape(content)}">'
