"""``/api/v1/datasets/<species>/<name>/enrichment`` and ``/activity``: what the genes that differ have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request

from core.analysis.activity import DEFAULT as DEFAULT_NETWORK
from core.analysis.activity import MIN_TARGETS
from core.analysis.contrasts import MarkersParams
from core.analysis.enrichment import FDR, MAX_SIZE, MIN_CHANGE, MIN_SIZE, EnrichmentOptions, best, toward
from core.analysis.gene_set_scores import expanded
from core.analysis.gene_sources import ListedSource, ListSource, MarkerSource, one_cell_type
from core.analysis.set_collections import named
from core.compute.abandonment import client_gone
from core.compute.watch import Watch, watching
from core.errors import InvalidQuery
from core.genes.lists import look_up
from core.services.meaning import activity_params, enrichment_params
from core.services.memoized import answer
from core.web.api.differences import DESIGN, LARGEST, LARGEST_CHANGE, REPEATED, TYPES, differences_params
from core.web.api.parameters import SELECTION, chosen_format, only, real, selection, whole
from core.web.api.responses import respond

if TYPE_CHECKING:
    from core.analysis.gene_sources import GeneSource
    from core.atlas.store import Atlas
    from core.genes.lists import GeneList
    from core.services.container import Services

# Of the genes: differences by default, or markers of a category; enrichment also takes a list.
SOURCE: Final = (*DESIGN, *(name for name in TYPES if name != "method"), "engine", "category")
ENRICHMENT: Final = (
    *SOURCE,
    "genes",
    "collection",
    "method",
    "direction",
    "fdr",
    "min_change",
    "min_size",
    "max_size",
    "seed",
    "top",
)
ACTIVITY: Final = (*SOURCE, "network", "model", "min_targets", "source", "top")
# With one of these, a list is one among the genes that the comparison tested.
COMPARED: Final = ("by", "a", "b", "cell_type", "pooled")
MAX_TOP: Final = 10_000_000


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of both routes."""
    routes = Blueprint("meaning", __name__, url_prefix="/api/v1/datasets/<species>/<name>")

    @routes.get("/enrichment")
    def enrichment(species: str, name: str) -> Response:
        only(*ENRICHMENT, "format", many=(*REPEATED, *SELECTION))
        form, atlas, top = chosen_format("xlsx", "columns"), services.catalog.get(f"{species}/{name}"), _top()
        options = EnrichmentOptions.of(
            _text("method"),
            fdr=real("fdr", FDR, 0, 1),
            min_change=real("min_change", MIN_CHANGE, 0, LARGEST_CHANGE),
            min_size=whole("min_size", MIN_SIZE, 1, LARGEST),
            max_size=whole("max_size", MAX_SIZE, 1, LARGEST),
            seed=whole("seed", 1, 0, LARGEST),
        )
        source = _source(services, atlas)
        params = enrichment_params(services, atlas, source, named(_text("collection")), options)
        # Nobody waits for the result of a connection that is closed.
        with watching(Watch(is_gone=client_gone.get())):
            found = answer(services, atlas, params, listed=_listed(services, atlas))
        rows = best(toward(found.value, _text("direction")), top)
        return respond(found, rows, "enrichment", form, f"{name}_enrichment_{options.method}", timing="enrichment")

    @routes.get("/activity")
    def activity(species: str, name: str) -> Response:
        only(*ACTIVITY, "format", many=(*REPEATED, *SELECTION))
        form, atlas, top = chosen_format("xlsx", "columns"), services.catalog.get(f"{species}/{name}"), _top()
        params = activity_params(
            services,
            atlas,
            _source(services, atlas),
            _text("network") or DEFAULT_NETWORK,
            model=_text("model"),
            min_targets=whole("min_targets", MIN_TARGETS, 1, LARGEST),
            targets_of=_text("source"),
        )
        found = answer(services, atlas, params)
        rows = found.value[: top or None]
        what = "targets" if params.targets_of else "activity"
        return respond(found, rows, what, form, f"{name}_{what}_{params.network.name}", timing="activity")

    return routes


def _source(services: Services, atlas: Atlas) -> GeneSource:
    # Activities take no list: `only` has refused it.
    genes, category = _text("genes"), _text("category")
    if genes and category:
        raise InvalidQuery("A list of genes and a category exclude each other.", "Remove genes or category.")
    if genes:
        text = expanded(services.gene_sets, genes)
        if not any(request.args.getlist(name) for name in COMPARED):
            return ListSource.of(atlas, text)
        return ListedSource.of(atlas, one_cell_type(atlas, differences_params(atlas, _text("engine"))), text)
    if category:
        return MarkerSource(MarkersParams.of(atlas, _text("by"), "", selection()), category)
    return one_cell_type(atlas, differences_params(atlas, _text("engine")))


def _listed(services: Services, atlas: Atlas) -> GeneList | None:
    """Find the genes of the list, for what is said of their names."""
    genes = _text("genes")
    return look_up(atlas.genes, expanded(services.gene_sets, genes)) if genes else None


def _top() -> int:
    return whole("top", 0, 1, MAX_TOP)


def _text(name: str) -> str:
    return request.args.get(name, "")
