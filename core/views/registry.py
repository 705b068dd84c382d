"""Implementation of every figure, by its name in `core.urls.figure_specs`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from core.errors import NoAtlas
from core.figures.paper_sizes import MAX_HEIGHT
from core.figures.print_style import Look
from core.urls.page_queries import split_search
from core.urls.permalinks import panel_of, read
from core.views.correlation import forest, matrix, pair_map, ranking, scatter
from core.views.differences import abundance as differences_abundance
from core.views.differences import activity as differences_activity
from core.views.differences import enrichment as differences_enrichment
from core.views.differences import running_score, sample_pca, targets, volcano
from core.views.differences import violin as differences_violin
from core.views.explore import composition, dotplot, embedding_layout, set_violin, violin, zonation
from core.views.markers import dotplot as marker_dotplot
from core.views.markers import ranking as marker_ranking
from core.views.markers import violin as marker_violin
from core.views.result import assembled, require
from core.views.species import concordance, conserved_correlates, type_auroc
from core.views.species import dots as species_dots

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.services.container import Services
    from core.views.result import Figure
    from core.views.view import View

VIEWS: Mapping[str, View[Any, Any]] = {
    "embedding": embedding_layout.VIEW,
    "violin": violin.VIEW,
    "set_violin": set_violin.VIEW,
    "dotplot": dotplot.DOTS,
    "heatmap": dotplot.HEATMAP,
    "composition": composition.VIEW,
    "zonation": zonation.VIEW,
    "scatter": scatter.VIEW,
    "ranking": ranking.VIEW,
    "pair_map": pair_map.VIEW,
    "forest": forest.VIEW,
    "matrix": matrix.VIEW,
    "markers": marker_ranking.VIEW,
    "marker_violin": marker_violin.VIEW,
    "marker_dotplot": marker_dotplot.DOTS,
    "marker_heatmap": marker_dotplot.HEATMAP,
    "volcano": volcano.VIEW,
    "ma_plot": volcano.MA,
    "differences_violin": differences_violin.VIEW,
    "sample_pca": sample_pca.VIEW,
    "abundance": differences_abundance.VIEW,
    "enrichment_dots": differences_enrichment.VIEW,
    "running_score": running_score.VIEW,
    "activity_bars": differences_activity.VIEW,
    "target_volcano": targets.VOLCANO,
    "target_network": targets.NETWORK,
    "species_dots": species_dots.VIEW,
    "type_auroc": type_auroc.VIEW,
    "concordance": concordance.VIEW,
    "conserved_correlates": conserved_correlates.VIEW,
}


def render(services: Services, link: str, look: Look | None = None, figure: str = "") -> Figure:
    """Draw what a permalink, or any address of a page, shows.

    Parameters
    ----------
    figure
        Name of the figure, whatever the link names; empty for that of the link.

    Raises
    ------
    InvalidQuery
        The link cannot be read, or does not say what to draw.
    """
    found = read(link, figure)
    return render_search(services, found.figure, found.search, look or Look())


def render_search(services: Services, figure: str, search: str, look: Look) -> Figure:
    """Draw a figure from the query of an address of its page.

    Raises
    ------
    UnknownAtlas
        There is none of that id.
    InvalidQuery
        Part of the query means nothing in this atlas, or there is nothing to draw.
    """
    view = VIEWS[figure]
    if named := split_search(search)[0].get("atlas", ""):
        services.catalog.manifest(named)
    state, problems = view.resolve(services, search)
    notes = require(problems)
    if state is None:
        raise NoAtlas
    panel = panel_of(figure, search)
    result = view.compute(services, replace(state, panel=panel))
    layout = view.laid_out(result, look)
    subject = view.subject(result)
    subject = replace(subject, notes=(*notes, *subject.notes))
    found = assembled(figure, panel, subject, layout, view.words(result), view.tables(result))
    fitting = dict(found.fitting)
    if not fitting or fitting.keys() & split_search(search)[0].keys():
        return found
    # Nothing that was asked for is left out: the default is made for the page.
    fits = render_search(services, figure, f"{search}&{urlencode(fitting)}", look)
    given = ", ".join(f"{name}={value}" for name, value in fitting.items())
    note = f"To fit on the {MAX_HEIGHT:.0f} mm of a page, fewer are shown than on the screen ({given})."
    return replace(fits, notes=(*fits.notes, note))
