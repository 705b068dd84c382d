"""One cell: what is known of it, where it lies on the maps, and what it expresses most."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.provenance import of_layer
from core.atlas.kernel_block import block_of
from core.atlas.level_blocks import TARGET_SUM
from core.atlas.store import COUNTS, EXPRESSION
from core.compute.admission import heavy
from core.errors import InvalidQuery, NotFound
from core.kernels.cell_lookup import levels_of_cell

if TYPE_CHECKING:
    from core.arrays import F64
    from core.atlas.store import Atlas, Layer
    from core.compute.executor import Workers

TOP = 20
MAX_TOP = 500


@dataclass(frozen=True)
class CellParams:
    """Parameters of a cell profile: position of the cell, layer of its values, number of genes."""

    index: int
    layer: str = EXPRESSION
    top: int = TOP

    @classmethod
    def of(cls, atlas: Atlas, index: int, layer: str = "", top: int = TOP) -> CellParams:
        """Make the canonical parameters.

        Raises
        ------
        NotFound
            The atlas has no such cell.
        InvalidQuery
            It has no such layer, or `top` is not from 1 to 500.
        """
        if not 0 <= index < atlas.n_cells:
            raise NotFound(f"{atlas.id} has no cell {index:,}.", f"Its {atlas.n_cells:,} cells are numbered from 0.")
        if not 1 <= top <= MAX_TOP:
            raise InvalidQuery(f"top={top} is not a whole number from 1 to {MAX_TOP}.", "Correct it.")
        return cls(index, atlas.layer(layer or EXPRESSION).name, top)

    @classmethod
    def named(cls, atlas: Atlas, cell: str, layer: str = "", top: int = TOP) -> CellParams:
        """Make the canonical parameters for the name of a cell."""
        index = atlas.index_of(cell)
        if index is None:
            raise NotFound(
                f"{atlas.id} has no cell named {cell[:80]!r}.", "Names are those of its file, in the same case."
            )
        return cls.of(atlas, index, layer, top)


def cell_card(atlas: Atlas, params: CellParams, workers: Workers) -> dict[str, object]:
    """Describe one cell.

    Returns
    -------
    dict
        The facts of atlas and layer; ``cell`` and ``index``; ``total_counts`` and ``n_genes_expressed``, those with a
        count, both None in an atlas without counts; ``columns``, every obs column with its value, None or NaN where
        nothing is given; ``places``, its coordinates on each map, None where it has no place; ``genes``, those of the
        highest value above zero, ties by name, each with ``value`` and ``percentile``: the percentage of the cells
        expressing the gene that lie below this one, and half of those that equal it.
    """
    layer = atlas.layer(params.layer)
    values = _values(atlas, layer, params.index, workers)
    total = expressed = None
    if atlas.manifest.layer(COUNTS) is not None:
        counts = atlas.layer(COUNTS)
        total = float(counts.cell_sums[params.index])
        expressed = int((_values(atlas, counts, params.index, workers) > 0).sum())
    return {
        "dataset": atlas.id,
        "content_hash": atlas.manifest.content_hash,
        "simulated": atlas.manifest.simulated,
        **of_layer(layer),
        "cell": atlas.cell(params.index),
        "index": params.index,
        "total_counts": total,
        "n_genes_expressed": expressed,
        "columns": [{"column": name, "value": value} for name, value in atlas.row(params.index).items()],
        "places": [
            {"embedding": info.key, "place": _place(atlas, info.key, params.index)}
            for info in atlas.manifest.embeddings
        ],
        "genes": _top(atlas, layer, values, params.top),
    }


def _values(atlas: Atlas, layer: Layer, index: int, workers: Workers) -> F64:
    """Return the value of every gene in one cell."""
    if not layer.info.computed:
        return _stored_values(atlas, layer, index, workers)
    # Counts of the whole layer would have to be computed to look this cell's up.
    shares = np.expm1(_stored_values(atlas, atlas.layer(EXPRESSION), index, workers)) / TARGET_SUM
    return np.rint(shares * layer.cell_sums[index])


@heavy(lambda _, layer, *__: 40 * layer.n_genes)
def _stored_values(atlas: Atlas, layer: Layer, index: int, workers: Workers) -> F64:
    return np.concatenate(workers.over_genes(partial(_in_cell, index=index), atlas, layer.name))


def _in_cell(layer: Layer, start: int, stop: int, *, index: int) -> F64:
    block, values = block_of(layer, start, stop)
    levels = np.empty(stop - start, dtype=np.int64)
    levels_of_cell(block, index, levels)
    given = levels >= 0
    found = np.zeros(stop - start)
    found[given] = values[block.value_starts[given] + levels[given]]
    return found


def _top(atlas: Atlas, layer: Layer, values: F64, top: int) -> list[dict[str, object]]:
    expressed = np.flatnonzero(values > 0)
    names = atlas.genes.names
    highest = sorted(expressed.tolist(), key=lambda gene: (-values[gene], names[gene]))[:top]
    return [
        {
            "gene": names[gene],
            "gene_id": atlas.genes.ids[gene],
            "value": float(values[gene]),
            "percentile": _percentile(layer, gene, float(values[gene])),
        }
        for gene in highest
    ]


def _percentile(layer: Layer, gene: int, value: float) -> float:
    _, values = layer.nonzeros(gene)
    above = values[values > 0]
    return 50 * int((above < value).sum() + (above <= value).sum()) / len(above)


def _place(atlas: Atlas, embedding: str, index: int) -> list[float] | None:
    place = atlas.embedding(embedding)[index].astype(np.float64)
    return place.tolist() if np.isfinite(place).all() else None
