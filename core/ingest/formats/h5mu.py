"""One modality of an .h5mu file (MuData): copied as it is, with the columns and maps that all modalities share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
import numpy as np

from core.errors import InvalidFile
from core.ingest.filters import check_filters
from core.ingest.formats.hdf5 import opened
from core.ingest.matrix import first_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

# What the importer reads.
PARTS = ("X", "obs", "var", "raw", "layers", "obsm", "uns")
# Names of the modality with gene expression, in the order of preference.
USUAL = ("rna", "gex", "geneexpression", "gene", "transcriptome")


def from_h5mu(path: Path, target: Path, modality: str, notes: list[str], report: Callable[[float], None]) -> None:
    """Write one modality of an .h5mu file as .h5ad.

    Parameters
    ----------
    modality
        Its name; empty for the only one, or for the one called ``rna``, ``gex`` or the like.
    notes
        Takes sentences on what was chosen.

    Raises
    ------
    InvalidFile
        There is no such modality, or none is wanted and several could be meant; lists all of them.
    """
    with opened(path, path.name) as file, h5py.File(target, "x") as out:
        known = [name for name in file["mod"] if isinstance(file["mod"].get(name, getlink=True), h5py.HardLink)]
        name = chosen(path.name, known, modality)
        if len(known) > 1 and not modality:
            others = ", ".join(other for other in known if other != name)
            notes.append(f"Of the modalities of the file this atlas holds {name}; the others are {others}.")
        group = file["mod"][name]
        check_filters(group, path.name)
        for key, value in group.attrs.items():
            out.attrs[key] = value
        parts = [part for part in PARTS if isinstance(group.get(part, getlink=True), h5py.HardLink)]
        for at, part in enumerate(parts):
            file.copy(group[part], out, part)
            report((at + 1) / (len(parts) + 1))
        _add_shared(file, out, name, notes)
    report(1.0)


def chosen(file: str, known: Sequence[str], modality: str) -> str:
    """Return the modality that is meant."""
    listed = ", ".join(known) or "none"
    if modality:
        if modality not in known:
            raise InvalidFile(f"{file} has no modality {modality[:80]!r}.", f"It has: {listed}.")
        return modality
    if not known:
        raise InvalidFile(f"{file} has no modality.", "Export it again with muon or mudata.")
    if len(known) == 1:
        return known[0]
    plain = {"".join(filter(str.isalnum, name.casefold())): name for name in known}
    usual = next((plain[name] for name in USUAL if name in plain), None)
    if usual is None:
        raise InvalidFile(f"{file} has {len(known)} modalities: {listed}.", "Choose one with --modality.")
    return usual


def _add_shared(file: h5py.File, out: h5py.File, name: str, notes: list[str]) -> None:
    """Add the columns and maps of all modalities that the modality itself lacks.

    The cells of the file are a union; ``obsmap`` gives the place, from 1, of each of them in a modality, 0 for none.
    """
    maps = file.get("obsmap")
    if not isinstance(maps, h5py.Group) or name not in maps:
        return
    places = maps[name]
    if not isinstance(places, h5py.Dataset) or places.dtype.kind not in "iu":
        return
    import anndata
    import pandas as pd

    try:
        shared, own = anndata.io.read_elem(file["obs"]), anndata.io.read_elem(out["obs"])
    except Exception as error:  # noqa: BLE001 - anndata raises whatever it stumbles over
        notes.append(f"The table of all modalities cannot be read ({first_line(error)}), so nothing was taken from it.")
        return
    at = np.asarray(places[:]).astype(np.int64).ravel()
    inside = np.flatnonzero(at > 0)
    are_tables = isinstance(shared, pd.DataFrame) and isinstance(own, pd.DataFrame)
    if not are_tables or len(at) != len(shared) or sorted(at[inside]) != list(range(1, len(own) + 1)):
        notes.append("The table of all modalities does not fit the modality, so nothing was taken from it.")
        return
    order = inside[np.argsort(at[inside])]
    # Columns as rna:leiden are copies of the modality's own.
    fresh = [column for column in shared if column not in own and ":" not in str(column)]
    if fresh:
        taken = shared.iloc[order][fresh].set_axis(own.index, axis="index")
        del out["obs"]
        anndata.io.write_elem(out, "obs", pd.concat([own, taken], axis="columns"))
    _add_maps(file, out, order, len(at))


def _add_maps(file: h5py.File, out: h5py.File, order: np.ndarray, n_cells: int) -> None:
    maps, kept = file.get("obsm"), out.require_group("obsm")
    for key in maps if isinstance(maps, h5py.Group) else ():
        entry = maps.get(key)
        if not isinstance(entry, h5py.Dataset) or key in kept:
            continue
        if entry.ndim == 2 and entry.shape[0] == n_cells and entry.dtype.kind == "f":  # noqa: PLR2004 - a map is a table
            kept.create_dataset(key, data=np.asarray(entry[:])[order])
