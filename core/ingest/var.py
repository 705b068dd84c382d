"""var as a store keeps it: the name shown for each gene, its id, and further names to search by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from core.atlas.store import GENE, GENE_ID
from core.atlas.vocabulary import ID_COLUMNS, SYMBOL_COLUMNS
from core.genes.genomes import genomes_of, split_genome, without_genome
from core.ingest.bounds import refuse_long_names
from core.ingest.gene_tables import are_ids, first_texts, named_columns, without_version
from core.ingest.names import label, unique_names

if TYPE_CHECKING:
    from collections.abc import Sequence


def clean_var(var: pd.DataFrame, notes: list[str]) -> tuple[pa.Table, list[str]]:
    """Make the gene names of a store: display name, the file's own name, and further names to search by.

    Returns the table and the unique display names. A symbol shared by several ids is shown with its id, never merged.
    A genome in front of every name (``GRCh38_ALB``) is taken off what is shown.
    """
    refuse_long_names("gene", var.index)
    ids = unique_names([label(name) for name in var.index], "gene", notes)
    named = named_columns(var)
    symbols = first_texts(var, named, SYMBOL_COLUMNS)
    others = first_texts(var, named, ID_COLUMNS)
    bare = without_genome(ids)
    genomes = genomes_of(ids) or genomes_of([symbol for symbol in symbols or () if symbol])
    if len(genomes) == 1:
        notes.append(f"Every gene name begins with the genome {min(genomes)}; it was taken off.")
        symbols = symbols and [split_genome(symbol)[1] for symbol in symbols]
    names = ids if bare is None else unique_names(bare, "gene", notes)
    if are_ids([split_genome(gene)[1] for gene in ids]):
        if symbols is not None:
            names = _shown(symbols, names, notes)
        if are_ids(names):
            notes.append("Most genes have an id and no symbol in this file: they are shown and found by their ids.")
    table = {GENE: pa.array(names), GENE_ID: pa.array(ids)}
    known = [texts for texts in (symbols, others, bare) if texts is not None]
    versions = [[without_version(gene) for gene in texts] for texts in (ids, others) if texts is not None]
    for texts in (*known, *versions):
        if texts not in (column.to_pylist() for column in table.values()):
            table[f"__alias{len(table) - 2}"] = pa.array(texts)
    return pa.table(table), names


def _shown(symbols: Sequence[str], ids: Sequence[str], notes: list[str]) -> list[str]:
    """Return the symbol of each gene, with its id where others share it; the id where it has none."""
    often = pd.Series(symbols).duplicated(keep=False).to_numpy()
    shown = [
        gene if not symbol or symbol == gene else f"{symbol} ({gene})" if twice else symbol
        for symbol, gene, twice in zip(symbols, ids, often, strict=True)
    ]
    if n := int((often & (np.array(symbols, dtype=object) != "")).sum()):
        notes.append(f"{n:,} genes share their symbol with another id; they are shown as SYMBOL (id) and kept apart.")
    return unique_names(shown, "gene", notes)
