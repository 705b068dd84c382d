"""Controls of the page Species that say which two atlases, and which cell type, are compared gene by gene."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from pages import _controls as controls
from pages import _fields as fields
from pages import _tables as tables
from pages._ids_species import Species as Id
from pages._share import file, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component


def questions() -> Component:
    """Build the group of the rail."""
    return fields.group(
        "Gene by gene",
        [
            html.P("For the tabs AUROC, Changes and Correlates.", className="correlation-help"),
            fields.field("Second atlas", fields.dropdown(id=Id.SECOND, clearable=False, optionHeight="auto")),
            fields.field("Cell type of the reference", fields.dropdown(id=Id.PAIR_TYPE, clearable=False)),
        ],
    )


def cards(
    figure: str, kind: str, ids: tuple[Id, Id, Id, Id, Id, Id, Id], above: Sequence[Component] = ()
) -> list[Component]:
    """Build the card of a plot and that of its table.

    Parameters
    ----------
    figure, kind
        Name of the figure in a permalink, and what it is for screen readers.
    ids
        Of the plot, the place of its message, its title, its note, the file of its values, the table and its note.
    above
        Controls above the plot.
    """
    graph, fault, title, note, csv, table, table_note = ids
    return [
        controls.card(
            [
                *above,
                tables.plot(graph, fault, (f"{kind}:", title, note), class_name="species-pair-plot"),
            ],
            title=html.Span(id=title),
            subtitle=html.Span(id=note),
            tools=share(kind.lower(), figure=figure, more=[file("CSV", "All rows", id=csv)]),
        ),
        controls.card(
            html.Div(
                id=table,
                className="species-scroll species-pair-scroll",
                tabIndex=0,
                role="region",
                **{"aria-label": f"Table of the {kind.lower()}"},  # pyright: ignore[reportArgumentType]
            ),
            title="Table",
            subtitle=html.Span(id=table_note),
        ),
    ]
