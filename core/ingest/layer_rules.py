"""Rules that choose the matrix of expression and the matrix of counts in a file.

In order: X of non-negative integers is the counts, and the expression is log1p(CP10k) of it. Otherwise X is the
expression, and the counts come from ``layers['counts']``, then from ``raw`` if that holds non-negative integers.
X gives way to ``raw`` in three cases: it is scaled (negative values) and ``raw`` is log-normalised; it has fewer genes
than a log-normalised ``raw``; or ``var['feature_is_filtered']`` says that it lacks genes whose counts ``raw`` has.
Without X, ``layers['counts']`` and then ``raw`` stand in for it. The scale of what is no counts is told from its values
(`core.ingest.scale`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.atlas.store import COUNTS, EXPRESSION
from core.errors import InvalidFile
from core.ingest.gene_tables import matched
from core.ingest.scale import Judged, judge
from core.ingest.umap import safe_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from core.atlas.manifest import Scale
    from core.ingest.h5ad import Source
    from core.ingest.matrix import Matrix
    from core.ingest.transpose import GeneBlocks

    Read = Callable[[Matrix], GeneBlocks]

LOG1P_CP10K = "log1p(CP10k)"
FILTERED = "feature_is_filtered"
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
    scale: Scale = "ln1p"
    columns: np.ndarray | None = None


@dataclass(frozen=True)
class Plan:
    """The layers to write and the axis their genes lie on."""

    layers: tuple[Planned, ...]
    genes_from: Literal["X", "raw"]
    notes: tuple[str, ...]


def plan_layers(source: Source, read: Read, extra: Sequence[str], scale: Scale | None = None) -> Plan:
    """Decide what becomes `expression` and `counts`, and read it.

    Parameters
    ----------
    source
        The opened file.
    read
        Profiles a matrix and makes it readable by genes; raises InvalidFile on NaN and infinite values.
    extra
        Names of further layers of the file to import.
    scale
        That of the expression, where the user knows it.

    Raises
    ------
    InvalidFile
        The file has no usable matrix, or not the extra layer asked for.
    """
    further = _extra_layers(source, extra)
    rules = _Rules(source, read, scale)
    plan = rules.plan()
    expression = plan.layers[0]
    if scale is not None and (expression.transform != "none" or expression.scale != scale):
        plan = replace(plan, notes=(*plan.notes, f"--scale {scale} is not used: the expression is {expression.unit}."))
    if not further:
        return plan
    if plan.genes_from == "raw":
        raise InvalidFile(
            f"layers['{extra[0]}'] has the genes of X, but the expression is taken from raw.", "Leave --layer out."
        )
    layers = tuple(rules.further(name, matrix) for name, matrix in further.items())
    return Plan((*plan.layers, *layers), plan.genes_from, plan.notes)


class _Rules:
    """The rules for one file."""

    def __init__(self, source: Source, read: Read, scale: Scale | None) -> None:
        self.source = source
        self.read = read
        self.scale: Scale | None = scale

    def plan(self) -> Plan:
        source = self.source
        if source.x is None:
            return self._without_x()
        if (plan := self._log_raw()) is not None:
            return self._with_counts(plan)
        x = self.read(source.x)
        if _counts(x):
            return _from_counts(x, "X", "X", self._filtered_note())
        if (plan := self._unfiltered()) is not None:
            return plan
        has = "negative values" if x.profile.minimum < 0 else "values that are not integers"
        plan = self._as_it_is(x, source.x, "X", f"X has {has}, so it is taken as the expression as it is.")
        return self._with_counts(Plan(plan.layers, "X", (*plan.notes, *self._filtered_note())))

    def further(self, name: str, matrix: Matrix) -> Planned:
        blocks = self.read(matrix)
        rule = f"{matrix.where} of the file."
        if _counts(blocks):
            return Planned(name, blocks, "none", COUNTS, rule, "linear")
        judged = self._judged(blocks, matrix)
        return Planned(name, blocks, "none", judged.unit, f"{rule} {judged.note}".strip(), judged.scale)

    def _judged(self, blocks: GeneBlocks, matrix: Matrix) -> Judged:
        return judge(matrix, blocks.profile.minimum, self.source.uns.log_base, self.scale)

    def _as_it_is(
        self, blocks: GeneBlocks, matrix: Matrix, genes_from: Literal["X", "raw"], rule: str, *notes: str
    ) -> Plan:
        judged = self._judged(blocks, matrix)
        layer = Planned(EXPRESSION, blocks, "none", judged.unit, rule, judged.scale)
        return Plan((layer,), genes_from, tuple(filter(None, (*notes, judged.note))))

    def _without_x(self) -> Plan:
        source = self.source
        if COUNTS in source.layers:
            blocks = self.read(source.layers[COUNTS])
            if _counts(blocks):
                return _from_counts(blocks, "X", "layers['counts'] (the file has no X)")
        if source.raw is not None:
            blocks = self.read(source.raw)
            if _counts(blocks):
                return _from_counts(blocks, "raw", "raw.X (the file has no X)")
            return self._as_it_is(blocks, source.raw, "raw", "The file has no X; the expression is raw.X.")
        raise InvalidFile(
            f"{source.path.name} has no expression matrix: "
            "X is absent, and neither layers['counts'] nor raw stands in.",
            "Write the file with X.",
        )

    def _log_raw(self) -> Plan | None:
        """Take a log-normalised ``raw`` where X is scaled, or has fewer genes; else None."""
        source = self.source
        if source.x is None or source.raw is None or source.raw_var is None or not _peek_log(source.raw):
            return None
        note = ""
        if _peek_negative(source.x):
            rule = "X is scaled (it has negative values), so the expression is the log-normalised raw.X."
        elif self._is_narrower() and _peek_log(source.x):
            n, n_raw = len(source.var), len(source.raw_var)
            rule = f"X has {n:,} of the {n_raw:,} genes of raw.X, which is normalised too: the expression is raw.X."
            note = rule
        else:
            return None
        raw = self.read(source.raw)
        if raw.profile.minimum < 0:
            return None
        plan = self._as_it_is(raw, source.raw, "raw", rule, note)
        # Linear values give way to nothing but scaled ones.
        return None if note and plan.layers[0].scale == "linear" else plan

    def _is_narrower(self) -> bool:
        var, raw_var = self.source.var, self.source.raw_var
        return raw_var is not None and len(var) < len(raw_var) and matched(raw_var, var) is not None

    def _unfiltered(self) -> Plan | None:
        """Take the counts in ``raw`` where the author's filter took genes out of X; None without them."""
        source, n = self.source, n_filtered(self.source.var)
        if not n or source.raw is None or source.raw_var is None or matched(source.raw_var, source.var) is None:
            return None
        raw = self.read(source.raw)
        if not _counts(raw):
            return None
        note = f"{_filtered(n)}: the expression of every gene is computed from the counts in raw.X."
        return _from_counts(raw, "raw", "raw.X", (note,))

    def _filtered_note(self) -> tuple[str, ...]:
        n = n_filtered(self.source.var)
        return (f"{_filtered(n)}.",) if n else ()

    def _with_counts(self, plan: Plan) -> Plan:
        """Add a counts layer when the file has one for the genes of the plan."""
        source, notes = self.source, list(plan.notes)
        genes = _table(source, plan.genes_from)
        for matrix, axis in ((source.layers.get(COUNTS), "X"), (source.raw, "raw")):
            if matrix is None or (axis == "raw" and plan.genes_from == "raw"):
                continue
            columns = _columns(_table(source, axis), genes)
            if columns is None:
                notes.append(
                    f"{matrix.where} does not have every gene of the expression once, so no counts are taken from it."
                )
                continue
            blocks = self.read(matrix)
            if not _counts(blocks):
                notes.append(f"{matrix.where} does not hold non-negative integers, so no counts are taken from it.")
                continue
            wider = len(_table(source, axis)) - len(genes)
            if wider:
                notes.append(
                    f"{matrix.where} has {wider:,} further genes that X has not; "
                    "they count in the totals of cells only."
                )
            kept = columns if wider else _permuted(columns)
            layer = Planned(COUNTS, blocks, "none", COUNTS, f"The counts are {matrix.where}.", "linear", kept)
            return Plan((*plan.layers, layer), plan.genes_from, tuple(notes))
        return Plan(plan.layers, plan.genes_from, tuple(notes))


def n_filtered(var: pd.DataFrame) -> int:
    """Count the genes that CELLxGENE's ``feature_is_filtered`` says are zero in X whatever was measured."""
    return int((var[FILTERED].astype(str) == "True").sum()) if FILTERED in var else 0


def _filtered(n: int) -> str:
    genes, them = ("1 gene is", "it") if n == 1 else (f"{n:,} genes are", "them")
    return f"{genes} zero in X, as its author filtered {them} ({FILTERED})"


def _table(source: Source, axis: str) -> pd.DataFrame:
    return source.var if axis == "X" or source.raw_var is None else source.raw_var


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


def _from_counts(blocks: GeneBlocks, genes_from: Literal["X", "raw"], where: str, notes: tuple[str, ...] = ()) -> Plan:
    counted = f"{where} holds non-negative integers: these are the counts."
    return Plan(
        (
            Planned(
                EXPRESSION, blocks, "log1p_cp10k", LOG1P_CP10K, f"{counted} The expression is log1p(CP10k) of them."
            ),
            Planned(COUNTS, blocks, "none", COUNTS, counted, "linear"),
        ),
        genes_from,
        notes,
    )


def _columns(have: pd.DataFrame, want: pd.DataFrame) -> np.ndarray | None:
    return np.arange(len(want)) if have.index.equals(want.index) else matched(have, want)


def _permuted(columns: np.ndarray) -> np.ndarray | None:
    return None if np.array_equal(columns, np.arange(len(columns))) else columns


def _counts(blocks: GeneBlocks) -> bool:
    return blocks.profile.integers and blocks.profile.minimum >= 0


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
