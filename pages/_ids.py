"""Ids of the shell and the home page, and the type of the ids of an analysis page.

Every id is declared once: the other pages and the dialogs have modules of their own, ``_ids_*.py``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pages._ids_correlation import Correlation
    from pages._ids_explore import Explore
    from pages._ids_markers import Markers
    from pages._ids_species import Species


class Shell(StrEnum):
    """Ids of the frame around all pages.

    `URL` is the address (``dcc.Location``); `THEME` holds the theme in use, ``"light"`` or ``"dark"``; the value of
    `ERROR`, ``{"title", "detail", "remedy"}``, is shown as a toast (``allow_duplicate=True``); `CATALOG` changes with
    the set of atlases.
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
    LINK_SPECIES = "shell-link-species"
    MENU = "shell-menu"
    HELP = "shell-help"
    HELP_PAGE = "shell-help-page"
    FOOTER = "shell-footer"
    MAIN = "shell-main"
    MISSING = "shell-missing"


class Home(StrEnum):
    """Ids of the page Home.

    `CHOSEN` holds the gene that is searched for in every atlas; `WHERE` shows the result.
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
    EXAMPLES = "home-examples"
    WHERE = "home-where"


# Pages whose cells can be filtered, and all pages with a state.
Ids: TypeAlias = "type[Explore] | type[Correlation] | type[Markers]"
PageIds: TypeAlias = "Ids | type[Species]"
