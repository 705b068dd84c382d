"""From an address to a view that can be drawn, and what was wrong with the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from callbacks import _view as shared
from callbacks._view import Problem, categorical, colourable, plane_of
from core.query import ExploreQuery
from core.store import EXPRESSION

if TYPE_CHECKING:
    from core.catalog import Catalog
    from core.manifest import EmbeddingInfo
    from core.store import Atlas


@dataclass(frozen=True)
class View:
    """A view of an atlas: every parameter of `query` is set and valid, but `split`, and `color` if nothing colours."""

    atlas: Atlas
    query: ExploreQuery

    @property
    def state(self) -> str:
        """The canonical address: what is drawn, and nothing else, decides it."""
        layer = "" if self.query.layer == EXPRESSION else self.query.layer
        return self.query.but(layer=layer).search()

    @property
    def by(self) -> str:
        """The column of the rows of the table: what colours the left map, or the cell type where that is a number."""
        info = self.atlas.manifest.column(self.query.color)
        if info is not None and info.kind == "categorical":
            return info.name
        return self.atlas.manifest.roles.get("cell_type", "")

    @property
    def plane(self) -> tuple[EmbeddingInfo, tuple[int, int]] | None:
        """The embedding and its two axes; None where the atlas has no embedding."""
        return plane_of(self.atlas, self.query.embedding) if self.query.embedding else None


def resolve(catalog: Catalog, search: str) -> tuple[View | None, list[Problem]]:
    """The view an address names, with the atlas' own defaults for what it leaves out or what is broken.

    Returns
    -------
    view
        None when there is no readable atlas at all.
    problems
        One for each broken part, in the order of the address.
    """
    query, problems = shared.read(ExploreQuery, search)
    atlas = shared.atlas_of(catalog, query, problems)
    if atlas is None:
        return None, problems
    query = query.but(atlas=atlas.id)
    query = query.but(selection=shared.selection_of(atlas, query, problems))
    # Every choice that a problem offers keeps the rest of the address.
    query = query.but(gene=shared.gene_of(atlas, query, problems))
    query = query.but(color=_color(atlas, query, problems))
    query = query.but(embedding=shared.embedding_of(atlas, query, problems))
    query = query.but(layer=shared.layer_of(atlas, query, problems))
    query = query.but(split=_split(atlas, query, problems))
    return View(atlas, query), problems


def _color(atlas: Atlas, query: ExploreQuery, problems: list[Problem]) -> str:
    names = [column.name for column in colourable(atlas)]
    default = atlas.manifest.roles.get("cell_type", "")
    if default not in names:
        default = next(iter([*categorical(atlas), *names]), "")
    return shared.one_of(
        names, query.color, default, lambda name: query.but(color=name), problems, f"a column {{}} in {atlas.id}"
    )


def _split(atlas: Atlas, query: ExploreQuery, problems: list[Problem]) -> str:
    thing = f"a column {{}} of categories in {atlas.id}"
    return shared.one_of(categorical(atlas), query.split, "", lambda name: query.but(split=name), problems, thing)
