"""Titles of cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

if TYPE_CHECKING:
    from dash.development.base_component import Component


def in_italics(title: str, *genes: str) -> list[Component | str]:
    """Set genes of a title in italics; the title holds them in this order."""
    parts: list[Component | str] = []
    for gene in genes:
        before, _, title = title.partition(gene)
        parts += [before, html.I(gene)]
    return [part for part in [*parts, title] if part]
