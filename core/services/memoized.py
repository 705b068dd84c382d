"""Results of analyses, with one path through cache, timing, observer and provenance.

Page, API and command line call `answer` with the parameters of an analysis. The parameters are a frozen dataclass and,
together with the content hash of the atlas, the key of the cached result.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, overload

import pyarrow as pa
from cachetools import LRUCache

from core.analysis.abundance import AbundanceParams, abundance
from core.analysis.activity import ActivityParams
from core.analysis.cell_profile import CellParams, cell_card
from core.analysis.composition import Composition, CompositionParams, composition
from core.analysis.concordance import ConcordanceParams
from core.analysis.conserved_correlates import ConservedParams
from core.analysis.contrasts import ComparisonParams, MarkersParams
from core.analysis.correlation import CorrelationParams, correlates
from core.analysis.differences import DifferencesParams
from core.analysis.differences_by_type import by_type
from core.analysis.differences_overview import OverviewParams, overview
from core.analysis.dotplot import DotPlotParams, dots
from core.analysis.enrichment import EnrichmentParams
from core.analysis.gene_across_atlases import GeneParams, by_cell_type
from core.analysis.gene_set_scores import ScoreParams, cell_moments, score
from core.analysis.gene_sources import (
    FileSource,
    GeneSource,
    ListedSource,
    ListSource,
    MarkerSource,
    QuadrantSource,
    ranking_of,
)
from core.analysis.markers import markers
from core.analysis.type_auroc import TypeAurocParams
from core.errors import InvalidQuery
from core.selection.masks import mask_of
from core.services import between_species, differences, meaning, provenance
from core.services.observer import ServiceCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.analysis.gene_rankings import Ranking
    from core.atlas.store import Atlas
    from core.genes.lists import GeneList
    from core.selection.model import Selection
    from core.services.container import Services
    from core.services.provenance import Provenance

    Card: TypeAlias = dict[str, object]
    TableParams: TypeAlias = (
        CorrelationParams
        | MarkersParams
        | ComparisonParams
        | GeneParams
        | ScoreParams
        | DotPlotParams
        | DifferencesParams
        | OverviewParams
        | AbundanceParams
        | EnrichmentParams
        | ActivityParams
        | TypeAurocParams
        | ConcordanceParams
        | ConservedParams
    )
    Params: TypeAlias = TableParams | CellParams | CompositionParams

Value = TypeVar("Value")

# For the most recently used moments: 16 bytes per cell, shared by all scores of a layer.
MOMENTS_BYTES = 256 << 20


@dataclass(frozen=True)
class Answer(Generic[Value]):
    """Result of an analysis, with its cache status and timing.

    Attributes
    ----------
    value : a table, or plain JSON
    cached : whether results of this analysis are cached
    hit : cache hit, or a result shared with a concurrent identical request
    ms : duration of the computation in milliseconds, also for a cache hit
    """

    value: Value
    cached: bool
    hit: bool
    ms: float
    _provenance: Callable[[], Provenance]

    @property
    def provenance(self) -> Provenance:
        """Atlas, selection, parameters, numbers of cells and samples, and permalink of the result."""
        return self._provenance()

    def but(self, more: Provenance) -> Answer[Value]:
        """Return the same answer with more in its provenance."""
        return replace(self, _provenance=lambda: {**self.provenance, **more})


@dataclass(frozen=True)
class _Service:
    """Analysis with its name in the cache and the metrics, and the provenance of its results.

    `provenance` takes the atlas, the parameters, the result, and the keyword arguments of `answer`.
    """

    name: str
    compute: Callable[[Services, Atlas, Any], Any]
    provenance: Callable[..., Provenance]
    cached: bool = True


@overload
def answer(
    services: Services,
    atlas: Atlas,
    params: TableParams,
    *,
    listed: GeneList | None = None,
    cells: Selection | None = None,
) -> Answer[pa.Table]: ...
@overload
def answer(services: Services, atlas: Atlas, params: CellParams) -> Answer[Card]: ...
@overload
def answer(services: Services, atlas: Atlas, params: CompositionParams) -> Answer[Composition]: ...
def answer(
    services: Services, atlas: Atlas, params: Params, *, listed: GeneList | None = None, cells: Selection | None = None
) -> Answer[Any]:
    """Return the result of an analysis from the cache, or compute it once for all concurrent identical requests.

    Parameters
    ----------
    services
        Cache, workers and observer.
    atlas
        The atlas to analyse.
    params
        Parameters of the analysis; their class selects the analysis.
    listed
        Pasted gene list of a dot plot or a score, for the provenance.
    cells
        Selection whose scores are reported, for the provenance; a score is computed for all cells.

    Returns
    -------
    For `CorrelationParams` the table of `core.analysis.correlation.correlates`; for `MarkersParams` and
    `ComparisonParams` that of `core.analysis.markers.markers`; for `GeneParams` that of
    `core.analysis.gene_across_atlases.by_cell_type`; for `ScoreParams` one column ``score``, (n_cells,) float64 in the
    order of the atlas, NaN as `core.analysis.gene_set_scores.score` says; for `CellParams` the card of one cell; for
    `DifferencesParams` the table of `core.analysis.differences_by_type.by_type`, for `OverviewParams` that of
    `core.analysis.differences_overview.overview`, for `AbundanceParams` that of `core.analysis.abundance.abundance`,
    for `EnrichmentParams` that of `core.analysis.enrichment.enrichment`, for `ActivityParams` that of
    `core.analysis.activity.activity`, or of `targets` where a source is named; of two atlases, for `TypeAurocParams`
    that of `core.analysis.type_auroc.type_auroc`, for `ConcordanceParams` that of
    `core.analysis.concordance.concordance` and for `ConservedParams` that of
    `core.analysis.conserved_correlates.conserved_correlates`.

    Raises
    ------
    InvalidQuery, Busy
        The analysis rejects the parameters, or admission control rejects the computation.
    """
    service = SERVICES[type(params)]
    about = {name: value for name, value in (("listed", listed), ("cells", cells)) if value is not None}
    start = time.perf_counter()
    if service.cached:
        found = services.cache.memo(
            service.name, atlas.manifest.content_hash, params, lambda: service.compute(services, atlas, params)
        )
        value, hit, ms = found.value, found.hit, found.ms
    else:
        value, hit = service.compute(services, atlas, params), False
        ms = 1000 * (time.perf_counter() - start)
    services.observer.record(_call(service.name, atlas, params, hit=hit, seconds=time.perf_counter() - start))
    return Answer(value, service.cached, hit, ms, lambda: service.provenance(atlas, params, value, **about))


def _call(name: str, atlas: Atlas, params: Params, *, hit: bool, seconds: float) -> ServiceCall:
    """Describe a call for the observer; only correlations report the number of values read."""
    if not isinstance(params, CorrelationParams):
        return ServiceCall(name, atlas.id, hit, seconds)
    n_values = 0 if hit else int(mask_of(atlas, params.selection).sum()) * atlas.manifest.n_genes
    return ServiceCall(name, atlas.id, hit, seconds, params.method, n_values)


def _correlates(services: Services, atlas: Atlas, params: CorrelationParams) -> pa.Table:
    return correlates(atlas, params, services.workers)


def _markers(services: Services, atlas: Atlas, params: MarkersParams | ComparisonParams) -> pa.Table:
    return markers(atlas, params, services.workers)


def _by_cell_type(_services: Services, atlas: Atlas, params: GeneParams) -> pa.Table:
    return by_cell_type(atlas, params)


def _cell(services: Services, atlas: Atlas, params: CellParams) -> Card:
    return cell_card(atlas, params, services.workers)


def _scores(services: Services, atlas: Atlas, params: ScoreParams) -> pa.Table:
    moments = _cell_moments(services, atlas, params.layer) if params.method == "ulm" else None
    return pa.table({"score": score(atlas, params, moments)})


def _dots(_services: Services, atlas: Atlas, params: DotPlotParams) -> pa.Table:
    return dots(atlas, params)


def _composition(_services: Services, atlas: Atlas, params: CompositionParams) -> Composition:
    return composition(atlas, params)


def _differences(services: Services, atlas: Atlas, params: DifferencesParams) -> pa.Table:
    return by_type(atlas, params, services.workers)


def _overview(services: Services, atlas: Atlas, params: OverviewParams) -> pa.Table:
    return overview(atlas, params, services.workers)


def _abundance(_services: Services, atlas: Atlas, params: AbundanceParams) -> pa.Table:
    return abundance(atlas, params)


def ranking(services: Services, atlas: Atlas, source: GeneSource) -> Ranking:
    """Rank the genes of a source, whose table is cached."""
    if isinstance(source, ListSource | FileSource):
        return ranking_of(atlas, source, None)
    if isinstance(source, (MarkerSource, QuadrantSource)):
        table = answer(services, atlas, source.params).value
    else:
        table = answer(services, atlas, source.differences if isinstance(source, ListedSource) else source).value
    return ranking_of(atlas, source, table)


def _enrichment(services: Services, atlas: Atlas, params: EnrichmentParams) -> pa.Table:
    return meaning.enriched(services, atlas, params, ranking(services, atlas, params.source))


def _activity(services: Services, atlas: Atlas, params: ActivityParams) -> pa.Table:
    return meaning.activities(services, atlas, params, ranking(services, atlas, params.source))


def _type_auroc(services: Services, atlas: Atlas, params: TypeAurocParams) -> pa.Table:
    return between_species.type_auroc_of(services, atlas, params)


def _concordance(services: Services, atlas: Atlas, params: ConcordanceParams) -> pa.Table:
    second = between_species.second_atlas(services, params.second)
    both = ((atlas, params.differences), (second, params.differences_2))
    tables = [_named_differences(services, each, asked) for each, asked in both]
    return between_species.concordance_of(services, (atlas, second), params, (tables[0], tables[1]))


def _named_differences(services: Services, atlas: Atlas, params: DifferencesParams) -> pa.Table:
    """Compute the differences in one of two atlases; a refusal names the atlas."""
    try:
        return answer(services, atlas, params).value
    except InvalidQuery as error:
        raise InvalidQuery(f"In {atlas.id}: {error.message}", error.remedy) from error


def _conserved(services: Services, atlas: Atlas, params: ConservedParams) -> pa.Table:
    second = between_species.second_atlas(services, params.second)
    tables = answer(services, atlas, params.correlation).value, answer(services, second, params.correlation_2).value
    return between_species.conserved_of(services, (atlas, second), params, tables)


SERVICES: dict[type, _Service] = {
    CorrelationParams: _Service("correlates", _correlates, provenance.of_correlation),
    MarkersParams: _Service("markers", _markers, provenance.of_contrast),
    ComparisonParams: _Service("markers", _markers, provenance.of_contrast),
    GeneParams: _Service("by_cell_type", _by_cell_type, provenance.of_gene),
    CellParams: _Service("cell", _cell, provenance.of_cell),
    ScoreParams: _Service("scores", _scores, provenance.of_scores),
    DifferencesParams: _Service("differences", _differences, differences.of_differences),
    OverviewParams: _Service("differences_overview", _overview, differences.of_overview),
    EnrichmentParams: _Service("enrichment", _enrichment, meaning.of_enrichment),
    ActivityParams: _Service("activity", _activity, meaning.of_activity),
    TypeAurocParams: _Service("type_auroc", _type_auroc, between_species.of_type_auroc),
    ConcordanceParams: _Service("concordance", _concordance, between_species.of_concordance),
    ConservedParams: _Service("conserved_correlates", _conserved, between_species.of_conserved),
    # Computing these takes no longer than reading them from the cache.
    DotPlotParams: _Service("dotplot", _dots, provenance.of_dotplot, cached=False),
    CompositionParams: _Service("composition", _composition, provenance.of_composition, cached=False),
    AbundanceParams: _Service("abundance", _abundance, differences.of_abundance, cached=False),
}


def _table_bytes(table: pa.Table) -> int:
    return table.nbytes


# Keyed by content hash and layer: a removed atlas leaves a table of its own behind, and no mapped file.
_moments: LRUCache[tuple[str, str], pa.Table] = LRUCache(MOMENTS_BYTES, getsizeof=_table_bytes)
_lock = Lock()


def _cell_moments(services: Services, atlas: Atlas, layer: str) -> pa.Table:
    key = (atlas.manifest.content_hash, layer)
    with _lock:
        found = _moments.get(key)
    if found is None:
        found = services.cache.memo("moments", *key, lambda: cell_moments(atlas, layer, services.workers)).value
        with _lock:
            if found.nbytes <= MOMENTS_BYTES:
                _moments[key] = found
    return found
