"""Security headers: Content-Security-Policy, frame ancestors, permissions. No response sets a cookie.

These headers are set here only. A reverse proxy must not set them again, since browsers would then apply both values.
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
# URL from which Dash's renderer loads plotly.js once a page contains a figure.
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
    """Set the security headers of every response, and serve the strict plotly.js if available.

    Parameters
    ----------
    server
        The Flask application.
    settings
        Environment, and the origins that may frame embedded views.
    inline
        Returns the hashes of the inline scripts of a page. Called for each page, since Dash registers scripts late.
    strict
        Path of the plotly.js bundle that works without eval; the file may be missing.
    """
    fault = strict_fault(strict)
    if not fault:
        server.add_url_rule(PLOTLY, PLOTLY, lambda: send_file(strict, mimetype="text/javascript", conditional=True))
    elif settings.production:
        log.warning(
            f"{fault} Production forbids eval, so no cell map can be drawn. Run `make strict`.",
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
        # Frames have no inline scripts; pages have those of Dash.
        scripts = () if embedded else inline()
        policy = page_policy(scripts, evaluated=evaluated) if kind == "text/html" else file_policy(kind)
        headers = response.headers
        headers["Content-Security-Policy"] = f"{policy}; frame-ancestors {framed}"
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        headers["Permissions-Policy"] = PERMISSIONS
        if embedded:
            # Images and the host script are loaded by other sites, which may require this header (COEP).
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        else:
            headers["X-Frame-Options"] = "DENY"
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response


def page_policy(inline: Sequence[str], *, evaluated: bool) -> str:
    """Return the policy of a page: files of this server, and inline scripts with these hashes."""
    scripts = " ".join(["'self'", *inline, *(["'unsafe-eval'"] if evaluated else [])])
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src {scripts}",
            # Plotly and AG Grid add style elements and attributes while rendering, which no hash can list.
            "style-src 'self' 'unsafe-inline'",
            # Plotly creates images through data: and blob: URLs; AG Grid embeds its icons as a font in its style sheet.
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        )
    )


def file_policy(kind: str) -> str:
    """Return the policy of a response other than a page: nothing may be loaded, except the styles of an SVG image."""
    return "default-src 'none'; style-src 'unsafe-inline'; img-src data:" if kind == SVG else "default-src 'none'"


def strict_fault(path: Path) -> str:
    """Return a sentence on why the strict plotly.js cannot be served; empty if it can.

    The bundle must have the plotly.js version for which the Python package plotly writes figures.
    """
    from plotly.offline import get_plotlyjs_version

    wanted = get_plotlyjs_version()
    if not path.is_file():
        return f"The strict plotly.js {wanted} is missing."
    with path.open("rb") as file:
        found = _BANNER.search(file.read(BANNER_BYTES))
    if found is None:
        return "The file of the strict plotly.js has other content."
    version = found[1].decode(errors="replace")
    return "" if version == wanted else f"The strict plotly.js has version {version}; version {wanted} is required."
