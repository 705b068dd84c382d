"""Fonts installed on the server: a browser silently replaces all others."""

from __future__ import annotations

import subprocess
from functools import lru_cache
from shutil import which

SECONDS = 10.0
# A longer menu would be of no use.
MOST = 60


@lru_cache(maxsize=1)
def installed() -> tuple[str, ...]:
    """List font families by name, as fontconfig knows them; none without fontconfig."""
    program = which("fc-list")
    if program is None:
        return ()
    try:
        done = subprocess.run(  # noqa: S603 - a program by its path
            [program, "--format", "%{family[0]}\n"], capture_output=True, check=False, timeout=SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        # Without a list, figures use the fonts that the browser finds.
        return ()
    names = {line.strip() for line in done.stdout.decode(errors="replace").splitlines()}
    usable = (name for name in names if name and not any(letter in name for letter in "<>{};&\\,'\""))
    return tuple(sorted(usable, key=str.casefold)[:MOST])
