"""``masldatlas render``."""

from __future__ import annotations

import re
from pathlib import Path

import click

from core.cli.context import Context
from core.errors import InvalidInput, InvalidQuery
from core.export.bundle import export_bytes
from core.export.formats import FORMS, form_of, paper_look
from core.figures.paper_sizes import JOURNALS
from core.figures.print_style import LEGENDS, THEMES, Look
from core.services.container import Services
from core.urls.figure_specs import FIGURES
from core.urls.page_queries import MAX_URL
from core.views.registry import render as render_figure

MILLIMETRES = {"": 1.0, "mm": 1.0, "cm": 10.0, "in": 25.4}
_LENGTH = re.compile(r"(\d{1,5}(?:\.\d{1,4})?)\s*(mm|cm|in|)")


class Length(click.ParamType[float]):
    """Length such as ``85mm``, ``8.5cm``, ``3.3in`` or ``nature-1``; a number without unit is in millimetres."""

    name = "length"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Convert to millimetres."""
        if isinstance(value, float):
            return value
        if str(value).strip().lower() in JOURNALS:
            return JOURNALS[str(value).strip().lower()]
        found = _LENGTH.fullmatch(str(value).strip().lower())
        if found is None:
            self.fail(f"{str(value)[:40]!r} is not a length, such as 85mm, 8.5cm or 3.3in.", param, ctx)
        return float(found[1]) * MILLIMETRES[found[2]]


@click.command()
@click.argument("links", nargs=-1, metavar="PERMALINK|QUERY-FILE…")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help=f"FILE.{'|'.join(FORMS)}")
@click.option("--figure", default="", metavar="NAME", help="Other figure of the same page; see --list.")
@click.option(
    "--width",
    type=Length(),
    default=180.0,
    show_default="180mm",
    help=f"Width of the figure, such as 85mm, or the column of a journal: {', '.join(JOURNALS)}.",
)
@click.option("--height", type=Length(), default=0.0, help="Height of the figure. Default: chosen by the figure.")
@click.option(
    "--dpi", type=int, default=300, show_default=True, help="Resolution of PNG, and of the points of large maps."
)
@click.option("--theme", default="light", show_default=True, metavar="|".join(THEMES), help="Colour theme.")
@click.option("--font-size", type=float, default=Look.font_size, show_default=True, help="Font size in points.")
@click.option("--font", "family", default=Look.family, help="Font names, as in CSS.")
@click.option(
    "--legend", default=Look.legend, show_default=True, metavar="|".join(LEGENDS), help="Position of the legend."
)
@click.option(
    "--title/--no-title", "title", default=Look.title, show_default=True, help="Show the title above the figure."
)
@click.option("--list", "listing", is_flag=True, help="List the available figures.")
@click.pass_obj
def render(
    context: Context,
    links: tuple[str, ...],
    output: Path | None,
    figure: str,
    width: float,
    height: float,
    dpi: int,
    theme: str,
    font_size: float,
    family: str,
    legend: str,
    title: bool,  # noqa: FBT001 - click passes flags by name
    listing: bool,  # noqa: FBT001
) -> None:
    """Render the figure of a permalink, or of a file that contains one, without a server.

    The extension of the output file selects the format: csv for the source data, json for the Plotly figure, zip for
    all formats, also of several links. svg, png, pdf, eps and zip need Chromium or Chrome; BROWSER_PATH may name one.
    """
    if listing:
        for spec in FIGURES.values():
            click.echo(f"{spec.name:<12} {spec.path:<14} {spec.description}")
        return
    if not links or output is None:
        raise click.UsageError("A permalink and -o FILE are needed.")
    form = form_of(output.name)
    if not output.parent.is_dir():
        raise InvalidInput(f"The directory {output.parent} does not exist.", "Create the directory first.")
    if len(links) > 1 and form != "zip":
        raise InvalidInput(f"{len(links)} links do not fit into one .{form} file.", "Use -o FILE.zip.")
    look = Look.of(
        theme, legend, width=width, height=height, dpi=dpi, font_size=font_size, family=family, title=title
    )  # fmt: skip
    services = Services.of(context.settings)
    try:
        figures = [render_figure(services, _read(link), paper_look(look, form), figure) for link in links]
    finally:
        services.close()
    for note in dict.fromkeys(note for drawn_figure in figures for note in drawn_figure.notes):
        click.echo(f"masldatlas: {note}", err=True)
    _write(output, export_bytes(figures, form))


def _write(output: Path, content: bytes) -> None:
    """Write a file atomically: an existing file is replaced only once the new one is complete."""
    temporary = output.with_name(f".{output.name}.part")
    try:
        # Pipes and devices are written to rather than replaced.
        if output.is_symlink() or (output.exists() and not output.is_file()):
            output.write_bytes(content)
            return
        temporary.write_bytes(content)
        temporary.replace(output)
    except OSError as error:
        if _is_file(temporary):
            temporary.unlink()
        raise InvalidInput(f"{output} cannot be written: {error.strerror}.", "Choose another -o FILE.") from error


def _read(link: str) -> str:
    """Return the link itself, or the first line of a file that contains one."""
    if "?" in link or link.startswith("/explore") or len(link) > MAX_URL:
        return link
    path = Path(link)
    if not _is_file(path):
        # A query contains an equals sign; text without one is a file name.
        if "=" in link or link.startswith("/"):
            return link
        raise InvalidQuery(
            f"{link[:80]!r} is neither a permalink nor a file that contains one.", "Copy the link from a figure."
        )
    try:
        text = path.read_bytes()[: 2 * MAX_URL].decode()
    except UnicodeDecodeError as error:
        raise InvalidQuery(
            f"{path} contains no permalink.", "Give a text file with the permalink in its first line."
        ) from error
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise InvalidQuery(f"{path} is empty.", "Write the permalink into its first line.")
    if len(lines) > 1 or not {"?", "="} & set(lines[0]):
        raise InvalidQuery(f"{path} must contain exactly one permalink.", "Give one file per link.")
    return lines[0]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # too long for a file name, so a query
        return False
