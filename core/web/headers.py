"""The headers that protect a visitor: what a page may load and run, and who may frame it. No answer sets a cookie.

This is the only place where they are set; a proxy in front must not set them again, since browsers then obey both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from flask import Response, request, send_file

from core.embed.policy import frame_ancestors
from core.system.logs import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from flask import Flask

    from core.settings.settings import Settings

EMBED: Final = "/embed/"
# From where Dash's renderer fetches plotly.js, once a page holds a figure.
PLOTLY: Final = "/_dash-component-suites/plotly/package_data/plotly.min.js"
SVG: Final = "image/svg+xml"
BANNER_BYTES: Final = 200
_BANNER: Final = re.compile(rb"plotly\.js \(strict[^)]*\) v(\S+)")

PERMISSIONS: Final = ", ".join(
    (
        *(
            f"{feature}=()"
            for feature in (
                *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation"),
                *("gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture"),
                *("publickey-credentials-get", "screen-wake-lock", "usb", "xr-spatial-tracking"),
            )
        ),
        "fullscreen=(self)",
    )
)

log = logger(__name__)


def register(server: Flask, settings: Settings, inline: Callable[[], Sequence[str]], strict: Path) -> None:
    """Set the headers of every answer, and serve the strict plotly.js where there is one.

    Parameters
    ----------
    server
        Whose answers.
    settings
        Whether this is production, where it listens, and who may frame the embedded views.
    inline
        Gives the hashes of the inline scripts of a page. Asked at each page: Dash knows them all only once it serves.
    strict
        The plotly.js that needs no eval; there need not be one.
    """
    fault = strict_fault(strict)
    if not fault:
        server.add_url_rule(PLOTLY, PLOTLY, lambda: send_file(strict, mimetype="text/javascript", conditional=True))
    elif settings.production:
        log.warning(
            f"{fault} No map of cells can be drawn, since production forbids eval: run `make strict`.",
            path=str(strict),
        )
    # Plotly's usual bundle compiles the shaders of its maps with eval.
    evaluated = bool(fault) and not settings.production
    ancestors = " ".join(frame_ancestors(settings))

    @server.after_request
    def protect(response: Response) -> Response:
        embedded = request.path.startswith(EMBED)
        framed = ancestors if embedded else "'none'"
        kind = response.mimetype or ""
        # A frame has no inline script; a page has those of Dash.
        scripts = () if embedded else inline()
        policy = page_policy(scripts, evaluated=evaluated) if kind == "text/html" else file_policy(kind)
        headers = response.headers
        headers["Content-Security-Policy"] = f"{policy}; frame-ancestors {framed}"
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        headers["Permissions-Policy"] = PERMISSIONS
        if embedded:
            # Pictures and the script for the pages of others, which may ask for this (COEP).
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        else:
            headers["X-Frame-Options"] = "DENY"
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response


def page_policy(inline: Sequence[str], *, evaluated: bool) -> str:
    """What a page may load and run: our own files, and the inline scripts of these hashes."""
    scripts = " ".join(["'self'", *inline, *(["'unsafe-eval'"] if evaluated else [])])
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src {scripts}",
            # Plotly and AG Grid write style elements and attributes as they draw; no hash can name them.
            "style-src 'self' 'unsafe-inline'",
            # Plotly makes its pictures through data: and blob: addresses; AG Grid's icons are a font in its styles.
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        )
    )


def file_policy(kind: str) -> str:
    """What an answer that is no page may load when it is opened by itself: nothing, but for the styles of a picture."""
    return "default-src 'none'; style-src 'unsafe-inline'; img-src data:" if kind == SVG else "default-src 'none'"


def strict_fault(path: Path) -> str:
    """Why the strict plotly.js cannot be served, in a sentence; nothing if it can.

    It must be of the very version that plotly's Python side writes figures for.
    """
    from plotly.offline import get_plotlyjs_version

    wanted = get_plotlyjs_version()
    if not path.is_file():
        return f"The strict plotly.js {wanted} is not there."
    with path.open("rb") as file:
        found = _BANNER.search(file.read(BANNER_BYTES))
    if found is None:
        return "What should be the strict plotly.js is another file."
    version = found[1].decode(errors="replace")
    return "" if version == wanted else f"The strict plotly.js is of version {version}; {wanted} is needed."
