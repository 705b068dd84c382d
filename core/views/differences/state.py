"""State of the page Differences, resolved from an address, and the problems of the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from core.analysis.count_engines import DESEQ2, NAMES, TREND, available
from core.analysis.design import MIN_CELLS, MIN_COUNTS, DesignParams
from core.analysis.design_columns import pairing_columns, usable_columns, usable_pairing
from core.analysis.differences import DifferencesParams
from core.analysis.differences_by_type import caution
from core.analysis.differences_overview import FDR, MIN_CHANGE
from core.analysis.pseudobulk import UnitParams, sizes_of
from core.analysis.sides import Sides
from core.atlas.store import EXPRESSION
from core.errors import AtlasError
from core.genes.lists import joined, look_up
from core.urls.base_path import below
from core.urls.figure_specs import FIGURES
from core.urls.page_queries import DifferencesQuery, joined_names, split_names
from core.views import resolve as shared
from core.views.differences import meaning
from core.views.resolve import Problem, categorical
from core.views.view import PageView

if TYPE_CHECKING:
    from core.atlas.store import Atlas
    from core.services.container import Services

TABS = ("genes", "enrichment", "activity", "samples", "composition")
NO_PAIRING = "none"
YES = "true"
NO_SIDES: Final = (
    "{} has no column of groups to compare. Compare cell types in Markers, or save two groups of cells as A and B in "
    "Explore."
)
THRESHOLDS: Final = {"fdr": (FDR, 0.0, 1.0), "min_change": (MIN_CHANGE, 0.0, 100.0)}
# Least numbers of a sample that takes part; whole.
LEAST: Final = {"min_cells": (MIN_CELLS, 1, 1_000_000_000), "min_counts": (MIN_COUNTS, 0, 1_000_000_000)}


@dataclass(frozen=True)
class DifferencesView(PageView):
    """State of the page Differences; parameters of its query are names of the atlas, or empty.

    Attributes
    ----------
    why : reason for which nothing can be compared; empty where `params` can be made
    types : cell types with cells on either side, and their numbers of cells; empty where all are taken together
    levels : levels of the column that is compared
    usable, pairing : columns that may be covariates, and that may pair
    genes : gene set that is kept
    proposed : column of donors that pairs unless another is chosen; empty for none
    """

    query: DifferencesQuery
    why: str
    types: tuple[tuple[str, int], ...]
    levels: tuple[str, ...]
    usable: tuple[str, ...]
    pairing: tuple[str, ...]
    genes: tuple[str, ...] = ()
    proposed: str = ""

    @property
    def state(self) -> str:
        """Canonical address, without defaults."""
        query = self.query
        return query.but(
            layer="" if query.layer == EXPRESSION else query.layer,
            paired=paired_text(query.paired, self.proposed),
            **self._least,
            method="" if query.method == TREND else query.method,
            tab="" if query.tab == TABS[0] else query.tab,
            fdr="" if self.fdr == FDR else query.fdr,
            min_change="" if self.min_change == MIN_CHANGE else query.min_change,
            **meaning.defaults_left_out(query),
        ).search()

    @property
    def caution(self) -> str:
        """Warning about the p values of the method; empty where they hold."""
        return caution(self.query.method)

    @property
    def fdr(self) -> float:
        """Adjusted p of a gene that is counted, at most."""
        return float(self.query.fdr)

    @property
    def min_change(self) -> float:
        """Absolute log2 fold change of a gene that is counted, at least."""
        return float(self.query.min_change)

    @property
    def versus(self) -> bool:
        """True where the selection A is compared with B."""
        return is_versus(self.query)

    @property
    def paired(self) -> str:
        """Column that pairs; empty for none."""
        return paired_of(self.query.paired, self.proposed)

    @property
    def sides(self) -> Sides:
        """Sides of the comparison; see `Sides.of` for exceptions."""
        return sides_of(self.atlas, self.query)

    @property
    def design(self) -> DesignParams:
        """Parameters of the design; see `DesignParams.of` for exceptions."""
        return DesignParams.of(
            self.atlas,
            self.sides,
            covariates=split_names(self.query.covariates),
            paired=self.paired,
            selection=self.query.selection,
            min_cells=int(self.query.min_cells),
            min_counts=int(self.query.min_counts),
        )

    @property
    def params(self) -> DifferencesParams:
        """Parameters of the cell type that is open."""
        return DifferencesParams.of(self.atlas, self.design, self.query.cell_type, engine=self.query.method)

    @property
    def _least(self) -> dict[str, str]:
        """Least numbers of a sample as in an address: empty where they are the usual ones."""
        given = {name: getattr(self.query, name) for name in LEAST}
        return {name: "" if value == str(LEAST[name][0]) else value for name, value in given.items()}

    @property
    def with_second(self) -> DifferencesParams:
        """Parameters of the cell type that is open, with the second opinion where it is asked for."""
        return replace(self.params, second_opinion=self.query.second_opinion == YES)

    @property
    def second_offered(self) -> bool:
        """True where DESeq2 can be asked for a second opinion."""
        return self.query.method != DESEQ2 and DESEQ2 in available()

    def api(self, route: str = "differences", **more: str) -> str:
        """Return the address of a table in the API, which has the same numbers."""
        query, (a, b) = self.query, self.sides.texts
        pairs = [
            ("by", query.by),
            *(("a", level) for level in a),
            *(("b", level) for level in b),
            *(("covariate", name) for name in split_names(query.covariates)),
            ("paired", self.paired),
            *([("second_opinion", query.second_opinion)] if route.startswith("differences") else []),
            # Composition has no minimum of counts.
            *(pair for pair in self._least.items() if pair[0] != "min_counts" or route != "abundance"),
            *([("method", "" if query.method == TREND else query.method)] if route.startswith("differences") else []),
            *more.items(),
            *query.selection.pairs(),
        ]
        text = urlencode([pair for pair in pairs if pair[1]])
        return below(f"/api/v1/datasets/{quote(self.atlas.id)}/{route}?{text}")


def is_versus(query: DifferencesQuery) -> bool:
    """Return whether an address compares A with B: both are named, and no column."""
    return bool(query.a and query.b and not query.by)


def sides_of(atlas: Atlas, query: DifferencesQuery) -> Sides:
    """Make the sides of a query."""
    if is_versus(query):
        return Sides.of_selections([query.a], [query.b])
    return Sides.of(atlas, query.by, split_names(query.one), split_names(query.two))


def paired_of(named: str, proposed: str) -> str:
    """Return the column that pairs: the one named, or the one that is proposed."""
    if named:
        return "" if named == NO_PAIRING else named
    return proposed


def paired_text(named: str, proposed: str) -> str:
    """Return the column that pairs as it stands in an address: empty for the one that is proposed."""
    return "" if named == (proposed or NO_PAIRING) else named


def methods() -> dict[str, str]:
    """Name the methods that can be used here, by their value in an address."""
    return {name: NAMES[name] for name in available()}


def columns(atlas: Atlas) -> list[str]:
    """List the columns whose levels can be sides, roles first, without the cell types and the samples.

    Nor with what is derived from the cell types: cells of one sample are no replicates of each other.
    """
    roles = atlas.manifest.roles
    taken = {roles.get("cell_type"), roles.get("sample")}
    sizes = {column.name: column.n_categories for column in atlas.manifest.columns}
    usable = [name for name in categorical(atlas) if sizes.get(name, 0) > 1 and name not in taken]
    group = roles.get("group", "")
    return sorted(usable, key=lambda name: name != group)


def resolve(services: Services, search: str) -> tuple[DifferencesView | None, list[Problem]]:
    """Resolve an address; defaults of the atlas replace what is missing or invalid."""
    query, problems = shared.read(DifferencesQuery, search)
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
    if query.gene:
        query = query.but(gene=shared.gene_of(atlas, query, problems, services.orthologs))
    if not is_versus(query):
        names = columns(atlas)
        thing = f"a column {{}} of two levels or more in {atlas.id}"
        by = shared.one_of(
            names, query.by, next(iter(names), ""), lambda name: query.but(by=name, one="", two=""), problems, thing
        )
        query = query.but(by=by)
    method = shared.one_of(
        available(), query.method, TREND, lambda name: query.but(method=name), problems, "a method {}"
    )
    tab = shared.one_of(list(TABS), query.tab, TABS[0], lambda name: query.but(tab=name), problems, "a part {}")
    query = query.but(method=method, tab=tab, **{name: _threshold(query, name, problems) for name in THRESHOLDS})
    query = query.but(**{name: _least(query, name, problems) for name in LEAST})
    query = query.but(second_opinion=_second(query, problems))
    query = meaning.resolved(services, atlas, query, problems)
    genes = _genes(atlas, query, problems)
    return _view(atlas, query.but(genes=joined(genes)), genes, problems), problems


def _threshold(query: DifferencesQuery, name: str, problems: list[Problem]) -> str:
    """Return a threshold as text, the default where it is none."""
    default, low, high = THRESHOLDS[name]
    text = str(getattr(query, name))
    if text:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if isfinite(value) and low <= value <= high:
            return f"{value:g}"
        problems.append(Problem(f"{name} is a number from {low:g} to {high:g}; {text[:40]!r} is not. It is left out."))
    return f"{default:g}"


def _second(query: DifferencesQuery, problems: list[Problem]) -> str:
    """Return ``true`` where the second opinion is asked for and can be had; else nothing."""
    if not query.second_opinion:
        return ""
    if query.second_opinion != YES:
        why = f"second_opinion is {YES}, or is not named; {query.second_opinion[:40]!r} is neither."
    elif query.method == DESEQ2:
        why = "The second opinion is that of DESeq2, which is the method already."
    elif DESEQ2 not in available():
        why = "DESeq2 needs the package crest-sc, which is not installed on this server: there is no second opinion."
    else:
        return YES
    problems.append(Problem(f"{why} It is left out."))
    return ""


def _least(query: DifferencesQuery, name: str, problems: list[Problem]) -> str:
    """Return a least number of a sample as text, the usual one where it is none."""
    usual, low, high = LEAST[name]
    text = str(getattr(query, name)).strip()
    if not text:
        return str(usual)
    # No longer than a number of this size: `int` refuses endless ones.
    if text.isascii() and text.isdigit() and low <= int(text[:12]) <= high:
        return str(int(text[:12]))
    problems.append(
        Problem(f"{name} is a whole number from {low:,} to {high:,}; {text[:40]!r} is not. {usual:,} is used.")
    )
    return str(usual)


def _genes(atlas: Atlas, query: DifferencesQuery, problems: list[Problem]) -> tuple[str, ...]:
    """Find the genes of the set that is kept."""
    found = look_up(atlas.genes, query.genes)
    if found.unknown:
        names = ", ".join(name for name, _ in found.unknown[:5])
        problems.append(Problem(f"The gene set has {len(found.unknown):,} unknown names, such as {names}."))
    return found.genes


def _view(atlas: Atlas, query: DifferencesQuery, genes: tuple[str, ...], problems: list[Problem]) -> DifferencesView:
    """Resolve the sides and all that depends on them; where they cannot be made, the page says why."""
    levels = atlas.categorical(query.by).categories if query.by else ()
    query = query.but(
        **{name: known_names(getattr(query, name), levels, f"level of {query.by}", problems) for name in ("one", "two")}
    )
    sample = atlas.manifest.roles.get("sample", "")
    if not query.by and not is_versus(query):
        return DifferencesView(atlas, query, NO_SIDES.format(atlas.id), (), (), (), (), genes)
    try:
        DesignParams.of(atlas, sides := sides_of(atlas, query), selection=query.selection)
        units = UnitParams(sides, sample, query.selection)
        usable, pairing = tuple(usable_columns(atlas, units)), tuple(usable_pairing(atlas, units))
        proposed = next(iter(pairing_columns(atlas, units)), "")
        column = atlas.manifest.roles.get("cell_type", "")
        sizes = sizes_of(atlas, units, "" if column == query.by else column)
    except AtlasError as error:
        return DifferencesView(atlas, query.but(covariates="", paired=""), str(error), (), levels, (), (), genes)
    if query.by:
        query = query.but(one=joined_names(sides.a), two=joined_names(sides.b))
    if query.paired not in ("", NO_PAIRING, *pairing):
        problems.append(Problem(f"{query.paired!r} pairs no samples of these sides. It is left out."))
        query = query.but(paired="")
    # The column that pairs is in the model already.
    free = tuple(name for name in usable if name != paired_of(query.paired, proposed))
    query = query.but(covariates=known_names(query.covariates, free, "covariate", problems))
    totals = sizes.cells.sum(axis=1).tolist()
    types = tuple((name, int(n)) for name, n in zip(sizes.types, totals, strict=True) if name)
    names = [name for name, _ in types]
    largest = max(types, key=lambda pair: pair[1])[0] if types else ""
    chosen = shared.one_of(
        names,
        query.cell_type,
        largest,
        lambda name: query.but(cell_type=name),
        problems,
        "a cell type {} on these sides",
    )
    return DifferencesView(atlas, query.but(cell_type=chosen), "", types, levels, usable, pairing, genes, proposed)


def known_names(text: str, names: tuple[str, ...], thing: str, problems: list[Problem]) -> str:
    """Leave out of a list of names those that do not exist."""
    given = split_names(text)
    problems += [Problem(f"There is no {thing} {name[:60]!r}. It is left out.") for name in given if name not in names]
    return joined_names([name for name in given if name in names])
