"""``/oembed``: oEmbed 1.0 (https://oembed.com) for URLs of this server, and its discovery tag."""

from __future__ import annotations

from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, request

from core.embed import options as frame
from core.embed.options import ROOT, Options, address
from core.embed.payload import DOTS
from core.embed.snippet import iframe
from core.embed.target import Target, find, title_of
from core.embed.thumbnail import CARD
from core.errors import InvalidInput, InvalidQuery, NotFound
from core.urls.base_path import below, without
from core.urls.figure_specs import FIRST
from core.urls.permalinks import read
from core.web.api.parameters import json, only, whole
from core.web.problems import problem

if TYPE_CHECKING:
    from core.services.container import Services

OEMBED: Final = "/oembed"
SIZE: Final = (640, 480)
LARGEST: Final = 10_000
CACHED_SECONDS: Final = 3_600


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of the route."""
    routes = Blueprint("oembed", __name__)

    @routes.get(OEMBED)
    def oembed() -> Response:
        """Describe the frame of a figure for the URL of a page or embedded view of this server."""
        only("url", "maxwidth", "maxheight", "format", many=())
        form = request.args.get("format", "json")
        if form != "json":
            return problem(
                HTTPStatus.NOT_IMPLEMENTED, "Not implemented", f"format={form[:20]!r} is not supported. Use json."
            )
        width = min(whole("maxwidth", SIZE[0], 1, LARGEST), SIZE[0])
        height = min(whole("maxheight", SIZE[1], 1, LARGEST), SIZE[1])
        target, options = _target(services, request.args.get("url", ""))
        home = request.url_root.rstrip("/")
        title = title_of(target)
        response = json(
            {
                "version": "1.0",
                "type": "rich",
                "provider_name": "MASLDatlas",
                "provider_url": f"{home}/",
                "title": title,
                "html": iframe(
                    home + address(target.view, target.search, options),
                    title,
                    (width, height),
                    transparent=options.background == "transparent",
                    sized=True,
                ),
                "width": width,
                "height": height,
                "thumbnail_url": home + card_image(target.view, target.search),
                "thumbnail_width": DOTS * CARD[0],
                "thumbnail_height": DOTS * CARD[1],
                "cache_age": CACHED_SECONDS,
            }
        )
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return routes


def card_image(view: str, search: str) -> str:
    """Return the URL of a preview image."""
    return address(view, search, Options(theme="light", width=CARD[0], height=CARD[1]), ".png")


def discovery(url: str) -> str:
    """Return the oEmbed discovery tag of a page."""
    href = f"{request.url_root.rstrip('/')}{OEMBED}?{urlencode([('url', url), ('format', 'json')])}"
    return f'<link rel="alternate" type="application/json+oembed" href="{escape(href)}">'


def _target(services: Services, url: str) -> tuple[Target, Options]:
    """Find the view of a URL.

    Raises
    ------
    NotFound
        The URL does not name a figure of this server; oEmbed requires this status for all such errors.
    """
    if not url:
        raise InvalidQuery("The parameter 'url' is missing.", "Add url=… with the URL of a figure.")
    elsewhere = NotFound(f"{url[:80]!r} is not a figure of this server.", "Give the URL of one of its pages.")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise elsewhere from error
    if parts.scheme not in ("http", "https") or parts.netloc != request.host:
        raise elsewhere
    path = without(parts.path)
    if below(path) != parts.path:
        raise elsewhere
    try:
        if path.startswith(f"{ROOT}/"):
            options, search = frame.read(parts.query)
            return find(services, path.removeprefix(f"{ROOT}/"), search), options
        if path not in FIRST:
            raise elsewhere
        figure = read(f"{path}?{parts.query}").figure
        return find(services, figure, parts.query), Options()
    except InvalidInput as error:
        raise NotFound(error.message, error.remedy) from error
