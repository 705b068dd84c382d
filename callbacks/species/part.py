"""A tab of the page Species: what it draws, and controls of its own if it has any."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from dash import Dash

    from callbacks.shared.page import Page
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.urls.page_queries import SpeciesQuery
    from core.views.species.state import SpeciesView

Outputs: TypeAlias = dict[str, Any]


def _same(query: SpeciesQuery, _choices: Outputs) -> SpeciesQuery:
    return query


@dataclass(frozen=True)
class Part:
    """One tab.

    Attributes
    ----------
    outputs, draw
        What is drawn while the tab is open, and the function that draws it.
    hydrated, hydrate
        Outputs of the controls of the tab, and the function that fills them from a view, or without one.
    choices, collect
        Inputs of these controls, and the function that puts their values into the query of the page.
    register
        Wires what the tab has besides.
    """

    outputs: Outputs
    draw: Callable[[Services, SpeciesView, Theme], Outputs]
    hydrated: Outputs = field(default_factory=dict[str, Any])
    hydrate: Callable[[SpeciesView | None], Outputs] = lambda _view: {}
    choices: Outputs = field(default_factory=dict[str, Any])
    collect: Callable[[SpeciesQuery, Outputs], SpeciesQuery] = _same
    register: Callable[[Dash, Services, Page[SpeciesView]], None] | None = None
