"""Rewriting a store of version 1 in the form of version 2: the content stays, and so do its id, hash and links."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np

from core.atlas.integrity import checksum
from core.atlas.layer_files import SortedFiles
from core.atlas.level_blocks import LARGEST_COUNT
from core.atlas.manifest import SCHEMA_VERSION
from core.atlas.paths import Places
from core.atlas.store import COUNTS, EXPRESSION, MANIFEST, read_manifest
from core.errors import BrokenStore, StorageFull
from core.ingest.durable_files import counted, settle, sync, trouble_in_words, write_array
from core.ingest.level_writer import Made, proved, write_blocks
from core.ingest.store_swap import only_importer, publish, scratch_in
from core.system.threads import pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from pathlib import Path

    from core.arrays import F64
    from core.atlas.manifest import LayerInfo, Manifest
    from core.atlas.paths import AtlasId

    Report = Callable[[str, float], None]

# Version 2 takes less than half the room.
ROOM = 0.5
# Where the work goes, as fractions of the whole.
CHECKED, WRITTEN = 0.15, 0.9


def upgrade(atlas: AtlasId, data: Path, report: Report, threads: int = 2) -> Manifest:
    """Rewrite a store, and put the new one into its place once it is complete.

    Parameters
    ----------
    report
        Called with the current step in words and the fraction of the whole that is done.
    threads
        How many threads make levels.

    Returns
    -------
    The manifest of the store, which is that of before if it has the newest version already.

    Raises
    ------
    BrokenStore
        A file of the old store is missing or differs from its checksum.
    Conflict
        Another process imports or upgrades this atlas.
    StorageFull
        The disk has no room.
    """
    places = Places(data)
    target = places.store(atlas)
    with trouble_in_words(data):
        places.imports.mkdir(parents=True, exist_ok=True)
        with scratch_in(places.work) as scratch, only_importer(places, atlas):
            old = read_manifest(target)
            if old.schema_version == SCHEMA_VERSION:
                return old
            _check(target, old, report)
            free = shutil.disk_usage(data).free
            if free < ROOM * old.bytes:
                raise StorageFull(
                    f"Upgrading {atlas} may need {ROOM * old.bytes / 1e9:,.1f} GB below {data}, "
                    f"and {free / 1e9:,.1f} GB are free.",
                    "Free some space and upgrade again.",
                )
            store = scratch / "store"
            with pool("upgrade", threads) as executor:
                new = _rewrite(target, store, old, executor, report)
            (store / MANIFEST).write_bytes(new.to_json())
            sync(store / MANIFEST)
            sync(store)
            publish(store, target, places.work)
    report("ready", 1.0)
    return new


def _check(path: Path, manifest: Manifest, report: Report) -> None:
    """Refuse a damaged store: its damage would get a checksum of its own."""
    progress = counted(report, "checking the store", (0.0, CHECKED), manifest.bytes)
    for name, info in manifest.files.items():
        if not (path / name).is_file() or checksum(path / name, progress) != info:
            raise BrokenStore(
                f"The atlas {manifest.id} is not upgraded: {name} is missing or differs from its checksum.",
                "Import its source file again with --replace.",
            )


def _rewrite(path: Path, store: Path, old: Manifest, executor: Executor, report: Report) -> Manifest:
    for name in old.files:
        if not name.startswith("layers/"):
            (store / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path / name, store / name)
    infos: dict[str, LayerInfo] = {}
    n, before = sum(info.n_nonzero for info in old.layers), 0
    counts = old.layer(COUNTS)
    # The counts last: it may turn out that the expression implies them.
    for info in sorted(old.layers, key=lambda info: info.name == COUNTS):
        own = info.n_nonzero

        def progress(done: float, own: int = own, before: int = before, name: str = info.name) -> None:
            report(f"writing the layer {name}", CHECKED + (WRITTEN - CHECKED) * (before + done * own) / max(1, n))

        before += own
        if info.name in infos:
            continue
        source = _Source(path / "layers", info, old.n_cells, counts if info.name == EXPRESSION else None)
        _, others = write_blocks(source, store / "layers" / info.name, executor, progress)
        infos[info.name] = info
        if counts is not None and others is not None:
            write_array(store / "layers" / COUNTS / "cell_sums.npy", source.totals)
            others.write(store / "layers" / COUNTS / "stats.parquet", source.starts)
            infos[COUNTS] = counts.model_copy(update={"computed": True})
    written = sum(file.stat().st_size for file in store.rglob("*.*"))
    return old.model_copy(
        update={
            "schema_version": SCHEMA_VERSION,
            "layers": tuple(infos[info.name] for info in old.layers),
            "files": settle(store, counted(report, "writing to disk", (WRITTEN, 1.0), written)),
            "sealed_files": old.files,
        }
    )


class _Source:
    """Blocks of one layer of version 1; see `core.ingest.level_writer.Source`."""

    def __init__(self, layers: Path, info: LayerInfo, n_cells: int, counts: LayerInfo | None) -> None:
        self._layer = SortedFiles(layers / info.name, info, n_cells)
        self.n_cells = n_cells
        self.dtype = self._layer.dtype
        self.starts = np.array(self._layer.gene_starts)
        self.cell_sums: F64 = np.load(layers / info.name / "cell_sums.npy")
        self._counts = None
        self.totals = self.cell_sums
        if (
            counts is not None
            and info.scale == "ln1p"
            and self.dtype == np.float32
            and counts.integers
            and counts.maximum <= LARGEST_COUNT
        ):
            self._counts = SortedFiles(layers / counts.name, counts, n_cells)
            self.totals = np.load(layers / counts.name / "cell_sums.npy")
        self.computes = self._counts is not None and np.array_equal(self._counts.gene_starts, self.starts)

    def make(self, start: int, stop: int) -> Made:
        made = self._layer.built(start, stop)
        if self._counts is None or not self.computes:
            return Made(made, None)
        given = self._counts.built(start, stop).block
        if not np.array_equal(given.cells, made.block.cells) or np.any(given.tile_starts != made.block.tile_starts):
            return Made(made, None)
        return Made(made, proved(made, given.all_values(), self.totals, self._counts.dtype))
