"""Ids of the page of one atlas."""

from __future__ import annotations

from enum import StrEnum


class Atlas(StrEnum):
    """The page of one atlas, whose address names it; `SHOWN` holds the atlas that is in `CONTENT`."""

    PROBLEMS = "atlas-problems"
    CONTENT = "atlas-content"
    SHOWN = "atlas-shown"
