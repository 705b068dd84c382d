"""Contents of the page of one atlas: numbers, origin, what is in it, and what can be downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.zonation_axis import axis_of
from core.atlas.doi import doi_of
from core.atlas.nouns import ROLES
from core.atlas.store import MISSING
from core.urls.base_path import below
from core.urls.page_queries import AtlasQuery, CorrelationQuery, ExploreQuery, MarkersQuery, to_search
from core.views import resolve as shared
from core.views.lineages import members

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.analysis.zonation_axis import Axis
    from core.atlas.manifest import Manifest
    from core.atlas.store import Atlas
    from core.services.container import Services
    from core.views.resolve import Problem


@dataclass(frozen=True)
class Counts:
    """Numbers of cells of the categories of a column.

    Attributes
    ----------
    heading, column
        What the column means, and its name in the file.
    rows
        Categories in their order, with their numbers of cells; cells without a category last, under an empty name.
    """

    heading: str
    column: str
    rows: tuple[tuple[str, int], ...]

    @property
    def sizes(self) -> tuple[int, float]:
        """Smallest and median number of cells of the categories that have cells; (0, nan) without any."""
        sizes = [n for name, n in self.rows if name and n]
        return (min(sizes), float(np.median(sizes))) if sizes else (0, float("nan"))


@dataclass(frozen=True)
class AtlasPage:
    """Contents of the page of one atlas.

    Attributes
    ----------
    doi
        That of the manifest, else the first in the citation; empty for none.
    counts
        Cells by cell type, group and sample, as far as the atlas has these roles.
    lineages
        Cell types of each lineage, derived from their names; empty where they are not those of a liver.
    axis
        Zonation; None without one.
    """

    atlas: Atlas
    doi: str
    counts: tuple[Counts, ...]
    lineages: Mapping[str, tuple[str, ...]]
    axis: Axis | None

    @property
    def manifest(self) -> Manifest:
        """Manifest of the atlas."""
        return self.atlas.manifest

    @property
    def pages(self) -> dict[str, str]:
        """Addresses of the pages that show the atlas, by their names."""
        kinds = {"Explore": ExploreQuery, "Markers": MarkersQuery, "Correlation": CorrelationQuery}
        return {name: kind(atlas=self.atlas.id).address for name, kind in kinds.items()}

    @property
    def h5ad(self) -> str:
        """Address of the file of all cells."""
        return self._api("/selection.h5ad")

    @property
    def files(self) -> dict[str, str]:
        """Addresses of tables and descriptions, by their names."""
        roles = self.manifest.roles
        found: dict[str, str] = {}
        if "cell_type" in roles and "sample" in roles:
            found["Cell types of each sample (CSV)"] = self._api("/composition", format="csv")
        if "cell_type" in roles:
            found["Markers of every cell type (CSV)"] = self._api("/markers", by=roles["cell_type"], format="csv")
        return {**found, "Description of this atlas (JSON)": self._api("")}

    @property
    def frame(self) -> str:
        """Address of the map as a frame for other sites; empty without a map."""
        return below(f"/embed/v1/embedding{to_search([('atlas', self.atlas.id)])}") if self.manifest.embeddings else ""

    def _api(self, path: str, **parameters: str) -> str:
        return below(f"/api/v1/datasets/{self.atlas.id}{path}{to_search(list(parameters.items()))}")


def resolve(services: Services, search: str) -> tuple[Atlas | None, list[Problem]]:
    """Find the atlas of an address, and what is wrong with the address."""
    query, problems = shared.read(AtlasQuery, search)
    return shared.atlas_of(services.catalog, query, problems), problems


def compute(atlas: Atlas) -> AtlasPage:
    """Collect what the page of an atlas says."""
    manifest = atlas.manifest
    counts = tuple(
        Counts(heading, manifest.roles[role], _counted(atlas, manifest.roles[role]))
        for role, heading in ROLES.items()
        if role in manifest.roles
    )
    doi = manifest.doi or doi_of(manifest.citation)
    return AtlasPage(atlas, doi, counts, members(atlas), axis_of(atlas))


def _counted(atlas: Atlas, name: str) -> tuple[tuple[str, int], ...]:
    column = atlas.categorical(name)
    n = np.bincount(column.codes + 1, minlength=len(column.categories) + 1).tolist()
    missing = (("", n[MISSING + 1]),) if n[MISSING + 1] else ()
    return (*zip(column.categories, n[1:], strict=True), *missing)
