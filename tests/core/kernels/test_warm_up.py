"""Whatever is asked of an atlas, the kernels are compiled already once they were warmed up."""

import importlib

import numpy as np
import pandas as pd
from numba.core.dispatcher import Dispatcher

from core.analysis.cell_profile import CellParams, cell_card
from core.analysis.contrasts import MarkersParams
from core.analysis.correlation import METHODS, CorrelationParams, correlates
from core.analysis.correlation_matrix import MatrixParams, gene_matrix
from core.analysis.gene_set_scores import ScoreParams, cell_moments, score
from core.analysis.markers import markers
from core.kernels.warm_up import warm_up
from core.selection.model import Selection
from tests.level_blocks import MODULES
from tests.stores import written


def compiled():
    """Return how many versions there are of each kernel."""
    modules = [importlib.import_module(f"core.kernels.{name}") for name in MODULES.split()]
    return {
        f"{module.__name__}.{name}": len(kernel.signatures)
        for module in modules
        for name, kernel in vars(module).items()
        if isinstance(kernel, Dispatcher)
    }


def test_questions_compile_nothing_more(tmp_path, pool):
    rng = np.random.default_rng(1)
    # More than a page, so that the files are mapped.
    dense = (rng.gamma(1.0, 1.0, (3_000, 8)) * (rng.random((3_000, 8)) < 0.5)).round(2).astype(np.float32)
    obs = pd.DataFrame({"kind": pd.Categorical(np.resize(["a", "b", "c"], 3_000))}, index=np.arange(3_000).astype(str))
    atlas = written(tmp_path, {"expression": dense}, obs)
    warm_up()
    before = compiled()
    few = Selection.parse(["kind=a"])
    for method in METHODS:
        for drop_zeros in (False, True):
            for selection in (Selection(), few):
                more = {"drop_zeros": drop_zeros, "selection": selection}
                correlates(atlas, CorrelationParams.of(atlas, "gene001", method, **more), pool)
                gene_matrix(atlas, MatrixParams.of(atlas, ("gene001", "gene003"), method, **more))
    markers(atlas, MarkersParams.of(atlas, "kind"), pool)
    score(atlas, ScoreParams.of(atlas, ["gene001"]), cell_moments(atlas, "expression", pool))
    score(atlas, ScoreParams.of(atlas, ["gene001"], "mean_z"))
    cell_card(atlas, CellParams.of(atlas, 5), pool)
    assert compiled() == before
