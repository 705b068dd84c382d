"""Fonts of this machine, as fontconfig knows them: the browser that draws figures asks it too."""

from __future__ import annotations

import subprocess
from functools import lru_cache
from shutil import which

SECONDS = 10.0


@lru_cache(maxsize=64)
def matched(family: str) -> tuple[str, str]:
    """Return name and file of the font that stands for a CSS list of families; both empty without fontconfig."""
    names = ",".join(name.strip(" '\"") for name in family.split(","))
    lines = _answer("fc-match", "--format", "%{family[0]}\n%{file}\n", names)
    return (lines[0], lines[1]) if len(lines) > 1 else ("", "")


def families() -> list[str]:
    """List the families that are installed; none without fontconfig."""
    return _answer("fc-list", "--format", "%{family[0]}\n")


def _answer(name: str, *arguments: str) -> list[str]:
    program = which(name)
    if program is None:
        return []
    try:
        done = subprocess.run(  # noqa: S603 - a program by its path
            [program, *arguments], capture_output=True, check=False, timeout=SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        # Without an answer, figures use the fonts that the browser finds.
        return []
    return [line.strip() for line in done.stdout.decode(errors="replace").splitlines() if line.strip()]
