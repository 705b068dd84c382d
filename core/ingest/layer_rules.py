"""Rules that choose the matrix of expression and the matrix of counts in a file.

In order: X of non-negative integers is the counts, and the expression is log1p(CP10k) of it. Otherwise X is the
expression, and the counts come from ``layers['counts']``, then from ``raw`` if that holds non-negative integers.
Scaled X (negative values) beside a log-normalised ``raw`` gives way to ``raw``. Without X, ``layers['counts']`` and
then ``raw`` stand in for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.atlas.store import COUNTS, EXPRESSION
from core.errors import InvalidFile
from core.ingest.umap import safe_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.ingest.h5ad import Source
    from core.ingest.matrix import Matrix
    from core.ingest.transpose import GeneBlocks

    Read = Callable[[Matrix], GeneBlocks]

LOG1P_CP10K = "log1p(CP10k)"
AS_IN_FILE = "as in the file"
PEEK_ENTRIES = 1_000_000


@dataclass(frozen=True)
class Planned:
    """One layer to write.

    Attributes
    ----------
    columns
        For each gene of the atlas its column in `blocks`; None when they are the same.
    """

    name: str
    blocks: GeneBlocks
    transform: Literal["none", "log1p_cp10k"]
    unit: str
    rule: str
    columns: np.ndarray | None = None


@dataclass(frozen=True)
class Plan:
    """The layers to write and the axis their genes lie on."""

    layers: tuple[Planned, ...]
    genes_from: Literal["X", "raw"]
    notes: tuple[str, ...]


def plan_layers(source: Source, read: Read, extra: Sequence[str]) -> Plan:
    """Decide what becomes `expression` and `counts`, and read it.

    Parameters
    ----------
    source
        The opened file.
    read
        Profiles a matrix and makes it readable by genes; raises InvalidFile on NaN and infinite values.
    extra
        Names of further layers of the file to import.

    Raises
    ------
    InvalidFile
        The file has no usable matrix, or not the extra layer asked for.
    """
    further = _extra_layers(source, extra)
    if source.x is None:
        plan = _without_x(source, read)
    elif (raw := _log_raw_of_scaled(source, read)) is not None:
        rule = "X is scaled (it has negative values), so the expression is the log-normalised raw.X."
        plan = _with_counts(source, read, Plan((Planned(EXPRESSION, raw, "none", _unit(raw), rule),), "raw", ()))
    else:
        x = read(source.x)
        plan = _from_counts(x, "X", "X") if _counts(x) else _expression_from_x(source, x, read)
    if not further:
        return plan
    if plan.genes_from == "raw":
        raise InvalidFile(
            f"layers['{extra[0]}'] has the genes of X, but the expression is taken from raw.", "Leave --layer out."
        )
    layers = tuple(
        Planned(name, read(matrix), "none", AS_IN_FILE, f"{matrix.where} of the file.")
        for name, matrix in further.items()
    )
    return Plan((*plan.layers, *layers), plan.genes_from, plan.notes)


def _extra_layers(source: Source, extra: Sequence[str]) -> dict[str, Matrix]:
    """Plan the layers asked for, under names that a store can have."""
    further: dict[str, Matrix] = {}
    for name in dict.fromkeys(extra):
        key = safe_key(name)
        if key in further:
            raise InvalidFile(f"Two of the layers asked for would both be called {key!r}.", "Import one of them.")
        further[key] = _extra_layer(source, name)
    return further


def _extra_layer(source: Source, name: str) -> Matrix:
    if safe_key(name) in (EXPRESSION, COUNTS):
        raise InvalidFile(
            f"The name {name!r} is reserved for the layer that every atlas has.", "Rename the layer in the file."
        )
    if name not in source.layers:
        known = ", ".join(source.layers) or "none"
        raise InvalidFile(f"{source.path.name} has no layer {name!r}.", f"Its layers: {known}.")
    return source.layers[name]


def _without_x(source: Source, read: Read) -> Plan:
    if COUNTS in source.layers:
        blocks = read(source.layers[COUNTS])
        if _counts(blocks):
            return _from_counts(blocks, "X", "layers['counts'] (the file has no X)")
    if source.raw is not None:
        blocks = read(source.raw)
        if _counts(blocks):
            return _from_counts(blocks, "raw", "raw.X (the file has no X)")
        return Plan(
            (Planned(EXPRESSION, blocks, "none", _unit(blocks), "The file has no X; the expression is raw.X."),),
            "raw",
            (),
        )
    raise InvalidFile(
        f"{source.path.name} has no expression matrix: X is absent, and neither layers['counts'] nor raw stands in.",
        "Write the file with X.",
    )


def _from_counts(blocks: GeneBlocks, genes_from: Literal["X", "raw"], where: str) -> Plan:
    counted = f"{where} holds non-negative integers: these are the counts."
    return Plan(
        (
            Planned(
                EXPRESSION, blocks, "log1p_cp10k", LOG1P_CP10K, f"{counted} The expression is log1p(CP10k) of them."
            ),
            Planned(COUNTS, blocks, "none", COUNTS, counted),
        ),
        genes_from,
        (),
    )


def _log_raw_of_scaled(source: Source, read: Read) -> GeneBlocks | None:
    """``raw``, read, when X is scaled and ``raw`` is log-normalised; else None."""
    if source.x is None or source.raw is None or not (_peek_negative(source.x) and _peek_log(source.raw)):
        return None
    raw = read(source.raw)
    return raw if raw.profile.minimum >= 0 else None


def _expression_from_x(source: Source, x: GeneBlocks, read: Read) -> Plan:
    has = "negative values" if x.profile.minimum < 0 else "values that are not integers"
    plan = Plan(
        (Planned(EXPRESSION, x, "none", _unit(x), f"X has {has}, so it is taken as the expression as it is."),), "X", ()
    )
    return _with_counts(source, read, plan)


def _with_counts(source: Source, read: Read, plan: Plan) -> Plan:
    """Add a counts layer when the file has one for the genes of the plan."""
    notes = list(plan.notes)
    genes = source.gene_ids("raw" if plan.genes_from == "raw" else "X")
    for matrix, axis in ((source.layers.get(COUNTS), "X"), (source.raw, "raw")):
        if matrix is None or (axis == "raw" and plan.genes_from == "raw"):
            continue
        columns = _columns(source.gene_ids(axis), genes)
        if columns is None:
            notes.append(
                f"{matrix.where} does not have every gene of the expression once, so no counts are taken from it."
            )
            continue
        blocks = read(matrix)
        if not _counts(blocks):
            notes.append(f"{matrix.where} does not hold non-negative integers, so no counts are taken from it.")
            continue
        wider = len(source.gene_ids(axis)) - len(genes)
        if wider:
            notes.append(
                f"{matrix.where} has {wider:,} further genes that X has not; they count in the totals of cells only."
            )
        layer = Planned(
            COUNTS, blocks, "none", COUNTS, f"The counts are {matrix.where}.", columns if wider else _permuted(columns)
        )
        return Plan((*plan.layers, layer), plan.genes_from, tuple(notes))
    return Plan(plan.layers, plan.genes_from, tuple(notes))


def _columns(have: Sequence[str], want: Sequence[str]) -> np.ndarray | None:
    if list(have) == list(want):
        return np.arange(len(want))
    if len(set(have)) < len(have) or len(set(want)) < len(want):
        return None
    place = {gene: column for column, gene in enumerate(have)}
    if any(gene not in place for gene in want):
        return None
    return np.array([place[gene] for gene in want], dtype=np.int64)


def _permuted(columns: np.ndarray) -> np.ndarray | None:
    return None if np.array_equal(columns, np.arange(len(columns))) else columns


def _counts(blocks: GeneBlocks) -> bool:
    return blocks.profile.integers and blocks.profile.minimum >= 0


def _unit(blocks: GeneBlocks) -> str:
    if blocks.profile.minimum < 0:
        return "expression as in the file (with negative values)"
    return "expression as in the file"


def _peek(matrix: Matrix) -> np.ndarray:
    # Those of the file, so that a sample of its cells is read by the same rule.
    return next(iter(matrix.of_cells(None).chunks(PEEK_ENTRIES))).block.data


def _peek_negative(matrix: Matrix) -> bool:
    """Tell whether the first cells have negative values, as every scaled matrix has."""
    values = _peek(matrix)
    return bool((values < 0).any())


def _peek_log(matrix: Matrix) -> bool:
    """Tell whether the first cells have no negative and some non-integer values."""
    values = _peek(matrix)
    return not (values < 0).any() and not np.array_equal(values, np.floor(values))
