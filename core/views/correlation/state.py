"""State of the page Correlation, resolved from an address, and the problems of the address."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from core.analysis.correlation import METHODS, CorrelationParams, strongest
from core.analysis.correlation_matrix import MAX_GENES, MatrixParams
from core.analysis.gene_pair import PairParams
from core.atlas.store import EXPRESSION
from core.genes.lists import canonical as canonical_list
from core.services.memoized import answer
from core.urls.base_path import below
from core.urls.figure_specs import FIGURES
from core.urls.page_queries import CorrelationQuery
from core.views import resolve as shared
from core.views.resolve import Problem, categorical
from core.views.view import PageView

if TYPE_CHECKING:
    from core.atlas.store import Atlas
    from core.genes.orthologs import Orthologs
    from core.services.container import Services

TOP = 20
TABS = ("ranking", "pair", "donors", "groups", "matrix")
YES, NO = ("true", "1"), ("false", "0")


@dataclass(frozen=True)
class CorrelationView(PageView):
    """State of the page Correlation; `gene_b`, `adjust` and `genes` of its query may be empty.

    Attributes
    ----------
    zoom
        The part of the maps that the address shows; see `core.views.explore.embedding`.
    correlates
        The strongest correlates of gene A, where a caller knows them already.
    """

    query: CorrelationQuery
    zoom: str = field(default="", kw_only=True)
    correlates: tuple[str, ...] | None = field(default=None, kw_only=True, compare=False)

    @property
    def state(self) -> str:
        """Canonical address."""
        return canonical(self.query).search()

    @property
    def drop_zeros(self) -> bool:
        """True where only cells count in which both genes are nonzero."""
        return self.query.drop_zeros == "true"

    @property
    def top(self) -> int:
        """Number of correlates in the matrix when there is no list."""
        return int(self.query.top_n)

    @property
    def params(self) -> CorrelationParams:
        """Gene A against all others."""
        query = self.query
        return CorrelationParams.of(
            self.atlas, query.gene, query.method, query.layer, drop_zeros=self.drop_zeros, selection=query.selection
        )

    def with_gene_b(self, gene: str) -> CorrelationView:
        """Return the same state with another gene B."""
        return replace(self, query=self.query.but(gene_b=gene))

    def pair(self, gene_b: str) -> PairParams:
        """Gene A and gene B."""
        query = self.query
        genes = (query.gene, gene_b)
        return PairParams.of(
            self.atlas, genes, query.method, query.layer, drop_zeros=self.drop_zeros, selection=query.selection
        )

    def matrix(self, genes: tuple[str, ...]) -> MatrixParams:
        """Every pair of a list."""
        query = self.query
        return MatrixParams.of(
            self.atlas, genes, query.method, query.layer, drop_zeros=self.drop_zeros, selection=query.selection
        )

    @property
    def rows(self) -> str:
        """Address of the table in the API, which has the same numbers."""
        query = self.query
        single = [
            ("gene", query.gene),
            ("method", query.method),
            ("drop_zeros", "true" if self.drop_zeros else ""),
            ("layer", "" if query.layer == EXPRESSION else query.layer),
        ]
        pairs = [pair for pair in single if pair[1]] + query.selection.pairs()
        return below(f"/api/v1/datasets/{quote(self.atlas.id)}/correlations?{urlencode(pairs)}")


def canonical(query: CorrelationQuery) -> CorrelationQuery:
    """Return the same query without defaults."""
    return query.but(
        layer="" if query.layer == EXPRESSION else query.layer,
        drop_zeros="true" if query.drop_zeros == "true" else "",
        depth="false" if query.depth == "false" else "",
        top_n="" if query.top_n == str(TOP) else query.top_n,
        tab="" if query.tab == tab_by_default(query) else query.tab,
    )


def tab_by_default(query: CorrelationQuery) -> str:
    """Return the part that an address without a tab is about: a list, a pair, else one gene against all."""
    if query.genes:
        return "matrix"
    return "pair" if query.gene_b else "ranking"


def resolve(services: Services, search: str) -> tuple[CorrelationView | None, list[Problem]]:
    """Resolve an address; defaults of the atlas replace what is missing or invalid."""
    query, problems = shared.read(CorrelationQuery, search)
    atlas = shared.atlas_of(services.catalog, query, problems)
    if atlas is None:
        return None, problems
    linked = FIGURES.get(shared.linked(atlas, search, problems))
    query = query.but(atlas=atlas.id, tab=linked.tab if linked and linked.tab in TABS else query.tab)
    query = query.but(selection=shared.selection_of(atlas, query, problems))
    query = query.but(gene=shared.gene_of(atlas, query, problems, services.orthologs))
    query = query.but(gene_b=_gene_b(atlas, query, problems, services.orthologs))
    query = query.but(method=_method(query, problems))
    query = query.but(layer=shared.layer_of(atlas, query, problems))
    query = query.but(embedding=shared.embedding_of(atlas, query, problems))
    query = query.but(by=_column(atlas, query, "by", by_default(atlas), problems))
    query = query.but(adjust=_column(atlas, query, "adjust", "", problems))
    query = _groups(atlas, query, problems)
    query = query.but(
        drop_zeros="true" if _flag(query, "drop_zeros", problems) in YES else "",
        depth="false" if _flag(query, "depth", problems) in NO else "",
        top_n=_top(query, problems),
        genes=canonical_list(query.genes),
    )
    query = query.but(
        tab=shared.one_of(
            list(TABS), query.tab, tab_by_default(query), lambda name: query.but(tab=name), problems, "a tab {}"
        )
    )
    return CorrelationView(atlas, query, zoom=shared.zoom_of(search)), problems


def correlates_of(services: Services, view: CorrelationView) -> tuple[str, ...]:
    """Return the genes that correlate best with gene A, by absolute r, as many as a matrix takes."""
    if view.correlates is not None:
        return view.correlates
    return tuple(strongest(answer(services, view.atlas, view.params).value, MAX_GENES))


def by_default(atlas: Atlas) -> str:
    """Return the default column of the forest: samples, else cell types, groups, or any; empty without columns."""
    roles = atlas.manifest.roles
    columns = categorical(atlas)
    wanted = [roles.get("sample", ""), roles.get("cell_type", ""), roles.get("group", ""), *columns]
    return next((name for name in wanted if name in columns), "")


def group_names(atlas: Atlas) -> list[str]:
    """Return the groups of the atlas; none without a column of groups."""
    column = atlas.role("group")
    return list(column.categories) if column else []


def _gene_b(atlas: Atlas, query: CorrelationQuery, problems: list[Problem], orthologs: Orthologs) -> str:
    found = shared.gene_of(atlas, query, problems, orthologs, "gene_b")
    if found and found == query.gene:
        problems.append(Problem(f"{found} is gene A already. Its strongest correlate is shown as B instead."))
        return ""
    return found


def _flag(query: CorrelationQuery, name: str, problems: list[Problem]) -> str:
    """Read a parameter that is true or false, in lower case; empty for any other value."""
    text = str(getattr(query, name))
    if text.lower() in (*YES, *NO, ""):
        return text.lower()
    problems.append(Problem(f"{name}={text[:20]!r} is neither true nor false.", "Write true or false."))
    return ""


def _method(query: CorrelationQuery, problems: list[Problem]) -> str:
    return shared.one_of(
        list(METHODS), query.method, METHODS[0], lambda name: query.but(method=name), problems, "a method {}"
    )


def _column(atlas: Atlas, query: CorrelationQuery, name: str, default: str, problems: list[Problem]) -> str:
    return shared.one_of(
        categorical(atlas),
        getattr(query, name),
        default,
        lambda column: query.but(**{name: column}),
        problems,
        f"a column {{}} of categories in {atlas.id}",
    )


def _groups(atlas: Atlas, query: CorrelationQuery, problems: list[Problem]) -> CorrelationQuery:
    """Return two groups: those requested, else the first and the last of the selection."""
    names = group_names(atlas)
    column = atlas.role("group")
    kept = dict(query.selection.where).get(column.name, ()) if column else ()
    inside = [name for name in names if not kept or name in kept]
    ends = (inside if len(inside) > 1 else names) or [""]
    thing = f"a group {{}} in {atlas.id}"
    query = query.but(one=shared.one_of(names, query.one, ends[0], lambda name: query.but(one=name), problems, thing))
    return query.but(two=shared.one_of(names, query.two, ends[-1], lambda name: query.but(two=name), problems, thing))


def _top(query: CorrelationQuery, problems: list[Problem]) -> str:
    text = query.top_n
    if not text:
        return str(TOP)
    if text.isascii() and text.isdigit() and 1 < int(text) < MAX_GENES:
        return str(int(text))
    problems.append(Problem(f"A matrix takes 2 to {MAX_GENES - 1} correlates, not {text[:40]!r}. {TOP} are shown."))
    return str(TOP)
