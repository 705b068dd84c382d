"""Ids of the page Species."""

from __future__ import annotations

from enum import StrEnum


class Species(StrEnum):
    """Ids of the page Species; each tab has ids of its own, which begin with its key.

    The state flows as in Explore. `OTHERS` are the atlases beside the reference; `LISTED` holds the list of genes that
    is drawn, `MATCH` what is edited of the matching cell types.
    """

    SEARCH = "species-search"
    HYDRATED = "species-hydrated"
    STATE = "species-state"

    RAIL = "species-rail"
    GENE = "species-gene"
    GENE_SEARCH = "species-gene-search"
    GENE_LIST = "species-gene-list"
    CHOSEN = "species-chosen"
    OTHERS = "species-others"
    LIST = "species-list"
    LISTED = "species-listed"
    LIST_DRAW = "species-list-draw"
    MATCH = "species-match"

    PROBLEMS = "species-problems"
    ANSWER = "species-answer"
    SENTENCE = "species-sentence"
    TAB = "species-tab"

    CARD_TAB = "species-card-tab"
    CARD = "species-card"
    CARD_TITLE = "species-card-title"
    CARD_NOTE = "species-card-note"
    CARD_CSV = "species-card-csv"

    DOTS_TAB = "species-dots-tab"
    DOTS = "species-dots"
    DOTS_FAULT = "species-dots-fault"
    DOTS_TITLE = "species-dots-title"
    DOTS_NOTE = "species-dots-note"
    DOTS_UNKNOWN = "species-dots-unknown"
    DOTS_CSV = "species-dots-csv"
    DOTS_TABLE = "species-dots-table"
    DOTS_TABLE_NOTE = "species-dots-table-note"
    DOTS_DRAWN = "species-dots-drawn"

    TYPES_TAB = "species-types-tab"
    TYPES = "species-types"
    TYPES_NOTE = "species-types-note"
    TYPES_CSV = "species-types-csv"
    TYPES_ROW = "species-types-row"
    TYPES_ATLAS = "species-types-atlas"
    TYPES_MATCHES = "species-types-matches"
    TYPES_APPLY = "species-types-apply"
    TYPES_RESET = "species-types-reset"
    TYPES_DRAWN = "species-types-drawn"

    SECOND = "species-second"
    PAIR_TYPE = "species-pair-type"
    ONE = "species-one"
    TWO = "species-two"
    ONE_2 = "species-one-2"
    TWO_2 = "species-two-2"
    COVARIATES = "species-covariates"
    PAIRED = "species-paired"
    PAIRED_FIELD = "species-paired-field"
    COVARIATES_2 = "species-covariates-2"
    PAIRED_2 = "species-paired-2"
    PAIRED_2_FIELD = "species-paired-2-field"
    BEST = "species-best"

    AUROC_TAB = "species-auroc-tab"
    AUROC = "species-auroc"
    AUROC_FAULT = "species-auroc-fault"
    AUROC_TITLE = "species-auroc-title"
    AUROC_NOTE = "species-auroc-note"
    AUROC_CSV = "species-auroc-csv"
    AUROC_TABLE = "species-auroc-table"
    AUROC_TABLE_NOTE = "species-auroc-table-note"

    CONCORDANCE_TAB = "species-concordance-tab"
    CONCORDANCE = "species-concordance"
    CONCORDANCE_FAULT = "species-concordance-fault"
    CONCORDANCE_TITLE = "species-concordance-title"
    CONCORDANCE_NOTE = "species-concordance-note"
    CONCORDANCE_CSV = "species-concordance-csv"
    CONCORDANCE_TABLE = "species-concordance-table"
    CONCORDANCE_TABLE_NOTE = "species-concordance-table-note"
    CONCORDANCE_SETS = "species-concordance-sets"
    CONCORDANCE_SETS_NOTE = "species-concordance-sets-note"
    CONCORDANCE_QUADRANT = "species-concordance-quadrant"

    CONSERVED_TAB = "species-conserved-tab"
    CONSERVED = "species-conserved"
    CONSERVED_FAULT = "species-conserved-fault"
    CONSERVED_TITLE = "species-conserved-title"
    CONSERVED_NOTE = "species-conserved-note"
    CONSERVED_CSV = "species-conserved-csv"
    CONSERVED_TABLE = "species-conserved-table"
    CONSERVED_TABLE_NOTE = "species-conserved-table-note"
