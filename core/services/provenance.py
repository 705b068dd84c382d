"""Provenance attached to every result: atlas, selection, numbers of cells and samples, parameters, permalink.

`core.analysis.provenance` describes the data of a result; this module adds the parameters of the analysis and the
permalink of the figure that shows the same numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.contrasts import METHOD, NOT_REPLICATES, MarkersParams
from core.analysis.double_dipping import warning_of
from core.analysis.fold_change import fold_change_of
from core.analysis.gene_set_scores import used
from core.analysis.provenance import of_atlas, of_cells, of_layer, of_list
from core.genes.lists import joined
from core.selection.masks import mask_of
from core.urls.page_queries import MAX_LIST, MAX_URL, CorrelationQuery, ExploreQuery, MarkersQuery
from core.urls.permalinks import permalink

if TYPE_CHECKING:
    import pyarrow as pa

    from core.analysis.cell_profile import CellParams
    from core.analysis.composition import Composition, CompositionParams
    from core.analysis.contrasts import ComparisonParams, ContrastParams, Groups
    from core.analysis.correlation import CorrelationParams
    from core.analysis.dotplot import DotPlotParams
    from core.analysis.gene_across_atlases import GeneParams
    from core.analysis.gene_set_scores import ScoreParams
    from core.atlas.store import Atlas
    from core.genes.lists import GeneList
    from core.selection.model import Selection
    from core.urls.page_queries import PageQuery

Provenance = dict[str, object]


def of_link(figure: str, query: PageQuery, atlas: Atlas, panel: int = 1) -> Provenance:
    """Permalink of the figure that shows the same numbers; None if the link would exceed the limits of a URL."""
    link = permalink(figure, query, atlas.manifest.content_hash, panel)
    long = len(link) > MAX_URL or any(len(str(getattr(query, name))) > MAX_LIST for name in query.NAMES)
    return {"permalink": None if long else link}


def of_correlation(atlas: Atlas, params: CorrelationParams, _table: pa.Table) -> Provenance:
    """Provenance of one gene against all others."""
    query = CorrelationQuery(
        atlas=atlas.id,
        gene=params.gene,
        method=params.method,
        drop_zeros="true" if params.drop_zeros else "",
        layer=params.layer,
        selection=params.selection,
    )
    return {
        **of_cells(atlas, params.selection),
        **of_layer(atlas.layer(params.layer)),
        "gene": params.gene,
        "method": params.method,
        "drop_zeros": params.drop_zeros,
        "warning": NOT_REPLICATES,
        **of_link("ranking", query, atlas),
    }


def of_dotplot(atlas: Atlas, params: DotPlotParams, _table: pa.Table, *, listed: GeneList) -> Provenance:
    """Provenance of a dot plot, including the pasted gene list."""
    genes = joined(params.genes, " ")
    query = ExploreQuery(
        atlas=atlas.id,
        genes=genes,
        by=params.by,
        split=params.split,
        layer=params.layer,
        tab="dots",
        selection=params.selection,
    )
    return {
        **of_cells(atlas, params.selection),
        **of_layer(atlas.layer(params.layer)),
        "by": params.by,
        "split": params.split,
        **of_list(listed),
        **of_link("dotplot", query, atlas),
    }


def of_composition(atlas: Atlas, params: CompositionParams, found: Composition) -> Provenance:
    """Provenance of a composition, including the cells and samples that its rows omit."""
    query = ExploreQuery(atlas=atlas.id, by=params.by, tab="composition", selection=params.selection)
    return {
        **of_cells(atlas, params.selection),
        "by": params.by,
        "sample": params.sample,
        "group": found.group,
        "n_samples": found.n_samples,
        "n_samples_without_cells": found.n_empty,
        "n_cells_without_sample": found.n_without,
        **(of_link("composition", query, atlas) if params.sample == atlas.manifest.roles.get("sample") else {}),
    }


def of_scores(atlas: Atlas, params: ScoreParams, _table: pa.Table, *, listed: GeneList, cells: Selection) -> Provenance:
    """Provenance of the scores of a gene set in a selection, including the pasted gene list."""
    kept = set(used(atlas, params))
    genes = joined(params.genes, " ")
    query = ExploreQuery(
        atlas=atlas.id, set_a=genes, score=params.method, color_2="@set_a", layer=params.layer, selection=cells
    )
    return {
        **of_cells(atlas, cells),
        **of_layer(atlas.layer(params.layer)),
        "method": params.method,
        "n_genes": len(kept),
        **of_list(listed),
        "ids": [atlas.genes.id_of(gene) for gene in listed.genes],
        "left_out": [gene for gene in params.genes if gene not in kept],
        **of_link("embedding", query, atlas, panel=2),
    }


def of_contrast(atlas: Atlas, params: ContrastParams, _table: pa.Table) -> Provenance:
    """Provenance of markers, or of the comparison of two selections."""
    groups = params.groups(atlas)
    if isinstance(params, MarkersParams):
        return _of_markers(atlas, params, groups)
    return _of_comparison(atlas, params, groups)


def of_gene(atlas: Atlas, params: GeneParams, _table: pa.Table) -> Provenance:
    """Provenance of one gene in each cell type."""
    return {**of_atlas(atlas.manifest), "gene": params.gene}


def of_cell(atlas: Atlas, params: CellParams, _card: object) -> Provenance:
    """Provenance of the profile of one cell."""
    return {**of_atlas(atlas.manifest), **of_layer(atlas.layer(params.layer)), "index": params.index}


def _of_markers(atlas: Atlas, params: MarkersParams, groups: Groups) -> Provenance:
    n_selected = int(mask_of(atlas, params.selection).sum())
    return {
        **of_cells(atlas, params.selection),
        **of_layer(atlas.layer(params.layer)),
        "by": params.by,
        **_of_groups(atlas, params, groups),
        "n_without_category": n_selected - groups.n,
        "method": METHOD,
        **of_link(
            "markers", MarkersQuery(atlas.id, by=params.by, layer=params.layer, selection=params.selection), atlas
        ),
    }


def _of_comparison(atlas: Atlas, params: ComparisonParams, groups: Groups) -> Provenance:
    return {
        **of_atlas(atlas.manifest),
        "a": params.a.words(),
        "b": params.b.words(),
        "n_cells": groups.n,
        "n_a": int(groups.sizes[0]),
        "n_b": int(groups.sizes[1]),
        **of_layer(atlas.layer(params.layer)),
        **_of_groups(atlas, params, groups),
        "method": METHOD,
        **of_link("markers", MarkersQuery(atlas.id, a=params.a.text(), b=params.b.text(), layer=params.layer), atlas),
    }


def _of_groups(atlas: Atlas, params: ContrastParams, groups: Groups) -> dict[str, object]:
    n_samples = groups.n_samples or (None,) * len(groups.names)
    return {
        "method": METHOD,
        "n_compared": groups.n,
        "n_samples": groups.n_all_samples,
        "categories": [
            {"category": name, "n": n, "n_samples": samples}
            for name, n, samples in zip(groups.names, groups.sizes.tolist(), n_samples, strict=True)
        ],
        "fold_change": fold_change_of(atlas.layer(params.layer).info),
        "warning": " ".join(filter(None, (NOT_REPLICATES, warning_of(atlas, params)))),
    }
