"""Raw values in, core service, figure out: one module a page, no statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dash import Dash

    from core.services import Services


def register(app: Dash, services: Services) -> None:
    """Wire every page to the services."""
