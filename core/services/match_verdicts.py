"""Likeness of matched cell types, which every view of several atlases says beside its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from core.analysis.type_auroc import BOUND, TypeAurocParams
from core.errors import InvalidQuery
from core.services.between_species import described
from core.services.memoized import answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.atlas.store import Atlas
    from core.services.cell_types import Matching
    from core.services.container import Services
    from core.services.memoized import Answer

MOST_NAMED: Final = 4
FEW: Final = "too few cells"


@dataclass(frozen=True)
class Verdict:
    """Likeness of a matched pair of cell types.

    Attributes
    ----------
    auroc : the lowest of the pairs of types that the match consists of; NaN where it is not known
    below : whether that is below the bound
    sentence : what to say beside the match; empty where it holds
    name : the matched types
    """

    auroc: float
    below: bool
    sentence: str
    name: str

    @property
    def number(self) -> float | None:
        """AUROC; None where it is not known."""
        return None if np.isnan(self.auroc) else self.auroc


@dataclass(frozen=True)
class Verdicts:
    """Likeness of all matches of a reference atlas.

    Attributes
    ----------
    of : verdicts by the cell type of the reference and the id of the other atlas
    unknown : reasons for which no type of an atlas could be judged, by its id
    """

    of: Mapping[tuple[str, str], Verdict]
    unknown: Mapping[str, str]

    @property
    def below(self) -> list[str]:
        """Sentences on the matches below the bound, the least alike first."""
        found = [(each.auroc, f"{atlas}: {each.sentence}") for (_, atlas), each in self.of.items() if each.below]
        return [sentence for _, sentence in sorted(found)]

    @property
    def sentence(self) -> str:
        """Say which matches are below the bound, and of which AUROC is not known; empty where all hold."""
        below = sorted((each.auroc, each.name, atlas) for (_, atlas), each in self.of.items() if each.below)
        named = "; ".join(f"{name} {auroc:.2f} ({atlas})" for auroc, name, atlas in below[:MOST_NAMED])
        more = f"; {len(below) - MOST_NAMED} more" if len(below) > MOST_NAMED else ""
        said = [f"AUROC below {BOUND:g}, so they may not be the same cell type: {named}{more}."] if below else []
        few = [f"{each.name} ({atlas})" for (_, atlas), each in self.of.items() if np.isnan(each.auroc)]
        if few:
            more = f" and {len(few) - MOST_NAMED} more" if len(few) > MOST_NAMED else ""
            said.append(f"AUROC is not known, {FEW}: {'; '.join(few[:MOST_NAMED])}{more}.")
        said += [f"AUROC of the types of {atlas} is not known: {why}" for atlas, why in self.unknown.items()]
        return " ".join(said)


def aurocs(services: Services, first: Atlas, second: Atlas) -> Answer[pa.Table]:
    """Compute AUROC between all cell types of two atlases; raises InvalidQuery where they cannot be compared."""
    return answer(services, first, TypeAurocParams.of(first, second, described(services, first, second)))


def verdict(table: pa.Table, types: Sequence[str], types_2: Sequence[str], bound: float = BOUND) -> Verdict:
    """Judge a match of cell types by a table of `core.analysis.type_auroc.type_auroc`.

    Parameters
    ----------
    types, types_2 : matched types of the first atlas and of the second; several are one by one
    bound : AUROC below which a match is marked
    """
    return _verdict(_pairs(table), types, types_2, bound)


def judged(
    services: Services, first: Atlas, second: Atlas, types: Sequence[str], types_2: Sequence[str]
) -> Verdict | None:
    """Judge a match; None where no cell type is named, as all cells are no match of types."""
    if not types or not types_2:
        return None
    try:
        return verdict(aurocs(services, first, second).value, types, types_2)
    except InvalidQuery as error:
        return _unknown(_name(types, types_2), error.message)


def verdicts(services: Services, reference: Atlas, others: Sequence[Atlas], matching: Matching) -> Verdicts:
    """Judge every match of a reference; AUROC of each pair of atlases is computed once and cached."""
    found: dict[tuple[str, str], Verdict] = {}
    unknown: dict[str, str] = {}
    for atlas in others:
        try:
            known = _pairs(aurocs(services, reference, atlas).value)
        except InvalidQuery as error:
            unknown[atlas.id] = error.message
            continue
        for match in matching.matches[atlas.id]:
            if match.types:
                found[match.reference, atlas.id] = _verdict(known, [match.reference], match.types, BOUND)
    return Verdicts(found, unknown)


def with_verdict(found: Answer[pa.Table], said: Verdict | None) -> Answer[pa.Table]:
    """Put the likeness of the matched types into the provenance of an answer."""
    if said is None:
        return found
    return found.but({"auroc": said.number, "bound": BOUND, "match_warning": said.sentence})


def marked(table: pa.Table, said: Verdicts | None) -> pa.Table:
    """Add to a table with a row for each cell type and atlas how alike the matched types are.

    Parameters
    ----------
    table : with the columns ``cell_type``, of the reference, and ``dataset``
    said : None where the matches have not been judged

    Returns
    -------
    The table with ``auroc``, null where it is not known, and ``warning``, a sentence where it is below the bound.
    """
    known = said.of if said else {}
    keys = zip(table["cell_type"].to_pylist(), table["dataset"].to_pylist(), strict=True)
    rows = [known.get(key) for key in keys]
    auroc = pa.array([each and each.number for each in rows], pa.float64())
    warning = pa.array([each.sentence if each and each.below else "" for each in rows], pa.string())
    return table.append_column("auroc", auroc).append_column("warning", warning)


def _pairs(table: pa.Table) -> dict[tuple[str, str], float]:
    one, other, auroc = (table[name].to_pylist() for name in ("cell_type", "cell_type_2", "auroc"))
    return dict(zip(zip(one, other, strict=True), auroc, strict=True))


def _verdict(
    known: Mapping[tuple[str, str], float], types: Sequence[str], types_2: Sequence[str], bound: float
) -> Verdict:
    found = [known[pair] for one in types for other in types_2 if (pair := (one, other)) in known]
    name = _name(types, types_2)
    if not found or not np.isfinite(found).all():
        return _unknown(name, f"{FEW}.")
    lowest = float(min(found))
    if lowest >= bound:
        return Verdict(lowest, below=False, sentence="", name=name)
    said = f"AUROC {lowest:.2f} of {name} is below {bound:g}: they may not be the same cell type."
    return Verdict(lowest, below=True, sentence=said, name=name)


def _unknown(name: str, why: str) -> Verdict:
    return Verdict(float("nan"), below=False, sentence=f"AUROC of {name} is not known: {why}", name=name)


def _name(types: Sequence[str], types_2: Sequence[str]) -> str:
    one, other = " + ".join(types), " + ".join(types_2)
    return one if one == other else f"{one} and {other}"
