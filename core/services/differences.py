"""Provenance of differences between samples: sides, design, samples kept and dropped, methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.analysis import abundance as composition
from core.analysis.count_engines import NAMES
from core.analysis.design import MIN_CELLS, MIN_COUNTS
from core.analysis.differences_by_type import (
    UNIT,
    TypeReport,
    facts_of,
    methods_of,
    opinion,
    power_sentence,
    report,
    rows_of,
    software_of,
    warnings_of,
)
from core.analysis.provenance import of_atlas, software, with_versions
from core.analysis.sides import A, B
from core.services.provenance import of_link
from core.urls.page_queries import DifferencesQuery, joined_names

if TYPE_CHECKING:
    import pyarrow as pa

    from core.analysis.abundance import AbundanceParams
    from core.analysis.design import Design, DesignParams
    from core.analysis.differences import DifferencesParams
    from core.analysis.differences_overview import OverviewParams
    from core.atlas.store import Atlas

    Provenance = dict[str, object]

PROPELLER = (
    "Cells were counted by {sample} and {column}. Samples with fewer than {min_cells:,} cells were dropped; {n_a} "
    "samples of {a} and {n_b} of {b} were kept ({n_dropped} dropped). Shares of the cell types in each sample, as "
    "arcsine of their square root, were fitted by the linear model {formula}, and {a} against {b} tested by moderated "
    "t (propeller, Phipson 2022: in R, propeller.ttest with robust = FALSE and trend = FALSE); intervals are of log2 "
    "odds ratios{reference} with 0.5 added to both counts. P values were adjusted by Benjamini and Hochberg over the "
    "cell types.{permuted} {versions}"
)
PERMUTED = (
    " The difference of the mean arcsines was compared with all arrangements of the samples on the sides too; the "
    "smallest p that these can give is {smallest:.2g}."
)


def of_differences(atlas: Atlas, params: DifferencesParams, table: pa.Table) -> Provenance:
    """Provenance of differences in one cell type, or in all of them."""
    head = _head(atlas, params)
    if params.by_type and not params.cell_type:
        tested = set(table["cell_type"].unique().to_pylist())
        reports = [report(atlas, each) for each in params.each_type(atlas)]
        return {
            **head,
            "second_opinion": opinion(params, table),
            "cell_types": [_in_short(each) for each in reports if each.cell_type in tested],
            "not_tested": [
                {"cell_type": each.cell_type, "why": each.why or "too few counts"}
                for each in reports
                if each.cell_type not in tested
            ],
        }
    found = report(atlas, params)
    return {
        **head,
        **_in_short(found),
        "formula": found.model.formula if found.model else "",
        "n_tested": int(np.isfinite(table["p"].to_numpy()).sum()),
        "samples": rows_of(params.design, found.samples),
        "power": power_sentence(table),
        "methods": methods_of(params, found, table),
        "warnings": warnings_of(params, found, table),
    }


def of_overview(atlas: Atlas, params: OverviewParams, _table: pa.Table) -> Provenance:
    """Provenance of an overview of all cell types."""
    return {
        **_head(atlas, params.differences),
        "fdr": params.fdr,
        "min_change": params.min_change,
        "software": software_of(params.differences),
    }


def of_abundance(atlas: Atlas, params: AbundanceParams, table: pa.Table) -> Provenance:
    """Provenance of a comparison of compositions."""
    model, rows = composition.design(atlas, params), composition.samples(atlas, params)
    return {
        **of_atlas(atlas.manifest),
        "selection": params.design.units.selection.words(),
        **_without(facts_of(params.design), "min_counts"),
        "cell_type_column": params.by_type,
        "reference": params.reference,
        "n_a": model.n_a,
        "n_b": model.n_b,
        "n_cells": sum(row.n_cells for row in rows if not row.why),
        "formula": model.formula,
        "samples": [_without(row, "n_counts") for row in rows_of(params.design, rows)],
        "methods": abundance_methods(params, model, len(rows) - len(model.kept), table),
        "software": software("numpy", "scipy"),
        "warnings": list(model.notes),
        **_link("abundance", atlas, params.design, params.by_type, tab="composition"),
    }


def _without(facts: dict[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in facts.items() if key != name}


def abundance_methods(params: AbundanceParams, model: Design, n_dropped: int, table: pa.Table) -> str:
    """Write the paragraph for a methods section, from what was done."""
    a, b = params.design.units.sides.names
    smallest = np.nan_to_num(table["p_smallest"].to_numpy()).max(initial=0.0)
    return PROPELLER.format(
        sample=params.design.units.sample,
        column=params.by_type,
        min_cells=params.design.min_cells,
        n_a=model.n_a,
        n_b=model.n_b,
        a=a,
        b=b,
        n_dropped=n_dropped,
        formula=model.formula,
        reference=f", and of log2 ratios to {params.reference}," if params.reference else "",
        permuted=PERMUTED.format(smallest=smallest) if smallest else "",
        versions=with_versions(software("numpy", "scipy")),
    )


def _head(atlas: Atlas, params: DifferencesParams) -> Provenance:
    return {
        **of_atlas(atlas.manifest),
        "selection": params.design.units.selection.words(),
        **facts_of(params.design),
        "cell_type_column": params.by_type,
        "cell_type": params.cell_type,
        "method": NAMES[params.engine],
        "unit": UNIT,
        "software": software_of(params),
        **_link(
            "volcano",
            atlas,
            params.design,
            params.by_type,
            cell_type=params.cell_type,
            method=params.engine,
            second_opinion="true" if params.second_opinion else "",
        ),
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


def _link(figure: str, atlas: Atlas, design: DesignParams, by_type: str, **query: str) -> Provenance:
    """Permalink of the page with the same comparison; none where the page has no control for what was asked."""
    units, roles = design.units, atlas.manifest.roles
    # A composition has no minimum of counts.
    usual = 0 if figure == "abundance" else MIN_COUNTS
    if units.sample != roles.get("sample") or by_type != roles.get("cell_type"):
        return {}
    sides = units.sides
    asked = DifferencesQuery(
        atlas=atlas.id,
        by=sides.by,
        one=joined_names(sides.a),
        two=joined_names(sides.b),
        a="" if sides.by else sides.cells_a.text(),
        b="" if sides.by else sides.cells_b.text(),
        covariates=joined_names(design.covariates),
        paired=design.paired or "none",
        min_cells="" if design.min_cells == MIN_CELLS else str(design.min_cells),
        min_counts="" if design.min_counts == usual else str(design.min_counts),
        selection=units.selection,
        **query,
    )
    return of_link(figure, asked, atlas)
