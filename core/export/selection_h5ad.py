"""The selected cells as an .h5ad file: expression, counts and further layers, obs, maps, and provenance in ``uns``.

The file is written gene by gene, as the store lies, so that memory holds a block at a time. It follows the encoding of
anndata 0.8 and later, without anndata, which the web process does without.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final

import h5py
import numpy as np

from core.analysis.provenance import of_cells
from core.atlas.store import EXPRESSION, Categorical
from core.compute.admission import heavy
from core.errors import EmptySelection
from core.export.selection_size import n_values, too_many
from core.selection.masks import mask_of
from core.services.provenance import of_link
from core.urls.page_queries import ExploreQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from core.arrays import Mask
    from core.atlas.store import Atlas, Layer
    from core.selection.model import Selection

# Read at once, with their genes and places about 60 MB.
ENTRIES: Final = 1 << 20
CHUNK: Final = 1 << 16
INDEX: Final = "_index"
NEEDED_BYTES: Final = 128 << 20
PACKED: Final[dict[str, Any]] = {"compression": "gzip", "compression_opts": 1, "shuffle": True}
BASES: Final = {"log2_1p": 2.0, "log10_1p": 10.0}


@heavy(lambda atlas, *_, **__: NEEDED_BYTES + 64 * atlas.n_cells)
def write_selection(
    atlas: Atlas,
    selection: Selection,
    out: IO[bytes],
    most: int | None = None,
    report: Callable[[float], None] = lambda _: None,
) -> None:
    """Write the selected cells as .h5ad.

    Parameters
    ----------
    out
        A file opened for reading and writing, in binary.
    most
        Nonzeros that the file may have, over all layers; None for any number.
    report
        Called with the fraction done.

    Raises
    ------
    EmptySelection
        No cell is selected.
    InvalidQuery
        There are more nonzeros than `most`, or the selection is not one of this atlas.

    Notes
    -----
    ``X`` is the layer ``expression`` of the atlas, each other layer one of ``layers``, all of them CSC. ``var`` is
    indexed by the ids of the source file and holds the display names as ``gene_symbols``. Categories without a cell
    are left out; a place that a cell does not have on a map is NaN. ``uns['masldatlas']`` holds the provenance.
    """
    mask = mask_of(atlas, selection)
    if not mask.any():
        raise EmptySelection("No cells match these filters.", "Remove a filter.")
    if most is not None and (n := n_values(atlas, mask)) > most:
        raise too_many(n, most)
    cells = np.flatnonzero(mask)
    layers = [atlas.layer(info.name) for info in atlas.manifest.layers]
    with h5py.File(out, "w") as file:
        _mark(file, "anndata", "0.1.0")
        for name in ("obsm", "layers", "varm", "obsp", "varp"):
            _mark(file.create_group(name), "dict", "0.1.0")
        _write_obs(file, atlas, cells)
        _write_var(file, atlas)
        for info in atlas.manifest.embeddings:
            places = np.ascontiguousarray(atlas.embedding(info.key)[cells])
            _array(file["obsm"], info.key, places)
        for at, layer in enumerate(layers):
            target = file.create_group("X" if layer.name == EXPRESSION else f"layers/{layer.name}")
            _write_layer(target, layer, mask, lambda done, at=at: report((at + done) / len(layers)))
        _write_uns(file, atlas, selection)
    report(1.0)


def _write_layer(group: h5py.Group, layer: Layer, mask: Mask, report: Callable[[float], None]) -> None:
    place = np.cumsum(mask, dtype=np.int32) - np.int32(1)
    space = {"shape": (0,), "maxshape": (None,), "chunks": (CHUNK,), **PACKED}
    data = group.create_dataset("data", dtype=layer.dtype, **space)
    indices = group.create_dataset("indices", dtype=np.int32, **space)
    lengths = np.zeros(layer.n_genes + 1, dtype=np.int64)
    n = 0
    for start, stop in _blocks(layer):
        block = layer.block(start, stop)
        parts = [block.nonzeros(gene) for gene in range(block.n_genes)]
        cells, values = (np.concatenate(column) for column in zip(*parts, strict=True))
        genes = np.repeat(np.arange(start, stop), np.diff(block.gene_starts))
        kept = mask[cells]
        cells, values, genes = place[cells[kept]], values[kept], genes[kept]
        end = n + len(cells)
        for dataset, part in ((data, values), (indices, cells)):
            dataset.resize((end,))
            dataset[n:] = part
        n = end
        lengths[start + 1 : stop + 1] = np.bincount(genes - start, minlength=stop - start)
        report(stop / layer.n_genes)
    pointer = np.cumsum(lengths)
    group.create_dataset("indptr", data=pointer.astype(np.int32) if n <= np.iinfo(np.int32).max else pointer)
    group.attrs["shape"] = np.array([int(mask.sum()), layer.n_genes])
    _mark(group, "csc_matrix", "0.1.0")


def _blocks(layer: Layer) -> Iterator[tuple[int, int]]:
    """Yield ranges of genes with about so many entries each; a single gene may have more."""
    start = 0
    while start < layer.n_genes:
        stop = int(np.searchsorted(layer.gene_starts, layer.gene_starts[start] + ENTRIES, side="right")) - 1
        stop = min(max(stop, start + 1), layer.n_genes)
        yield start, stop
        start = stop


def _write_obs(file: h5py.File, atlas: Atlas, cells: np.ndarray) -> None:
    names = list(atlas.cells())
    keys = _keys([column.name for column in atlas.manifest.columns])
    group = _table(file, "obs", [names[cell] for cell in cells], keys)
    for info, name in zip(atlas.manifest.columns, keys, strict=True):
        if info.kind == "text":
            texts = atlas.texts(info.name)
            _texts(group, name, ["" if (text := texts[cell]) is None else text for cell in cells])
            continue
        column = atlas.column(info.name)
        if isinstance(column, Categorical):
            _categorical(group, name, column, cells)
        else:
            _array(group, name, column.values[cells])


def _categorical(group: h5py.Group, name: str, column: Categorical, cells: np.ndarray) -> None:
    codes = column.codes[cells]
    used = np.unique(codes[codes >= 0])
    place = np.full(len(column.categories) + 1, -1, dtype=np.int32)
    place[used] = np.arange(len(used))
    made = group.create_group(name)
    made.attrs["ordered"] = False
    _mark(made, "categorical", "0.2.0")
    _array(made, "codes", place[codes])
    _texts(made, "categories", [column.categories[code] for code in used])


def _write_var(file: h5py.File, atlas: Atlas) -> None:
    group = _table(file, "var", atlas.genes.ids, ["gene_symbols"])
    _texts(group, "gene_symbols", atlas.genes.names)


def _write_uns(file: h5py.File, atlas: Atlas, selection: Selection) -> None:
    uns = file.create_group("uns")
    _mark(uns, "dict", "0.1.0")
    manifest = atlas.manifest
    link = of_link("embedding", ExploreQuery(atlas=atlas.id, selection=selection), atlas)
    layers = {f"layer_{info.name}": f"{info.unit}; {info.rule}" for info in manifest.layers}
    _dict(uns, "masldatlas", {**of_cells(atlas, selection), **layers, **link})
    for name in ("title", "citation", "abstract", "doi"):
        if text := str(getattr(manifest, name)):
            _scalar(uns, name, text)
    expression = manifest.layer(EXPRESSION)
    if expression is not None and (base := BASES.get(expression.scale)):
        _dict(uns, "log1p", {"base": base})


def _table(file: h5py.File, name: str, index: Sequence[str], columns: Sequence[str]) -> h5py.Group:
    group = file.create_group(name)
    _mark(group, "dataframe", "0.2.0")
    group.attrs["_index"] = INDEX
    order = np.array(columns, dtype=object)
    group.attrs.create("column-order", order, dtype=h5py.string_dtype())
    _texts(group, INDEX, index)
    return group


def _keys(names: Sequence[str]) -> list[str]:
    """Return the names of columns as HDF5 can hold them: a slash would make a group, and the index has a name too."""
    keys: list[str] = []
    taken = {INDEX}
    for name in names:
        key = _plain(name).replace("/", "_").strip(".") or "_"
        while key in taken:
            key += "_"
        taken.add(key)
        keys.append(key)
    return keys


def _dict(parent: h5py.Group, name: str, values: Mapping[str, object]) -> None:
    group = parent.create_group(name)
    _mark(group, "dict", "0.1.0")
    for key, value in values.items():
        if value is not None:
            _scalar(group, key, value)


def _scalar(parent: h5py.Group, name: str, value: object) -> None:
    if isinstance(value, bool | int | float):
        _mark(parent.create_dataset(name, data=value), "numeric-scalar", "0.2.0")
    else:
        made = parent.create_dataset(name, data=_plain(str(value)), dtype=h5py.string_dtype())
        _mark(made, "string", "0.2.0")


def _texts(parent: h5py.Group, name: str, texts: Sequence[str]) -> None:
    plain = np.array([_plain(text) for text in texts], dtype=object)
    made = parent.create_dataset(name, data=plain, dtype=h5py.string_dtype(), **(PACKED if len(texts) else {}))
    _mark(made, "string-array", "0.2.0")


def _plain(text: str) -> str:
    # HDF5 ends a text at its first null byte.
    return text.replace("\0", "�")


def _array(parent: h5py.Group, name: str, values: np.ndarray) -> None:
    _mark(parent.create_dataset(name, data=values, **(PACKED if values.size else {})), "array", "0.2.0")


def _mark(node: h5py.Group | h5py.Dataset, encoding: str, version: str) -> None:
    node.attrs["encoding-type"], node.attrs["encoding-version"] = encoding, version
