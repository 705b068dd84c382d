"""Gene sets among the genes that differ: over-representation (ORA), and enrichment along the ranking (GSEA)."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np
import pyarrow as pa
from rapidfuzz import process

from core.compute.worker_process import Task, run
from core.errors import InvalidQuery, NotFound
from core.stats import gsea
from core.stats.enrichment import Membership, over_representation, running_score
from core.stats.multiple_testing import benjamini_hochberg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.analysis.gene_rankings import Ranking
    from core.analysis.gene_sources import GeneSource
    from core.analysis.set_collections import Described, SetCollection
    from core.arrays import Mask
    from core.stats.enrichment import RunningScore

    Rows: TypeAlias = dict[str, Any]

Method: TypeAlias = Literal["ora", "gsea"]

METHODS: Final[tuple[Method, ...]] = ("ora", "gsea")
UP, DOWN = "up", "down"
# Key of the numbers behind a table, in its metadata.
FACTS: Final = b"facts"
NUMBERS: Final = ("expected", "fold", "es", "nes", "p", "p_adj", "log2_error")
WHOLE: Final = ("n_source", "n_set", "n_genes")
COLUMNS: Final = ("collection", "set", "direction", *WHOLE, *NUMBERS, "why", "genes")
# Of `why`: the statistics of all genes lie so far on one side that no random set has a score of the same sign.
UNBALANCED: Final = "unbalanced ranking"
FDR: Final = 0.05
MIN_CHANGE: Final = 1.0
MIN_SIZE: Final = 10
MAX_SIZE: Final = 500
LARGEST_SIZE: Final = 5_000
MAX_SEED: Final = 2**31 - 1
# GO biological process takes 4 s of one core.
GSEA_LIMIT: Final = 120.0


@dataclass(frozen=True)
class EnrichmentParams:
    """Parameters of an enrichment in an atlas: the genes, the collections of sets, and the options."""

    source: GeneSource
    collections: tuple[Described, ...]
    options: EnrichmentOptions


@dataclass(frozen=True)
class EnrichmentOptions:
    """Options of an enrichment, without the genes and the sets.

    Attributes
    ----------
    method
        ``ora`` or ``gsea``.
    fdr, min_change
        Thresholds of the lists of ORA: adjusted p at most, absolute log2 fold change at least. 0 and 1 for GSEA, which
        uses none.
    min_size, max_size
        Sizes of the sets that are tested, in tested genes.
    seed
        Of GSEA's random sets; 0 for ORA.
    """

    method: Method = "ora"
    fdr: float = FDR
    min_change: float = MIN_CHANGE
    min_size: int = MIN_SIZE
    max_size: int = MAX_SIZE
    seed: int = 0

    @classmethod
    def of(
        cls,
        method: str = "",
        *,
        fdr: float = FDR,
        min_change: float = MIN_CHANGE,
        min_size: int = MIN_SIZE,
        max_size: int = MAX_SIZE,
        seed: int = 1,
    ) -> EnrichmentOptions:
        """Make canonical options.

        Raises
        ------
        InvalidQuery
            A value is out of bounds.
        """
        method = method or METHODS[0]
        if method not in METHODS:
            raise InvalidQuery(f"{method[:40]!r} is not a method of enrichment.", "Use ora or gsea.")
        if not 0 < fdr <= 1:
            raise InvalidQuery(f"fdr={fdr:g} is not above 0 and at most 1.", "Use 0.05, for example.")
        if not 0 <= min_change <= 100:  # noqa: PLR2004 - no fold change is larger
            raise InvalidQuery(f"min_change={min_change:g} is not between 0 and 100.", "Use 1, for example.")
        if not 1 <= min_size <= max_size <= LARGEST_SIZE:
            raise InvalidQuery(
                f"Set sizes from {min_size:,} to {max_size:,} cannot be tested.",
                f"Choose sizes from 1 to {LARGEST_SIZE:,}, the smaller one first.",
            )
        if not 0 <= seed <= MAX_SEED:
            raise InvalidQuery(f"seed={seed} is not from 0 to {MAX_SEED:,}.", "Use 1, for example.")
        if method == "ora":
            return cls("ora", fdr, min_change, min_size, max_size)
        return cls("gsea", 1.0, 0.0, min_size, max_size, seed)

    def largest(self, n_genes: int) -> int:
        """Return the size of the largest set that is tested; of GSEA at most half of the genes."""
        return min(self.max_size, n_genes // 2 if self.method == "gsea" else n_genes - 1)


def enrichment(ranking: Ranking, sets: Sequence[SetCollection], options: EnrichmentOptions) -> pa.Table:
    """Test gene sets, collection by collection.

    Parameters
    ----------
    ranking
        The tested genes, which are the universe.
    sets
        Collections; p is adjusted within each.
    options
        Method, thresholds and sizes.

    Returns
    -------
    A table with the columns `COLUMNS`, one row a set of a size within the limits, by collection, then by p. ORA has a
    row for the genes that are higher (``up``) and for those that are lower (``down``), each its own family of tests; a
    list without any gene has no rows.

    n_source, n_set : genes of the set as it is for this species, and those of them that were tested
    n_genes, genes : of ORA the listed genes of the set, by falling absolute statistic; of GSEA its leading edge
    expected, fold : of ORA, the overlap of a random list of the same length, and the overlap over it
    es, nes : of GSEA, the enrichment score, and over the mean of random sets
    p, p_adj : of ORA hypergeometric (one-sided); of GSEA by multilevel splitting; adjusted by Benjamini and Hochberg
    log2_error : standard error of log2 p of GSEA
    why : ``unbalanced ranking`` where GSEA has neither NES nor p: too few random sets have a score of the same sign

    Raises
    ------
    InvalidQuery
        No gene is within the thresholds, no set is of a size to be tested, or a list has no statistic to rank by.
    Unavailable, Cancelled
        GSEA took too long or was cancelled; see `core.compute.worker_process.run`.
    """
    among = [each.among(ranking) for each in sets]
    parts = [_Part.of(each, inside, ranking, options) for each, inside in zip(sets, among, strict=True)]
    if not any(len(part.sets) for part in parts):
        raise InvalidQuery(
            f"No set of {', '.join(each.name for each in sets)} has {options.min_size:,} to {options.max_size:,} "
            "tested genes.",
            "Choose another collection, or other sizes.",
        )
    table = _ora(ranking, parts, options) if options.method == "ora" else _gsea(ranking, parts, options)
    tested = {each.name: _sizes(ranking, inside, options) for each, inside in zip(sets, among, strict=True)}
    return table.replace_schema_metadata({FACTS: json.dumps({**_facts(ranking, options), "sets": tested})})


def curve(ranking: Ranking, collection: SetCollection, name: str) -> RunningScore:
    """Compute the running score of one set along a ranking.

    Raises
    ------
    NotFound
        The collection has no such set; carries the nearest names.
    InvalidQuery
        A list has no statistic to rank by, or no gene of the set was tested.
    """
    if name not in collection.sets:
        near = tuple(str(each) for each, _, _ in process.extract(name, list(collection.sets), limit=3, score_cutoff=60))
        remedy = f"Did you mean {', '.join(near)}?" if near else f"It has {len(collection.sets):,} sets."
        raise NotFound(f"{collection.name} has no set {name[:60]!r}.", remedy, suggestions=near)
    if not ranking.has_statistic:
        raise InvalidQuery("A plain list of genes has no statistic to rank by.", "Choose a comparison of cells.")
    found = ranking.placed(collection.sets[name])
    if not len(found):
        raise InvalidQuery(f"No gene of {name[:60]} was tested.", "Choose another set.")
    return running_score(ranking.stat, found)


def best(table: pa.Table, top: int) -> pa.Table:
    """Return the first rows of each collection in a table of `enrichment`; all of them for 0."""
    if not top:
        return table
    names = table["collection"].to_pylist()
    seen: Counter[str] = Counter()
    kept = []
    for name in names:
        seen[name] += 1
        kept.append(seen[name] <= top)
    return table.filter(pa.array(kept, pa.bool_()))


def toward(table: pa.Table, direction: str) -> pa.Table:
    """Return the rows of one direction, ``up`` or ``down``, of a table of `enrichment`; all of them for none.

    Raises
    ------
    InvalidQuery
        There is no such direction.
    """
    if not direction:
        return table
    if direction not in (UP, DOWN):
        raise InvalidQuery(f"{direction[:40]!r} is not a direction.", "Use up or down, or leave it out for both.")
    return table.filter(pa.array([each == direction for each in table["direction"].to_pylist()], pa.bool_()))


def facts_of(table: pa.Table) -> dict[str, Any]:
    """Return the numbers of genes and sets behind a table of `enrichment`."""
    return json.loads((table.schema.metadata or {})[FACTS])


def _facts(ranking: Ranking, options: EnrichmentOptions) -> dict[str, object]:
    changed = (int(ranking.changed(direction, options.fdr, options.min_change).sum()) for direction in (UP, DOWN))
    return {
        "n_genes": len(ranking.genes),
        "n_untested": ranking.n_untested,
        "n_tied": ranking.n_tied,
        **(dict(zip(("n_up", "n_down"), changed, strict=True)) if options.method == "ora" else {}),
    }


_KINDS: Final = {**dict.fromkeys(WHOLE, pa.int32()), **dict.fromkeys(NUMBERS, pa.float64())}


def _table(columns: Mapping[str, object]) -> pa.Table:
    return pa.table({name: pa.array(columns[name], _KINDS.get(name, pa.string())) for name in COLUMNS})


def _sizes(ranking: Ranking, sets: Membership, options: EnrichmentOptions) -> dict[str, int]:
    """Count the sets of a collection: all, tested, too small and too large among the tested genes."""
    n, largest = sets.sizes, options.largest(len(ranking.genes))
    return {
        "n_sets": len(n),
        "n_tested_sets": int(((n >= options.min_size) & (n <= largest)).sum()),
        "n_too_small": int((n < options.min_size).sum()),
        "n_too_large": int((n > largest).sum()),
    }


@dataclass(frozen=True)
class _Part:
    """Sets of one collection that are of a size to be tested."""

    collection: str
    names: list[str]
    n_source: list[int]
    sets: Membership

    @classmethod
    def of(cls, collection: SetCollection, sets: Membership, ranking: Ranking, options: EnrichmentOptions) -> _Part:
        kept = (sets.sizes >= options.min_size) & (sets.sizes <= options.largest(len(ranking.genes)))
        given = [(name, genes) for (name, genes), keep in zip(collection.sets.items(), kept, strict=True) if keep]
        return cls(
            collection.name, [name for name, _ in given], [len(set(genes)) for _, genes in given], sets.where(kept)
        )


def _ora(ranking: Ranking, parts: Sequence[_Part], options: EnrichmentOptions) -> pa.Table:
    lists = {direction: ranking.changed(direction, options.fdr, options.min_change) for direction in (UP, DOWN)}
    if not any(listed.any() for listed in lists.values()):
        raise InvalidQuery(
            f"No gene has an adjusted p of at most {options.fdr:g} and a log2 fold change of {options.min_change:g}: "
            "there is no list.",
            "Relax fdr or min_change, or use the method gsea, which needs no thresholds.",
        )
    found = []
    for part in parts:
        tested = [_tested(ranking, part, direction, listed) for direction, listed in lists.items() if listed.any()]
        columns = {name: np.concatenate([each[name] for each in tested]) for name in COLUMNS}
        # By p; of the same p the larger fold first, then by name.
        order = np.lexsort((columns["set"].astype(str), -columns["fold"], columns["p"]))
        found.append(_table({name: values[order] for name, values in columns.items()}))
    return pa.concat_tables(found)


def _tested(ranking: Ranking, part: _Part, direction: str, listed: Mask) -> dict[str, np.ndarray]:
    """Test the sets of a part in one list: the columns, in the order of the sets."""
    found, n = over_representation(part.sets, listed), len(part.names)
    strongest = np.argsort(-np.abs(ranking.stat), kind="stable") if ranking.has_statistic else np.arange(len(listed))
    place = np.empty(len(listed), dtype=np.int64)
    place[strongest] = np.arange(len(listed))
    inside = listed[part.sets.genes]
    genes, of = part.sets.genes[inside], np.repeat(np.arange(n), part.sets.sizes)[inside]
    names = np.array(ranking.genes, dtype=object)[genes[np.lexsort((place[genes], of))]].tolist()
    ends = np.cumsum(found.overlap).tolist()
    return {
        **{name: np.full(n, np.nan) for name in NUMBERS},
        **{name: np.full(n, value, dtype=object) for name, value in (("collection", part.collection), ("why", ""))},
        "set": np.array(part.names, dtype=object),
        "direction": np.full(n, direction, dtype=object),
        "n_source": np.array(part.n_source, dtype=np.int32),
        "n_set": part.sets.sizes,
        "n_genes": found.overlap,
        "expected": found.expected,
        "fold": found.fold,
        "p": found.p,
        "p_adj": benjamini_hochberg(found.p),
        "genes": np.array([" ".join(names[a:b]) for a, b in pairwise([0, *ends])], dtype=object),
    }


def _gsea(ranking: Ranking, parts: Sequence[_Part], options: EnrichmentOptions) -> pa.Table:
    if not ranking.has_statistic:
        raise InvalidQuery("A plain list of genes has no statistic to rank by.", "Use the method ora.")
    every = Membership.of([part.sets.set(at) for part in parts for at in range(len(part.sets))])
    found = run(
        Task(gsea.TASK, "The enrichment analysis", GSEA_LIMIT),
        {
            "stat": ranking.stat,
            "genes": every.genes,
            "starts": every.starts,
            "seed": np.array(options.seed),
            "max_size": np.array(options.largest(len(ranking.genes))),
        },
    )
    rows: list[Rows] = []
    first = 0
    for part in parts:
        scores = {name: values[first : first + len(part.sets)] for name, values in found.items()}
        rows += sorted(_scored(ranking, part, scores), key=_order)
        first += len(part.sets)
    return _table({name: [row[name] for row in rows] for name in COLUMNS})


def _scored(ranking: Ranking, part: _Part, scores: Mapping[str, np.ndarray]) -> list[Rows]:
    p_adj = benjamini_hochberg(scores["p"])
    rows: list[Rows] = []
    for at in range(len(part.names)):
        curve = running_score(ranking.stat, part.sets.set(at))
        leading = curve.places[curve.leading]
        direction = UP if curve.es > 0 else DOWN
        genes = [ranking.genes[gene] for gene in (leading if direction == UP else leading[::-1])]
        rows.append(
            _row(part, at, direction, genes)
            | {"es": curve.es, "nes": scores["nes"][at], "p": scores["p"][at], "p_adj": p_adj[at]}
            | {"log2_error": scores["log2err"][at], "why": "" if np.isfinite(scores["p"][at]) else UNBALANCED}
        )
    return rows


def _row(part: _Part, at: int, direction: str, genes: Sequence[str]) -> Rows:
    return {
        **dict.fromkeys(NUMBERS, float("nan")),
        "collection": part.collection,
        "set": part.names[at],
        "direction": direction,
        "n_source": part.n_source[at],
        "n_set": int(part.sets.sizes[at]),
        "n_genes": len(genes),
        "why": "",
        "genes": " ".join(genes),
    }


def _order(row: Rows) -> tuple[bool, float, float, str]:
    """Sort by p, those without one last; of the same p the larger score first."""
    return bool(np.isnan(row["p"])), row["p"] if np.isfinite(row["p"]) else 1.0, -abs(row["es"]), row["set"]
