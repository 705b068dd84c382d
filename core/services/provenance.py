"""Provenance attached to every result: atlas, selection, numbers of cells and samples, parameters, permalink.

`core.analysis.provenance` says of which data a result is; here the question that was asked and the permalink of the
figure that shows the same numbers are added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.contrasts import METHOD, NOT_REPLICATES, MarkersAsk
from core.analysis.gene_set_scores import used
from core.analysis.provenance import of_atlas, of_cells, of_layer, of_list
from core.selection.masks import mask_of
from core.urls.page_queries import MAX_LIST, MAX_URL, CorrelationQuery, ExploreQuery, MarkersQuery
from core.urls.permalinks import permalink

if TYPE_CHECKING:
    from core.analysis.composition import Composition, CompositionAsk
    from core.analysis.contrasts import Ask, CompareAsk, Groups
    from core.analysis.correlation import CorrelationAsk
    from core.analysis.dotplot import DotAsk
    from core.analysis.gene_set_scores import ScoreAsk
    from core.atlas.store import Atlas
    from core.genes.lists import GeneList
    from core.selection.model import Selection
    from core.urls.page_queries import PageQuery

Provenance = dict[str, object]


def of_link(figure: str, query: PageQuery, atlas: Atlas, panel: int = 1) -> Provenance:
    """Permalink of the figure that shows the same numbers; None where it would be too long to be read."""
    link = permalink(figure, query, atlas.manifest.content_hash, panel)
    long = len(link) > MAX_URL or any(len(str(getattr(query, name))) > MAX_LIST for name in query.NAMES)
    return {"permalink": None if long else link}


def of_correlation(atlas: Atlas, ask: CorrelationAsk) -> Provenance:
    """Provenance of one gene against all others."""
    query = CorrelationQuery(
        atlas=atlas.id,
        gene=ask.gene,
        method=ask.method,
        drop_zeros="true" if ask.drop_zeros else "",
        layer=ask.layer,
        selection=ask.selection,
    )
    return {
        **of_cells(atlas, ask.selection),
        **of_layer(atlas.layer(ask.layer)),
        "gene": ask.gene,
        "method": ask.method,
        "drop_zeros": ask.drop_zeros,
        **of_link("ranking", query, atlas),
    }


def of_dotplot(atlas: Atlas, ask: DotAsk, listed: GeneList) -> Provenance:
    """Provenance of a dot plot; the genes are those of the pasted list."""
    genes = " ".join(ask.genes)
    query = ExploreQuery(
        atlas=atlas.id, genes=genes, by=ask.by, split=ask.split, layer=ask.layer, tab="dots", selection=ask.selection
    )
    return {
        **of_cells(atlas, ask.selection),
        **of_layer(atlas.layer(ask.layer)),
        "by": ask.by,
        "split": ask.split,
        **of_list(listed),
        **of_link("dotplot", query, atlas),
    }


def of_composition(atlas: Atlas, ask: CompositionAsk, found: Composition) -> Provenance:
    """Provenance of a composition, and what its rows leave out."""
    query = ExploreQuery(atlas=atlas.id, by=ask.by, tab="composition", selection=ask.selection)
    return {
        **of_cells(atlas, ask.selection),
        "by": ask.by,
        "sample": ask.sample,
        "group": found.group,
        "n_samples": found.n_samples,
        "n_samples_without_cells": found.n_empty,
        "n_cells_without_sample": found.n_without,
        **(of_link("composition", query, atlas) if ask.sample == atlas.manifest.roles.get("sample") else {}),
    }


def of_scores(atlas: Atlas, ask: ScoreAsk, listed: GeneList, selection: Selection) -> Provenance:
    """Provenance of the scores of a gene set; the genes are those of the list."""
    kept = set(used(atlas, ask))
    genes = " ".join(ask.genes)
    query = ExploreQuery(
        atlas=atlas.id, set_a=genes, score=ask.method, color_2="@set_a", layer=ask.layer, selection=selection
    )
    return {
        **of_cells(atlas, selection),
        **of_layer(atlas.layer(ask.layer)),
        "method": ask.method,
        "n_genes": len(kept),
        **of_list(listed),
        "left_out": [gene for gene in ask.genes if gene not in kept],
        **of_link("embedding", query, atlas, panel=2),
    }


def of_contrast(atlas: Atlas, ask: Ask, groups: Groups) -> Provenance:
    """Provenance of markers, or of the comparison of two selections."""
    return _of_markers(atlas, ask, groups) if isinstance(ask, MarkersAsk) else _of_comparison(atlas, ask, groups)


def _of_markers(atlas: Atlas, ask: MarkersAsk, groups: Groups) -> Provenance:
    n_selected = int(mask_of(atlas, ask.selection).sum())
    return {
        **of_cells(atlas, ask.selection),
        **of_layer(atlas.layer(ask.layer)),
        "by": ask.by,
        **_of_groups(groups),
        "n_without_category": n_selected - groups.n,
        "method": METHOD,
        **of_link("markers", MarkersQuery(atlas.id, by=ask.by, layer=ask.layer, selection=ask.selection), atlas),
    }


def _of_comparison(atlas: Atlas, ask: CompareAsk, groups: Groups) -> Provenance:
    return {
        **of_atlas(atlas.manifest),
        "a": ask.a.words(),
        "b": ask.b.words(),
        "n_cells": groups.n,
        "n_a": int(groups.sizes[0]),
        "n_b": int(groups.sizes[1]),
        **of_layer(atlas.layer(ask.layer)),
        **_of_groups(groups),
        "method": METHOD,
        **of_link("markers", MarkersQuery(atlas.id, a=ask.a.text(), b=ask.b.text(), layer=ask.layer), atlas),
    }


def _of_groups(groups: Groups) -> dict[str, object]:
    n_samples = groups.n_samples or (None,) * len(groups.names)
    return {
        "method": METHOD,
        "n_compared": groups.n,
        "n_samples": groups.n_all_samples,
        "categories": [
            {"category": name, "n": n, "n_samples": samples}
            for name, n, samples in zip(groups.names, groups.sizes.tolist(), n_samples, strict=True)
        ],
        "warning": NOT_REPLICATES,
    }
