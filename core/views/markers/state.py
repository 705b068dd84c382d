"""State of the page Markers, resolved from an address, and the problems of the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from core.analysis.contrasts import MAX_CATEGORIES, MIN_CATEGORIES, ComparisonParams, MarkersParams, usable_columns
from core.atlas.nouns import noun_of
from core.atlas.store import EXPRESSION
from core.errors import AtlasError
from core.selection.model import Selection
from core.urls.base_path import below
from core.urls.figure_specs import FIGURES
from core.urls.page_queries import MarkersQuery
from core.views import resolve as shared
from core.views.resolve import Problem, categorical
from core.views.view import PageView

if TYPE_CHECKING:
    from core.analysis.contrasts import ContrastParams, Groups
    from core.atlas.store import Atlas
    from core.genes.orthologs import Orthologs
    from core.services.container import Services

TOP, LEAST_TOP, MOST_TOP = 10, 1, 500
TABS = ("dots", "heatmap")
ONE = "one"


@dataclass(frozen=True)
class MarkersView(PageView):
    """State of the page Markers.

    `gene` of its query may be empty, `by` where A is compared with B or there is no column, and `category` where
    nothing can be compared.

    Attributes
    ----------
    listed
        The groups that have rows and their numbers of cells, in display order.
    """

    query: MarkersQuery
    listed: tuple[tuple[str, int], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Groups that have rows."""
        return tuple(name for name, _ in self.listed)

    @property
    def options(self) -> list[dict[str, str]]:
        """Options of their menu."""
        return [{"label": f"{name} · {n:,}", "value": name} for name, n in self.listed]

    @property
    def state(self) -> str:
        """Canonical address, without defaults."""
        query = self.query
        return query.but(
            layer="" if query.layer == EXPRESSION else query.layer,
            category="" if self.names and query.category == self.names[0] else query.category,
            top_n="" if query.top_n == str(TOP) else query.top_n,
            tab="" if query.tab == TABS[0] else query.tab,
        ).search()

    @property
    def versus(self) -> bool:
        """True where A is compared with B."""
        return is_versus(self.query)

    @property
    def top(self) -> int:
        """Number of genes of a category in the dot plot."""
        return int(self.query.top_n)

    @property
    def params(self) -> ContrastParams:
        """Parameters of the comparison; see there for exceptions."""
        return _ask(self.atlas, self.query)

    @property
    def groups(self) -> Groups:
        """Groups of cells that are compared; see `core.analysis.contrasts` for exceptions."""
        return self.params.groups(self.atlas)

    @property
    def whom(self) -> str:
        """Groups, for a title."""
        return "A and B" if self.versus else f"each {noun_of(self.atlas, self.query.by)}"

    def api(self, **more: str) -> str:
        """Return the address of the table in the API, which has the same numbers."""
        query = self.query
        layer = "" if query.layer == EXPRESSION else query.layer
        if self.versus:
            what, pairs = "compare", [("a", query.a), ("b", query.b), ("layer", layer), *more.items()]
        else:
            pairs = [("by", query.by), ("layer", layer), *more.items(), *query.selection.pairs()]
            what = "markers"
        query = urlencode([pair for pair in pairs if pair[1]])
        return below(f"/api/v1/datasets/{quote(self.atlas.id)}/{what}?{query}")


def is_versus(query: MarkersQuery) -> bool:
    """Return whether an address compares A with B: both are named, and no column."""
    return bool(query.a and query.b and not query.by)


def resolve(services: Services, search: str) -> tuple[MarkersView | None, list[Problem]]:
    """Resolve an address; defaults of the atlas replace what is missing or invalid."""
    query, problems = shared.read(MarkersQuery, search)
    atlas = shared.atlas_of(services.catalog, query, problems)
    if atlas is None:
        return None, problems
    linked = FIGURES.get(shared.linked(atlas, search, problems))
    query = query.but(atlas=atlas.id, tab=linked.tab if linked and linked.tab in TABS else query.tab)
    query = query.but(selection=shared.selection_of(atlas, query, problems))
    query = query.but(layer=shared.layer_of(atlas, query, problems))
    query = query.but(
        **{
            name: shared.kept_selection(atlas, getattr(query, name), f"{name.upper()} cannot be read: ", problems)
            for name in ("a", "b")
        }
    )
    query = query.but(gene=_gene(atlas, query, problems, services.orthologs))
    if not is_versus(query):
        query = query.but(by=_by(atlas, query, problems))
    query = query.but(
        tab=shared.one_of(list(TABS), query.tab, TABS[0], lambda name: query.but(tab=name), problems, "a plot {}")
    )
    query = query.but(top_n=_top(query, problems), whose=ONE if query.whose == ONE else "")
    listed = _listed(atlas, query)
    return MarkersView(
        atlas, query.but(category=_category(query, [name for name, _ in listed], problems)), listed
    ), problems


def columns(atlas: Atlas) -> list[str]:
    """List the columns whose categories can be compared, roles first."""
    usable = usable_columns(atlas)
    return [name for name in categorical(atlas) if name in usable]


def _ask(atlas: Atlas, query: MarkersQuery) -> ContrastParams:
    if is_versus(query):
        return ComparisonParams.of(atlas, Selection.from_text(query.a), Selection.from_text(query.b), query.layer)
    return MarkersParams.of(atlas, query.by, query.layer, query.selection)


def _listed(atlas: Atlas, query: MarkersQuery) -> tuple[tuple[str, int], ...]:
    try:
        groups = _ask(atlas, query).groups(atlas)
    except AtlasError:  # the page shows the error in the place of the result
        return ()
    return tuple((groups.names[at], int(groups.sizes[at])) for at in groups.listed)


def _gene(atlas: Atlas, query: MarkersQuery, problems: list[Problem], orthologs: Orthologs) -> str:
    return shared.gene_of(atlas, query, problems, orthologs) if query.gene else ""


def _by(atlas: Atlas, query: MarkersQuery, problems: list[Problem]) -> str:
    names = columns(atlas)
    cell_type = atlas.manifest.roles.get("cell_type", "")
    default = cell_type if cell_type in names else next(iter(names), "")
    thing = f"a column {{}} of {MIN_CATEGORIES} to {MAX_CATEGORIES} categories in {atlas.id}"
    return shared.one_of(names, query.by, default, lambda name: query.but(by=name, category=""), problems, thing)


def _category(query: MarkersQuery, names: list[str], problems: list[Problem]) -> str:
    if not names:
        return ""
    thing = f"a category {{}} of {query.by} with three cells or more here"
    return shared.one_of(names, query.category, names[0], lambda name: query.but(category=name), problems, thing)


def _top(query: MarkersQuery, problems: list[Problem]) -> str:
    text = query.top_n
    if not text:
        return str(TOP)
    if text.isascii() and text.isdigit() and LEAST_TOP <= int(text) <= MOST_TOP:
        return str(int(text))
    problems.append(Problem(f"The plots take {LEAST_TOP} to {MOST_TOP} genes, not {text[:40]!r}. {TOP} are shown."))
    return str(TOP)
