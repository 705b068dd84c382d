"""What a pasted list of genes was not taken for: names that are no genes of the atlas, and what may have been meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from core.genes.lists import replaced

if TYPE_CHECKING:
    from collections.abc import Callable

    from dash.development.base_component import Component

    from core.genes.lists import GeneList

MAX_TOLD = 12
MAX_CHOICES = 3


def unknown(listed: GeneList, text: str, address: Callable[[str], str]) -> Component | None:
    """The names that are no genes, each with links to the same view with another name in its place; None without any.

    Parameters
    ----------
    text
        The list as it was pasted.
    address
        The address of the view with another list.
    """
    if not listed.unknown:
        return None
    told = [_line(name, near, text, address) for name, near in listed.unknown[:MAX_TOLD]]
    more = len(listed.unknown) - MAX_TOLD
    n = len(listed.unknown)
    return html.Div(
        [
            html.P(f"{n:,} {'name is' if n == 1 else 'names are'} not in this atlas and left out:"),
            html.Ul([*told, html.Li(f"and {more:,} more") if more > 0 else None]),
        ],
        className="correlation-unknown",
    )


def _line(name: str, near: tuple[str, ...], text: str, address: Callable[[str], str]) -> Component:
    choices: list[Component] = []
    for gene in near[:MAX_CHOICES]:
        instead = replaced(text, name, gene)
        # The genes of a mounted set stand in its file.
        can = instead != text
        choices.append(dcc.Link(gene, href=address(instead), className="choice") if can else html.Span(gene))
    return html.Li([html.Code(name), *([" · instead: ", *choices] if choices else [])])
