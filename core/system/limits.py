"""Resource limits of this process: those of its container, not the size of the host.

Control groups have two versions, and are nested. A group may be given more than its parent, but gets no more than the
parent: the limits of every group from our own up to the root are read, and the smallest holds. In a container the paths
of the outer groups do not exist; missing or malformed files are skipped.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.settings.settings import Settings

ROOT = Path("/")


def threads(settings: Settings) -> int:
    """Return the size of the thread pool: what was set, else the CPUs this process may use."""
    return settings.threads or cpu_count()


def cpu_count(root: Path = ROOT) -> int:
    """Count the CPUs this process may use.

    Parameters
    ----------
    root
        Where ``proc`` and ``sys`` are mounted.

    Returns
    -------
    int
        The smallest CPU quota of the control groups, rounded up, within 1 and the CPUs of the affinity mask.
    """
    available = _affinity()
    quotas = [quota for group in control_groups(root, "cpu") if (quota := _cpu_quota(group)) is not None]
    return max(1, min([available, *map(math.ceil, quotas)]))


def memory_limit(root: Path = ROOT) -> int:
    """Return how many bytes of memory this process may use.

    Parameters
    ----------
    root
        Where ``proc`` and ``sys`` are mounted.

    Returns
    -------
    int
        The smallest of the memory limits of the control groups and the memory of the machine.
    """
    limits = [
        limit
        for group in control_groups(root, "memory")
        for name in ("memory.max", "memory.limit_in_bytes")
        if (limit := number(group / name)) is not None
    ]
    return min([_memory_total(root), *limits])


def _affinity() -> int:
    """Count the CPUs the scheduler may put us on; cpusets show here."""
    # macOS and Windows have no affinity mask.
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def control_groups(root: Path, controller: str) -> Iterator[Path]:
    """Yield the directories of our control groups that may limit a controller, each one up to the root of its mount."""
    mounts = root / "sys" / "fs" / "cgroup"
    for line in read(root / "proc" / "self" / "cgroup").splitlines():
        hierarchy, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if hierarchy == "0" and not controllers:  # version 2, by itself or beside version 1
            places = (mounts, mounts / "unified")
        elif controller in controllers.split(","):
            places = (mounts / controllers, mounts / controller)
        else:
            continue
        inner = PurePosixPath(path.lstrip("/"))
        # A path outside of our namespace has dots in it: only the mount itself can be read.
        steps = [] if ".." in inner.parts else [inner, *inner.parents]
        for place in places:
            yield from (place / step for step in steps or [PurePosixPath()])


def _cpu_quota(group: Path) -> float | None:
    """Return the CPUs' worth of time a group may use; None without a limit."""
    quota, _, period = read(group / "cpu.max").strip().partition(" ")
    if not quota:
        quota, period = read(group / "cpu.cfs_quota_us"), read(group / "cpu.cfs_period_us")
    share, of = _positive(quota), _positive(period)
    return None if share is None or of is None else share / of


def _memory_total(root: Path) -> int:
    """Return the memory of the machine in bytes; the largest number when it is unknown."""
    for line in read(root / "proc" / "meminfo").splitlines():
        name, _, value = line.partition(":")
        kibibytes = _positive(value.removesuffix("kB"))
        if name == "MemTotal" and kibibytes is not None:
            return kibibytes * 1024
    sysconf: Callable[[str], int] = getattr(os, "sysconf", lambda _: -1)  # not on Windows
    pages, size = sysconf("SC_PHYS_PAGES"), sysconf("SC_PAGE_SIZE")
    return pages * size if min(pages, size) > 0 else sys.maxsize


def number(path: Path) -> int | None:
    """Return the positive whole number in a file; None for anything else."""
    return _positive(read(path))


def _positive(text: str) -> int | None:
    """Return a positive whole number; None for ``max``, ``-1``, 0 or anything else."""
    text = text.strip()
    return int(text) or None if text.isascii() and text.isdigit() and len(text) <= 20 else None  # noqa: PLR2004 - 2**64


def read(path: Path) -> str:
    """Return the text of a file; nothing if it is missing, forbidden or no text."""
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
