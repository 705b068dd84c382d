"""`answer`: result, cache status, provenance with permalink, and the call that the observer records."""

from urllib.parse import parse_qsl

import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal

from core.analysis.abundance import AbundanceParams
from core.analysis.activity import ActivityParams
from core.analysis.cell_profile import CellParams
from core.analysis.composition import CompositionParams
from core.analysis.concordance import ConcordanceParams
from core.analysis.conserved_correlates import ConservedParams
from core.analysis.contrasts import ComparisonParams, MarkersParams
from core.analysis.correlation import CorrelationParams
from core.analysis.design import DesignParams
from core.analysis.differences import DifferencesParams
from core.analysis.differences_overview import OverviewParams
from core.analysis.dotplot import DotPlotParams
from core.analysis.enrichment import EnrichmentParams
from core.analysis.gene_across_atlases import GeneParams
from core.analysis.gene_set_scores import ScoreParams
from core.analysis.sides import Sides
from core.analysis.type_auroc import TypeAurocParams
from core.genes.lists import require
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.services import provenance
from core.services.container import Services
from core.services.memoized import SERVICES, answer
from core.services.observer import Observer, ServiceCall
from core.settings.settings import load
from core.urls.permalinks import read
from tests.factories import GENES, N_CELLS, imported, tiny
from tests.redis_servers import Server, needs_redis

MASH = Selection.of({"Group": ["MASH"]})
HEALTHY = Selection.of({"Group": ["Healthy"]})
PASTED = "ALB, GLUL; NOSUCHGENE"


class Recorder(Observer):
    """An observer that keeps the calls."""

    def __init__(self):
        self.calls = []

    def record(self, call):
        self.calls.append(call)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    directory = tmp_path_factory.mktemp("services")
    imported(directory / "data", tiny(directory / "liver.h5ad"), species="human")
    return directory / "data"


@pytest.fixture
def services_of(data):
    """Return a function that creates services with a recorder; they are closed afterwards."""
    created = []

    def services_of(**settings):
        created.append(Services.of(load(data_dir=data, **settings), Recorder()))
        return created[-1]

    yield services_of
    for services in created:
        services.cache.close()
        services.close()


@pytest.fixture
def services(services_of):
    return services_of(correlation_cache=False)


@pytest.fixture
def atlas(services):
    return services.catalog.get("human/liver")


def paired(atlas):
    """Design of MASH against Healthy, in samples that are on both sides."""
    return DesignParams.of(atlas, Sides.of(atlas, "Group"), paired="Sample")


def requests(atlas):
    """One request of each class of parameters: parameters, keywords, service, figure of the permalink, selection."""
    listed = require(atlas.genes, PASTED)
    return [
        (CorrelationParams.of(atlas, "ALB", selection=MASH), {}, "correlates", "ranking", MASH),
        (MarkersParams.of(atlas, "CellType", selection=MASH), {}, "markers", "markers", MASH),
        (ComparisonParams.of(atlas, MASH, HEALTHY), {}, "markers", "markers", Selection()),
        (GeneParams("ALB"), {}, "by_cell_type", None, None),
        (CellParams.of(atlas, 3), {}, "cell", None, None),
        (ScoreParams.of(atlas, listed.genes), {"listed": listed, "cells": MASH}, "scores", "embedding", MASH),
        (DifferencesParams.of(atlas, paired(atlas), pooled=True), {}, "differences", None, None),
        (OverviewParams(DifferencesParams.of(atlas, paired(atlas))), {}, "differences_overview", "volcano", None),
        (DotPlotParams.of(atlas, listed.genes, selection=MASH), {"listed": listed}, "dotplot", "dotplot", MASH),
        (CompositionParams.of(atlas, selection=MASH), {}, "composition", "composition", MASH),
        (AbundanceParams.of(atlas, paired(atlas)), {}, "abundance", "abundance", None),
    ]


# These need references or a second atlas: tests/core/web/api/test_meaning.py, test_between_species.py.
ELSEWHERE = (EnrichmentParams, ActivityParams, TypeAurocParams, ConcordanceParams, ConservedParams)
KINDS = [kind.__name__ for kind in SERVICES if kind not in ELSEWHERE]


def test_each_class_of_parameters_is_tested(atlas):
    assert [type(params).__name__ for params, *_ in requests(atlas)] == KINDS


@pytest.mark.parametrize("number", range(len(KINDS)), ids=KINDS)
def test_provenance_and_the_recorded_call(services, atlas, number):
    params, keywords, service, figure, selection = requests(atlas)[number]
    found = answer(services, atlas, params, **keywords)
    head = found.provenance
    assert head["dataset"] == "human/liver"
    assert head["content_hash"] == atlas.manifest.content_hash
    assert not found.hit
    assert found.ms > 0
    if figure is None:
        assert "permalink" not in head
    else:
        # What compares sides has their cells.
        assert selection is None or head["n_cells"] == mask_of(atlas, selection).sum()
        link = read(head["permalink"])
        assert link.figure == figure
        searched = dict(parse_qsl(link.search.removeprefix("?")))
        assert searched["atlas"] == "human/liver"
        assert atlas.manifest.content_hash.startswith(searched["hash"])
    if "listed" in keywords:
        assert head["genes"] == ["ALB", "GLUL"]
        assert [each["name"] for each in head["unknown"]] == ["NOSUCHGENE"]
    [call] = services.observer.calls
    assert call.seconds >= found.ms / 1000
    correlation = service == "correlates"
    assert call == ServiceCall(
        service,
        "human/liver",
        hit=False,
        seconds=call.seconds,
        method="spearman" if correlation else "",
        n_values=mask_of(atlas, MASH).sum() * len(GENES) if correlation else 0,
    )


def test_scores_are_those_of_all_cells_and_the_provenance_is_that_of_the_selection(services, atlas):
    params, keywords, *_ = requests(atlas)[KINDS.index("ScoreParams")]
    found = answer(services, atlas, params, **keywords)
    assert found.value["score"].to_numpy().shape == (N_CELLS,)
    assert found.provenance["n_cells"] == N_CELLS // 2
    assert found.provenance["selection"] == "Group is MASH"


def test_a_permalink_beyond_the_limits_of_a_url_is_omitted(services, atlas, monkeypatch):
    params, keywords, *_ = requests(atlas)[KINDS.index("DotPlotParams")]
    monkeypatch.setattr(provenance, "MAX_URL", 100)
    assert answer(services, atlas, params, **keywords).provenance["permalink"] is None


@needs_redis
@pytest.mark.parametrize("number", range(len(KINDS)), ids=KINDS)
def test_the_second_answer_is_a_cache_hit_where_results_are_cached(services_of, number):
    redis = Server().start()
    try:
        services = services_of(cache_redis=redis.url)
        atlas = services.catalog.get("human/liver")
        params, keywords, service, *_ = requests(atlas)[number]
        first, second = (answer(services, atlas, params, **keywords) for _ in range(2))
        cached = service not in ("dotplot", "composition", "abundance")
        assert (first.cached, first.hit, second.hit) == (cached, False, cached)
        assert [call.hit for call in services.observer.calls] == [False, cached]
        assert services.observer.calls[1].n_values == 0, "nothing is computed for a cache hit"
        assert first.provenance == second.provenance
        if cached and isinstance(first.value, pa.Table):
            # A table of Arrow with NaN, where there is no p, does not even equal itself.
            assert_frame_equal(second.value.to_pandas(), first.value.to_pandas())
        elif cached:
            assert second.value == first.value
        if cached:
            assert second.ms == pytest.approx(first.ms), "the duration of the computation, not of the lookup"
    finally:
        redis.kill()
