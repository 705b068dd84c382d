"""Titles of cards, and the time that an answer took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.services.memoized import Answer


def in_italics(title: str, *genes: str) -> list[Component | str]:
    """Set genes of a title in italics; the title holds them in this order."""
    parts: list[Component | str] = []
    for gene in genes:
        before, _, title = title.partition(gene)
        parts += [before, html.I(gene)]
    return [part for part in [*parts, title] if part]


def seconds(answer: Answer[Any]) -> str:
    """State how long an answer took, and whether the cache had it."""
    return f"{answer.ms:,.0f} ms{', from the cache' if answer.hit else ''}"
