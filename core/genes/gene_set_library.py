"""Gene sets from a directory of .gmt files: one set a line, its name, what it is, and its genes, separated by tabs.

A set is called by the name of its file and its own: ``hallmark/HALLMARK_ADIPOGENESIS``. Files are read when they are
asked for, and again when they have changed; a line that is not a set is reported and skipped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from rapidfuzz import process

from core.errors import InvalidQuery, NotFound

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".gmt"
MAX_SUGGESTED = 5
# The whole of MSigDB has 12 MB.
MAX_BYTES = 64 << 20
MAX_PROBLEMS = 20
# Some files weigh each gene, as in ALB,1.0; any other comma belongs to the name.
_WEIGHT = re.compile(r"\s*,\s*[-+]?[\d.]+(?:[eE][-+]?\d+)?\s*$")


@dataclass(frozen=True)
class GeneSet:
    """One line of a file: `genes` as they stand there, each once."""

    key: str
    name: str
    file: str
    genes: tuple[str, ...]


@dataclass(frozen=True)
class _File:
    stamp: tuple[int, int]
    sets: dict[str, GeneSet]
    problems: tuple[str, ...]


class GeneSets:
    """The sets below a directory, which need not exist."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._files: dict[Path, _File] = {}
        self._lock = Lock()

    def all(self) -> dict[str, GeneSet]:
        """Every set by its key, in the order of the files' names and of their lines."""
        return {key: found for file in self._read() for key, found in file.sets.items()}

    def problems(self) -> list[str]:
        """List the problems of the files, one sentence each."""
        return [problem for file in self._read() for problem in file.problems]

    def search(self, text: str, limit: int = 20) -> list[GeneSet]:
        """Find the sets whose key holds every word of a text, in any case; sets that begin with the text come first."""
        words = text.casefold().split()
        found = [each for each in self.all().values() if all(word in each.key.casefold() for word in words)]
        begins = text.strip().casefold()
        return sorted(found, key=lambda each: not each.name.casefold().startswith(begins))[:limit]

    def get(self, key: str) -> GeneSet:
        """One set by its key, or by its own name where only one file has it.

        Raises
        ------
        NotFound
            There is none; carries the nearest keys.
        InvalidQuery
            Several files have a set of that name.
        """
        sets = self.all()
        if key in sets:
            return sets[key]
        named = [each for each in sets.values() if each.name == key]
        if len(named) == 1:
            return named[0]
        if named:
            keys = ", ".join(each.key for each in named[:MAX_SUGGESTED])
            raise InvalidQuery(f"{len(named)} files have a set {key!r}: {keys}.", "Name one of them.")
        near = tuple(
            str(match) for match, _, _ in process.extract(key, list(sets), limit=MAX_SUGGESTED, score_cutoff=60)
        )
        remedy = f"Did you mean {', '.join(near)}?" if near else "Give a list of genes instead."
        raise NotFound(f"There is no gene set {key[:80]!r} among {len(sets):,}.", remedy, suggestions=near)

    def _read(self) -> list[_File]:
        """Every file, read anew where it has changed."""
        try:
            paths = sorted(path for path in self.directory.iterdir() if path.suffix.lower() == SUFFIX)
        except OSError:
            paths = []
        with self._lock:
            self._files = {path: self._file(path) for path in paths}
            return list(self._files.values())

    def _file(self, path: Path) -> _File:
        try:
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            known = self._files.get(path)
            if known is not None and known.stamp == stamp:
                return known
            if stat.st_size > MAX_BYTES:
                return _File(stamp, {}, (f"{path.name} is larger than {MAX_BYTES >> 20} MB and is not read.",))
            return _parsed(path, stamp)
        except OSError as error:
            return _File((0, 0), {}, (f"{path.name} cannot be read ({error.strerror}).",))


def _parsed(path: Path, stamp: tuple[int, int]) -> _File:
    sets: dict[str, GeneSet] = {}
    problems: list[str] = []
    for number, line in enumerate(path.read_text("utf-8-sig", errors="replace").split("\n"), start=1):
        if not line.strip():
            continue
        name, *fields = (field.strip() for field in line.split("\t"))
        genes = tuple(dict.fromkeys(filter(None, (_WEIGHT.sub("", field).strip() for field in fields[1:]))))
        key = f"{path.stem}/{name}"
        if not name or not genes:
            problems.append(
                f"Line {number:,} of {path.name} is not a gene set: name, description and genes, separated by tabs."
            )
        elif key in sets:
            problems.append(f"Line {number:,} of {path.name} repeats the name {name!r} and is skipped.")
        else:
            sets[key] = GeneSet(key, name, path.name, genes)
    if len(problems) > MAX_PROBLEMS:
        problems = [*problems[:MAX_PROBLEMS], f"{path.name} has {len(problems):,} such lines."]
    return _File(stamp, sets, tuple(problems))
