"""Tables of the page Species with their provenance, for the API and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.type_auroc import BOUND
from core.errors import NoAtlas
from core.services.match_verdicts import marked, verdicts
from core.services.species_dots import provenance_of
from core.urls.figure_specs import FIGURES
from core.urls.permalinks import permalink
from core.views.result import require
from core.views.species import dots
from core.views.species.state import resolve

if TYPE_CHECKING:
    import pyarrow as pa

    from core.services.container import Services
    from core.services.match_verdicts import Verdicts
    from core.services.provenance import Provenance
    from core.urls.page_queries import SpeciesQuery
    from core.views.species.state import SpeciesView

DOTS = FIGURES["species_dots"].name


def resolved(services: Services, query: SpeciesQuery) -> SpeciesView:
    """Resolve a query of which every part has to mean something.

    Raises
    ------
    UnknownAtlas, InvalidQuery
        Part of the query means nothing here.
    """
    for name in filter(None, [query.atlas]):
        services.catalog.manifest(name)
    view, problems = resolve(services, query.search())
    require(problems)
    if view is None:
        raise NoAtlas
    return view


def types(services: Services, query: SpeciesQuery) -> tuple[pa.Table, Provenance]:
    """Return the matching cell types as a table, and how they were matched."""
    view = resolved(services, query)
    found = view.matching
    said = verdicts(services, view.atlas, view.others, found)
    return marked(found.table, said), {
        "atlas": found.reference,
        "others": list(found.others),
        "match": view.query.match,
        "matching": found.sentence,
        "unmatched": {atlas: list(found.unmatched(atlas)) for atlas in found.others},
        **_alike(said),
    }


def dotplot(services: Services, query: SpeciesQuery) -> tuple[pa.Table, Provenance]:
    """Return the numbers of the dot plot, and where they are from."""
    view = resolved(services, query)
    result = dots.compute(services, view)
    return result.table, {
        **provenance_of(services, result.atlases, result.genes, result.matching),
        "unknown": [{"name": name, "why": why} for name, why in result.missing],
        "absent": result.absent,
        **_alike(result.verdicts),
        "permalink": permalink(
            DOTS,
            view.query.but(tab="dots"),
            view.atlas.manifest.content_hash,
            beside=[atlas.manifest.content_hash for atlas in view.others],
        ),
    }


def _alike(said: Verdicts | None) -> Provenance:
    """Say which matched types are hardly alike, and which could not be judged."""
    return {} if said is None else {"bound": BOUND, "below_auroc": said.below, "auroc_unknown": dict(said.unknown)}
