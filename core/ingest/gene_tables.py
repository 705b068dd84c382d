"""The genes of two tables of one file, ``var`` and ``raw/var``: matched by name, symbol or id, and symbols shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.atlas.vocabulary import ENSEMBL, ID_COLUMNS, SYMBOL_COLUMNS, plain
from core.ingest.matrix import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def matched(have: pd.DataFrame, want: pd.DataFrame) -> np.ndarray | None:
    """Find each gene of one table in another: its row there, int64; None where some are not, or not once.

    The index decides where it can, then ids and symbols that only a column has.
    """
    for theirs in keys(have):
        if len(set(theirs)) < len(theirs):
            continue
        place = {gene: row for row, gene in enumerate(theirs)}
        for ours in keys(want):
            if len(set(ours)) == len(ours) and all(gene in place for gene in ours):
                return np.array([place[gene] for gene in ours], dtype=np.int64)
    return None


def joined(table: pd.DataFrame, other: pd.DataFrame | None) -> pd.DataFrame:
    """Add the columns of symbols and ids that only the other table has, by the key that most genes share."""
    if other is None:
        return table
    mine = {plain(str(column)) for column in table.columns}
    added = {
        column: other[column]
        for column in other.columns
        if plain(str(column)) in _KNOWN and plain(str(column)) not in mine
    }
    if not has_symbols(table) and not has_symbols(other):
        # The other table may be indexed by the symbols themselves.
        added["gene_symbol"] = other.index.to_series()
    best = max(
        ((theirs, ours) for theirs in keys(other) for ours in keys(table)),
        key=lambda pair: len(set(pair[0]) & set(pair[1])),
    )
    theirs, ours = best
    if not added or not set(theirs) & set(ours):
        return table
    place = {gene: row for row, gene in reversed(list(enumerate(theirs)))}
    rows = np.array([place.get(gene, -1) for gene in ours])
    found = {name: np.where(rows >= 0, column.astype(object).to_numpy()[rows], None) for name, column in added.items()}
    return pd.concat([table, pd.DataFrame(found, index=table.index)], axis="columns")


_KNOWN = {plain(name) for name in (*SYMBOL_COLUMNS, *ID_COLUMNS)}


def keys(table: pd.DataFrame) -> Iterator[list[str]]:
    """List what the genes of a table can be known by: index, ids and symbols, without the version of an Ensembl id."""
    yield [without_version(text_of(name)) for name in table.index]
    named = named_columns(table)
    for known in (ID_COLUMNS, SYMBOL_COLUMNS):
        texts = first_texts(table, named, known)
        if texts is not None and all(texts):
            yield [without_version(text) for text in texts]


def has_symbols(table: pd.DataFrame) -> bool:
    """Tell whether a column of the table holds symbols."""
    return first_texts(table, named_columns(table), SYMBOL_COLUMNS) is not None


def named_columns(table: pd.DataFrame) -> dict[str, str]:
    """Return the columns by their plain names, the first of each."""
    named: dict[str, str] = {}
    for column in table.columns:
        named.setdefault(plain(str(column)), column)
    return named


def first_texts(table: pd.DataFrame, named: Mapping[str, str], known: Sequence[str]) -> list[str] | None:
    """Return the first of the known columns that holds any text; empty where a gene has none."""
    for name in known:
        column = named.get(plain(name))
        if column is not None and not pd.api.types.is_numeric_dtype(table[column].dtype):
            given = table[column].astype(object)
            texts = [text_of(text).strip() if pd.notna(text) else "" for text in given]
            if any(texts):
                return texts
    return None


def are_ids(names: Sequence[str]) -> bool:
    """Tell whether most names are Ensembl ids or bare numbers, which are no names of genes."""
    n_ids = sum(gene.isdigit() or ENSEMBL.fullmatch(gene) is not None for gene in names)
    return n_ids > len(names) / 2


def without_version(gene: str) -> str:
    """``ENSG00000163631.12`` is known as ``ENSG00000163631`` as well; other names may end in a number of their own."""
    return gene.partition(".")[0] if ENSEMBL.fullmatch(gene) else gene
