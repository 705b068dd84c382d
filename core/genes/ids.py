"""Ids of genes beside their symbols, in every table of genes that leaves the product."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from core.atlas.gene_index import GeneIndex

GENE, ID = "gene", "id"


def with_ids(table: pa.Table, index: GeneIndex) -> pa.Table:
    """Add the column ``id`` right behind the column ``gene``; a table without genes is returned unchanged.

    Parameters
    ----------
    table
        Any table; its column ``gene`` holds display names of the atlas.
    index
        Names and ids of the atlas.

    Returns
    -------
    The same rows. An id is the name of the gene in the file's own index, and equals the symbol where the file has no
    other.
    """
    if GENE not in table.column_names or ID in table.column_names:
        return table
    chunks = [_ids(chunk, index) for chunk in table[GENE].chunks]
    column = pa.chunked_array(chunks) if chunks else pa.chunked_array([], pa.string())
    return table.add_column(table.column_names.index(GENE) + 1, ID, column)


def _ids(names: pa.Array, index: GeneIndex) -> pa.Array:
    if isinstance(names, pa.DictionaryArray):
        return pa.DictionaryArray.from_arrays(names.indices, _ids(names.dictionary, index))
    return pa.array([index.id_of(name) for name in names.to_pylist()], pa.string())
