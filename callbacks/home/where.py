"""Gene search of the home page: a card for each atlas that has the gene, under the name it has there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from callbacks.home.words import count
from core.errors import AtlasError, NotFound
from core.urls.base_path import below
from core.urls.page_queries import ExploreQuery, SpeciesQuery, to_search
from core.views import gene_across_atlases
from core.views.resolve import is_liver
from pages import _controls as controls
from pages._ids import Home, Shell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.services.container import Services
    from core.views.gene_across_atlases import Here, Missing, Rows

# Cell types on a card; the page Explore shows all of them.
MAX_ROWS = 6
# The fraction of fewer cells says little.
FEW_CELLS = 20


def drawn(services: Services, gene: str | None) -> list[Component]:
    """Build the answer for a gene: a sentence, the cards, and the atlases without the gene; empty without a gene."""
    name = (gene or "").strip()
    if not name:
        return []
    try:
        result = gene_across_atlases.compute(services, name)
    except AtlasError as error:
        return [nowhere(error)]
    # A stable sort: within each kind the order of the catalogue stays.
    found = sorted(result.found, key=lambda pair: _interest(pair[0]))
    return [
        *([html.P(result.note, className="where-sentence")] if result.note else []),
        html.P(sentence(name, found, len(result.missing)), className="where-sentence"),
        html.Div([card(here, rows) for here, rows in found], className="where-cards"),
        *absences(result.missing),
        html.P(
            dcc.Link(
                ["Orthologs and paralogs of ", html.I(name), " in each species"], href=SpeciesQuery(gene=name).address
            ),
            className="where-species",
        ),
    ]


def sentence(gene: str, found: Sequence[tuple[Here, Rows]], n_missing: int) -> list[Component | str]:
    """State how many atlases have the gene, and where the largest fraction of cells expresses it."""
    n = len({here.atlas.id for here, _ in found})
    parts: list[Component | str] = [html.I(gene), f" in {n:,} of {count(n + n_missing, 'atlas')}."]
    best = max(
        ((row, here) for here, rows in found for row in rows if row["n_expressing"] and not _signed(here)),
        key=lambda pair: (pair[0]["n"] >= FEW_CELLS, pair[0]["pct_expressing"], pair[0]["mean"]),
        default=None,
    )
    if best is None:
        return [*parts, " Not detected in any cell."]
    row, here = best
    return [
        *parts,
        f" Highest detection: {row['category'] or '(empty)'}, {here.atlas.manifest.title} "
        f"({percent(row['pct_expressing'])} of {count(row['n'], 'cell')}).",
    ]


def card(here: Here, rows: Rows) -> Component:
    """List the cell types of one atlas by the fraction of cells that express the gene."""
    manifest = here.atlas.manifest
    ordered = _ordered(rows)
    more = len(ordered) - MAX_ROWS
    notes = [
        f"Mean: {here.atlas.layer().info.unit} over all cells of the type.",
        f"{count(more, 'further cell type')} on the page Explore." if more > 0 else "",
    ]
    role = manifest.roles.get("cell_type")
    names = ("Cell type", "% above 0" if _signed(here) else "% expressing", "Mean", "Cells")
    address = ExploreQuery(atlas=manifest.id, gene=here.gene).address
    return html.Article(
        [
            html.Div(
                [controls.badge_species(manifest.species), controls.simulated_badge() if manifest.simulated else None],
                className="atlas-badges",
            ),
            html.H3([html.I(here.gene), _relation(here)], className="where-gene"),
            html.P([manifest.title, f" · {manifest.cells_in_words}"], className="where-atlas"),
            html.Table(
                [
                    html.Caption(f"{here.gene} by {role or 'atlas'}", className="visually-hidden"),
                    html.Thead(html.Tr([html.Th(name, scope="col") for name in names])),
                    html.Tbody([_row(row) for row in ordered[:MAX_ROWS]]),
                ],
                className="where-table",
            ),
            html.P(" ".join(filter(None, notes)), className="where-note"),
            dcc.Link(["Explore ", html.I(here.gene)], href=address, className="where-link"),
        ],
        className="where-card",
    )


def _ordered(rows: Rows) -> Rows:
    """Put the largest fractions first, those of few cells last; cell types without expression are left out."""
    some = [row for row in rows if row["n_expressing"]] or rows[:1]
    return sorted(some, key=lambda row: (row["n"] >= FEW_CELLS, row["pct_expressing"], row["mean"]), reverse=True)


def _interest(here: Here) -> tuple[bool, bool]:
    """Sort atlases of the liver before others, and real cells before simulated ones."""
    return not is_liver(here.atlas.manifest), here.atlas.manifest.simulated


def _signed(here: Here) -> bool:
    """Return whether a value above zero does not mean that a cell expresses the gene."""
    return here.atlas.layer().info.signed


def absences(missing: Sequence[Missing]) -> list[Component]:
    """List the atlases without the gene, with the reason."""
    if not missing:
        return []
    return [
        html.Details(
            [
                html.Summary(f"Not in {count(len(missing), 'atlas')}"),
                html.Ul([html.Li([html.Span(each.manifest.title), f": {each.why}"]) for each in missing]),
            ],
            className="where-missing",
        )
    ]


def nowhere(error: AtlasError) -> Component:
    """Say that no atlas has the gene, and suggest similar names."""
    near = error.suggestions if isinstance(error, NotFound) else ()
    links = [dcc.Link(name, href=below(f"/{to_search([('gene', name)])}"), className="choice") for name in near]
    return html.Div(
        [
            html.P(error.message if near else str(error)),
            html.Div([html.Span("Did you mean: "), *links], className="explore-choices") if links else None,
        ],
        className="where-nowhere",
    )


def percent(share: float) -> str:
    """Write ``62%``: one decimal below ten, and 0 or 100 only for exactly none or all."""
    if math.isnan(share):
        return "–"
    if 0 < share < 0.1:  # noqa: PLR2004 - the last digit shown
        return "< 0.1%"
    if 99.9 < share < 100:  # noqa: PLR2004
        return "> 99.9%"
    return f"{share:.1f}%" if 0 < share < 10 or 99 < share < 100 else f"{share:.0f}%"  # noqa: PLR2004


def _relation(here: Here) -> Component | None:
    if here.of > 1:
        return html.Span(f"one of {here.of} paralogs", className="where-relation")
    return html.Span("ortholog", className="where-relation") if here.relation == "ortholog" else None


def _row(row: dict[str, Any]) -> Component:
    share, few = row["pct_expressing"], row["n"] < FEW_CELLS
    bar = html.Span(
        html.Span(style={"width": f"{share:.1f}%"}),
        className="where-bar",
        **{"aria-hidden": "true"},  # pyright: ignore[reportArgumentType]
    )
    return html.Tr(
        [
            html.Th(row["category"] or "(empty)", scope="row"),
            html.Td([bar, html.Span(percent(share))], className="where-share"),
            html.Td(f"{row['mean']:.2f}"),
            html.Td(f"{row['n']:,}"),
        ],
        className="where-few" if few else None,
        title=f"Fewer than {FEW_CELLS} cells" if few else None,
    )


def register(app: Dash, services: Services) -> None:
    """Wire the search."""

    def draw(gene: str | None, _catalog: str | None) -> list[Component]:
        return drawn(services, gene)

    app.callback(Output(Home.WHERE, "children"), Input(Home.CHOSEN, "data"), Input(Shell.CATALOG, "data"))(draw)
    app.clientside_callback(
        ClientsideFunction("home", "write"),
        Input(Home.CHOSEN, "data"),
        State(Home.GENE_SEARCH, "id"),
        prevent_initial_call=True,
    )
