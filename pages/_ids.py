"""Every id of every page, declared once."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias


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
    LINK_MARKERS = "shell-link-markers"
    MENU = "shell-menu"
    HELP = "shell-help"
    HELP_PAGE = "shell-help-page"
    FOOTER = "shell-footer"
    MAIN = "shell-main"
    MISSING = "shell-missing"


class Publish(StrEnum):
    """What takes a figure off any page; see ``pages/_export_dialog.py``.

    `EXPORT` and `EMBED` hold the figure whose dialog is to be opened; `CONTENTS` the content hash of every atlas, which
    permalinks name; `COLLECTION` the figures that are to go into one zip, each as a link that holds its look.
    """

    EXPORT = "publish-export"
    EMBED = "publish-embed"
    CONTENTS = "publish-contents"
    SAID = "publish-said"
    BY_HAND = "publish-by-hand"
    BY_HAND_LINK = "publish-by-hand-link"

    DIALOG = "publish-dialog"
    HEAD = "publish-head"
    CLOSE = "publish-close"
    FORM = "publish-form"
    DPI = "publish-dpi"
    WIDTH = "publish-width"
    WIDTH_MM = "publish-width-mm"
    HEIGHT = "publish-height"
    FONT_SIZE = "publish-font-size"
    FONT = "publish-font"
    THEME = "publish-theme"
    LEGEND = "publish-legend"
    TITLE = "publish-title"
    DOWNLOAD = "publish-download"
    ADD = "publish-add"
    STATUS = "publish-status"
    NO_BROWSER = "publish-no-browser"
    PREVIEW = "publish-preview"
    SIZE = "publish-size"
    LEGEND_TEXT = "publish-legend-text"
    METHODS_TEXT = "publish-methods-text"
    COLLECTION = "publish-collection"
    COLLECTED = "publish-collected"
    BUNDLE = "publish-bundle"


class Embed(StrEnum):
    """The dialog of a figure for a page of another site; it is opened by `Publish.EMBED`.

    See ``pages/_embed_dialog.py``.

    `PLAIN` and `SCRIPTED` hold the lines to copy, without and with the script that gives a frame its height.
    """

    DIALOG = "embed-dialog"
    HEAD = "embed-head"
    CLOSE = "embed-close"
    THEME = "embed-theme"
    CONTROLS = "embed-controls"
    BACKGROUND = "embed-background"
    TITLE = "embed-title"
    SIZE = "embed-size"
    WIDTH = "embed-width"
    HEIGHT = "embed-height"
    PREVIEW = "embed-preview"
    NOTE = "embed-note"
    SCRIPTED = "embed-scripted"
    PLAIN = "embed-plain"


class Home(StrEnum):
    """The page Home.

    `CHOSEN` holds the gene that is looked for in every atlas; `WHERE` shows where it is.
    """

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
    SHELF = "home-shelf"

    GENE_SEARCH = "home-gene-search"
    GENE = "home-gene"
    GENE_LIST = "home-gene-list"
    CHOSEN = "home-chosen"
    WHERE = "home-where"


class Explore(StrEnum):
    """The page Explore.

    The state flows one way: `SEARCH` (the address) to `HYDRATED` and the controls, the controls to `STATE` (the
    canonical address), and `STATE` to everything that is drawn. `FILTER` is the type of the pattern of all filters by
    category, `BOUNDS` that of all filters by number or expression; `LIMITED` takes the gene of a new one. `ACTIONS`
    holds what is done to a selection as a whole, as links.
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
    BOUNDS = "explore-bounds"
    THRESHOLDS = "explore-thresholds"
    LIMIT = "explore-limit"
    LIMIT_SEARCH = "explore-limit-search"
    LIMIT_LIST = "explore-limit-list"
    LIMITED = "explore-limited"
    COUNT = "explore-count"
    ACTIONS = "explore-actions"
    GENE = "explore-gene"
    GENE_SEARCH = "explore-gene-search"
    GENE_LIST = "explore-gene-list"
    CHOSEN = "explore-chosen"
    GENE_B = "explore-gene-b"
    GENE_B_SEARCH = "explore-gene-b-search"
    GENE_B_LIST = "explore-gene-b-list"
    CHOSEN_B = "explore-chosen-b"
    EMBEDDING = "explore-embedding"
    FACET = "explore-facet"
    FACET_FIELD = "explore-facet-field"
    BY = "explore-by"
    BY_FIELD = "explore-by-field"
    SPLIT = "explore-split"
    SPLIT_FIELD = "explore-split-field"
    LAYER = "explore-layer"
    LAYER_FIELD = "explore-layer-field"
    SCALE = "explore-scale"
    CLIP = "explore-clip"
    CLIP_AT = "explore-clip-at"
    ORDER = "explore-order"
    SIZE = "explore-size"
    OPACITY = "explore-opacity"

    PROBLEMS = "explore-problems"
    ANSWER = "explore-answer"
    SENTENCE = "explore-sentence"
    TOOLS = "explore-tools"
    ADD_MAP = "explore-add-map"
    MAPS = "explore-maps"
    LEFT = "explore-left"
    LEFT_CARD = "explore-left-card"
    LEFT_TITLE = "explore-left-title"
    LEFT_NOTE = "explore-left-note"
    LEFT_FAULT = "explore-left-fault"
    LEFT_HOVER = "explore-left-hover"
    LEFT_LEGEND = "explore-left-legend"
    LEFT_CLOSE = "explore-left-close"
    LEFT_COLOR = "explore-color"
    RIGHT = "explore-right"
    RIGHT_CARD = "explore-right-card"
    RIGHT_TITLE = "explore-right-title"
    RIGHT_NOTE = "explore-right-note"
    RIGHT_FAULT = "explore-right-fault"
    RIGHT_HOVER = "explore-right-hover"
    RIGHT_LEGEND = "explore-right-legend"
    RIGHT_CLOSE = "explore-right-close"
    RIGHT_COLOR = "explore-color-2"
    THIRD = "explore-third"
    THIRD_CARD = "explore-third-card"
    THIRD_TITLE = "explore-third-title"
    THIRD_NOTE = "explore-third-note"
    THIRD_FAULT = "explore-third-fault"
    THIRD_HOVER = "explore-third-hover"
    THIRD_LEGEND = "explore-third-legend"
    THIRD_CLOSE = "explore-third-close"
    THIRD_COLOR = "explore-color-3"
    FOURTH = "explore-fourth"
    FOURTH_CARD = "explore-fourth-card"
    FOURTH_TITLE = "explore-fourth-title"
    FOURTH_NOTE = "explore-fourth-note"
    FOURTH_FAULT = "explore-fourth-fault"
    FOURTH_HOVER = "explore-fourth-hover"
    FOURTH_LEGEND = "explore-fourth-legend"
    FOURTH_CLOSE = "explore-fourth-close"
    FOURTH_COLOR = "explore-color-4"
    CORRELATE = "explore-correlate"

    CELL = "explore-cell"
    CELL_CARD = "explore-cell-card"
    CELL_BODY = "explore-cell-body"
    CELL_TITLE = "explore-cell-title"
    CELL_CLOSE = "explore-cell-close"

    TAB = "explore-tab"
    VIOLINS_TAB = "explore-violins-tab"
    DOTS_TAB = "explore-dots-tab"
    COMPOSITION_TAB = "explore-composition-tab"
    SETS_TAB = "explore-sets-tab"

    LIST = "explore-list"
    LISTED = "explore-listed"
    LIST_DRAW = "explore-list-draw"
    LIST_UNKNOWN = "explore-list-unknown"
    DOTS = "explore-dots"
    DOTS_TITLE = "explore-dots-title"
    DOTS_NOTE = "explore-dots-note"
    DOTS_CSV = "explore-dots-csv"
    HEATMAP = "explore-heatmap"
    HEATMAP_TITLE = "explore-heatmap-title"
    HEATMAP_NOTE = "explore-heatmap-note"
    BARS = "explore-bars"
    BARS_TITLE = "explore-bars-title"
    BARS_NOTE = "explore-bars-note"
    BARS_CSV = "explore-bars-csv"
    BARS_TABLE = "explore-bars-table"
    SETS = "explore-sets"
    SETS_DRAW = "explore-sets-draw"
    SETS_SHOWN = "explore-sets-shown"
    SET_A = "explore-set-a"
    SET_B = "explore-set-b"
    NAME_A = "explore-name-a"
    NAME_B = "explore-name-b"
    MOUNTED_A = "explore-mounted-a"
    MOUNTED_B = "explore-mounted-b"
    MOUNTED_A_FIELD = "explore-mounted-a-field"
    MOUNTED_B_FIELD = "explore-mounted-b-field"
    METHOD = "explore-method"

    SHOW = "explore-show"
    PLOT = "explore-plot"
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


class Markers(StrEnum):
    """The page Markers.

    The state flows as in Explore. `TABLE_SOURCE` holds the address of the rows of the table, and the categories that
    there are to choose from; `WHOSE` says which best genes the dot plot and the heatmap take: those of the category
    shown, or of each.
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


Ids: TypeAlias = type[Explore] | type[Correlation] | type[Markers]
