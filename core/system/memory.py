"""Memory of this process, as Linux reports it: memory that cannot be given back, and mapped files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.system.limits import ROOT, control_groups, number, read

KB = 1024


@dataclass(frozen=True)
class Mapped:
    """Bytes of files that are mapped, and how many of these lie in memory now.

    The latter belong to the page cache: the kernel takes them back when memory is needed.
    """

    mapped: int = 0
    resident: int = 0

    def __add__(self, other: Mapped) -> Mapped:
        return Mapped(self.mapped + other.mapped, self.resident + other.resident)


def used(root: Path = ROOT) -> int:
    """Bytes that cannot be given back: of the container with all its processes and tmpfs, else of this process.

    Parameters
    ----------
    root
        Where ``proc`` and ``sys`` are mounted.

    Returns
    -------
    int
        0 when it is unknown.
    """
    for group in control_groups(root, "memory"):
        facts = _facts(read(group / "memory.stat"))
        # Version 2, then version 1. What lies in tmpfs is counted as a file, and cannot be given back either.
        for total, files, shared in (
            ("memory.current", "file", "shmem"),
            ("memory.usage_in_bytes", "total_cache", "total_shmem"),
        ):
            usage = number(group / total)
            if usage is not None and files in facts:
                return max(usage - facts[files] + facts.get(shared, 0), 0)
    status = _facts(read(root / "proc" / "self" / "status").replace(":", " "))
    return KB * (status.get("RssAnon", 0) + status.get("RssShmem", 0))


def mapped_files(directory: Path, root: Path = ROOT) -> dict[Path, Mapped]:
    """Measure the mapped files below a directory, by file; deleted files too, under their last name."""
    start = f"{directory}/"
    found: dict[Path, Mapped] = {}
    current: Path | None = None
    for line in read(root / "proc" / "self" / "smaps").splitlines():
        # Places, permissions, offset, device and inode come before the name; facts have a colon after their first word.
        words = line.split(maxsplit=5)
        if not words[0].endswith(":"):
            name = words[5] if len(words) > 5 else ""  # noqa: PLR2004
            current = Path(name.removesuffix(" (deleted)")) if name.startswith(start) else None
        elif current is not None and words[0] in ("Size:", "Rss:"):
            size = KB * int(words[1])
            this = Mapped(mapped=size) if words[0] == "Size:" else Mapped(resident=size)
            found[current] = found.get(current, Mapped()) + this
    return found


def _facts(text: str) -> dict[str, int]:
    """Read lines of a name and a number; others are skipped."""
    lines = (line.split() for line in text.splitlines())
    return {words[0]: int(words[1]) for words in lines if len(words) > 1 and words[1].isdigit()}
