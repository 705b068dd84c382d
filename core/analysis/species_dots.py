"""Genes and their orthologs in the matching cell types of several atlases: the rows of the dot plot across species."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from core.analysis.type_profiles import InType, in_types

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.atlas.store import Atlas

# Ends of the sentences of cells that are empty because the numbers stand in other rows.
OF_ANOTHER, OWN_ROWS = "is a gene of another species.", "each has a row of its own."
SCHEMA: Final = pa.schema(
    {
        **dict.fromkeys(("gene", "row", "cell_type", "dataset", "symbol", "types", "match", "why"), pa.string()),
        **dict.fromkeys(("n", "n_expressing", "n_genes"), pa.int64()),
        **dict.fromkeys(("pct_expressing", "percentile"), pa.float64()),
    }
)
COLUMNS: Final = (
    "gene", "row", "cell_type", "dataset", "symbol", "types", "match", "n", "n_expressing", "pct_expressing",
    "percentile", "n_genes", "why",
)  # fmt: skip


@dataclass(frozen=True)
class GeneRow:
    """Genes that stand in one row: at most one of each atlas. A paralog has a row of its own.

    Attributes
    ----------
    gene : the gene that was asked for
    row : name of the row, its symbols
    symbols : ids of atlases, each with the name of the gene there
    absent : ids of the other atlases, each with the reason in a sentence; empty for the row of a paralog
    """

    gene: str
    row: str
    symbols: tuple[tuple[str, str], ...]
    absent: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class TypeRow:
    """A cell type of the reference; ids of atlases, each with the types that match there, and how they were matched."""

    cell_type: str
    types: tuple[tuple[str, tuple[str, ...]], ...]
    by: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SpeciesDotsParams:
    """Parameters of the dot plot across species.

    Attributes
    ----------
    atlases : ids in the order of the columns, the reference first, each with its content hash
    genes, types : the rows
    """

    atlases: tuple[tuple[str, str], ...]
    genes: tuple[GeneRow, ...]
    types: tuple[TypeRow, ...]


def species_dots(
    params: SpeciesDotsParams, opened: dict[str, Atlas], profile_of: Callable[[Atlas], pa.Table]
) -> pa.Table:
    """Count and rank each gene in the matching cell types of each atlas.

    Parameters
    ----------
    opened : the atlases by their ids
    profile_of : gives the table of `core.analysis.type_profiles.profiles` of an atlas

    Returns
    -------
    The columns `COLUMNS`, one row a gene row, cell type and atlas, in this order. ``symbol`` is the gene there, and
    ``types`` the cell types that are taken together, separated by `` + ``; ``match`` says how they were found. ``n``
    counts their cells, ``n_expressing`` those with a value above zero; ``percentile`` is that of
    `core.analysis.type_profiles.in_types` among ``n_genes`` genes. Where a gene or a cell type has no counterpart, the
    numbers are null and ``why`` says so. No number is averaged over paralogs.
    """
    found: dict[tuple[str, tuple[str, ...]], dict[str, InType]] = {}
    for atlas_id, _ in params.atlases:
        atlas = opened[atlas_id]
        table, by = profile_of(atlas), atlas.manifest.roles["cell_type"]
        names = list(dict.fromkeys(name for row in params.genes for at, name in row.symbols if at == atlas_id))
        places = [atlas.genes.resolve(name, other=False) for name in names]
        for those in dict.fromkeys(dict(types.types)[atlas_id] for types in params.types):
            if those and names:
                found[atlas_id, those] = dict(zip(names, in_types(table, atlas, by, places, those), strict=True))
    rows = [
        _row(row, types, opened[atlas_id], found)
        for row in params.genes
        for types in params.types
        for atlas_id, _ in params.atlases
    ]
    return pa.Table.from_pylist(rows, SCHEMA).select(COLUMNS)


def is_elsewhere(why: str) -> bool:
    """Tell whether a cell is empty because the numbers stand in other rows, not because there are none."""
    return why.endswith((OF_ANOTHER, OWN_ROWS))


def _row(
    row: GeneRow, types: TypeRow, atlas: Atlas, found: dict[tuple[str, tuple[str, ...]], dict[str, InType]]
) -> dict[str, object]:
    symbol, those = dict(row.symbols).get(atlas.id, ""), dict(types.types)[atlas.id]
    cells = found.get((atlas.id, those), {}).get(symbol)
    why = ""
    if not symbol:
        why = dict(row.absent).get(atlas.id, f"{row.row} {OF_ANOTHER}")
    elif not those:
        why = f"No cell type of {atlas.id} matches {types.cell_type}."
    return {
        "gene": row.gene,
        "row": row.row,
        "cell_type": types.cell_type,
        "dataset": atlas.id,
        "symbol": symbol,
        "types": " + ".join(those),
        "match": dict(types.by)[atlas.id],
        "n": cells and cells.n,
        "n_expressing": cells and cells.n_expressing,
        "n_genes": cells and atlas.manifest.n_genes,
        "pct_expressing": cells and cells.pct_expressing,
        "percentile": cells and cells.percentile,
        "why": why,
    }
