"""``masldatlas serve``: run the dashboard."""

from __future__ import annotations

import faulthandler

import click

from core.cli.context import Context, Stop

STDERR = 2


@click.command()
@click.option("--host", help="Address to listen on. Default: 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes any free one. Default: 8050.")
@click.option("--demo/--no-demo", "with_demo", default=True, help="Prepare demo atlases if there are no atlases.")
@click.option(
    "--imports/--no-imports", "with_imports", default=True, help="Import files dropped into the data directory."
)
@click.pass_obj
def serve(context: Context, host: str | None, port: int | None, with_demo: bool, with_imports: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Serve the dashboard until interrupted."""
    context.overrides.update(host=host, port=port)
    settings = context.settings
    if with_imports:
        context.writable_data(", or give --no-imports to serve it read-only")
    # Handles signals until the server installs its own handlers: an import must not outlive the server.
    Stop()
    # A file of a store that is truncated while it is read ends the process: then the log says where.
    faulthandler.enable(STDERR, all_threads=False)
    from core.demo.catalogue import waiting
    from core.ingest.references.first_fetch import FirstFetch
    from core.ingest.watcher import Supervisor

    supervisor = Supervisor(settings, demo=waiting() if with_demo else ())
    first_fetch = FirstFetch(settings)

    def listening() -> None:
        supervisor.start()
        first_fetch.start()

    try:
        context.serve(listening=listening if with_imports else None)
    finally:
        first_fetch.stop()
        supervisor.stop()
