"""Tested genes with their statistics, as enrichment and activity take them, from whatever table they come."""

from __future__ import annotations

import csv
import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from core.errors import InvalidFile, InvalidQuery

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from core.arrays import F64, I64, Mask
    from core.genes.set_names import Renamed

MIN_GENES: Final = 3
# Columns of a table that give a statistic, in order of preference; of the adjusted p, and of the fold change.
STATISTICS: Final = ("stat", "score", "t", "z")
ADJUSTED: Final = ("p_adj", "p_bh", "padj", "adj.P.Val", "FDR")
CHANGES: Final = ("log2fc", "log2FC", "log2FoldChange", "logFC")
GENES: Final = ("gene", "symbol", "name", "")
_NOT_GIVEN: Final = frozenset(("", "na", "nan", "null", "none"))
# Larger files are no table of genes.
MAX_FILE_BYTES: Final = 64 << 20


@dataclass(frozen=True)
class Ranking:
    """Tested genes, the universe of every analysis of them; by falling statistic, then by name.

    Attributes
    ----------
    genes
        Names, each once.
    stat, p_adj, log2fc
        (n_genes,) float64. `stat` is finite, or NaN for every gene of a plain list; the others are NaN where the table
        has none.
    n_untested
        Genes of the table without a statistic: they are not ranked, and belong to no universe.
    """

    genes: tuple[str, ...]
    stat: F64
    p_adj: F64
    log2fc: F64
    n_untested: int = 0

    @classmethod
    def of(
        cls,
        genes: Sequence[str],
        stat: Iterable[float],
        p_adj: Iterable[float] | None = None,
        log2fc: Iterable[float] | None = None,
    ) -> Ranking:
        """Rank genes; those without a statistic are left out.

        Raises
        ------
        InvalidQuery
            A gene stands twice, or fewer than three genes have a statistic.
        """
        names = np.array(genes, dtype=object)
        columns = [
            np.full(len(names), np.nan) if values is None else np.asarray(values, dtype=np.float64)
            for values in (stat, p_adj, log2fc)
        ]
        tested = np.isfinite(columns[0])
        order = np.flatnonzero(tested)
        order = order[np.lexsort((names[order].astype(str), -columns[0][order]))]
        kept = tuple(names[order].tolist())
        if len(set(kept)) < len(kept):
            twice = next(name for name, later in zip(sorted(kept), sorted(kept)[1:], strict=False) if name == later)
            raise InvalidQuery(f"The gene {twice[:60]!r} has several statistics.", "Give each gene once.")
        if len(kept) < MIN_GENES:
            n = "1 gene was" if len(kept) == 1 else f"{len(kept)} genes were"
            raise InvalidQuery(f"Only {n} tested; {MIN_GENES} are needed.", "Choose more cells, or other ones.")
        return cls(kept, *(values[order] for values in columns), n_untested=int((~tested).sum()))

    @classmethod
    def of_table(cls, table: pa.Table) -> Ranking:
        """Rank the genes of a table of differences or of the markers of one category."""
        names = table.column_names
        stat, p_adj, change = (
            next((name for name in known if name in names), "") for known in (STATISTICS, ADJUSTED, CHANGES)
        )
        return cls.of(
            table["gene"].to_pylist(),
            table[stat].to_numpy(),
            table[p_adj].to_numpy() if p_adj else None,
            table[change].to_numpy() if change else None,
        )

    @classmethod
    def of_list(cls, genes: Iterable[str], universe: Sequence[str]) -> Ranking:
        """Take a plain list among all genes of a universe: they count as higher, and no gene has a statistic.

        Raises
        ------
        InvalidQuery
            The list holds all genes, or none.
        """
        listed = set(genes)
        names = sorted(universe)
        inside = np.array([name in listed for name in names])
        if not inside.any() or inside.all():
            raise InvalidQuery(
                f"The list holds {inside.sum():,} of {len(names):,} genes: nothing can be over-represented in it.",
                "Give some genes, not all.",
            )
        return cls(
            tuple(names),
            np.full(len(names), np.nan),
            np.where(inside, 0.0, 1.0),
            np.where(inside, np.inf, 0.0),
        )

    def renamed(self, other: Renamed) -> Ranking:
        """Call the genes as an atlas does; a name that another gene has already is left as it is."""
        names = [other.name(gene) for gene in self.genes]
        n = Counter(names)
        kept = [name if n[name] == 1 else gene for name, gene in zip(names, self.genes, strict=True)]
        return replace(Ranking.of(kept, self.stat, self.p_adj, self.log2fc), n_untested=self.n_untested)

    def listed(self, genes: Iterable[str]) -> Ranking:
        """Return the same ranking, in which the genes of a list are within any thresholds, and no others are.

        Each counts as higher or lower by the sign of its statistic.

        Raises
        ------
        InvalidQuery
            None of them was tested, or all were.
        """
        inside = np.zeros(len(self.genes), dtype=bool)
        inside[self.placed(genes)] = True
        if not inside.any() or inside.all():
            raise InvalidQuery(
                f"The list holds {inside.sum():,} of the {len(inside):,} tested genes: nothing can be enriched.",
                "Give some of the genes that were tested, not all.",
            )
        return replace(
            self,
            p_adj=np.where(inside, 0.0, 1.0),
            log2fc=np.where(inside & (self.stat != 0), np.copysign(np.inf, self.stat), 0.0),
        )

    @property
    def has_statistic(self) -> bool:
        """False for a plain list, which cannot be ranked."""
        return bool(len(self.stat)) and bool(np.isfinite(self.stat[0]))

    @property
    def n_tied(self) -> int:
        """Number of genes whose statistic another gene has too; their order among each other is that of their names."""
        _, counts = np.unique(self.stat, return_counts=True)
        return int(counts[counts > 1].sum()) if self.has_statistic else 0

    def changed(self, direction: str, fdr: float, min_change: float) -> Mask:
        """Tell which genes are within the thresholds.

        Parameters
        ----------
        direction
            ``up`` or ``down``.
        fdr, min_change
            Largest adjusted p, smallest absolute log2 fold change; a gene without a fold change goes by the sign of its
            statistic when `min_change` is 0.

        Returns
        -------
        (n_genes,) bool
        """
        signed = np.where(np.isnan(self.log2fc), np.sign(self.stat) * (0.0 if min_change else 1.0), self.log2fc)
        signed = signed if direction == "up" else -signed
        return (np.nan_to_num(self.p_adj, nan=2.0) <= fdr) & (signed > 0) & (signed >= min_change)

    def placed(self, genes: Iterable[str]) -> I64:
        """Return the places of some genes, ascending, each once; those that were not tested are left out."""
        places = self.places()
        found = np.unique(np.array([places[gene] for gene in genes], dtype=np.int64))
        return found[found >= 0]

    def places(self) -> Mapping[str, int]:
        """Find genes by name; by the name in any case where only one gene has it, and no gene has the name itself."""
        found = {name: at for at, name in enumerate(self.genes)}
        folded: dict[str, int] = {}
        for at, name in enumerate(self.genes):
            # -1 where several genes differ in case alone.
            folded[name.casefold()] = at if name.casefold() not in folded else -1
        return _Places(found, folded)


class _Places(dict[str, int]):
    def __init__(self, exact: dict[str, int], folded: dict[str, int]) -> None:
        super().__init__(exact)
        self._folded = folded

    def __missing__(self, name: str) -> int:
        """Return -1 for a name that is no tested gene."""
        return self._folded.get(name.casefold(), -1)


def read_ranking(path: Path) -> Ranking:
    """Read a ranking from a file: CSV or tab-separated, with a column of genes and one of a statistic.

    Genes are in ``gene``, ``symbol``, ``name`` or the column without a title; the statistic is in ``stat``, ``score``,
    ``t`` or ``z``; an adjusted p and a log2 fold change are used where they are given. Comments begin with #.

    Raises
    ------
    InvalidFile
        It cannot be read, has no such columns, or holds something that is no number.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InvalidFile(f"{path.name} is larger than {MAX_FILE_BYTES >> 20} MB.", "Give a table of genes.")
        lines = [line for line in path.read_text("utf-8-sig").splitlines() if line.strip() and line[:1] != "#"]
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InvalidFile(f"{path.name} cannot be read: {reason}.", "Give a CSV file.") from error
    if not lines:
        raise InvalidFile(f"{path.name} is empty.", "Give a CSV file with the columns gene and stat.")
    reader = csv.DictReader(lines, delimiter="\t" if "\t" in lines[0] else ",")
    titles = list(reader.fieldnames or ())
    gene, stat, p_adj, change = (
        next((name for name in known if name in titles), None) for known in (GENES, STATISTICS, ADJUSTED, CHANGES)
    )
    if gene is None or stat is None:
        raise InvalidFile(
            f"{path.name} has the columns {', '.join(titles)[:200]}; it needs gene and stat.",
            f"The statistic may also be called {', '.join(STATISTICS[1:])}.",
        )
    rows = list(reader)
    numbers = [
        None if name is None else [_number(row[name], name, path.name, line) for line, row in enumerate(rows, 1)]
        for name in (stat, p_adj, change)
    ]
    try:
        return Ranking.of([row[gene] or "" for row in rows], numbers[0] or [], numbers[1], numbers[2])
    except InvalidQuery as error:
        raise InvalidFile(f"{path.name}: {error.message}", error.remedy) from error


def _number(text: str | None, column: str, file: str, line: int) -> float:
    if text is None or text.strip().casefold() in _NOT_GIVEN:
        return math.nan
    try:
        return float(text)
    except ValueError as error:
        raise InvalidFile(
            f"Row {line:,} of {file} has {text[:40]!r} in the column {column}, which is not a number.",
            "Correct it, or write NA.",
        ) from error
