"""Content security policy of embedded figures: the origins that may frame them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from core.settings.settings import Settings


# A policy cannot name [::1]; http:// takes in https:// too.
LOOPBACK: Final = ("http://localhost:*", "http://127.0.0.1:*")


def frame_ancestors(settings: Settings) -> tuple[str, ...]:
    """Return the directive frame-ancestors: the allowed origins and this server.

    Where none is allowed nobody may, but in development, on a loopback address, any page of this machine.
    """
    if settings.embed_allowed_origins:
        # This server: the embed dialog shows a preview in a frame.
        return ("'self'", *settings.embed_allowed_origins)
    if settings.local:
        return ("'self'", *LOOPBACK)
    return ("'none'",)
