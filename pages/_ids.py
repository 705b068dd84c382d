"""Every id of every page, declared once."""

from __future__ import annotations

from enum import StrEnum


class Shell(StrEnum):
    """The frame around all pages."""

    URL = "shell-url"


class Home(StrEnum):
    """The page Home."""


class Explore(StrEnum):
    """The page Explore."""
