"""Numba kernels: arrays in, arrays out.

Serial and without the GIL; `core.compute.executor` spreads them over threads.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path


def source_digest() -> str:
    """Return a checksum of the sources of all kernels.

    Numba compiles a cached kernel anew when its own file has changed, but not when that of a function it calls has, or
    of a constant that it holds: kernels of two versions of this package must not share a directory.
    """
    digest = sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
