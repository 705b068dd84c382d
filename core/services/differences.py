"""Provenance of differences between samples: sides, design, samples kept and dropped, methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.analysis import abundance as composition
from core.analysis.differences_by_type import (
    UNIT,
    TypeReport,
    facts_of,
    methods_of,
    power_sentence,
    report,
    rows_of,
)
from core.analysis.provenance import of_atlas
from core.analysis.sides import A, B

if TYPE_CHECKING:
    import pyarrow as pa

    from core.analysis.abundance import AbundanceParams
    from core.analysis.differences import DifferencesParams
    from core.analysis.differences_overview import OverviewParams
    from core.atlas.store import Atlas

    Provenance = dict[str, object]

PROPELLER = (
    "Shares of the cell types in each sample, as arcsine of their square root, were fitted by the linear model "
    "{formula} and tested by moderated t (propeller, Phipson 2022); intervals are of log2 odds ratios with 0.5 added "
    "to both counts. P values were adjusted by Benjamini and Hochberg over the cell types."
)


def of_differences(atlas: Atlas, params: DifferencesParams, table: pa.Table) -> Provenance:
    """Provenance of differences in one cell type, or in all of them."""
    head = _head(atlas, params)
    if params.by_type and not params.cell_type:
        tested = set(table["cell_type"].unique().to_pylist())
        reports = [report(atlas, each) for each in params.each_type(atlas)]
        return {
            **head,
            "cell_types": [_in_short(each) for each in reports if each.cell_type in tested],
            "not_tested": [
                {"cell_type": each.cell_type, "why": each.why or "too few counts"}
                for each in reports
                if each.cell_type not in tested
            ],
        }
    found = report(atlas, params)
    notes = list(found.model.notes) if found.model else []
    return {
        **head,
        **_in_short(found),
        "formula": found.model.formula if found.model else "",
        "n_tested": int(np.isfinite(table["p"].to_numpy()).sum()),
        "samples": rows_of(params.design, found.samples),
        "power": power_sentence(table),
        "methods": methods_of(params, found, table),
        "warnings": notes,
    }


def of_overview(atlas: Atlas, params: OverviewParams, _table: pa.Table) -> Provenance:
    """Provenance of an overview of all cell types."""
    return {**_head(atlas, params.differences), "fdr": params.fdr, "min_change": params.min_change}


def of_abundance(atlas: Atlas, params: AbundanceParams, _table: pa.Table) -> Provenance:
    """Provenance of a comparison of compositions."""
    model, rows = composition.design(atlas, params), composition.samples(atlas, params)
    return {
        **of_atlas(atlas.manifest),
        "selection": params.design.units.selection.words(),
        **facts_of(params.design),
        "cell_type_column": params.by_type,
        "reference": params.reference,
        "n_a": model.n_a,
        "n_b": model.n_b,
        "n_cells": sum(row.n_cells for row in rows if not row.why),
        "formula": model.formula,
        "samples": rows_of(params.design, rows),
        "methods": PROPELLER.format(formula=model.formula),
        "warnings": list(model.notes),
    }


def _head(atlas: Atlas, params: DifferencesParams) -> Provenance:
    return {
        **of_atlas(atlas.manifest),
        "selection": params.design.units.selection.words(),
        **facts_of(params.design),
        "cell_type_column": params.by_type,
        "cell_type": params.cell_type,
        "method": f"limma-{params.engine}",
        "unit": UNIT,
    }


def _in_short(found: TypeReport) -> dict[str, object]:
    kept = [row for row in found.samples if not row.why]
    return {
        "cell_type": found.cell_type,
        "n_a": sum(row.side == A for row in kept),
        "n_b": sum(row.side == B for row in kept),
        "n_dropped": len(found.samples) - len(kept),
        "n_cells": sum(row.n_cells for row in kept),
    }
