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

    TYPES_TAB = "species-types-tab"
    TYPES = "species-types"
    TYPES_NOTE = "species-types-note"
    TYPES_CSV = "species-types-csv"
    TYPES_ROW = "species-types-row"
    TYPES_ATLAS = "species-types-atlas"
    TYPES_MATCHES = "species-types-matches"
    TYPES_APPLY = "species-types-apply"
    TYPES_RESET = "species-types-reset"
