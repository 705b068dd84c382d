"""Comparison of a store with what anndata reads, in a process of its own: a damaged file may end or hold up anndata."""

import re
import traceback
import warnings

import h5py
import numpy as np
import pandas as pd
from scipy import sparse

from core.atlas.store import Atlas


def differences(path, store):
    """List where a store differs from the file as anndata reads it; None where anndata does not read it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with h5py.File(path, "r") as file:
            return _differences(file, Atlas(store))


def compare_for(path, store, answer):
    """Send a connection the differences, or the traceback of what went wrong."""
    try:
        answer.send(differences(path, store))
    except Exception:  # noqa: BLE001 - told to the test
        answer.send(traceback.format_exc())


def _differences(file, atlas):
    obs, var = _read(file, "obs"), _read(file, "var")
    if obs is None or var is None:
        return None
    found = []
    if len(obs) != atlas.n_cells:
        return ["number of cells"]
    names = [str(name) for name in obs.index]
    if len(set(names)) == len(names) and all(names) and list(atlas.cells()) != names:
        found.append("names of cells")
    found += [f"obs[{name!r}]" for name in obs.columns if not _same_column(atlas, str(name), obs[name])]
    found += [info.name for info in atlas.manifest.layers if not _same_layer(file, atlas.layer(info.name))]
    found += [info.key for info in atlas.manifest.embeddings if not _same_map(file, atlas, info)]
    return found


def _read(file, name):
    import anndata

    try:
        return anndata.io.read_elem(file[name])
    except Exception:  # noqa: BLE001 - anndata raises anything
        return None


def _same_column(atlas, name, expected):
    info = atlas.manifest.column(name)
    if info is None or info.kind == "text":
        return True
    column = atlas.column(name)
    if info.kind == "numeric":
        wanted = expected.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.array_equal(column.values, wanted, equal_nan=True)
    labels = [column.categories[code] if code >= 0 else None for code in column.codes]
    given = [None if pd.isna(value) else _text(value) for value in expected.astype(object)]
    # A blank text is shown as "(empty)".
    return all(
        label == text or (text is not None and not text.strip()) for label, text in zip(labels, given, strict=True)
    )


def _text(value):
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _same_layer(file, layer):
    """Compare a layer that was taken from the file as it is."""
    place = re.search(r"layers\['(\w+)'\]|raw\.X|\bX\b", layer.info.rule)
    if place is None or (layer.name == "expression" and "log1p(CP10k) of" in layer.info.rule):
        return True
    name = {"X": "X", "raw.X": "raw/X"}.get(place[0], f"layers/{place[1]}")
    expected = _read(file, name)
    if expected is None or expected.shape != (layer.n_cells, layer.n_genes):
        return True
    # scipy makes no dense array of halves.
    dense = expected.astype(np.float64).toarray() if sparse.issparse(expected) else np.asarray(expected)
    found = np.column_stack([layer.dense(gene) for gene in range(layer.n_genes)])
    return np.array_equal(found, dense.astype(found.dtype))


def _same_map(file, atlas, info):
    place = re.match(r"obsm\['(\w+)'\]", info.origin)
    expected = None if place is None else _read(file, f"obsm/{place[1]}")
    if expected is None:
        return True
    found, wanted = atlas.embedding(info.key), np.asarray(expected, dtype=np.float32)[:, : info.dimensions]
    given = np.isfinite(found).all(axis=1)
    return np.array_equal(found[given], wanted[given])
