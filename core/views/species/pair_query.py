"""Parameters of an address for two atlases that are compared gene by gene: checked, without the defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.cell_type_matching import read_edits
from core.analysis.conserved_correlates import BEST, MOST_BEST
from core.services.cell_types import matching
from core.views.resolve import Problem, one_of
from core.views.species import pair_design

if TYPE_CHECKING:
    from core.atlas.store import Atlas
    from core.services.cell_types import Matching
    from core.services.container import Services
    from core.urls.page_queries import SpeciesQuery


def of_pair(services: Services, atlas: Atlas, query: SpeciesQuery, problems: list[Problem]) -> SpeciesQuery:
    """Check second atlas, cell type, levels, designs and number of correlates; defaults are left out of the query."""
    others = list(query.beside)
    default = next(iter(others), "")
    second = one_of(others, query.second, default, lambda name: query.but(second=name), problems, "a compared atlas {}")
    query = query.but(second="" if second == default else second, best=_best(query, problems))
    if not second:
        return query.but(cell_type="", one="", two="", one_2="", two_2="", **dict.fromkeys(pair_design.NAMES, ""))
    opened = services.catalog.get(second)
    if query.cell_type:
        rows = list(rows_of(matching(atlas, (opened,), read_edits(query.match)), second))
        default = next(iter(rows), "")
        found = one_of(
            rows,
            query.cell_type,
            default,
            lambda name: query.but(cell_type=name),
            problems,
            f"a cell type {{}} with a match in {second}",
        )
        query = query.but(cell_type="" if found == default else found)
    for where, names in ((atlas, ("one", "two")), (opened, ("one_2", "two_2"))):
        query = query.but(**{name: _level(where, query, name, problems) for name in names})
    return pair_design.checked(atlas, opened, query, problems)


def best_of(query: SpeciesQuery) -> int:
    """Return how many of the best correlates are compared."""
    return int(query.best or BEST)


def rows_of(found: Matching, second: str) -> tuple[str, ...]:
    """List the cell types of the reference that have a match in the second atlas."""
    return tuple(match.reference for match in found.matches[second] if match.types)


def levels_of(atlas: Atlas) -> tuple[str, ...]:
    """List the levels of the groups of an atlas; none where it has no groups."""
    column = atlas.role("group")
    return () if column is None else column.categories


def _level(atlas: Atlas, query: SpeciesQuery, name: str, problems: list[Problem]) -> str:
    wanted = str(getattr(query, name))
    if not wanted:
        return ""
    names = list(levels_of(atlas))
    return one_of(names, wanted, "", lambda level: query.but(**{name: level}), problems, f"a group {{}} in {atlas.id}")


def _best(query: SpeciesQuery, problems: list[Problem]) -> str:
    text = query.best
    if not text or text == str(BEST):
        return ""
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_BEST:
        return str(int(text))
    problems.append(Problem(f"The best 1 to {MOST_BEST:,} genes are compared, not {text[:40]!r}. {BEST} are."))
    return ""
