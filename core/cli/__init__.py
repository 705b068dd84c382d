"""The command line: ``masldatlas``.

What a command is asked for goes to stdout, everything else to stderr. Exit codes: 0 done; 1 something was found wrong,
or the program met an error of its own; 2 the input was not usable, said in one sentence.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from core import __version__
from core.cli._common import Context
from core.cli.cache import cache
from core.cli.datasets import datasets
from core.cli.demo import demo
from core.cli.imports import import_
from core.cli.serve import serve
from core.errors import AtlasError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="masldatlas")
@click.option("--data-dir", type=click.Path(file_okay=False), default=None, help="Where atlases are kept.")
@click.pass_context
def cli(context: click.Context, data_dir: Path | None) -> None:
    """Explore single-cell atlases of the liver in MASLD."""
    context.obj = Context(data_dir)


for command in (serve, import_, datasets, demo, cache):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its code."""
    try:
        code = cli.main(args=arguments, standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("masldatlas: interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except AtlasError as error:
        click.echo(f"masldatlas: {error}", err=True)
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)
