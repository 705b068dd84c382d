"""What commands share: settings on demand, progress on stderr."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn, TypeAlias

import click

from core.errors import InvalidSettings
from core.logs import configure
from core.settings import Settings, load, use_numba_cache

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType

    Report: TypeAlias = Callable[[str, float], None]

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

    def writable_data(self, otherwise: str = "") -> Path:
        """The data directory, made if need be, for a command that writes to it; `otherwise` is another way out.

        Raises
        ------
        InvalidSettings
            It cannot be made or written to.
        """
        data = self.settings.data_dir
        try:
            data.mkdir(parents=True, exist_ok=True)
            # Permissions do not tell: root may write anywhere but to a file system that is mounted read-only.
            with tempfile.TemporaryFile(dir=data):
                return data
        except OSError as error:
            raise InvalidSettings(
                f"The data directory {data} cannot be written to ({(error.strerror or str(error)).lower()}).",
                f"Choose another with --data-dir or MASLDATLAS_DATA_DIR{otherwise}.",
            ) from error


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


class Stop:
    """SIGTERM and SIGINT as ordinary exits, so that everything half-written is deleted on the way out.

    An exception that arises in a callback of the garbage collector is lost, and so then is the signal; what an import
    reports through `watched` is where it is remembered.
    """

    def __init__(self) -> None:
        self._signal = 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._handle)

    def watched(self, report: Report) -> Report:
        """The same report, but that it raises once a signal has come; what is finished is finished."""

        def watching(step: str, fraction: float) -> None:
            if self._signal and fraction < 1:
                self._leave()
            report(step, fraction)

        return watching

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number
        self._leave()

    def _leave(self) -> NoReturn:
        if self._signal == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + self._signal)
