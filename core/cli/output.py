"""Output of commands: tables, progress, warnings and sizes."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click
import orjson

from core.tables.text import csv_pieces, records

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from core.genes.lists import GeneList


PERCENT = 100
QUIET_SECONDS = 2.0


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
