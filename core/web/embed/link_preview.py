"""What a link to a page looks like where it is pasted: OpenGraph and Twitter tags, and how to embed it.

They are written without drawing anything; the picture is drawn once somebody asks for it.
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
    """The tags of the page that is asked for, to stand in its head.

    An address that the page itself would have to correct has the tags of the site: the page says what is wrong.
    """
    home = request.url_root.rstrip("/")
    query = request.query_string.decode("utf-8", "replace")
    # What a page cannot read need not be told on.
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
    except AtlasError:  # the page itself says it, with what to do
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
