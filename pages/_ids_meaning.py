"""Ids of enrichment and activity on the page Differences."""

from __future__ import annotations

from enum import StrEnum


class Meaning(StrEnum):
    """Ids of the tabs Enrichment and Activity.

    `DONE` holds the state for which the gene sets have been tested; `GENE_SET` and `SOURCE` what a click chose.
    """

    ENRICH_KEPT = "differences-enrich-kept"

    COLLECTION = "differences-collection"
    TEST = "differences-test"
    DIRECTION = "differences-direction"
    SMALLEST = "differences-min-size"
    LARGEST = "differences-max-size"
    SEED = "differences-seed"
    SEED_FIELD = "differences-seed-field"
    LISTED = "differences-listed"
    LISTED_WORDS = "differences-listed-words"
    LISTED_CLEAR = "differences-listed-clear"
    AGAIN = "differences-enrich-again"

    DONE = "differences-enriched"
    ENRICHMENT_RUN = "differences-enrichment-run"
    ENRICHMENT_TICK = "differences-enrichment-tick"
    ENRICHMENT_PROGRESS = "differences-enrichment-progress"
    ENRICHMENT_STEP = "differences-enrichment-step"
    ENRICHMENT_BAR = "differences-enrichment-bar"
    ENRICHMENT_CANCEL = "differences-enrichment-cancel"

    ENRICHMENT = "differences-enrichment"
    ENRICHMENT_FAULT = "differences-enrichment-fault"
    ENRICHMENT_TITLE = "differences-enrichment-title"
    ENRICHMENT_NOTE = "differences-enrichment-note"
    ENRICHMENT_ABOUT = "differences-enrichment-about"
    ENRICHMENT_METHODS = "differences-enrichment-methods"

    SETS = "differences-sets"
    SETS_SOURCE = "differences-sets-source"
    SETS_TITLE = "differences-sets-title"
    SETS_NOTE = "differences-sets-note"
    SETS_FAULT = "differences-sets-fault"
    SETS_QUICK = "differences-sets-quick"
    SETS_CLEAR = "differences-sets-clear"
    SETS_CSV = "differences-sets-csv"
    SETS_XLSX = "differences-sets-xlsx"

    GENE_SET = "differences-gene-set"
    SET = "differences-set"
    SCORE = "differences-score"
    SCORE_FAULT = "differences-score-fault"
    SCORE_TITLE = "differences-score-title"
    SCORE_NOTE = "differences-score-note"
    MEMBERS = "differences-members"
    MEMBERS_TITLE = "differences-members-title"
    MEMBERS_NOTE = "differences-members-note"
    MEMBERS_EXPLORE = "differences-members-explore"

    NETWORK = "differences-network"
    NETWORK_FIELD = "differences-network-field"
    SOURCE = "differences-source"
    BARS = "differences-activity"
    BARS_FAULT = "differences-activity-fault"
    BARS_TITLE = "differences-activity-title"
    BARS_NOTE = "differences-activity-note"
    BARS_ABOUT = "differences-activity-about"
    BARS_METHODS = "differences-activity-methods"
    SOURCES = "differences-sources"
    SOURCES_TITLE = "differences-sources-title"
    SOURCES_CSV = "differences-sources-csv"
    SOURCES_XLSX = "differences-sources-xlsx"
    TARGETS = "differences-targets"
    TARGET_VOLCANO = "differences-target-volcano"
    TARGET_VOLCANO_FAULT = "differences-target-volcano-fault"
    TARGET_VOLCANO_TITLE = "differences-target-volcano-title"
    TARGET_VOLCANO_NOTE = "differences-target-volcano-note"
    TARGET_NETWORK = "differences-target-network"
    TARGET_NETWORK_FAULT = "differences-target-network-fault"
    TARGET_NETWORK_TITLE = "differences-target-network-title"
    TARGET_NETWORK_NOTE = "differences-target-network-note"
    GOALS = "differences-goals"
    GOALS_TITLE = "differences-goals-title"
    GOALS_CSV = "differences-goals-csv"
