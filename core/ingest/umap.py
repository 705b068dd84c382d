"""Maps of the cells: those of the file, and a UMAP where it has none."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from core.atlas.manifest import EmbeddingInfo

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanpy.neighbors import KnnTransformerLike

    from core.atlas.store import Layer
    from core.ingest.h5ad import Source

TARGET_SUM = 1e4
N_VARIABLE_GENES = 2_000
N_COMPONENTS = 30
N_NEIGHBOURS = 15
# Fewer cells or genes have no neighbourhoods to speak of.
MIN_CELLS = 20
MIN_GENES = 10
# From so many cells on neighbours are searched for approximately. Below, all distances are computed: that takes
# seconds, is exact, and compiles nothing, which the approximate search does for a minute.
APPROXIMATE = 50_000
SEED = 0
# Spaces to compute in, not to look at.
_LATENT = re.compile(r"pca|harmony|scvi|scanvi|lsi|latent|nmf|mnn|totalvi", re.IGNORECASE)
# A UMAP of such a space is a map all the same.
_DRAWN = re.compile(r"umap|tsne|t_sne|phate|draw_graph|paga|spatial|trimap|pacmap", re.IGNORECASE)
# Positions in the tissue: pixels of an image, whose rows are counted from above.
_TISSUE = re.compile(r"(X_)?spatial(_?(coords|coordinates|fov|global|pixel|microns|um))?", re.IGNORECASE)
_LABELS = {"umap": "UMAP", "tsne": "t-SNE", "pca": "PCA", "phate": "PHATE", "draw_graph_fa": "ForceAtlas2"}


@dataclass(frozen=True)
class Map:
    """One map: float32 (n_cells, 2 or 3), NaN where a cell has no place."""

    info: EmbeddingInfo
    coordinates: np.ndarray


def maps_of(source: Source) -> list[Map]:
    """List the maps of a file, those to look at first: the one that it names as the default, then UMAPs."""
    found: list[Map] = []
    for key, coordinates in source.maps.items():
        n_given = source.map_dimensions[key]
        if coordinates.shape[1] < 2:  # noqa: PLR2004 - a map has two axes
            source.skipped.append(f"obsm['{key}'] has a single column and was left out.")
            continue
        place = np.where(np.isfinite(coordinates).all(axis=1, keepdims=True), coordinates, np.nan).astype(np.float32)
        n_missing = int(np.isnan(place[:, 0]).sum())
        if n_missing == len(place):
            source.skipped.append(f"obsm['{key}'] has no finite coordinates and was left out.")
            continue
        shown = place if n_given == 3 else place[:, :2]  # noqa: PLR2004 - three axes are a map of their own
        origin = f"obsm['{key}']" + (f", the first 2 of {n_given} columns" if n_given > 3 else "")  # noqa: PLR2004
        info = EmbeddingInfo(
            key=_unused(safe_key(key), [other.info.key for other in found]),
            label=label_of(key),
            dimensions=shown.shape[1],
            n_missing=n_missing,
            origin=origin,
            computed=False,
            y_down=_TISSUE.fullmatch(key) is not None,
        )
        found.append(Map(info, shown))
    default = default_of(source, [each.info.key for each in found])
    return sorted(
        found,
        key=lambda each: (
            each.info.key != default,
            is_latent(each.info.key),
            "umap" not in each.info.key.casefold(),
        ),
    )


def default_of(source: Source, keys: list[str]) -> str | None:
    """Return the map that ``uns['default_embedding']`` names, with or without the ``X_`` before it."""
    named = source.uns.texts.get("default_embedding", "")
    wanted = (safe_key(named), safe_key(f"X_{named}")) if named else ()
    return next((key for key in wanted if key in keys), None)


def needs_map(maps: list[Map]) -> bool:
    """Tell whether there is nothing to look at but latent spaces."""
    return all(is_latent(each.info.key) for each in maps)


def is_latent(key: str) -> bool:
    """Tell whether an obsm key names a space to compute in, not one to look at."""
    return _LATENT.search(key) is not None and _DRAWN.search(key) is None


def compute_map(layer: Layer, report: Callable[[float], None]) -> Map:
    """Compute a UMAP of the expression by scanpy: variable genes, principal components, neighbours, UMAP.

    With fewer than 20 cells or 10 genes, the first two principal components instead.
    """
    report(0.02)
    cells_by_genes, n_variable = _variable_genes(layer)
    small = layer.n_cells < MIN_CELLS or n_variable < MIN_GENES
    if small:
        coordinates, origin = (
            _components(cells_by_genes.toarray()),
            "the first two principal components (too few cells or genes for a UMAP)",
        )
        info = EmbeddingInfo(key="X_pca", label="PCA", dimensions=2, n_missing=0, origin=origin, computed=True)
        return Map(info, coordinates)
    coordinates, n_components = _umap(cells_by_genes, report)
    origin = (
        f"computed at import with scanpy: {n_variable:,} most variable genes, {n_components} principal components, "
        f"{min(N_NEIGHBOURS, layer.n_cells - 1)} neighbours, seed {SEED}"
    )
    return Map(
        EmbeddingInfo(key="X_umap", label="UMAP", dimensions=2, n_missing=0, origin=origin, computed=True), coordinates
    )


def label_of(key: str) -> str:
    """Return the usual name of an obsm key: ``X_umap`` is UMAP."""
    bare = re.sub(r"^X_", "", key)
    return _LABELS.get(bare.casefold(), bare.replace("_", " ").strip() or key)


def safe_key(key: str) -> str:
    """Return the key as a file name."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", key)[:80] or "map"


def _unused(key: str, taken: list[str]) -> str:
    # Some file systems take X_umap and X_UMAP for one name.
    number, candidate, taken = 1, key, [other.casefold() for other in taken]
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{key}_{number}"
    return candidate


def _variable_genes(layer: Layer) -> tuple[sparse.csr_array, int]:
    """Select the genes of highest variance for their mean, (n_cells, n), float32."""
    stats = layer.stats
    dispersion = np.where(
        stats.mean > 0, stats.variance / np.where(stats.mean > 0, stats.mean, 1), np.nan_to_num(stats.variance)
    )
    dispersion = np.nan_to_num(dispersion, nan=0.0)
    # An atlas of scaled values has means around zero: variance alone ranks there.
    if layer.info.minimum < 0:
        dispersion = np.nan_to_num(stats.variance)
    order = np.argsort(-dispersion, kind="stable")
    chosen = np.sort(order[: min(N_VARIABLE_GENES, int((dispersion > 0).sum()))])
    parts = [layer.nonzeros(int(gene)) for gene in chosen]
    if not parts:
        return sparse.csr_array((layer.n_cells, 0), dtype=np.float32), 0
    indptr = np.concatenate([[0], np.cumsum([len(cells) for cells, _ in parts])])
    cells = np.concatenate([cells for cells, _ in parts])
    values = np.concatenate([values for _, values in parts])
    if layer.info.scale == "linear":
        # Neighbours of linear values would be those of a few genes.
        values = np.log1p(values / np.where(layer.cell_sums > 0, layer.cell_sums, 1)[cells] * TARGET_SUM)
    values = values.astype(np.float32)
    return sparse.csc_array((values, cells, indptr), shape=(layer.n_cells, len(parts))).tocsr(), len(parts)


def _components(dense: np.ndarray) -> np.ndarray:
    coordinates = np.zeros((dense.shape[0], 2), dtype=np.float32)
    if min(dense.shape) == 0:
        return coordinates
    left, scale, _ = np.linalg.svd(dense - dense.mean(axis=0), full_matrices=False)
    n = min(2, scale.size)
    coordinates[:, :n] = (left * scale)[:, :n]
    return coordinates


def _umap(cells_by_genes: sparse.csr_array, report: Callable[[float], None]) -> tuple[np.ndarray, int]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import anndata
        import scanpy

        adata = anndata.AnnData(sparse.csr_matrix(cells_by_genes))
        n_components = min(N_COMPONENTS, min(adata.shape) - 1)
        report(0.1)
        scanpy.pp.pca(adata, n_comps=n_components, random_state=SEED)
        report(0.3)
        n_neighbours = min(N_NEIGHBOURS, adata.n_obs - 1)
        search = _approximate_search(n_neighbours) if adata.n_obs >= APPROXIMATE else "sklearn"
        scanpy.pp.neighbors(adata, n_neighbors=n_neighbours, random_state=SEED, transformer=search)
        report(0.6)
        scanpy.tl.umap(adata, random_state=SEED)
    report(1.0)
    return np.asarray(adata.obsm["X_umap"], dtype=np.float32), n_components


def _approximate_search(n_neighbours: int) -> KnnTransformerLike:
    """Return scanpy's own search with a result that scanpy can read: a sparse matrix, not a sparse array."""
    from pynndescent import PyNNDescentTransformer

    class Search(PyNNDescentTransformer):  # pyright: ignore[reportUntypedBaseClass]
        def fit_transform(self, X: np.ndarray, y: object = None) -> sparse.csr_matrix:
            return sparse.csr_matrix(super().fit_transform(X, y))

    return Search(n_neighbors=n_neighbours, metric="euclidean", random_state=SEED)
