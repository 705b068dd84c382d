"""What commands share: settings on demand, progress on stderr."""

from __future__ import annotations

import functools
import signal
import sys
import tempfile
import time
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn, TypeAlias

import click
import orjson

from core.errors import InvalidSettings
from core.selection.model import Selection
from core.settings.settings import Settings, load, use_numba_cache
from core.system.logs import configure
from core.tables.text import csv_pieces, records

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import FrameType

    import pyarrow as pa

    from core.genes.lists import GeneList

    Report: TypeAlias = Callable[[str, float], None]

PERCENT = 100
QUIET_SECONDS = 2.0


CELLS = (
    click.option(
        "--where", multiple=True, metavar="COLUMN=VALUE", help="Only these cells; several of one column mean OR."
    ),
    click.option(
        "--range", "ranges", multiple=True, metavar="COLUMN:MIN:MAX", help="Only cells whose number lies within."
    ),
    click.option(
        "--expr",
        multiple=True,
        metavar="GENE:ABOVE:MAX",
        help="Only cells with expression above and at most; GENE:0: expresses.",
    ),
    click.option("--lasso", multiple=True, metavar="MAP:X_Y~X_Y~…", help="Only cells inside a polygon on a map."),
    click.option(
        "--exclude",
        multiple=True,
        metavar="SELECTION",
        help="Without these cells, as a URL writes them: where=CellType=B.",
    ),
)


def cells(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that name cells, and hand them over as one argument ``selection``."""

    @functools.wraps(command)
    def selecting(
        *args: object,
        where: tuple[str, ...],
        ranges: tuple[str, ...],
        expr: tuple[str, ...],
        lasso: tuple[str, ...],
        exclude: tuple[str, ...],
        **options: object,
    ) -> None:
        command(*args, selection=Selection.parse(where, ranges, expr, lasso, exclude), **options)

    return functools.reduce(lambda made, option: option(made), reversed(CELLS), selecting)


FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json"]),
    default="csv",
    show_default=True,
    help="Format of the output.",
)


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


def write_table(table: pa.Table, form: str, head: Mapping[str, object], name: str) -> None:
    """Print a table as CSV or as JSON, both below a head; the same bytes as the API's."""
    if form == "csv":
        for lines in csv_pieces(table, head):
            sys.stdout.write(lines)
    else:
        click.echo(orjson.dumps({**head, name: records(table)}, option=orjson.OPT_INDENT_2).decode())


def tell_unknown(listed: GeneList) -> None:
    """Say on stderr which names of a list are no genes of the atlas."""
    for name, near in listed.unknown:
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        click.echo(f"masldatlas: {name!r} is no gene of this atlas and is left out.{hint}", err=True)


class Progress:
    """Steps and percentages on stderr: one line that is rewritten on a terminal, a line now and then elsewhere.

    `detail` is said behind the step, and makes no new step of it when it changes.
    """

    def __init__(self) -> None:
        self.detail = ""
        self._live = sys.stderr.isatty()
        self._step = self._said = ""
        self._percent = -1
        self._last = 0.0

    def __call__(self, step: str, fraction: float) -> None:
        """Show a step and the fraction of the whole that is done."""
        percent, said = int(fraction * PERCENT), f"{step}{self.detail}"
        if (said, percent) == (self._said, self._percent):
            return
        now = time.monotonic()
        if self._live:
            click.echo(f"\r\x1b[2K{percent:3d} %  {said}", nl=percent >= PERCENT, err=True)
        elif step != self._step or now - self._last > QUIET_SECONDS:
            click.echo(f"{percent:3d} %  {said}", err=True)
            self._last = now
        self._step, self._said, self._percent = step, said, percent

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
