"""Compression filters of HDF5 beyond gzip: those of hdf5plugin are read, any other is named."""

from __future__ import annotations

import importlib
import importlib.util

import h5py

from core.errors import InvalidFile
from core.ingest.file_safety import datasets_of

PLUGINS = "hdf5plugin"
# The registered filters that files of this field have been seen with.
NAMES = {
    307: "bzip2", 32000: "lzf", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32013: "zfp", 32015: "zstd",
    32017: "sz", 32018: "fcidecomp", 32024: "sz3", 32026: "blosc2",
}  # fmt: skip
# Without them there is no atlas; any other part that cannot be read is left out.
NEEDED = ("X", "raw", "raw.X", "raw.var", "obs", "var", "layers")


def load_filters() -> None:
    """Make the filters of hdf5plugin known to HDF5, where that package is installed."""
    if importlib.util.find_spec(PLUGINS) is not None:
        importlib.import_module(PLUGINS)


def check_filters(group: h5py.Group, name: str) -> None:
    """Refuse a file whose matrices or tables are compressed by a filter that is not here.

    Parameters
    ----------
    group
        The file, or the group within it that holds X, obs and var.
    name
        Name of the file, for the message.

    Raises
    ------
    InvalidFile
        Naming the filter and the part.
    """
    rank = {part: at for at, part in enumerate(NEEDED)}
    needed = [(place, dataset) for place, dataset in datasets_of(group, name) if place.partition("/")[0] in rank]
    for place, dataset in sorted(needed, key=lambda each: (rank[each[0].partition("/")[0]], each[0])):
        plan = dataset.get_create_plist()
        for at in range(plan.get_nfilters()):
            code, _, _, words = plan.get_filter(at)
            if not h5py.h5z.filter_avail(code):
                known = NAMES.get(code) or words.decode(errors="replace") or "without a name"
                raise InvalidFile(
                    f"{name}: {place} is compressed with the filter {known} ({code}), which this installation lacks.",
                    "Install hdf5plugin, or write the file again with adata.write_h5ad(compression='gzip').",
                )
