"""Activity of transcription factors and pathways, from how their targets differ."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np
import pyarrow as pa
from rapidfuzz import process

from core.errors import InvalidQuery, NotFound
from core.genes.aliases import symbols_of
from core.stats.activity import multivariate, univariate
from core.stats.multiple_testing import benjamini_hochberg

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from core.analysis.gene_rankings import Ranking
    from core.analysis.gene_sources import GeneSource
    from core.analysis.set_collections import Described
    from core.arrays import F64, I64
    from core.genes.names import Names
    from core.genes.references import Network

Model: TypeAlias = Literal["ulm", "mlm"]

MODELS: Final[tuple[Model, ...]] = ("ulm", "mlm")
DEFAULT: Final = "collectri"
# Fewer targets say nothing of their source.
MIN_TARGETS: Final = 5
MAX_MIN_TARGETS: Final = 1_000
# Targets of a pathway in a network that ranks them by p: those with the smallest p.
N_TOP: Final = 500
# Sources of a network that has more are fitted one by one: together, they would leave little of the genes.
MAX_TOGETHER: Final = 50
# Targets that are named beside an activity.
N_NAMED: Final = 12
NUMBERS: Final = ("activity", "p", "p_adj")
WHOLE: Final = ("n_source", "n_targets", "n_agreeing")
COLUMNS: Final = ("network", "source", *NUMBERS, *WHOLE, "targets", "why")
TARGETS: Final = ("source", "gene", "weight", "stat", "log2fc", "p_adj", "agrees")
# Key of the numbers behind a table, in its metadata.
FACTS: Final = b"facts"
FEW, DEPENDENT = "few targets", "not told apart"


@dataclass(frozen=True)
class ActivityParams:
    """Parameters of activities in an atlas: the genes, the network, and the options; of one source, its targets.

    `found_by` says by which other name the source was asked for; empty for its own.
    """

    source: GeneSource
    network: Described
    options: ActivityOptions
    targets_of: str = ""
    found_by: str = ""


@dataclass(frozen=True)
class ActivityOptions:
    """Options of activities: model and smallest number of tested targets."""

    model: Model
    min_targets: int = MIN_TARGETS

    @classmethod
    def of(cls, network: Network, model: str = "", min_targets: int = MIN_TARGETS) -> ActivityOptions:
        """Make canonical options; by default pathways are fitted together (MLM), factors one by one (ULM).

        Raises
        ------
        InvalidQuery
            There is no such model, or the number is out of bounds.
        """
        n_sources = len(network.edges["source"].unique())
        if not model:
            return cls.of(network, "mlm" if n_sources <= MAX_TOGETHER else "ulm", min_targets)
        if model == "ulm" or model == "mlm":  # noqa: PLR1714 - narrows the type
            if not 1 <= min_targets <= MAX_MIN_TARGETS:
                raise InvalidQuery(
                    f"min_targets={min_targets} is not from 1 to {MAX_MIN_TARGETS:,}.", f"Use {MIN_TARGETS}."
                )
            if model == "mlm" and n_sources > MAX_TOGETHER:
                raise InvalidQuery(
                    f"{network.name} has {n_sources:,} sources, too many to fit together.", "Use the model ulm."
                )
            return cls(model, min_targets)
        raise InvalidQuery(f"{model[:40]!r} is not a model of activities.", "Use ulm or mlm.")


def activity(ranking: Ranking, network: Network, options: ActivityOptions) -> pa.Table:
    """Fit the statistics of all tested genes to the targets of each source.

    Returns
    -------
    A table with the columns `COLUMNS`, one row a source, by falling absolute activity, those without one last.

    activity : t-value of the slope; above zero where targets that the source raises are higher, and those that it
        lowers are lower
    p, p_adj : two-sided; by Benjamini and Hochberg over the sources with a p
    n_source, n_targets, n_agreeing : targets in the network of this species, tested ones, and tested ones that differ
        in the direction of the activity
    targets : up to 12 of those, by falling absolute product of statistic and weight
    why : ``few targets`` where fewer than the smallest number were tested, ``not told apart`` where the targets of
        sources of an MLM are combinations of each other; then activity and p are NaN

    Raises
    ------
    InvalidQuery
        A list has no statistic, or no source has enough tested targets.
    """
    if not ranking.has_statistic:
        raise InvalidQuery("A plain list of genes has no statistic.", "Choose a comparison of cells.")
    names, n_source, weights = _weights(ranking, network)
    n_targets = np.diff(weights.indptr)
    enough = n_targets >= options.min_targets
    if not enough.any():
        raise InvalidQuery(
            f"No source of {network.name} has {options.min_targets} targets among the {len(ranking.genes):,} tested "
            "genes.",
            "Choose another network, or cells with more genes.",
        )
    model = univariate if options.model == "ulm" else multivariate
    fitted = model(ranking.stat, weights[np.flatnonzero(enough)])
    t, p = np.full(len(names), np.nan), np.full(len(names), np.nan)
    t[enough], p[enough] = fitted.t, fitted.p
    agreeing = [_agreeing(ranking, weights, at, t[at]) for at in range(len(names))]
    order = np.lexsort((names, -np.abs(np.nan_to_num(t)), np.isnan(t)))
    why = np.where(enough, np.where(np.isnan(t), DEPENDENT, ""), FEW).astype(object)
    found = {
        "network": np.full(len(names), network.name, dtype=object),
        "source": names,
        "activity": t,
        "p": p,
        "p_adj": benjamini_hochberg(p),
        "n_source": n_source,
        "n_targets": n_targets,
        "n_agreeing": np.array([len(each) for each in agreeing]),
        "targets": np.array([_named(ranking, each[:N_NAMED]) for each in agreeing], dtype=object),
        "why": why,
    }
    kinds = {**dict.fromkeys(WHOLE, pa.int32()), **dict.fromkeys(NUMBERS, pa.float64())}
    table = pa.table({name: pa.array(found[name][order], kinds.get(name, pa.string())) for name in COLUMNS})
    return _with_facts(table, ranking)


def n_genes_of(table: pa.Table) -> dict[str, int]:
    """Return the numbers of tested and untested genes behind a table of `activity` or `targets`."""
    return json.loads((table.schema.metadata or {})[FACTS])


def _with_facts(table: pa.Table, ranking: Ranking) -> pa.Table:
    facts = {"n_genes": len(ranking.genes), "n_untested": ranking.n_untested}
    return table.replace_schema_metadata({FACTS: json.dumps(facts)})


def source_of(network: Network, text: str, names: Names) -> tuple[str, str]:
    """Find a source of a network by its name, whatever the case, or by an alias, former symbol or Ensembl id.

    Returns
    -------
    The source, and a sentence where it was found by another name; the text itself where there is none, which `targets`
    refuses.

    Raises
    ------
    NotFound
        Several sources have that other name.
    """
    known = {name.casefold(): name for name in network.edges["source"].unique().to_pylist()}
    if text in known.values() or not text:
        return text, ""
    if name := known.get(text.casefold()):
        return name, ""
    symbols = symbols_of(text, names) if network.species == "human" else names.symbols(text, network.species)
    found = [known[symbol.casefold()] for symbol in symbols if symbol.casefold() in known]
    if len(found) > 1:
        raise NotFound(
            f"{text[:40]} is an alias of {len(found)} sources of {network.name}: {', '.join(found)}.",
            "Name one of them.",
            suggestions=tuple(found),
        )
    return (found[0], f"{text[:40]} is an alias of {found[0]}.") if found else (text, "")


def targets(ranking: Ranking, network: Network, source: str) -> pa.Table:
    """List the tested targets of one source.

    Returns
    -------
    A table with the columns `TARGETS`, by falling absolute product of statistic and weight. `agrees` tells whether
    statistic and weight have the same sign, as they have when the source is more active.

    Raises
    ------
    NotFound
        The network has no such source; carries the nearest names.
    """
    names, _, weights = _weights(ranking, network)
    if source not in names:
        known = sorted(names.tolist())
        exact = [name for name in known if name.casefold() == source.casefold()]
        near = exact or [str(name) for name, _, _ in process.extract(source, known, limit=3, score_cutoff=60)]
        remedy = f"Did you mean {', '.join(near)}?" if near else f"It has {len(known):,} sources."
        raise NotFound(f"{network.name} has no source {source[:40]!r}.", remedy, suggestions=tuple(near))
    at = int(np.flatnonzero(names == source)[0])
    genes, weight = _row(weights, at)
    order = np.argsort(-np.abs(ranking.stat[genes] * weight), kind="stable")
    genes, weight = genes[order], weight[order]
    table = pa.table(
        {
            "source": pa.array([source] * len(genes), pa.string()),
            "gene": pa.array([ranking.genes[gene] for gene in genes], pa.string()),
            "weight": weight,
            "stat": ranking.stat[genes],
            "log2fc": ranking.log2fc[genes],
            "p_adj": ranking.p_adj[genes],
            "agrees": ranking.stat[genes] * weight > 0,
        }
    )
    return _with_facts(table, ranking)


def _weights(ranking: Ranking, network: Network) -> tuple[np.ndarray, np.ndarray, csr_array]:
    """Return sources in ascending order, their targets in the network, and (n_sources, n_genes) weights.

    An edge that stands twice counts once; of a network with p, the `N_TOP` targets of smallest p of each source count.
    """
    from scipy.sparse import csr_array

    names, which = _encoded(network.edges["source"])
    goals, goal = _encoded(network.edges["target"])
    weight, p = network.edges["weight"].to_numpy(), network.edges["p"].to_numpy()
    order = np.lexsort((goal, -np.abs(weight), p, which))
    order = _first(order[np.isfinite(weight[order]) & (weight[order] != 0)], which, goal, len(goals))
    if np.isfinite(p).any():
        starts = np.searchsorted(which[order], np.arange(len(names)))
        order = order[np.arange(len(order)) - starts[which[order]] < N_TOP]
    n_source = np.bincount(which[order], minlength=len(names))
    places = ranking.places()
    gene = np.array([places[name] for name in goals.tolist()], dtype=np.int64)[goal]
    # Two spellings may be one gene.
    inside = _first(order[gene[order] >= 0], which, gene, len(ranking.genes))
    matrix = csr_array((weight[inside], (which[inside], gene[inside])), shape=(len(names), len(ranking.genes)))
    return names, n_source, matrix


def _encoded(column: pa.ChunkedArray) -> tuple[np.ndarray, I64]:
    """Return the names of a column in ascending order, and the place of each row's among them."""
    encoded = column.combine_chunks().dictionary_encode()
    names = np.array(encoded.dictionary.to_pylist(), dtype=object)
    order = np.argsort(names.astype(str), kind="stable")
    places = np.empty(len(names), dtype=np.int64)
    places[order] = np.arange(len(names))
    return names[order], places[encoded.indices.to_numpy()]


def _first(edges: I64, source: I64, target: I64, n_targets: int) -> I64:
    """Keep the first of some edges between the same two; the order stays."""
    _, first = np.unique(source[edges] * n_targets + target[edges], return_index=True)
    return edges[np.sort(first)]


def _named(ranking: Ranking, genes: I64) -> str:
    return " ".join(ranking.genes[gene] for gene in genes)


def _row(weights: csr_array, at: int) -> tuple[I64, F64]:
    inside = slice(weights.indptr[at], weights.indptr[at + 1])
    return weights.indices[inside].astype(np.int64), weights.data[inside]


def _agreeing(ranking: Ranking, weights: csr_array, at: int, t: float) -> I64:
    """List the targets that differ in the direction of the activity, those that say most first."""
    if not np.isfinite(t):
        return np.empty(0, dtype=np.int64)
    genes, weight = _row(weights, at)
    parts = ranking.stat[genes] * weight * np.sign(t)
    order = np.argsort(-parts, kind="stable")
    return genes[order][parts[order] > 0]
