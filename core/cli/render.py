"""``masldatlas render``."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import click

from core.cli.context import Context
from core.compute.executor import own_workers
from core.errors import InvalidInput, InvalidQuery
from core.export.bundle import made
from core.export.formats import FORMS, form_of, paper_look
from core.figures.print_style import LEGENDS, THEMES, Look
from core.services.container import Services
from core.urls.figure_specs import FIGURES
from core.urls.page_queries import MAX_URL
from core.views.registry import render as render_figure

MILLIMETRES = {"": 1.0, "mm": 1.0, "cm": 10.0, "in": 25.4}
_LENGTH = re.compile(r"(\d{1,5}(?:\.\d{1,4})?)\s*(mm|cm|in|)")


class Length(click.ParamType[float]):
    """A length: ``85mm``, ``8.5cm``, ``3.3in``; a number alone is millimetres."""

    name = "length"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """In millimetres."""
        if isinstance(value, float):
            return value
        found = _LENGTH.fullmatch(str(value).strip().lower())
        if found is None:
            self.fail(f"{str(value)[:40]!r} is no length, such as 85mm, 8.5cm or 3.3in.", param, ctx)
        return float(found[1]) * MILLIMETRES[found[2]]


@click.command()
@click.argument("links", nargs=-1, metavar="PERMALINK|QUERY-FILE…")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help=f"FILE.{'|'.join(FORMS)}")
@click.option("--figure", default="", metavar="NAME", help="Another figure of the same page; see --list.")
@click.option("--width", type=Length(), default=180.0, show_default="180mm", help="Of the file, such as 85mm.")
@click.option("--height", type=Length(), default=0.0, help="Default: what the figure asks for.")
@click.option("--dpi", type=int, default=300, show_default=True, help="Of PNG, and of the points of large maps.")
@click.option("--theme", default="light", show_default=True, metavar="|".join(THEMES))
@click.option("--font-size", type=float, default=9.0, show_default=True, help="In points.")
@click.option("--font", "family", default=Look.family, help="Names of fonts, as CSS writes them.")
@click.option("--legend", default="right", show_default=True, metavar="|".join(LEGENDS))
@click.option("--title/--no-title", "title", default=True, help="Write the title above the figure.")
@click.option("--list", "listing", is_flag=True, help="Name the figures that can be drawn.")
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
    """Draw the figure of a permalink, or of a file that holds one, without a server.

    The extension of the file decides: csv is the source data, json Plotly's figure, zip all there is, also of several
    links. svg, png, pdf, eps and zip are drawn with Chromium or Chrome, which BROWSER_PATH may name.
    """
    if listing:
        for spec in FIGURES.values():
            click.echo(f"{spec.name:<12} {spec.path:<14} {spec.description}")
        return
    if not links or output is None:
        raise click.UsageError("A permalink and -o FILE are needed.")
    form = form_of(output.name)
    if not output.parent.is_dir():
        raise InvalidInput(f"There is no directory {output.parent}.", "Make it first.")
    if len(links) > 1 and form != "zip":
        raise InvalidInput(f"{len(links)} links do not go into one .{form}.", "Write -o FILE.zip.")
    look = Look.of(
        theme, legend, width=width, height=height, dpi=dpi, font_size=font_size, family=family, title=title
    )  # fmt: skip
    shared = Services.of(context.settings)
    services = replace(shared, workers=own_workers(context.settings))
    try:
        found = [render_figure(services, _text(link), paper_look(look, form), figure) for link in links]
    finally:
        services.workers.close()
    for note in dict.fromkeys(note for drawn in found for note in drawn.notes):
        click.echo(f"masldatlas: {note}", err=True)
    _write(output, made(found, form))


def _write(output: Path, content: bytes) -> None:
    """Write a file whole or not at all: what was there before stays until all of the new one is written."""
    beside = output.with_name(f".{output.name}.part")
    try:
        # A pipe or a device is written to, and not replaced.
        if output.is_symlink() or (output.exists() and not output.is_file()):
            output.write_bytes(content)
            return
        beside.write_bytes(content)
        beside.replace(output)
    except OSError as error:
        if _is_file(beside):
            beside.unlink()
        raise InvalidInput(f"{output} cannot be written: {error.strerror}.", "Choose another -o FILE.") from error


def _text(link: str) -> str:
    """The link itself, or the first line of a file that holds one."""
    if "?" in link or link.startswith("/explore") or len(link) > MAX_URL:
        return link
    path = Path(link)
    if not _is_file(path):
        # A query alone has an equals sign; a word without one is the name of a file.
        if "=" in link or link.startswith("/"):
            return link
        raise InvalidQuery(f"{link[:80]!r} is neither a permalink nor a file with one.", "Copy the link from a figure.")
    try:
        text = path.read_bytes()[: 2 * MAX_URL].decode()
    except UnicodeDecodeError as error:
        raise InvalidQuery(
            f"{path} holds no permalink.", "Give a text file with the link in its first line."
        ) from error
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise InvalidQuery(f"{path} is empty.", "Put the permalink into its first line.")
    if len(lines) > 1 or not {"?", "="} & set(lines[0]):
        raise InvalidQuery(f"{path} does not hold one permalink and nothing else.", "Give a file for each link.")
    return lines[0]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # longer than a name can be: a query, then
        return False
