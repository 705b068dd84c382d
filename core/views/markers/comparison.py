"""Comparison behind every figure of the page Markers: groups of cells, and the marker table of all genes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.contrasts import METHOD, MIN_CELLS, NOT_REPLICATES
from core.analysis.dotplot import MAX_GENES
from core.analysis.double_dipping import warning_of
from core.analysis.fold_change import fold_change_of
from core.analysis.markers import rows_of
from core.atlas.nouns import counted, counted_categories, noun_of, plural
from core.errors import InvalidQuery
from core.selection.model import Selection
from core.services.memoized import answer
from core.views.formatting import AS_IF_INDEPENDENT
from core.views.markers.state import ONE
from core.views.result import Subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from core.analysis.contrasts import Groups
    from core.services.container import Services
    from core.services.memoized import Answer
    from core.views.markers.state import MarkersView


MAX_NAMED = 4


@dataclass(frozen=True, eq=False)
class Comparison:
    """Groups of cells that are compared, and the scores of all genes.

    Attributes
    ----------
    answer
        The table of all groups, with the time that it took.
    """

    view: MarkersView
    groups: Groups
    answer: Answer[pa.Table]

    @property
    def table(self) -> pa.Table:
        """One row a gene and group, the best genes of each group first."""
        return self.answer.value

    @cached_property
    def rows(self) -> pa.Table:
        """Rows of the category shown, the best genes first."""
        return rows_of(self.table, self.groups, self.view.query.category)

    @property
    def gene(self) -> str:
        """Gene of the violins, by default the best of the category."""
        return self.view.query.gene or str(self.rows["gene"][0].as_py())

    @cached_property
    def compared(self) -> dict[str, object]:
        """Groups, as parameters of a figure."""
        query = self.view.query
        if not self.view.versus:
            return {"by": query.by}
        texts = [Selection.from_text(text).words() for text in (query.a, query.b)]
        return {"a": texts[0], "b": texts[1], "selection": f"A: {texts[0]}; B: {texts[1]}"}

    @cached_property
    def warning(self) -> str:
        """Warning that cells are not replicates and, where it applies, of double dipping."""
        dipping = warning_of(self.view.atlas, self.view.params)
        return f"{NOT_REPLICATES} {dipping}" if dipping else NOT_REPLICATES

    @property
    def method(self) -> str:
        """Test and fold change, for a methods section."""
        return f"{METHOD}; {fold_change_of(self.view.atlas.layer(self.view.query.layer).info)}"

    @property
    def nouns(self) -> str:
        """Groups that are compared, as nouns."""
        return "groups A and B" if self.view.versus else plural(noun_of(self.view.atlas, self.view.query.by))

    @property
    def tested(self) -> str:
        """Sentences on the test and the fold change, for a methods section."""
        by = noun_of(self.view.atlas, self.view.query.by) if not self.view.versus else ""
        one = f"Each {by} was compared with all others" if by else "Group A was compared with group B"
        fold = fold_change_of(self.view.atlas.layer(self.view.query.layer).info)
        return f"{one} by {METHOD}. {_upper(fold)}."

    @property
    def caution(self) -> str:
        """Sentences on what the p-values do not say, for a methods section."""
        dipping = warning_of(self.view.atlas, self.view.params)
        return f"{AS_IF_INDEPENDENT} {dipping}" if dipping else AS_IF_INDEPENDENT

    @property
    def untested(self) -> str:
        """Sentence that names the groups without rows; empty where there are none."""
        names = [name for at, name in enumerate(self.groups.names) if at not in self.groups.listed]
        if not names:
            return ""
        more = f" and {len(names) - MAX_NAMED:,} more" if len(names) > MAX_NAMED else ""
        some = ", ".join(name[:60] for name in names[:MAX_NAMED])
        return f"Not tested, with fewer than {MIN_CELLS} cells: {some}{more}."

    def shown(self, n: int) -> str:
        """Say in a sentence of a legend which `n` genes `best` chose."""
        view = self.view
        names = (view.query.category,) if view.query.whose == ONE else tuple(view.names)
        each = max(min(view.top, MAX_GENES // len(names)), 1)
        of = " and ".join(names) if len(names) == 1 or view.versus else f"each of {counted(len(names), self._noun)}"
        return f"The {each} highest-ranking genes of {of} are shown ({n:,} in all)"

    @property
    def _noun(self) -> str:
        return noun_of(self.view.atlas, self.view.query.by)

    def best(self) -> tuple[list[str], str]:
        """Choose the genes of the plots, each once, and state in one sentence how they were chosen.

        Only genes that are higher in a category than outside mark it; and no more than 500 are drawn.
        """
        view = self.view
        whose: Sequence[str] = [view.query.category] if view.query.whose == ONE else list(view.names)
        each = max(min(view.top, MAX_GENES // len(whose)), 1)
        genes: dict[str, None] = {}
        for name in whose:
            rows = rows_of(self.table, self.groups, name, each)
            above = rows["score"].to_numpy() > 0
            genes.update(dict.fromkeys(np.array(rows["gene"].to_pylist(), dtype=object)[above].tolist()))
        if not genes:
            raise InvalidQuery("No gene is higher in a category than outside it.", "Select more cells.")
        less = f" ({MAX_GENES} genes are drawn at most)" if each < view.top else ""
        of = (
            whose[0]
            if len(whose) == 1
            else "A and B each"
            if view.versus
            else f"each of {counted_categories(view.atlas, view.query.by, len(whose))}"
        )
        return list(genes), f"{len(genes):,} genes: the best {each} of {of}{less}, each once"

    @property
    def subject(self) -> Subject:
        """Data behind the figures."""
        view, groups = self.view, self.groups
        query = view.query
        return Subject(view.atlas, query, query.search(), query.layer, groups.n, groups.n_all_samples)


def _upper(fold: str) -> str:
    """Begin a phrase on the fold change as a sentence."""
    ratio = fold.removeprefix("log2FC: ")
    return f"Log2 fold changes are {ratio.replace('ratio', 'ratios', 1)}" if ratio != fold else f"There is {fold}"


def compare(services: Services, view: MarkersView) -> Comparison:
    """Score all genes in all groups; raises what `core.analysis.contrasts` does where nothing can be compared."""
    groups = view.groups
    return Comparison(view, groups, answer(services, view.atlas, view.params))
