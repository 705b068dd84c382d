"""The three files of a 10x folder: which belong together, and their tables."""

from __future__ import annotations

import csv
import gzip
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Self

from core.errors import InvalidFile

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

MATRICES = ("matrix.mtx.gz", "matrix.mtx")
FEATURES = ("features.tsv.gz", "features.tsv", "genes.tsv.gz", "genes.tsv")
BARCODES = ("barcodes.tsv.gz", "barcodes.tsv")
# Of a table of features or barcodes, unpacked.
MAX_BYTES = 256 << 20
COLUMNS = ("id", "name", "feature_type", "genome")


@dataclass(frozen=True)
class MtxFiles:
    """Matrix, features and barcodes of one sample. GEO puts the name of the sample before each of them."""

    matrix: Path
    features: Path
    barcodes: Path

    @staticmethod
    def is_matrix(name: str) -> bool:
        """Tell whether a file is the matrix of such a folder, by its name."""
        return name.lower().endswith(MATRICES)

    @classmethod
    def candidates(cls, folder: Path) -> list[Path]:
        """List the matrices of a folder."""
        return sorted(path for path in folder.iterdir() if cls.is_matrix(path.name) and path.is_file())

    @classmethod
    def of(cls, path: Path) -> Self:
        """Find the files that belong to a folder, or to a matrix.

        Raises
        ------
        InvalidFile
            One of them is missing, is a symbolic link, or the folder has several matrices.
        """
        found = cls.candidates(path) if path.is_dir() else [path]
        if len(found) > 1:
            names = ", ".join(each.name for each in found[:5])
            raise InvalidFile(f"{path.name} has {len(found)} matrices: {names}.", "Name one, or use a folder for each.")
        matrix = found[0]
        ending = next(end for end in MATRICES if matrix.name.lower().endswith(end))
        prefix = matrix.name[: -len(ending)]
        features, barcodes = (_beside(matrix, prefix, names) for names in (FEATURES, BARCODES))
        for each in (matrix, features, barcodes):
            if each.is_symlink():
                raise InvalidFile(f"{each.name} is a symbolic link.", "Put the file itself there.")
        return cls(matrix, features, barcodes)

    def read_features(self) -> dict[str, list[str]]:
        """Read the features: the columns that every row has, called as 10x does."""
        rows = _rows(self.features)
        width = min(map(len, rows), default=0)
        return {name: [row[at] for row in rows] for at, name in enumerate(COLUMNS[:3]) if at < width}

    def read_barcodes(self) -> list[str]:
        """Read the names of the cells."""
        return [row[0] for row in _rows(self.barcodes)]


@contextmanager
def unpacked(path: Path) -> Generator[IO[bytes]]:
    """Open a file for reading, unpacked if its content says so."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if packed:
            with gzip.GzipFile(fileobj=file) as text:
                yield text  # pyright: ignore[reportReturnType] - reads like a file
        else:
            yield file


def _beside(matrix: Path, prefix: str, names: tuple[str, ...]) -> Path:
    found = next((path for name in names if (path := matrix.with_name(prefix + name)).is_file()), None)
    if found is None:
        listed = " or ".join(prefix + name for name in names if not name.endswith(".gz"))
        raise InvalidFile(f"There is no {listed} beside {matrix.name}.", "Put the three files into one folder.")
    return found


def _rows(path: Path) -> list[list[str]]:
    # With h5py, which the web process, that looks at dropped files, does without.
    from core.ingest.matrix import TRUNCATED, first_line

    try:
        with unpacked(path) as file:
            text = file.read(MAX_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InvalidFile(f"{path.name} cannot be unpacked ({first_line(error)}).", TRUNCATED) from error
    if len(text) > MAX_BYTES:
        raise InvalidFile(f"{path.name} is larger than {MAX_BYTES >> 20} MB, unpacked.", TRUNCATED)
    lines = text.decode("utf-8-sig", errors="replace").splitlines()
    return [row for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if row]
