"""Every id of every page, declared once."""

from __future__ import annotations

from enum import StrEnum


class Shell(StrEnum):
    """The frame around all pages.

    `URL` is the address (``dcc.Location``); `THEME` holds ``"light"`` or ``"dark"`` as it is seen; whatever is put into
    `ERROR`, ``{"title", "detail", "remedy"}``, is shown as a toast (``allow_duplicate=True``); `CATALOG` changes when
    the set of atlases does.
    """

    URL = "shell-url"
    THEME = "shell-theme"
    THEME_CHOICE = "shell-theme-choice"
    ERROR = "shell-error"
    TOASTS = "shell-toasts"
    CATALOG = "shell-catalog"
    ATLAS = "shell-atlas"
    SWITCHED = "shell-switched"
    LINK_HOME = "shell-link-home"
    LINK_EXPLORE = "shell-link-explore"
    LINK_CORRELATION = "shell-link-correlation"
    MENU = "shell-menu"
    HELP = "shell-help"
    FOOTER = "shell-footer"
    MAIN = "shell-main"
    MISSING = "shell-missing"


class Home(StrEnum):
    """The page Home."""

    TICK = "home-tick"
    SEEN = "home-seen"
    TOOLS = "home-tools"
    SEARCH = "home-search"
    SPECIES = "home-species"
    SUMMARY = "home-summary"
    EMPTY = "home-empty"
    IMPORTS = "home-imports"
    ATLASES = "home-atlases"
    FAULTS = "home-faults"


class Explore(StrEnum):
    """The page Explore.

    The state flows one way: `SEARCH` (the address) to `HYDRATED` and the controls, the controls to `STATE` (the
    canonical address), and `STATE` to everything that is drawn. `FILTER` is the type of the pattern of all filters.
    """

    SEARCH = "explore-search"
    HYDRATED = "explore-hydrated"
    STATE = "explore-state"
    SPEC = "explore-spec"

    RAIL = "explore-rail"
    FILTER = "explore-filter"
    FILTERS = "explore-filters"
    MORE = "explore-more"
    MORE_FIELD = "explore-more-field"
    MORE_FILTERS = "explore-more-filters"
    RANGES = "explore-ranges"
    RANGES_FIELD = "explore-ranges-field"
    COUNT = "explore-count"
    RESET = "explore-reset"
    GENE = "explore-gene"
    GENE_SEARCH = "explore-gene-search"
    GENE_LIST = "explore-gene-list"
    CHOSEN = "explore-chosen"
    COLOR = "explore-color"
    EMBEDDING = "explore-embedding"
    SPLIT = "explore-split"
    SPLIT_FIELD = "explore-split-field"
    LAYER = "explore-layer"
    LAYER_FIELD = "explore-layer-field"

    PROBLEMS = "explore-problems"
    ANSWER = "explore-answer"
    SENTENCE = "explore-sentence"
    LEFT = "explore-left"
    LEFT_TITLE = "explore-left-title"
    LEFT_NOTE = "explore-left-note"
    LEFT_FAULT = "explore-left-fault"
    LEFT_HOVER = "explore-left-hover"
    RIGHT = "explore-right"
    RIGHT_TITLE = "explore-right-title"
    RIGHT_NOTE = "explore-right-note"
    RIGHT_FAULT = "explore-right-fault"
    RIGHT_HOVER = "explore-right-hover"
    CORRELATE = "explore-correlate"
    TYPES = "explore-types"
    TYPES_CARD = "explore-types-card"
    TYPES_TITLE = "explore-types-title"
    TYPES_NOTE = "explore-types-note"
    GROUPS = "explore-groups"
    GROUPS_CARD = "explore-groups-card"
    GROUPS_TITLE = "explore-groups-title"
    GROUPS_NOTE = "explore-groups-note"
    TABLE = "explore-table"
    TABLE_CARD = "explore-table-card"
    TABLE_TITLE = "explore-table-title"
    TABLE_NOTE = "explore-table-note"
    EXPORT = "explore-export"


class Correlation(StrEnum):
    """The page Correlation; what it shares with Explore has the same names.

    `STATE` (the canonical address) leads to the ranking and to `PARTNER`, which holds the state with gene B filled in;
    `PARTNER` leads to everything about the pair. `TABLE_SOURCE` is the address of the rows of the table.
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
    RANGES = "correlation-ranges"
    RANGES_FIELD = "correlation-ranges-field"
    COUNT = "correlation-count"
    RESET = "correlation-reset"

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
