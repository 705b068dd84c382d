"""Ids of the page Differences."""

from __future__ import annotations

from enum import StrEnum


class Differences(StrEnum):
    """Ids of the page Differences.

    The state flows as in Explore. `TABLE_SOURCE` holds the address of the rows of the table of genes; `RANKING` is the
    volcano, on which a click chooses a gene.
    """

    SEARCH = "differences-search"
    HYDRATED = "differences-hydrated"
    STATE = "differences-state"
    TABLE_SOURCE = "differences-table-source"

    RAIL = "differences-rail"
    FILTER = "differences-filter"
    FILTERS = "differences-filters"
    MORE = "differences-more"
    MORE_FIELD = "differences-more-field"
    MORE_FILTERS = "differences-more-filters"
    BOUNDS = "differences-bounds"
    THRESHOLDS = "differences-thresholds"
    LIMIT = "differences-limit"
    LIMIT_SEARCH = "differences-limit-search"
    LIMIT_LIST = "differences-limit-list"
    LIMITED = "differences-limited"
    COUNT = "differences-count"
    ACTIONS = "differences-actions"

    GENE = "differences-gene"
    GENE_SEARCH = "differences-gene-search"
    GENE_LIST = "differences-gene-list"
    CHOSEN = "differences-chosen"

    MODE = "differences-mode"
    MODE_HELP = "differences-mode-help"
    BY = "differences-by"
    BY_FIELD = "differences-by-field"
    ONE = "differences-one"
    ONE_FIELD = "differences-one-field"
    TWO = "differences-two"
    TWO_FIELD = "differences-two-field"
    COVARIATES = "differences-covariates"
    COVARIATES_FIELD = "differences-covariates-field"
    PAIRED = "differences-paired"
    PAIRED_FIELD = "differences-paired-field"
    METHOD = "differences-method"
    LAYER = "differences-layer"
    LAYER_FIELD = "differences-layer-field"

    PROBLEMS = "differences-problems"
    ANSWER = "differences-answer"
    SENTENCE = "differences-sentence"
    REPLICATES = "differences-replicates"
    MARKERS = "differences-markers"

    OVERVIEW = "differences-overview"
    OVERVIEW_CARD = "differences-overview-card"
    OVERVIEW_TITLE = "differences-overview-title"
    OVERVIEW_NOTE = "differences-overview-note"
    OVERVIEW_CSV = "differences-overview-csv"

    CELL_TYPE = "differences-cell-type"
    CELL_TYPE_FIELD = "differences-cell-type-field"
    PARTS = "differences-parts"
    TAB = "differences-tab"
    GENES_TAB = "differences-genes-tab"
    ENRICHMENT_TAB = "differences-enrichment-tab"
    ACTIVITY_TAB = "differences-activity-tab"
    SAMPLES_TAB = "differences-samples-tab"
    COMPOSITION_TAB = "differences-composition-tab"

    RANKING = "differences-volcano"
    RANKING_FAULT = "differences-volcano-fault"
    RANKING_TITLE = "differences-volcano-title"
    RANKING_NOTE = "differences-volcano-note"
    MA = "differences-ma"
    MA_FAULT = "differences-ma-fault"
    MA_TITLE = "differences-ma-title"
    MA_NOTE = "differences-ma-note"
    METHODS = "differences-methods"

    TABLE = "differences-table"
    TABLE_TITLE = "differences-table-title"
    TABLE_NOTE = "differences-table-note"
    TABLE_FAULT = "differences-table-fault"
    QUICK = "differences-quick"
    CLEAR = "differences-clear"
    CSV = "differences-csv"
    XLSX = "differences-xlsx"
    EVERY = "differences-every"

    VIOLIN = "differences-violin"
    VIOLIN_FAULT = "differences-violin-fault"
    VIOLIN_TITLE = "differences-violin-title"
    VIOLIN_NOTE = "differences-violin-note"

    SAMPLES = "differences-samples"
    SAMPLES_TITLE = "differences-samples-title"
    SAMPLES_NOTE = "differences-samples-note"
    COLOR = "differences-color"
    PCA = "differences-pca"
    PCA_FAULT = "differences-pca-fault"
    PCA_TITLE = "differences-pca-title"
    PCA_NOTE = "differences-pca-note"
    ASSOCIATIONS = "differences-associations"

    SHARES = "differences-shares"
    SHARES_FAULT = "differences-shares-fault"
    SHARES_TITLE = "differences-shares-title"
    SHARES_NOTE = "differences-shares-note"
    SHARES_TABLE = "differences-shares-table"
    SHARES_CSV = "differences-shares-csv"
