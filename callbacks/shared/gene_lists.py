"""Names of a pasted list that are no genes of the atlas, with suggestions, and those that are aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from core.genes.lists import replaced

if TYPE_CHECKING:
    from collections.abc import Callable

    from dash.development.base_component import Component

    from core.genes.lists import GeneList

MAX_LINES = 12
MAX_CHOICES = 3


def unknown(listed: GeneList, text: str, address: Callable[[str], str]) -> Component | None:
    """List aliases, and unknown names with links that put a similar gene in their place; None where there are neither.

    Parameters
    ----------
    text
        List as it was pasted.
    address
        Function that gives the address of the view with another list.
    """
    if not listed.unknown and not listed.notes:
        return None
    lines = [_line(name, near, text, address) for name, near in listed.unknown[:MAX_LINES]]
    more = len(listed.unknown) - MAX_LINES
    n = len(listed.unknown)
    said = listed.notes[:MAX_LINES]
    return html.Div(
        [
            html.P(" ".join(said)) if said else None,
            html.P(f"{n:,} name{'' if n == 1 else 's'} not found:") if n else None,
            html.Ul([*lines, html.Li(f"and {more:,} more") if more > 0 else None]) if n else None,
        ],
        className="correlation-unknown",
    )


def _line(name: str, near: tuple[str, ...], text: str, address: Callable[[str], str]) -> Component:
    choices: list[Component] = []
    for gene in near[:MAX_CHOICES]:
        instead = replaced(text, name, gene)
        # The genes of a mounted set cannot be edited: they are in its file.
        editable = instead != text
        choices.append(dcc.Link(gene, href=address(instead), className="choice") if editable else html.Span(gene))
    return html.Li([html.Code(name), *([" – did you mean: ", *choices] if choices else [])])
