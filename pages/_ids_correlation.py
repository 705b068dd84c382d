"""Ids of the page Correlation."""

from __future__ import annotations

from enum import StrEnum


class Correlation(StrEnum):
    """Ids of the page Correlation; members with a counterpart on Explore have the same names.

    `STATE` (the canonical address) leads to the ranking and to `PARTNER`, which holds the state with gene B filled in;
    `PARTNER` leads to every part about the pair. `TABLE_SOURCE` is the address of the rows of the table, `TAB` holds
    the open tab: only its parts are drawn.
    """

    SEARCH = "correlation-search"
    HYDRATED = "correlation-hydrated"
    STATE = "correlation-state"
    PARTNER = "correlation-partner"
    TABLE_SOURCE = "correlation-table-source"
    SPEC = "correlation-spec"

    RAIL = "correlation-rail"
    FILTER = "correlation-filter"
    FILTERS = "correlation-filters"
    MORE = "correlation-more"
    MORE_FIELD = "correlation-more-field"
    MORE_FILTERS = "correlation-more-filters"
    BOUNDS = "correlation-bounds"
    THRESHOLDS = "correlation-thresholds"
    LIMIT = "correlation-limit"
    LIMIT_SEARCH = "correlation-limit-search"
    LIMIT_LIST = "correlation-limit-list"
    LIMITED = "correlation-limited"
    COUNT = "correlation-count"
    ACTIONS = "correlation-actions"

    GENE = "correlation-gene"
    GENE_SEARCH = "correlation-gene-search"
    GENE_LIST = "correlation-gene-list"
    CHOSEN = "correlation-chosen"
    GENE_B = "correlation-gene-b"
    GENE_B_SEARCH = "correlation-gene-b-search"
    GENE_B_LIST = "correlation-gene-b-list"
    CHOSEN_B = "correlation-chosen-b"
    SWAP = "correlation-swap"
    STRONGEST = "correlation-strongest"

    METHOD = "correlation-method"
    ZEROS = "correlation-zeros"
    LAYER = "correlation-layer"
    LAYER_FIELD = "correlation-layer-field"
    EMBEDDING = "correlation-embedding"
    EMBEDDING_FIELD = "correlation-embedding-field"
    BY = "correlation-by"
    BY_FIELD = "correlation-by-field"
    DEPTH = "correlation-depth"
    ADJUST = "correlation-adjust"
    ADJUST_FIELD = "correlation-adjust-field"

    TAB = "correlation-tab"
    RANKING_TAB = "correlation-ranking-tab"
    PAIR_TAB = "correlation-pair-tab"
    DONORS_TAB = "correlation-donors-tab"
    GROUPS_TAB = "correlation-groups-tab"
    MATRIX_TAB = "correlation-matrix-tab"

    PROBLEMS = "correlation-problems"
    ANSWER = "correlation-answer"
    SENTENCE = "correlation-sentence"
    REPLICATES = "correlation-replicates"
    EXPLORE = "correlation-explore"

    RANKING = "correlation-ranking"
    RANKING_FAULT = "correlation-ranking-fault"
    RANKING_TITLE = "correlation-ranking-title"
    RANKING_NOTE = "correlation-ranking-note"

    TABLE = "correlation-table"
    TABLE_TITLE = "correlation-table-title"
    TABLE_NOTE = "correlation-table-note"
    TABLE_FAULT = "correlation-table-fault"
    QUICK = "correlation-quick"
    CLEAR = "correlation-clear"
    EXPORT = "correlation-export"

    LEFT = "correlation-left"
    LEFT_TITLE = "correlation-left-title"
    LEFT_NOTE = "correlation-left-note"
    LEFT_FAULT = "correlation-left-fault"
    LEFT_HOVER = "correlation-left-hover"
    RIGHT = "correlation-right"
    RIGHT_TITLE = "correlation-right-title"
    RIGHT_NOTE = "correlation-right-note"
    RIGHT_FAULT = "correlation-right-fault"
    RIGHT_HOVER = "correlation-right-hover"

    SCATTER = "correlation-scatter"
    SCATTER_FAULT = "correlation-scatter-fault"
    SCATTER_TITLE = "correlation-scatter-title"
    SCATTER_NOTE = "correlation-scatter-note"

    SEEN = "correlation-seen"
    SEEN_NOTE = "correlation-seen-note"

    FOREST = "correlation-forest"
    FOREST_FAULT = "correlation-forest-fault"
    FOREST_TITLE = "correlation-forest-title"
    FOREST_NOTE = "correlation-forest-note"
    SIMPSON = "correlation-simpson"

    HOLDS = "correlation-holds"
    HOLDS_NOTE = "correlation-holds-note"

    ONE = "correlation-one"
    TWO = "correlation-two"
    GROUPS_FIELD = "correlation-groups-field"
    DIFFERENCE = "correlation-difference"
    DIFFERENCE_NOTE = "correlation-difference-note"

    LIST = "correlation-list"
    LISTED = "correlation-listed"
    LIST_DRAW = "correlation-list-draw"
    LIST_TOP = "correlation-list-top"
    TOP = "correlation-top"
    MATRIX = "correlation-matrix"
    MATRIX_FAULT = "correlation-matrix-fault"
    MATRIX_TITLE = "correlation-matrix-title"
    MATRIX_NOTE = "correlation-matrix-note"
    MATRIX_UNKNOWN = "correlation-matrix-unknown"
    MATRIX_SHOWN = "correlation-matrix-shown"
    MATRIX_EXPORT = "correlation-matrix-export"
    MATRIX_FILE = "correlation-matrix-file"
