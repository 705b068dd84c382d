"""Ids of the page Documentation."""

from __future__ import annotations

from enum import StrEnum


class Documentation(StrEnum):
    """The page Documentation.

    The fragment of the address names a heading; `SHOWN` holds the name of the chapter that is in `ARTICLE`.
    """

    RAIL = "documentation-rail"
    FILTER = "documentation-filter"
    FOUND = "documentation-found"
    LIST = "documentation-list"
    ARTICLE = "documentation-article"
    SHOWN = "documentation-shown"
