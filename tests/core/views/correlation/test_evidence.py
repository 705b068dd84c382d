"""Evidence of a pair in words: r, interval and n over cells, p over donors; cell type is always tried."""

from urllib.parse import urlencode

import numpy as np
import pytest

from core.analysis.gene_pair import pair_values
from core.views.correlation import forest, ranking, scatter
from core.views.correlation.state import resolve


def view_of(services, **more):
    """Resolve an address with two genes of the tiny atlas."""
    found, problems = resolve(
        services, "?" + urlencode({"atlas": "human/liver", "gene": "ALB", "gene_b": "GLUL", **more})
    )
    assert problems == []
    return found


def test_a_scatter_states_cells_and_why_donors_have_no_p(services):
    result = scatter.compute(services, view_of(services))
    legend = scatter.words(result).legend
    assert legend.count("60") == 0, "n is said once, at the end"
    assert "no P value over samples: This atlas has 3 samples; donor means need 4" in legend
    assert ", p " not in scatter.in_cells(result.found)


@pytest.mark.parametrize("part", [scatter, forest, ranking])
def test_with_zeros_dropped_the_samples_are_those_that_remain(services, part):
    view = view_of(services, drop_zeros="true")
    subject = part.subject(part.compute(services, view))
    if part is ranking:
        cells = view.atlas.layer().dense(view.atlas.genes.resolve("ALB")) != 0
    else:
        cells = pair_values(view.atlas, view.pair("GLUL")).used
    assert subject.n_cells == cells.sum() < 60
    assert subject.n_samples == len(np.unique(view.atlas.role("sample").codes[cells]))


def test_cell_type_is_tried_beside_the_column(services):
    result = forest.compute(services, view_of(services))
    assert (result.found.by, result.cell_types.by) == ("Sample", "CellType")
    assert forest.compute(services, view_of(services, by="CellType")).cell_types is None
    assert forest.tables(result)["strata"].column_names[-1] == "why"
