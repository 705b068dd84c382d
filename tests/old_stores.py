"""Stores of version 1, as MASLDatlas wrote them before levels, made from those of today."""

import shutil

import numpy as np
import pyarrow.parquet as pq

from core.atlas.integrity import checksum
from core.atlas.store import MANIFEST, Atlas


def downgraded(atlas: Atlas) -> Atlas:
    """Rewrite a store in the form of version 1, in its place, and open it."""
    layers = atlas.path / "layers"
    old = atlas.path / "old"
    for info in atlas.manifest.layers:
        layer = atlas.layer(info.name)
        (old / info.name).mkdir(parents=True)
        block = layer.block(0, layer.n_genes)
        genes = [block.ascending(gene) for gene in range(layer.n_genes)]
        np.save(old / info.name / "data.npy", np.concatenate([values for _, values in genes]))
        np.save(old / info.name / "indices.npy", np.concatenate([cells for cells, _ in genes]))
        np.save(old / info.name / "indptr.npy", np.array(layer.gene_starts))
        shutil.copy(layers / info.name / "cell_sums.npy", old / info.name)
        stats = pq.read_table(layers / info.name / "stats.parquet").drop_columns(["minimum", "maximum"])
        pq.write_table(stats, old / info.name / "stats.parquet")
    shutil.rmtree(layers)
    old.rename(layers)
    files = {name: info for name, info in atlas.manifest.files.items() if not name.startswith("layers/")}
    files |= {path.relative_to(atlas.path).as_posix(): checksum(path) for path in layers.rglob("*.*")}
    facts = {
        "schema_version": 1,
        "files": files,
        "layers": tuple(info.model_copy(update={"computed": False}) for info in atlas.manifest.layers),
    }
    manifest = atlas.manifest.model_copy(update=facts).sealed()
    (atlas.path / MANIFEST).write_bytes(manifest.to_json())
    return Atlas(atlas.path)
