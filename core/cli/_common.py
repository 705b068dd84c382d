"""What commands share: settings on demand, progress on stderr."""

from __future__ import annotations

import sys
import time
from functools import cached_property
from typing import TYPE_CHECKING

import click

from core.logs import configure
from core.settings import Settings, load, use_numba_cache

if TYPE_CHECKING:
    from pathlib import Path

PERCENT = 100
QUIET_SECONDS = 2.0


class Context:
    """Handed to every command; the settings are read when one asks for them, so that ``--help`` always works."""

    def __init__(self, data_dir: Path | None) -> None:
        self._data_dir = data_dir
        self.overrides: dict[str, object] = {}

    @cached_property
    def settings(self) -> Settings:
        """The settings, with options above the environment; logging and numba's cache follow them."""
        settings = load(data_dir=self._data_dir, **self.overrides)
        configure(settings)
        use_numba_cache(settings)
        return settings


class Progress:
    """Steps and percentages on stderr: one line that is rewritten on a terminal, a line now and then elsewhere."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._step = ""
        self._percent = -1
        self._last = 0.0

    def __call__(self, step: str, fraction: float) -> None:
        """Show a step and the fraction of the whole that is done."""
        percent = int(fraction * PERCENT)
        if (step, percent) == (self._step, self._percent):
            return
        now = time.monotonic()
        if self._live:
            click.echo(f"\r\x1b[2K{percent:3d} %  {step}", nl=percent >= PERCENT, err=True)
        elif step != self._step or now - self._last > QUIET_SECONDS:
            click.echo(f"{percent:3d} %  {step}", err=True)
            self._last = now
        self._step, self._percent = step, percent

    def end(self) -> None:
        """Leave the cursor on a line of its own."""
        if self._live and 0 <= self._percent < PERCENT:
            click.echo(err=True)


def human_bytes(size: int) -> str:
    """A size in powers of 1000, as disks are sold: ``1.3 GB``."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:  # noqa: PLR2004 - the step between units
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
