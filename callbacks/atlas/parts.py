"""Parts of the page of one atlas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from callbacks.home.words import count, size
from core.atlas.nouns import ROLES
from core.export.selection_size import about_n_values
from core.views.formatting import category_label
from pages import _controls as controls

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

    from core.atlas.manifest import Manifest
    from core.views.atlas_page import AtlasPage, Counts

# Rows of a table that are shown at once, and at all.
FEW, MOST = 20, 500
BUTTON = "btn btn-outline-secondary btn-sm"
NO_ABSTRACT = "No abstract is known. Import the file again with `--replace --abstract TEXT` to add one."
NO_CITATION = "No citation is known. Import the file again with `--replace --citation TEXT --doi DOI` to add one."
NO_ZONATION = (
    "No zonation: it needs a column named zonation, zone, layer or eta, or cell types such as periportal and "
    "pericentral hepatocytes."
)


def article(page: AtlasPage, most_values: int, *, with_versions: bool) -> list[Component]:
    """Build the page.

    Parameters
    ----------
    most_values
        Values that a download may have.
    with_versions
        Whether the versions of the software are told.
    """
    manifest = page.manifest
    links = [dcc.Link(name, href=href, className=BUTTON) for name, href in page.pages.items()]
    return [
        html.Header(
            [
                html.Div(
                    [
                        controls.badge_species(manifest.species),
                        controls.simulated_badge() if manifest.simulated else None,
                    ],
                    className="atlas-badges",
                ),
                html.H1(manifest.title or manifest.name),
                html.P(manifest.id, className="atlas-id"),
                html.P(controls.SIMULATED, className="atlas-simulated") if manifest.simulated else None,
                html.Nav(links, className="about-links", **{"aria-label": "Pages of this atlas"}),  # pyright: ignore[reportArgumentType]
            ],
            className="about-head",
        ),
        _section("Abstract", _abstract(manifest)),
        _section("Citation", _citation(page)),
        _section("Numbers", _numbers(page)),
        _section("Contents", _contents(page)),
        _section("Methods", _methods(page, with_versions=with_versions)),
        _section("Download", _downloads(page, most_values)),
    ]


def _section(title: str, parts: Sequence[Component]) -> Component:
    name = f"atlas-{title.lower()}"
    return html.Section(
        [html.H2(title, id=name), *parts],
        className="about-part",
        **{"aria-labelledby": name},  # pyright: ignore[reportArgumentType]
    )


def _abstract(manifest: Manifest) -> list[Component]:
    if manifest.abstract:
        return [html.P(manifest.abstract, className="about-text")]
    return [html.P(controls.prose(NO_ABSTRACT), className="about-none")]


def _citation(page: AtlasPage) -> list[Component]:
    text = page.manifest.citation
    doi = html.P(
        ["DOI: ", html.A(page.doi, href=f"https://doi.org/{page.doi}", rel="noopener noreferrer", target="_blank")]
    )
    if not text:
        return [doi] if page.doi else [html.P(controls.prose(NO_CITATION), className="about-none")]
    copy = html.Button(
        "Copy",
        type="button",
        title="Copy the citation",
        className=BUTTON,
        **{"data-copy": text},  # pyright: ignore[reportArgumentType]
    )
    return [
        html.Div([html.Code(text, className="about-citation"), copy], className="about-cited"),
        *([doi] if page.doi else []),
    ]


def _numbers(page: AtlasPage) -> list[Component]:
    manifest = page.manifest
    parts = [manifest.cells_in_words, count(manifest.n_genes, "gene")]
    sample = next((each for each in page.counts if each.heading == ROLES["sample"]), None)
    if sample is not None:
        least, median = sample.sizes
        n = sum(bool(name and n) for name, n in sample.rows)
        parts.append(f"{count(n, 'sample')} of {least:,} cells or more (median {median:,.0f})")
    return [
        html.P(f"{', '.join(parts)}.", className="about-text"),
        html.Div([_table(each, manifest.n_cells) for each in page.counts], className="about-tables"),
    ]


def _table(counts: Counts, n_cells: int) -> Component:
    """Tabulate the cells of each category; the rows of a long table unfold."""
    meant = counts.heading if counts.heading == counts.column else f"{counts.heading} ({counts.column})"
    rows = [
        html.Tr([html.Th(category_label(name), scope="row"), html.Td(f"{n:,}"), html.Td(f"{100 * n / n_cells:.1f}%")])
        for name, n in counts.rows[:MOST]
    ]
    table = html.Table(
        [
            html.Caption(f"Cells by {counts.heading.lower()}", className="visually-hidden"),
            html.Thead(html.Tr([html.Th(words, scope="col") for words in (meant, "Cells", "%")])),
            html.Tbody(rows),
        ],
        className="about-table",
    )
    more = len(counts.rows) - MOST
    left_out = html.P(f"{more:,} further rows are in the download.", className="about-none") if more > 0 else None
    if len(counts.rows) <= FEW:
        return html.Div(table)
    return html.Details([html.Summary(f"{meant}: {len(counts.rows):,} rows"), table, left_out])


def _contents(page: AtlasPage) -> list[Component]:
    manifest = page.manifest
    columns = [
        f"{column.name} ({column.n_categories:,} categories)"
        if column.kind == "categorical"
        else f"{column.name} ({column.kind})"
        for column in manifest.columns
    ]
    maps = [f"{each.label}{' (computed at import)' if each.computed else ''}" for each in manifest.embeddings]
    layers = [f"{layer.name} ({layer.unit})" for layer in manifest.layers]
    axis = page.axis
    zonation = f"{axis.column}: {', '.join(axis.zones)}" if axis else NO_ZONATION
    facts: dict[str, str] = {
        "Columns": ", ".join(columns) or "none",
        "Maps": ", ".join(maps) or "none",
        "Layers": ", ".join(layers),
        "Zonation": zonation,
    }
    return [_facts(facts), *_lineages(page)]


def _lineages(page: AtlasPage) -> list[Component]:
    if not page.lineages:
        return []
    rows = [html.Tr([html.Th(name, scope="row"), html.Td(", ".join(types))]) for name, types in page.lineages.items()]
    return [
        html.Details(
            [
                html.Summary("Lineages, derived from the names of the cell types"),
                html.P(
                    "Explore colours and groups by the column Lineage (by name). Names that are not known for certain "
                    "are in Other.",
                    className="about-text",
                ),
                html.Table(
                    [
                        html.Caption("Cell types of each lineage", className="visually-hidden"),
                        html.Thead(html.Tr([html.Th(words, scope="col") for words in ("Lineage", "Cell types")])),
                        html.Tbody(rows),
                    ],
                    className="about-table about-lineages",
                ),
            ]
        )
    ]


def _methods(page: AtlasPage, *, with_versions: bool) -> list[Component]:
    manifest = page.manifest
    layers = {f"Layer {layer.name}": f"{layer.rule} Scale: {layer.scale}." for layer in manifest.layers}
    roles = ", ".join(f"{words} is {manifest.roles[role]}" for role, words in ROLES.items() if role in manifest.roles)
    maps = {f"Map {each.label}": each.origin for each in manifest.embeddings}
    source = manifest.source
    facts = {
        **layers,
        "Roles": f"{roles}; found by name unless given at import." if roles else "No column has a known role.",
        **maps,
        "Source": f"{source.file}, {size(source.bytes)}",
        "SHA-256": source.sha256,
        "Dataset version": manifest.content_hash,
        "Imported": manifest.created,
    }
    if with_versions:
        facts["Software"] = ", ".join(f"{name} {version}" for name, version in manifest.software.items())
    notes = html.Ul([html.Li(note) for note in manifest.notes], className="about-notes") if manifest.notes else None
    heading = html.H3("Notes from the import") if manifest.notes else None
    return [_facts(facts), *(part for part in (heading, notes) if part is not None)]


def _facts(facts: Mapping[str, str]) -> Component:
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(text)]) for name, text in facts.items()], className="atlas-facts about-facts"
    )


def _downloads(page: AtlasPage, most_values: int) -> list[Component]:
    whole: Component | list[Component | str]
    if about_n_values(page.atlas, page.manifest.n_cells) <= most_values:
        whole = html.A("All cells (.h5ad)", href=page.h5ad)
    else:
        whole = html.Span(
            controls.prose(
                "All cells have too many values for a download: select cells on Explore, or run `masldatlas extract` "
                "on the server."
            )
        )
    items: list[Component] = [html.Li(whole), *(html.Li(html.A(name, href=href)) for name, href in page.files.items())]
    if page.frame:
        items.append(html.Li(html.A("Map as a frame for other sites", href=page.frame)))
    return [html.Ul(items, className="about-files")]
