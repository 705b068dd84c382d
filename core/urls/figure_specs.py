"""Specifications of figures: one row a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.urls.page_queries import CorrelationQuery, ExploreQuery, MarkersQuery

if TYPE_CHECKING:
    from core.urls.page_queries import PageQuery


PAGES: dict[str, type[PageQuery]] = {
    "embedding": ExploreQuery,
    "violin": ExploreQuery,
    "set_violin": ExploreQuery,
    "dotplot": ExploreQuery,
    "heatmap": ExploreQuery,
    "composition": ExploreQuery,
    "scatter": CorrelationQuery,
    "ranking": CorrelationQuery,
    "pair_map": CorrelationQuery,
    "forest": CorrelationQuery,
    "matrix": CorrelationQuery,
    "markers": MarkersQuery,
    "marker_violin": MarkersQuery,
    "marker_dotplot": MarkersQuery,
    "marker_heatmap": MarkersQuery,
}
# How many a page has of a kind, where it has several.
PANELS = {"embedding": 4, "violin": 2, "set_violin": 4, "pair_map": 2}
# What an address without a figure means.
FIRST = {"/explore": "embedding", "/correlation": "ranking", "/markers": "markers"}
