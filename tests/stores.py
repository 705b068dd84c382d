"""Stores written directly, for tests of what reads them: faster than an import, and on any scale."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import sparse

from core.atlas.level_blocks import built
from core.atlas.manifest import SCHEMA_VERSION, FileInfo, LayerInfo, Manifest, SourceInfo
from core.atlas.store import GENE, GENE_ID, Atlas
from core.ingest.level_writer import GeneColumns, LevelWriter
from core.ingest.obs_var import clean_obs


def written(data, layers, obs=None, genes=None, *, scales=None, species="other", name="made"):
    """Write a store into a data directory and open it.

    Parameters
    ----------
    layers
        Matrices (n_cells, n_genes) by name, dense or sparse; ``expression`` must be among them.
    obs
        Data frame; without one there are no columns.
    scales
        Scale of a layer by its name; ``ln1p`` otherwise.
    """
    path = data / "atlases" / species / name
    n_cells, n_genes = next(iter(layers.values())).shape
    obs = pd.DataFrame(index=[f"cell{at}" for at in range(n_cells)]) if obs is None else obs
    genes = [f"gene{at:03}" for at in range(n_genes)] if genes is None else list(genes)
    path.mkdir(parents=True)
    cleaned = clean_obs(obs, {})
    pq.write_table(cleaned.table, path / "obs.parquet")
    pq.write_table(pa.table({GENE: genes, GENE_ID: genes}), path / "var.parquet")
    infos = tuple(
        _layer(path / "layers" / key, key, matrix, (scales or {}).get(key, "ln1p")) for key, matrix in layers.items()
    )
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        species=species,
        name=name,
        title=name,
        citation="",
        simulated=False,
        source=SourceInfo(file=f"{name}.h5ad", bytes=1, sha256="0" * 64, mtime_ns=1),
        n_cells=n_cells,
        n_genes=n_genes,
        layers=infos,
        embeddings=(),
        columns=cleaned.columns,
        roles=cleaned.roles,
        notes=(),
        software={},
        created="2026-01-01",
        files={file.name: FileInfo(bytes=file.stat().st_size, sha256="0" * 64) for file in path.glob("*.parquet")},
    ).sealed()
    (path / "manifest.json").write_bytes(manifest.to_json())
    return Atlas(path)


def _layer(path, name, matrix, scale):
    columns = sparse.csc_array(matrix)
    columns.eliminate_zeros()
    columns.sort_indices()
    indptr = columns.indptr.astype(np.int64)
    dtype = np.float64 if columns.dtype == np.float64 else np.float32
    values = columns.data.astype(dtype)
    block = built(values, columns.indices.astype(np.int32), indptr, columns.shape[0])
    statistics = GeneColumns(columns.shape[0])
    statistics.add(block)
    statistics.write(path / "stats.parquet", indptr)
    with LevelWriter(path, values.size, columns.shape[0], np.dtype(dtype)) as writer:
        writer.write(block)
        writer.finish(indptr, np.asarray(columns.sum(axis=1), dtype=np.float64).ravel())
    zeros = values.size < columns.shape[0] * columns.shape[1]
    known = np.concatenate([values, [0.0]]) if zeros else values
    return LayerInfo(
        name=name,
        dtype=np.dtype(dtype).name,
        unit="test unit",
        rule="test rule",
        integers=bool((values == np.round(values)).all()),
        n_nonzero=values.size,
        minimum=float(known.min()),
        maximum=float(known.max()),
        scale=scale,
    )
