"""Double dipping: groups of cells that were made from the same values in which they are then compared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.analysis.contrasts import ComparisonParams
from core.atlas.lineages import LINEAGE
from core.atlas.nouns import categories_of, noun_of
from core.atlas.vocabulary import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.analysis.contrasts import ContrastParams
    from core.atlas.store import Atlas
    from core.selection.model import Selection

_CLUSTERS = re.compile(r"cluster|leiden|louvain|snnres|kmeans|phenograph|celltype|annotation|cellontology|subtype")


def warning_of(atlas: Atlas, params: ContrastParams) -> str:
    """Say in a sentence where the groups of a comparison depend on the values that are compared; else return nothing.

    Clusters, and the cell types named after them, lassos on a map, and thresholds on a gene are all chosen by
    expression; the test then finds the differences that made the groups [1]_. A condition that A and B have in common
    makes no difference between them. Where lassos or thresholds only choose the cells within which categories are
    compared, that is said too, in other words.

    References
    ----------
    .. [1] Kriegeskorte et al., Circular analysis in systems neuroscience, Nature Neuroscience 12:535-540, 2009; for
       clusters of cells Zhang, Kamath and Tse, Cell Systems 9:383-392, 2019.
    """
    if isinstance(params, ComparisonParams):
        mine, theirs = (set(_conditions(side)) for side in (params.a, params.b))
        reasons = [_reason(atlas, condition) for condition in sorted(mine ^ theirs, key=lambda each: each.text())]
        return _dipping(reasons)
    chosen = [each for each in _conditions(params.selection) if not each.where and not each.inverse().where]
    return " ".join(
        filter(
            None,
            (
                _dipping([f"the {categories_of(atlas, params.by)}"] if _from_expression(atlas, params.by) else []),
                _within([_reason(atlas, each) for each in chosen]),
            ),
        )
    )


def _dipping(reasons: list[str]) -> str:
    found = _joined(reasons)
    if not found:
        return ""
    return (
        f"Double dipping: {found} may come from the same expression values, so some genes differ by that choice and p "
        "is too small."
    )


def _within(reasons: list[str]) -> str:
    found = _joined(reasons)
    return f"The cells are chosen by expression ({found}): p holds for cells chosen so." if found else ""


def _joined(reasons: list[str]) -> str:
    return " and ".join(dict.fromkeys(reason for reason in reasons if reason))


def _conditions(selection: Selection) -> Iterator[Selection]:
    """List the conditions of a selection one by one, those within what it excludes too."""
    for part in selection.parts():
        if part.excluded:
            for other in part.excluded:
                yield from (condition.inverse() for condition in _conditions(other))
        else:
            yield part


def _reason(atlas: Atlas, condition: Selection) -> str:
    if condition.excluded:
        return _reason(atlas, condition.inverse())
    if condition.lassos:
        return "a lasso on a map"
    if condition.thresholds:
        return f"a threshold on {condition.thresholds[0].gene}"
    column = condition.where[0][0] if condition.where else ""
    if not column or not _from_expression(atlas, column):
        return ""
    return f"the choice by {noun_of(atlas, column) if column in atlas.manifest.roles.values() else column}"


def _from_expression(atlas: Atlas, column: str) -> bool:
    return column in (atlas.manifest.roles.get("cell_type"), LINEAGE) or bool(_CLUSTERS.search(plain(column)))
