"""Who may frame a view: the frame-ancestors of the content security policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from core.settings.settings import Settings


# A policy cannot name [::1]; http:// takes in https:// too.
LOOPBACK: Final = ("http://localhost:*", "http://127.0.0.1:*")


def frame_ancestors(settings: Settings) -> tuple[str, ...]:
    """Who may frame the embedded views: the allowed origins and ourselves.

    Where none is allowed nobody may, but in development, on a loopback address, any page of this machine.
    """
    if settings.embed_allowed_origins:
        # Ourselves: the page that offers a view for embedding shows it first.
        return ("'self'", *settings.embed_allowed_origins)
    if settings.local:
        return ("'self'", *LOOPBACK)
    return ("'none'",)
