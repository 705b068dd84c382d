"""Output of commands: tables, progress, warnings and sizes."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click
import orjson

from core.genes.ids import with_ids
from core.tables.text import csv_pieces, records

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from core.atlas.gene_index import GeneIndex
    from core.genes.lists import GeneList


# Arguments that are one gene.
ALIASED = frozenset(("gene", "gene_a", "gene_b"))
PERCENT = 100
QUIET_SECONDS = 2.0


def write_table(
    table: pa.Table, form: str, head: Mapping[str, object], name: str, genes: GeneIndex | None = None
) -> None:
    """Print a table below its provenance as CSV or JSON, with the same bytes as the API.

    `genes` are those of the atlas, where the rows are genes: their ids are added.
    """
    if genes is not None:
        table = with_ids(table, genes)
        tell_aliases(genes)
    if form == "csv":
        for lines in csv_pieces(table, head):
            sys.stdout.write(lines)
    else:
        click.echo(orjson.dumps({**head, name: records(table)}, option=orjson.OPT_INDENT_2).decode())


def tell_aliases(genes: GeneIndex) -> None:
    """Say on stderr of which gene an argument of the command is another name."""
    context = click.get_current_context(silent=True)
    given = context.params if context else {}
    for name in ALIASED & given.keys():
        other = genes.other_name(str(given[name] or ""))
        if other is not None and other.sure:
            click.echo(f"masldatlas: {other.sentence}", err=True)


def warn_unknown(listed: GeneList) -> None:
    """Warn on stderr about names of a list that are not genes of the atlas, and tell aliases."""
    for note in listed.notes:
        click.echo(f"masldatlas: {note}", err=True)
    for name, near in listed.unknown:
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        click.echo(f"masldatlas: {name!r} is not a gene of this atlas and is omitted.{hint}", err=True)


class Progress:
    """Progress on stderr: on a terminal one line that is updated, elsewhere a new line every few seconds.

    `detail` is shown after the step; a change of `detail` alone is not a new step.
    """

    def __init__(self) -> None:
        self.detail = ""
        self._live = sys.stderr.isatty()
        self._step = self._shown = ""
        self._percent = -1
        self._last = 0.0

    def __call__(self, step: str, fraction: float) -> None:
        """Show the current step and the completed fraction."""
        percent, text = int(fraction * PERCENT), f"{step}{self.detail}"
        if (text, percent) == (self._shown, self._percent):
            return
        now = time.monotonic()
        if self._live:
            click.echo(f"\r\x1b[2K{percent:3d} %  {text}", nl=percent >= PERCENT, err=True)
        elif step != self._step or now - self._last > QUIET_SECONDS:
            click.echo(f"{percent:3d} %  {text}", err=True)
            self._last = now
        self._step, self._shown, self._percent = step, text, percent

    def end(self) -> None:
        """End the current line."""
        if self._live and 0 <= self._percent < PERCENT:
            click.echo(err=True)


def human_bytes(size: int) -> str:
    """Format a size in powers of 1000: ``1.3 GB``."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:  # noqa: PLR2004 - the step between units
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
