"""What every callback and route works with, made once by `create_app`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.catalog import Catalog
    from core.settings import Settings


@dataclass(frozen=True)
class Services:
    """The settings and the catalogue of one running app."""

    settings: Settings
    catalog: Catalog
