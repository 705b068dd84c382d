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
