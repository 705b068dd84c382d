"""``masldatlas extract``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.cli.context import Context
from core.cli.options import cells
from core.cli.output import Progress
from core.errors import InvalidInput

if TYPE_CHECKING:
    from core.selection.model import Selection


@click.command()
@click.argument("dataset")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, metavar="FILE.h5ad", help="File to write."
)
@cells
@click.pass_obj
def extract(context: Context, dataset: str, output: Path, selection: Selection) -> None:
    """Write the selected cells of DATASET as .h5ad: expression, counts, annotations, maps and provenance."""
    from core.export.selection_h5ad import write_selection

    if not output.parent.is_dir():
        raise InvalidInput(f"The directory {output.parent} does not exist.", "Create the directory first.")
    if output.exists() and not output.is_file():
        raise InvalidInput(f"{output} is not a file.", "Choose another -o FILE.h5ad.")
    temporary = output.with_name(f".{output.name}.part")
    progress = Progress()
    try:
        with context.services() as services, temporary.open("w+b") as out:
            write_selection(
                services.catalog.get(dataset), selection, out, report=lambda done: progress("writing the cells", done)
            )
        temporary.replace(output)
    except OSError as error:
        raise InvalidInput(f"{output} cannot be written: {error.strerror}.", "Choose another -o FILE.h5ad.") from error
    finally:
        progress.end()
        temporary.unlink(missing_ok=True)
