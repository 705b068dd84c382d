"""Features of 10x files as a var table, and which of them are genes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.errors import InvalidFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GENE_EXPRESSION = "Gene Expression"


def genes_of(columns: Mapping[str, Sequence[str]], name: str, notes: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """Make the var table of a 10x file.

    Parameters
    ----------
    columns
        ``id``, and where the file has them ``name``, ``feature_type`` and ``genome``, one text a feature.
    name
        Of the file, for messages.
    notes
        Takes a sentence on features that are no genes, such as antibodies and peaks.

    Returns
    -------
    The table, by id, with ``gene_symbols``; and for each feature its place in it, -1 for one that is no gene.
    """
    ids = np.array(columns["id"], dtype=object)
    types = np.array(columns.get("feature_type", [GENE_EXPRESSION] * len(ids)), dtype=object)
    kept = types == GENE_EXPRESSION
    if not kept.any():
        found = ", ".join(sorted(set(types))) or "none"
        raise InvalidFile(f"{name} has no gene expression; its features are: {found[:200]}.", "Choose another file.")
    for kind, n in sorted(Counter(types[~kept]).items()):
        notes.append(f"{n:,} features of the type {kind} were left out: the atlas holds gene expression.")
    var = pd.DataFrame(index=pd.Index(ids[kept], name=None))
    if "name" in columns:
        var["gene_symbols"] = np.array(columns["name"], dtype=object)[kept]
    genomes = np.array(columns.get("genome", []), dtype=object)
    if len(genomes) == len(ids) and len(set(genomes[kept])) > 1:
        var["genome"] = genomes[kept]
    return var, np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
