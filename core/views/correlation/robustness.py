"""Correlation of gene A and gene B, adjusted in different ways: within strata, for covariates, over samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.donor_level import donor_means
from core.analysis.gene_pair import pair
from core.analysis.partial import partial

if TYPE_CHECKING:
    from core.analysis.donor_level import DonorMeans
    from core.analysis.gene_pair import Pair
    from core.analysis.partial import Adjusted
    from core.views.correlation.state import CorrelationView


def over_cells(view: CorrelationView) -> Pair:
    """Correlate gene A and gene B over all selected cells."""
    return pair(view.atlas, view.pair(view.query.gene_b))


def over_samples(view: CorrelationView) -> DonorMeans:
    """Correlate the means of samples; InvalidQuery where there are too few."""
    return donor_means(view.atlas, view.pair(view.query.gene_b))


def adjusted(view: CorrelationView) -> Adjusted | None:
    """Correlate gene A and gene B given the covariates of the view; None without any covariate."""
    depth, by = view.query.depth != "false", view.query.adjust or None
    return partial(view.atlas, view.pair(view.query.gene_b), depth=depth, by=by) if depth or by else None
