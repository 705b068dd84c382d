"""Tab Orthologs: the genes of a family in each species, with their evidence, and the atlases that have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import Output, dcc, html

from callbacks.species.part import Outputs, Part
from core.services.gene_family import NONE, PARALOG, SELF, family
from core.urls.base_path import below
from core.urls.page_queries import ExploreQuery, SpeciesQuery, to_search
from pages._controls import SPECIES, badge_species, simulated_badge
from pages._ids_species import Species as Id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.figures.theme import Theme
    from core.services.container import Services
    from core.services.gene_family import Member
    from core.views.species.state import SpeciesView

RELATIONS = {
    SELF: "this gene",
    PARALOG: "paralog",
    "1:1": "1:1 ortholog",
    "1:n": "1:n ortholog",
    "n:1": "n:1 ortholog",
    "n:m": "n:m ortholog",
    NONE: "no ortholog known",
}
NOTE = "1:n – one gene here, several there; n:1 – several here, one there; n:m – several in both."


def draw(services: Services, view: SpeciesView, _theme: Theme) -> Outputs:
    """List the family of the gene of the view."""
    named = view.gene
    members = family(services, named)
    pairs = [("gene", named.gene), ("species", named.species), ("format", "csv")]
    return {
        "card": _table(services, view, members),
        "title": [html.I(named.gene), f" ({named.species}): orthologs and paralogs"],
        "note": NOTE,
        "csv": below(f"/api/v1/species/orthologs{to_search(pairs)}"),
    }


def _table(services: Services, view: SpeciesView, members: Sequence[Member]) -> Component:
    names = ("Species", "Gene", "Relation", "Evidence", "In these atlases")
    return html.Div(
        html.Table(
            [
                html.Caption(f"Orthologs and paralogs of {view.query.gene}", className="visually-hidden"),
                html.Thead(html.Tr([html.Th(name, scope="col") for name in names])),
                html.Tbody([_row(services, view, member) for member in members]),
            ],
            className="species-table",
        ),
        className="species-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": "Orthologs and paralogs"},  # pyright: ignore[reportArgumentType]
    )


def _row(services: Services, view: SpeciesView, member: Member) -> Component:
    if member.relation == NONE:
        none = f"No ortholog known in {member.species}"
        cells = [html.Td(none, colSpan=2, className="species-none"), html.Td(member.evidence, className="species-why")]
        return html.Tr([html.Th(badge_species(member.species), scope="row"), *cells, html.Td("–")])
    evidence = member.evidence or "–"
    return html.Tr(
        [
            html.Th(badge_species(member.species), scope="row"),
            html.Td(_gene(view, member)),
            html.Td(RELATIONS[member.relation]),
            html.Td(evidence, className="species-why"),
            html.Td(_atlases(services, member)),
        ]
    )


def _gene(view: SpeciesView, member: Member) -> list[Component]:
    symbol = html.I(member.gene)
    beside = [html.Span(member.id, className="species-id")] if member.id and member.id != member.gene else []
    if member.relation == SELF:
        return [html.Strong(symbol), *beside]
    there = SpeciesQuery(view.atlas.id, others=view.query.others, gene=member.gene, species=member.species)
    title = f"Orthologs and paralogs of {member.gene}"
    return [dcc.Link(symbol, href=there.but(match=view.query.match).address, title=title), *beside]


def _atlases(services: Services, member: Member) -> Component | str:
    """Link to the gene in each atlas that has it."""
    if not member.here:
        return f"In no {SPECIES[member.species].lower()} atlas here"
    items: list[Component] = []
    for atlas, name in member.here:
        manifest = services.catalog.manifest(atlas)
        mark = [simulated_badge()] if manifest.simulated else []
        link = dcc.Link(
            manifest.title or atlas, href=ExploreQuery(atlas=atlas, gene=name).address, title=f"{name} in {atlas}"
        )
        items.append(html.Li([link, *mark]))
    return html.Ul(items, className="species-atlases")


PART = Part(
    {
        "card": Output(Id.CARD, "children"),
        "title": Output(Id.CARD_TITLE, "children"),
        "note": Output(Id.CARD_NOTE, "children"),
        "csv": Output(Id.CARD_CSV, "href"),
    },
    draw,
)
