"""Common parts of the tabs of two atlases: the plot with its words, and a table of its first rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from dash import Output, html

from callbacks.shared.refusals import shown_or_refusal
from core.figures.violin import nothing
from core.urls.base_path import below
from core.urls.page_queries import to_search

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa
    from dash.development.base_component import Component

    from callbacks.species.part import Outputs
    from core.figures.theme import Json, Theme
    from core.views.result import Words
    from core.views.species.state import SpeciesView
    from pages._ids_species import Species

# Rows in the table of a tab; the file has all.
ROWS: Final = 60
ITALIC: Final = ("gene", "gene_2")


def outputs(ids: Sequence[Species]) -> Outputs:
    """Return the outputs of the two cards of a tab, by the ids that `pages._species_pair.cards` takes."""
    graph, fault, title, note, csv, table, table_note = ids
    return {
        "figure": Output(graph, "figure"),
        "size": Output(graph, "style"),
        "fault": Output(fault, "children"),
        "title": Output(title, "children"),
        "note": Output(note, "children"),
        "csv": Output(csv, "href"),
        "table": Output(table, "children"),
        "table_note": Output(table_note, "children"),
    }


def shown(drawn: Callable[[], tuple[Json, Words, Component, str]], title: str, csv: str, theme: Theme) -> Outputs:
    """Show figure, words and table, or say why there are none."""

    def given() -> Outputs:
        figure, text, table, note = drawn()
        size = {"height": f"{figure['layout']['height']}px"}
        return {"figure": figure, "size": size, "fault": "", "title": text.title, "note": text.note, "csv": csv,
                "table": table, "table_note": note}  # fmt: skip

    def refused(why: str) -> Outputs:
        return {"figure": nothing(theme), "size": {}, "fault": why, "title": title, "note": "", "csv": "",
                "table": None, "table_note": why}  # fmt: skip

    return shown_or_refusal(given, refused)


def rows_of(table: pa.Table, columns: Mapping[str, str], caption: str) -> tuple[Component, str]:
    """Build a table of the first rows, and the sentence on how many there are; genes are in italics."""
    part = table.select(list(columns)).slice(0, ROWS).to_pylist()
    head = html.Tr([html.Th(words, scope="col") for words in columns.values()])
    body = [html.Tr([_field(name, row[name]) for name in columns]) for row in part]
    note = f"The first {ROWS} of {table.num_rows:,} rows; the CSV has all." if table.num_rows > ROWS else ""
    return (
        html.Table(
            [html.Caption(caption, className="visually-hidden"), html.Thead(head), html.Tbody(body)],
            className="species-table",
        ),
        note,
    )


def csv_of(view: SpeciesView, route: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Return the address of all rows in the API."""
    given = [pair for pair in (*pairs, ("format", "csv")) if pair[1]]
    return below(f"/api/v1/datasets/{view.query.atlas}/{route}{to_search(given)}")


def _field(name: str, value: object) -> Component:
    """Build one field; a number is not broken into lines."""
    return html.Td(_cell(name, value), className="species-number" if isinstance(value, int | float) else "")


def _cell(name: str, value: object) -> Component | str:
    if isinstance(value, float):
        if math.isnan(value):
            return "–"
        return f"{value:.2g}" if name.endswith(("p", "p_adj", "p_adj_2", "p_bh", "p_bh_2")) else f"{value:.2f}"
    if isinstance(value, int):
        return f"{value:,}"
    return html.I(str(value)) if name in ITALIC else str(value)
