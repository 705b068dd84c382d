"""Words about layers of signed values, and about the zeros of others."""

import numpy as np
import pandas as pd
import pytest

from core.figures.theme import LIGHT
from core.services.container import Services
from core.settings.settings import load
from core.urls.page_queries import ExploreQuery, MarkersQuery
from core.views.explore import dotplot, violin
from core.views.explore.state import resolve
from core.views.markers import dotplot as marker_dots
from core.views.markers import violin as marker_violin
from core.views.markers.state import resolve as resolve_markers
from tests.stores import written

N = 60


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """Services of other/made, whose layer ``scaled`` has zeros in the middle."""
    data = tmp_path_factory.mktemp("signed") / "data"
    rng = np.random.default_rng(0)
    values = (rng.gamma(2, 1, (N, 4)) * (rng.random((N, 4)) < 0.6)).astype(np.float32)
    values[:20, 0] += 3
    obs = pd.DataFrame(
        {"CellType": pd.Categorical(np.where(np.arange(N) < 20, "Hepatocyte", "LSEC"))},
        index=[f"cell{at}" for at in range(N)],
    )
    layers = {"expression": values, "scaled": values - values.mean(axis=0)}
    written(data, layers, obs, ["ALB", "LYVE1", "STAB2", "CD68"], scales={"scaled": "signed"})
    return Services.of(load(data_dir=data))


def said(services, module, query, find):
    view, _ = find(services, query.search())
    result = module.compute(services, view)
    words = module.words(result)
    return f"{words.legend} {words.methods} {words.note} {module.draw(result, LIGHT)}"


CASES = [
    (violin, ExploreQuery(atlas="other/made", gene="ALB"), resolve),
    (dotplot, ExploreQuery(atlas="other/made", genes="ALB LYVE1"), resolve),
    (marker_violin, MarkersQuery(atlas="other/made", by="CellType", gene="ALB"), resolve_markers),
    (marker_dots, MarkersQuery(atlas="other/made", by="CellType"), resolve_markers),
]


@pytest.mark.parametrize(("module", "query", "find"), CASES)
def test_values_above_zero_are_expression_only_where_zero_is_absence(services, module, query, find):
    plain = said(services, module, query, find)
    signed = said(services, module, query.but(layer="scaled"), find)
    assert "express" in plain
    for word in ("express it", "cells expressing", "expressed by"):
        assert word not in signed


@pytest.mark.parametrize(("module", "query", "find"), [CASES[0], CASES[2]])
def test_violins_say_their_zeros(services, module, query, find):
    view, _ = find(services, query.search())
    result = module.compute(services, view)
    table = module.tables(result)["summary"].to_pylist()
    assert [row["n_zeros"] + row["n_expressing"] for row in table] == [20, 40]
    text = said(services, module, query, find)
    assert f"{table[1]['n_zeros']} zeros" in text


def test_methods_say_what_was_computed(services):
    plain = said(services, marker_violin, CASES[2][1], resolve_markers)
    assert "log2 ratios of the means of linear values, stored as ln(x + 1)" in plain
    assert "Double dipping: the cell types" in plain
    signed = said(services, marker_violin, CASES[2][1].but(layer="scaled"), resolve_markers)
    assert "no log2FC: signed values have no linear scale" in signed
    dots = said(services, marker_dots, CASES[3][1], resolve_markers)
    # There are two cell types.
    assert "so means are shown" in dots
    assert "scaled from 0 to 1 per gene" not in dots
