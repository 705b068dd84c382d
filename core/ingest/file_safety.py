"""Refusal of HDF5 files that reach outside of themselves or unfold beyond all proportion, before their data are read.

HDF5 follows whatever path a file names: a dataset may keep its bytes in any other file (external storage), be put
together from others (a virtual dataset, which gives fill values where a source is missing), and a link may lead into
another file. An import of such a file would publish files of the server. So every link and every dataset of a file is
looked at first, in slots too that are never read.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import h5py

from core.errors import InvalidFile
from core.ingest.bounds import Declared, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    Found: TypeAlias = tuple[str, "h5py.h5d.DatasetID"]

# More than any atlas has; each takes at least some hundred bytes of the file.
MAX_OBJECTS = 200_000
SELF_CONTAINED = "Only files that hold all of their data are imported: write it again with anndata."
# h5py raises these for parts that are damaged. What cannot be opened here cannot be read later either.
DAMAGED = (KeyError, RuntimeError, OSError, ValueError, TypeError)


def check_file(file: h5py.File) -> None:
    """Refuse a file with parts outside of it, or with datasets out of all proportion to its size.

    Parameters
    ----------
    file
        Any HDF5 file, opened for reading: .h5ad, .h5mu, or 10x .h5. None of its data are read.

    Raises
    ------
    InvalidFile
        It has an external or user-defined link, a dataset with external storage, a virtual dataset, more than
        `MAX_OBJECTS` parts, or a dataset that `core.ingest.bounds` refuses.
    """
    path = Path(file.filename)
    limits = Limits(path.name, path.stat().st_size)
    for place, dataset in datasets_of(file, path.name):
        plan = dataset.get_create_plist()
        if plan.get_layout() == h5py.h5d.VIRTUAL:
            raise InvalidFile(f"{path.name}: {place} is a virtual dataset, which reads other files.", SELF_CONTAINED)
        if plan.get_external_count() > 0:
            raise InvalidFile(f"{path.name}: {place} keeps its data in another file.", SELF_CONTAINED)
        limits.check(Declared.of(place, dataset, plan))


def check_kind(path: Path, *, follow: bool = True) -> None:
    """Refuse what is neither a file nor a directory, such as a pipe, which would be waited for without end.

    Parameters
    ----------
    path
        It may be missing: opening it will tell.
    follow
        False refuses symbolic links too, for files that somebody else has put there.
    """
    try:
        mode = path.stat().st_mode if follow else path.lstat().st_mode
    except OSError:
        return
    if stat.S_ISLNK(mode):
        raise InvalidFile(f"{path.name} is a symbolic link.", "Put the file itself there.")
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise InvalidFile(f"{path.name} is neither a file nor a directory.", "Name the file.")


def datasets_of(group: h5py.Group, name: str) -> Iterator[Found]:
    """Yield every dataset that links of a group lead to, once, with its path.

    Unlike ``visititems`` of h5py it does not take the square of the depth of the groups.
    """
    seen: set[tuple[int, int]] = set()
    waiting: list[tuple[str, h5py.h5g.GroupID]] = [("", h5py.h5g.open(group.id, b"."))]
    while waiting:
        parent, group = waiting.pop()
        for link in _links(group):
            place = f"{parent}/{link.decode(errors='replace')}".lstrip("/")
            if not _stays_inside(group, link, name, place):
                continue
            try:
                part = h5py.h5o.open(group, link)
                info = h5py.h5o.get_info(part)
            except DAMAGED:
                continue
            if (info.fileno, info.addr) in seen:
                continue
            seen.add((info.fileno, info.addr))
            if len(seen) > MAX_OBJECTS:
                raise InvalidFile(f"{name} has more than {MAX_OBJECTS:,} parts.", "Write it again without `uns`.")
            if isinstance(part, h5py.h5d.DatasetID):
                yield place, part
            elif isinstance(part, h5py.h5g.GroupID):
                waiting.append((place, part))


def _links(group: h5py.h5g.GroupID) -> list[bytes]:
    names: list[bytes] = []
    try:
        group.links.iterate(names.append)
    except DAMAGED:
        # Those that were found before the damage can still be read.
        return names
    return names


def _stays_inside(group: h5py.h5g.GroupID, link: bytes, name: str, place: str) -> bool:
    """Tell whether a link leads to an object itself; a soft one leads to a path of the file, which is looked at too."""
    try:
        kind = group.links.get_info(link).type
    except DAMAGED:
        return False
    if kind == h5py.h5l.TYPE_HARD:
        return True
    if kind == h5py.h5l.TYPE_SOFT:
        return False
    raise InvalidFile(f"{name}: {place} is a link to another file.", SELF_CONTAINED)
