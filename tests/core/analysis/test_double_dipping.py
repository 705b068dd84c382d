"""Warnings where groups were made from the values that are compared."""

import numpy as np
import pandas as pd
import pytest

from core.analysis.contrasts import ComparisonParams, MarkersParams
from core.analysis.double_dipping import warning_of
from core.selection.model import Selection
from core.services.provenance import of_contrast
from tests.stores import written

N = 40


@pytest.fixture
def atlas(tmp_path):
    obs = pd.DataFrame(
        {
            "CellType": pd.Categorical(np.resize(["a", "b"], N)),
            "leiden_res_0.5": pd.Categorical(np.resize(["0", "1"], N)),
            "Group": pd.Categorical(np.resize(["Healthy", "Healthy", "MASH", "MASH"], N)),
        },
        index=[f"cell{at}" for at in range(N)],
    )
    values = np.random.default_rng(0).gamma(1, 1, (N, 2)).astype(np.float32)
    return written(tmp_path, {"expression": values}, obs, ["ALB", "LYVE1"])


@pytest.mark.parametrize(
    ("column", "said"),
    [("CellType", "the cell types"), ("leiden_res_0.5", "the categories of leiden_res_0.5"), ("Group", "")],
)
def test_categories_that_come_from_clusters(atlas, column, said):
    warning = warning_of(atlas, MarkersParams.of(atlas, column))
    assert bool(warning) == bool(said)
    assert warning.startswith(f"Double dipping: {said}" if said else "")


SQUARE = "X_umap:0_0~1_0~1_1"
HEALTHY, MASH = {"where": ["Group=Healthy"]}, {"where": ["Group=MASH"]}


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        (HEALTHY, MASH, ""),
        ({"thresholds": ["ALB:1:"]}, {"thresholds": ["ALB::1"]}, "a threshold on ALB"),
        ({"lassos": [SQUARE]}, {"excluded": [Selection.parse(lassos=[SQUARE]).text()]}, "a lasso on a map"),
        ({"where": ["leiden_res_0.5=0"]}, {"where": ["leiden_res_0.5=1"]}, "the choice by leiden_res_0.5"),
        ({**HEALTHY, "lassos": [SQUARE]}, {**MASH, "lassos": [SQUARE]}, ""),
        ({**HEALTHY, "lassos": [SQUARE]}, MASH, "a lasso on a map"),
        ({"excluded": ["expr=ALB%3A0%3A"]}, {"thresholds": ["ALB:0:"]}, "a threshold on ALB"),
    ],
)
def test_selections_that_come_from_expression(atlas, a, b, reason):
    params = ComparisonParams.of(atlas, Selection.parse(**a), Selection.parse(**b))
    warning = warning_of(atlas, params)
    assert bool(warning) == bool(reason)
    assert reason in warning


@pytest.mark.parametrize(
    ("selection", "reason"),
    [
        ({"thresholds": ["ALB:1:"]}, "a threshold on ALB"),
        ({"lassos": [SQUARE]}, "a lasso on a map"),
        ({"excluded": ["expr=ALB%3A0%3A"]}, "a threshold on ALB"),
        (HEALTHY, ""),
        ({"where": ["leiden_res_0.5=0"]}, ""),
    ],
)
def test_markers_within_cells_that_were_chosen_by_expression(atlas, selection, reason):
    warning = warning_of(atlas, MarkersParams.of(atlas, "Group", selection=Selection.parse(**selection)))
    assert bool(warning) == bool(reason)
    assert reason in warning
    assert "Double dipping" not in warning


def test_the_provenance_says_so(atlas):
    facts = of_contrast(atlas, MarkersParams.of(atlas, "CellType"), None)
    assert "treat cells as independent" in facts["warning"]
    assert "Double dipping: the cell types" in facts["warning"]
    assert "stored as ln(x + 1)" in facts["fold_change"]
    assert "Double dipping" not in of_contrast(atlas, MarkersParams.of(atlas, "Group"), None)["warning"]
