"""``masldatlas demo``: demo atlases."""

from __future__ import annotations

import os
from dataclasses import replace as with_changes
from typing import TYPE_CHECKING

import click

from core.atlas.import_state import ImportState, Tracker, clear_state, read_states
from core.atlas.paths import AtlasId
from core.cli.context import Context, Stop
from core.cli.import_file import LOWER_PRIORITY
from core.cli.output import Progress
from core.demo.catalogue import DEMO, N_CELLS, SEED, Demo
from core.errors import AtlasError
from core.system.limits import threads

if TYPE_CHECKING:
    from pathlib import Path

MIN_CELLS = 64
MAX_CELLS = 2_000_000


@click.command()
@click.option(
    "--cells",
    type=click.IntRange(MIN_CELLS, MAX_CELLS),
    help=f"Number of cells of each simulated atlas. Default: {N_CELLS:,}.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=SEED, show_default=True, help="The same seed gives the same cells."
)
@click.option("--only", type=click.Choice([demo.kind for demo in DEMO]), help="Prepare only this demo atlas.")
@click.option("--replace", is_flag=True, help="Replace existing demo atlases.")
@click.option(
    "--tracked", is_flag=True, hidden=True, help="Prepare waiting demo atlases, with states for the home page."
)
@click.pass_obj
def demo(context: Context, cells: int | None, seed: int, only: str | None, replace: bool, tracked: bool) -> int:  # noqa: FBT001 - click passes options by name
    """Prepare demo atlases: 700 real blood cells, and SIMULATED MASLD livers of human, mouse, zebrafish and all three.

    With --cells, the names of the atlases contain the number of cells, so that demo atlases of default size are kept.
    """
    from core.demo.prepare import prepare
    from core.ingest.store_swap import recover

    stop = Stop()
    data, n_threads = context.writable_data(), threads(context.settings)
    if tracked:
        os.nice(LOWER_PRIORITY)
        return 2 if _tracked(data, n_threads, stop) else 0
    recover(data)
    for each in DEMO:
        if (only and each.kind != only) or (cells and each.kind == "real" and not only):
            continue
        chosen = each if cells is None or each.kind == "real" else _with_size(each, cells)
        progress = Progress()
        report = stop.watched(progress)
        try:
            atlas = prepare(
                chosen, data, report, n_cells=cells or N_CELLS, seed=seed, replace=replace, threads=n_threads
            )
        finally:
            progress.end()
        click.echo(str(atlas))
    return 0


def _tracked(data: Path, n_threads: int, stop: Stop) -> int:
    """Prepare the waiting demo atlases; return the number of failures."""
    from core.demo.prepare import prepare

    waiting = {state.id: state for state in read_states(data) if state.kind == "demo" and state.phase == "waiting"}
    n_failed = 0
    for each in DEMO:
        state = waiting.get(str(each.atlas))
        if state is None:
            continue
        tracker = Tracker(data, ImportState(id=state.id, phase="importing", kind="demo", title=state.title))
        try:
            prepare(each, data, stop.watched(tracker), n_cells=N_CELLS, seed=SEED, replace=True, threads=n_threads)
        except AtlasError as error:
            tracker.failed(str(error))
            click.echo(f"masldatlas: {error}", err=True)
            n_failed += 1
        else:
            clear_state(data, each.atlas)
    return n_failed


def _with_size(demo: Demo, cells: int) -> Demo:
    return with_changes(demo, atlas=AtlasId(demo.atlas.species, f"{demo.atlas.name}_{cells}"))
