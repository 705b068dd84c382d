"""The command line: ``masldatlas``.

Results are written to stdout, progress and messages to stderr. Exit codes: 0 success; 1 a check found a problem, or an
unexpected error occurred; 2 invalid input, reported in one sentence.
"""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from core import __version__
from core.cli.abundance import abundance
from core.cli.between_species import concordance, conserved_correlates, type_auroc
from core.cli.cache import cache
from core.cli.context import Context
from core.cli.correlate import correlate
from core.cli.datasets import datasets
from core.cli.demo import demo
from core.cli.differences import differences
from core.cli.doctor import doctor
from core.cli.extract import extract
from core.cli.groups import composition, dotplot
from core.cli.import_file import import_
from core.cli.markers import compare, markers
from core.cli.meaning import activity, enrichment
from core.cli.orthologs import orthologs
from core.cli.pull import available, pull
from core.cli.references import references
from core.cli.render import render
from core.cli.score import score
from core.cli.serve import serve as serve_command
from core.cli.species import species
from core.errors import AtlasError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.cli.context import Serve


# System errors that the user can resolve; any other is a bug and gets a traceback.
REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="masldatlas")
@click.option("--data-dir", type=click.Path(path_type=Path), default=None, help="Directory of the atlases.")
@click.pass_context
def cli(context: click.Context, data_dir: Path | None) -> None:
    """Explore single-cell atlases of the liver in MASLD."""
    context.obj = Context(data_dir, context.obj)


for command in (
    serve_command,
    import_,
    datasets,
    correlate,
    dotplot,
    composition,
    score,
    markers,
    compare,
    differences,
    enrichment,
    activity,
    abundance,
    type_auroc,
    concordance,
    conserved_correlates,
    extract,
    render,
    orthologs,
    species,
    references,
    demo,
    cache,
    doctor,
):
    cli.add_command(command)
# The verb, for those who type it.
cli.add_command(
    click.Command("enrich", callback=enrichment.callback, params=enrichment.params, help=enrichment.help, hidden=True)
)
for command in (available, pull):
    datasets.add_command(command)


def main(arguments: Sequence[str] | None = None, serve: Serve | None = None) -> None:
    """Run a command and exit with its code; ``masldatlas serve`` calls `serve`."""
    try:
        code = cli.main(args=arguments, prog_name="masldatlas", standalone_mode=False, obj=serve)
    except click.exceptions.Abort:
        click.echo("masldatlas: interrupted", err=True)
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        _fail(error.format_message() + _see_help(error))
    except AtlasError as error:
        _fail(str(error))
    except OSError as error:
        if error.errno not in REFUSED:
            raise
        _fail(f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}.")
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str) -> NoReturn:
    """Print an error on one line and exit with code 2."""
    click.echo(f"masldatlas: {' '.join(message.splitlines())}", err=True)
    sys.exit(2)


def _see_help(error: click.ClickException) -> str:
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else ""
    return f" See {command} --help." if command else ""
