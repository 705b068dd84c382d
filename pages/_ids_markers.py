"""Ids of the page Markers."""

from __future__ import annotations

from enum import StrEnum


class Markers(StrEnum):
    """Ids of the page Markers.

    The state flows as in Explore. `TABLE_SOURCE` holds the address of the rows of the table, and the categories to
    choose from; `WHOSE` selects the top genes of the dot plot and the heatmap: those of the category shown, or of each
    category.
    """

    SEARCH = "markers-search"
    HYDRATED = "markers-hydrated"
    STATE = "markers-state"
    TABLE_SOURCE = "markers-table-source"

    RAIL = "markers-rail"
    FILTER = "markers-filter"
    FILTERS = "markers-filters"
    MORE = "markers-more"
    MORE_FIELD = "markers-more-field"
    MORE_FILTERS = "markers-more-filters"
    BOUNDS = "markers-bounds"
    THRESHOLDS = "markers-thresholds"
    LIMIT = "markers-limit"
    LIMIT_SEARCH = "markers-limit-search"
    LIMIT_LIST = "markers-limit-list"
    LIMITED = "markers-limited"
    COUNT = "markers-count"
    ACTIONS = "markers-actions"

    GENE = "markers-gene"
    GENE_SEARCH = "markers-gene-search"
    GENE_LIST = "markers-gene-list"
    CHOSEN = "markers-chosen"

    MODE = "markers-mode"
    MODE_HELP = "markers-mode-help"
    BY = "markers-by"
    BY_FIELD = "markers-by-field"
    TOP = "markers-top"
    WHOSE = "markers-whose"
    LAYER = "markers-layer"
    LAYER_FIELD = "markers-layer-field"

    PROBLEMS = "markers-problems"
    ANSWER = "markers-answer"
    SENTENCE = "markers-sentence"
    REPLICATES = "markers-replicates"
    PARTS = "markers-parts"
    EXPLORE = "markers-explore"

    CATEGORY = "markers-category"
    RANKING = "markers-ranking"
    RANKING_FAULT = "markers-ranking-fault"
    RANKING_TITLE = "markers-ranking-title"
    RANKING_NOTE = "markers-ranking-note"

    TABLE = "markers-table"
    TABLE_TITLE = "markers-table-title"
    TABLE_NOTE = "markers-table-note"
    TABLE_FAULT = "markers-table-fault"
    QUICK = "markers-quick"
    CLEAR = "markers-clear"
    CSV = "markers-csv"
    XLSX = "markers-xlsx"
    EVERY = "markers-every"

    VIOLIN = "markers-violin"
    VIOLIN_FAULT = "markers-violin-fault"
    VIOLIN_TITLE = "markers-violin-title"
    VIOLIN_NOTE = "markers-violin-note"
    GENE_EXPLORE = "markers-gene-explore"

    TAB = "markers-tab"
    DOTS_TAB = "markers-dots-tab"
    HEATMAP_TAB = "markers-heatmap-tab"
    DOTS = "markers-dots"
    DOTS_FAULT = "markers-dots-fault"
    DOTS_TITLE = "markers-dots-title"
    DOTS_NOTE = "markers-dots-note"
    TOP_CSV = "markers-top-csv"
    TOP_XLSX = "markers-top-xlsx"

    HEATMAP = "markers-heatmap"
    HEATMAP_FAULT = "markers-heatmap-fault"
    HEATMAP_TITLE = "markers-heatmap-title"
    HEATMAP_NOTE = "markers-heatmap-note"
