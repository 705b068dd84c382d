"""Names of the files and folders that are imported when they are dropped."""

from __future__ import annotations

from stat import S_ISDIR, S_ISLNK, S_ISREG
from typing import TYPE_CHECKING, Final

from core.ingest.formats.mtx_files import MtxFiles

if TYPE_CHECKING:
    from pathlib import Path

READ: Final = (".h5ad", ".h5ad.gz", ".h5mu", ".h5mu.gz", ".h5", ".h5.gz")
# Their imports fail with the command that converts them.
NAMED: Final = (".loom", ".h5seurat", ".rds")


def looks_like_data(path: Path, mode: int) -> bool:
    """Tell whether a file or folder is to be imported, by its name and by the names inside.

    Parameters
    ----------
    mode
        Of the path, as `os.lstat` gives it; a symbolic link with the name of data is told of, not followed.

    Raises
    ------
    OSError
        The folder is gone.
    """
    if S_ISDIR(mode):
        return path.suffix.lower() == ".zarr" or bool(MtxFiles.candidates(path))
    if S_ISLNK(mode):
        return path.name.lower().endswith((*READ, *NAMED, ".zarr"))
    return S_ISREG(mode) and path.name.lower().endswith((*READ, *NAMED))
