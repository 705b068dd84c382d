"""Access to private atlases: a secret header of a trusted proxy, and caches that keep both kinds of answers apart."""

from __future__ import annotations

import hmac
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Response, request

from core.atlas.visibility import Viewer, seen_by, viewer
from core.web.static_files import FOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask

    from core.settings.settings import Settings

NO_STORE: Final = "no-store"
PRIVATE: Final = "private, no-cache"


def register(server: Flask, settings: Settings) -> None:
    """Restrict each request to what its sender may see."""
    server.wsgi_app = Access(server.wsgi_app, settings)  # type: ignore[method-assign]
    if settings.access_value is None:
        return

    @server.after_request
    def keep_apart(response: Response) -> Response:
        """Let no shared cache hand an answer with access to those without it, or a 404 to those with it."""
        if request.path.startswith(FOLDERS):
            return response
        response.vary.add(settings.access_header)
        kept = response.headers.get("Cache-Control", "")
        if viewer().private and NO_STORE not in kept:
            response.headers["Cache-Control"] = kept.replace("public", "private") if "public" in kept else PRIVATE
        elif response.status_code == HTTPStatus.NOT_FOUND:
            response.headers["Cache-Control"] = NO_STORE
        return response


class Access:
    """WSGI middleware that sets the viewer of a request.

    Unlisted atlases are in nobody's lists. In development on this machine the visitor is the operator, and sees why an
    import failed.
    """

    def __init__(self, app: Any, settings: Settings) -> None:  # noqa: ANN401 - Flask's own type
        self._app = app
        self._key = f"HTTP_{settings.access_header.upper().replace('-', '_')}"
        value = settings.access_value
        self._value = value.get_secret_value().encode() if value is not None else None
        self._local = settings.local

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - WSGI
        """Answer one request."""
        # Taken out: nothing behind this needs the secret, or may log it.
        sent = str(environ.pop(self._key, "")).encode("latin-1", "replace")
        private = self._value is not None and hmac.compare_digest(sent, self._value)
        with seen_by(Viewer(private=private, unlisted=False, faults=self._local)):
            return self._app(environ, start_response)
