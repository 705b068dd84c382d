"""Figure and atlas of an embedded address, found without drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from core.analysis.gene_set_scores import MOUNTED
from core.errors import NotFound
from core.genes import aliases
from core.urls.figure_specs import FIGURES
from core.urls.page_queries import SpeciesQuery
from core.urls.permalinks import read
from core.views.resolve import atlas_of
from core.views.species.state import content_beside, others_by_default

if TYPE_CHECKING:
    from core.atlas.store import Atlas
    from core.services.container import Services
    from core.urls.page_queries import PageQuery

GENES = ("gene", "gene_b")


@dataclass(frozen=True, eq=False)
class Target:
    """Figure and atlas of an embedded address.

    `search` is the query of the view as it was given, but with the id of the atlas: an address that names none means
    the first one, which may be another tomorrow; likewise the atlases beside it. `query` is the same, read. `content`
    changes with what else is drawn: the content of the atlases beside it, and the orthologs.
    """

    view: str
    search: str
    query: PageQuery
    atlas: Atlas
    content: str = ""
    beside_simulated: bool = False

    @property
    def simulated(self) -> bool:
        """True where any cells are simulated."""
        return self.atlas.manifest.simulated or self.beside_simulated

    @property
    def lasts(self) -> bool:
        """True where the content of the atlas decides what is drawn; the file of a mounted gene set may change."""
        texts = [str(getattr(self.query, name, "")) for name in ("set_a", "set_b", "genes")]
        return not any(text.strip().startswith(MOUNTED) for text in texts)


def known(view: str) -> None:
    """Raise NotFound where there is no such figure."""
    if view not in FIGURES:
        raise NotFound(f"There is no figure {view[:40]!r} to embed.", f"Use one of {', '.join(FIGURES)}.")


def find(services: Services, view: str, search: str) -> Target:
    """Find the figure, atlas and genes of an address.

    A page would show something in their place and say so beside it; a frame has no place for that, and answers with
    what is wrong.

    Raises
    ------
    NotFound
        There is no such view, atlas or gene.
    InvalidQuery
        The address cannot be read, or is of another version.
    """
    known(view)
    link = read(f"?{search.lstrip('?')}", view)
    query = FIGURES[view].query.parse(link.search)
    atlas = services.catalog.get(query.atlas) if query.atlas else atlas_of(services.catalog, query, [])
    if atlas is None:
        raise NotFound("No atlas has been imported.", "Run: masldatlas import FILE.")
    for name in GENES:
        gene = str(getattr(query, name, ""))
        if gene and not aliases.here(atlas, gene, services.orthologs):
            atlas.genes.resolve(gene)
    given = [] if query.atlas else [("atlas", atlas.id)]
    query = query.but(atlas=atlas.id)
    content, simulated = "", False
    if isinstance(query, SpeciesQuery):
        if not query.others:
            given.append(("others", ",".join(others_by_default(services.catalog, atlas))))
            query = query.but(others=given[-1][1])
        content = content_beside(services, atlas.id, query.others)
        simulated = any(services.catalog.manifest(name).simulated for name in query.beside)
    named = f"?{urlencode(given)}&{link.search.lstrip('?')}" if given else link.search
    return Target(view, named.rstrip("&"), query, atlas, content, simulated)


def title_of(target: Target) -> str:
    """Return the title of a preview without drawing: the gene, where the figure has one, and the atlas."""
    manifest = target.atlas.manifest
    gene = str(getattr(target.query, "gene", ""))
    mark = "SIMULATED · " if target.simulated else ""
    return f"{mark}{f'{gene} · ' if gene else ''}{manifest.title}"
