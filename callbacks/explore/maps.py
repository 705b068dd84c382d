"""Maps without their cells, which the browser fetches once from ``/arrays`` and keeps."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from dash import html

from callbacks.explore import legend, words
from core.atlas.embedding_axes import plane_of
from core.atlas.nouns import heading
from core.export.selection_size import about_n_values, too_many
from core.figures.cell_map import colors_of, grid
from core.figures.label_style import label_style, leader_style
from core.urls.base_path import below
from core.urls.page_queries import AtlasQuery, CorrelationQuery, to_search
from core.views import headline
from core.views.explore import embedding
from core.views.explore.labels import OFF, label_column, mode_of, named
from core.views.explore.map_spec import arrays, spec
from core.views.explore.panels import panel_of
from core.views.explore.state import COLORS
from core.views.explore.tokens import BLEND, GENE, GENE_B, NONE, column_of, token_of
from core.views.formatting import category_label, cells_of, count

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.figures.theme import Theme
    from core.views.explore.embedding import Embedding
    from core.views.explore.panels import Panel
    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]


def draw(view: ExploreView, theme: Theme) -> Outputs:
    """State the headline and the number of cells, and give the browser what it needs to paint the maps."""
    result = headline.compute(view.atlas, view.query, placed=True)
    found = result.counts
    missing = f"{cells_of(found.n_unplaced)} without coordinates not drawn." if found.n_unplaced else ""
    panels = [None if token == NONE else panel_of(view, token) for token in view.tokens]
    cards = [
        {**_card(view, number, panel, missing), "close": view.canonical.but(**{name: NONE}).address}
        for number, (panel, name) in enumerate(zip(panels, COLORS, strict=True), start=1)
    ]
    return {
        "spec": _spec(view, theme),
        "cards": cards,
        "style": {"--map-rows": grid(len(view.facets))[0]} if view.facets else {},
        "faceted": "true" if view.facets else "false",
        "h5ad": _h5ad(view, found.n),
        "about": AtlasQuery(atlas=view.atlas.id).address,
        "add": _add(view),
        "correlate": CorrelationQuery(
            atlas=view.query.atlas,
            gene=result.expression.gene,
            a=view.query.a,
            b=view.query.b,
            selection=view.query.selection,
        ).address,
        "count": count(found.n, view.atlas.n_cells),
        "sentence": words.sentence(view, result),
    }


def _add(view: ExploreView) -> Outputs:
    """Link to one more map, coloured by something that no other map shows."""
    free = next((name for name, token in zip(COLORS, view.tokens, strict=True) if token == NONE), None)
    if free is None or view.plane is None:
        return {"href": view.canonical.address, "style": {"display": "none"}}
    group = view.atlas.manifest.roles.get("group", "")
    wanted = [GENE, *([token_of(group)] if group else []), GENE_B, BLEND]
    new = next((token for token in wanted if token not in view.tokens), GENE)
    return {"href": view.canonical.but(**{free: new}).address, "style": {}}


def _h5ad(view: ExploreView, n_cells: int) -> Outputs:
    """Link to the file of the selected cells; without an address where it would be empty or too large."""
    query, n, most = view.query, about_n_values(view.atlas, n_cells), view.services.settings.export_values
    if not n_cells or n > most:
        why = too_many(n, most).message if n_cells else "No cells match these filters."
        return {"href": None, "title": why}
    address = below(f"/api/v1/datasets/{view.atlas.id}/selection.h5ad{to_search(query.selection.pairs())}")
    return {"href": address, "title": f"Download {cells_of(n_cells)} for anndata and scanpy: values, annotations, maps"}


def _card(view: ExploreView, number: int, panel: Panel | None, missing: str) -> Outputs:
    """Fill title, note and legend of one map."""
    token = view.tokens[number - 1]
    if panel is None:
        return {"hidden": True, "title": "", "note": "", "legend": []}
    title: list[Component | str] | str = [html.I(panel.title)] if panel.italic else _named(view, panel)
    column = column_of(token)
    listed: list[Component] = []
    note = panel.note
    if panel.coloring.kind == "category":
        listed, note = legend.legend(view, column), legend.note(view, column)
        if panel.note:
            note = f"{note.rstrip('.')}. {panel.note}"
    elif panel.coloring.kind == "blend":
        listed = [legend.blend(panel)]
    if view.plane is not None and label_column(view, token):
        listed.insert(0, legend.labels(view, number, token))
    both = ". ".join(part.rstrip(".") for part in (note, missing) if part)
    return {"hidden": False, "title": title, "note": f"{both}." if missing else note, "legend": listed}


def _named(view: ExploreView, panel: Panel) -> str:
    """Name a map: a column by what it means, anything else by its own name."""
    return heading(view.atlas, panel.title)


def _spec(view: ExploreView, theme: Theme) -> Outputs | None:
    atlas, query = view.atlas, view.query
    if view.plane is None:
        return None
    facets = view.facets
    codes = [atlas.categorical(query.facet).categories.index(name) for name in facets]
    maps = [
        None if token == NONE else embedding.compute(view.services, replace(view, panel=panel))
        for panel, token in enumerate(view.tokens, start=1)
    ]
    return spec(
        atlas,
        query,
        [None if each is None else _panel(each, theme) for each in maps],
        facet={"values": arrays(atlas, "column", name=query.facet), "codes": codes} if facets else None,
        raster=_raster(view) if view.is_raster else None,
    )


def _panel(result: Embedding, theme: Theme) -> Outputs:
    view, panel, column = result.view, result.panel, result.column
    names = list(panel.names)
    hidden = sorted(view.hidden(column)) if column and names else []
    return {
        "figure": embedding.draw(result, theme),
        "kind": panel.coloring.kind,
        "values": panel.values,
        "values_b": panel.values_b,
        "names": names,
        "title": _named(view, panel),
        "tops": panel.tops,
        "hidden": [names.index(category_label(name)) for name in hidden],
        "sort": view.query.order != "file",
        "fault": panel.fault,
        "raster": f"{panel.raster}{''.join('&' + urlencode({'hide': name}) for name in hidden)}",
        "colours": colors_of(panel.coloring, theme),
        "outside": theme.outside,
        "labels": _labels(result, theme),
    }


def _labels(result: Embedding, theme: Theme) -> Outputs | None:
    """Return the names that the browser may write on the small maps, with points among their cells, and their look."""
    view, token = result.view, result.token
    mode = mode_of(view, view.panel, token)
    if mode == OFF or not label_column(view, token):
        return None
    maps = [[asdict(name) for name in names] for names in named(view, token)]
    return {"mode": mode, "maps": maps, "style": label_style(theme), "leader": leader_style(theme)}


def _raster(view: ExploreView) -> Outputs:
    """Give the address of the raster of each small map, without the colours and the window."""
    info, axes = plane_of(view.atlas, view.query.embedding)
    selection = urlencode(view.query.selection.pairs())
    address = arrays(view.atlas, f"raster/{quote(info.key, safe='')}", axes=f"{axes[0]},{axes[1]}")
    facets = [urlencode({"facet": view.query.facet, "level": name}) for name in view.facets]
    return {"address": f"{address}&{selection}".rstrip("&"), "facets": facets or [""]}
