"""``masldatlas cache``: info, flush."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import click
import orjson

from core.atlas.catalog import Catalog
from core.cache.inventory import census, flush, shared_counters
from core.cli.context import Context
from core.cli.output import human_bytes
from core.errors import AtlasError
from core.settings.validators import without_password

if TYPE_CHECKING:
    from collections.abc import Generator

    import redis

    from core.settings.settings import Settings

UNKNOWN = "(replaced or removed)"


@click.group()
def cache() -> None:
    """Inspect or empty the cache of computed results."""


@cache.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def info(context: Context, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Show the server of the cache, its memory, and its entries by atlas."""
    settings = context.settings
    with _client(settings) as (client, address):
        report = _report(client, address, settings)
    click.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode() if as_json else _text(report))


@cache.command("flush")
@click.argument("dataset", metavar="[DATASET]", required=False)
@click.pass_obj
def flush_(context: Context, dataset: str | None) -> None:
    """Delete the cached results of DATASET (<species>/<name>), or of all atlases; print the number of entries."""
    settings = context.settings
    content_hash = Catalog(settings.data_dir).manifest(dataset).content_hash if dataset else None
    with _client(settings) as (client, _):
        n = flush(client, content_hash)
    click.echo(f"Deleted {n:,} {'entry' if n == 1 else 'entries'}{f' of {dataset}' if dataset else ''}.")


@contextmanager
def _client(settings: Settings) -> Generator[tuple[redis.Redis, str]]:
    """Connect to the cache of the settings, or to that of a dashboard running on the data directory.

    Yields the client and the URL of the server, without its password.
    """
    import redis

    from core.cache.redis_client import connect, running

    if not settings.correlation_cache:
        raise AtlasError("The cache is turned off.", "Unset MASLDATLAS_CORRELATION_CACHE to turn the cache on.")
    url = settings.cache_redis
    if url is None:
        server = running(settings.data_dir)
        if server is None:
            raise AtlasError(
                f"No cache found: no dashboard runs on {settings.data_dir}, and MASLDATLAS_CACHE_REDIS is not set.",
                "Start the dashboard with: masldatlas serve",
            )
        url = server.url
    shown = without_password(url)
    with closing(connect(url)) as client:
        try:
            yield client, shown
        except (redis.RedisError, OSError) as error:
            raise AtlasError(
                f"The cache at {shown} does not respond correctly ({type(error).__name__}).",
                "Check MASLDATLAS_CACHE_REDIS, and that the Redis server is running.",
            ) from error


def _report(client: redis.Redis, address: str, settings: Settings) -> dict[str, Any]:
    status: Any = client.info()
    names = {manifest.content_hash: manifest.id for manifest in Catalog(settings.data_dir).manifests()}
    atlases = sorted((names.get(digest, UNKNOWN), digest, usage) for digest, usage in census(client).items())
    return {
        "server": "external" if settings.cache_redis else "embedded",
        "address": address,
        "software": str(status.get("server_name", "redis")),
        "version": str(status.get("valkey_version", status.get("redis_version", ""))),
        "used_bytes": int(status.get("used_memory", 0)),
        "max_bytes": int(status.get("maxmemory", 0)),
        "entries": sum(usage.entries for _, _, usage in atlases),
        "datasets": [
            {"dataset": name, "content_hash": digest, "entries": usage.entries, "bytes": usage.bytes}
            for name, digest, usage in atlases
        ],
        "counters": shared_counters(client),
    }


def _text(report: dict[str, Any]) -> str:
    limit = human_bytes(report["max_bytes"]) if report["max_bytes"] else "no limit"
    lines = [
        f"server   {report['server']}, {report['software']} {report['version']}, {report['address']}",
        f"memory   {human_bytes(report['used_bytes'])} of {limit}",
        f"entries  {report['entries']:,}",
    ]
    counters = report["counters"]
    if counters:
        lookups = counters.get("hits", 0) + counters.get("misses", 0)
        lines.append(f"hits     {counters.get('hits', 0):,} of {lookups:,}")
    width = max((len(each["dataset"]) for each in report["datasets"]), default=0)
    lines += [
        f"  {each['dataset']:<{width}}  {each['entries']:>7,}  {human_bytes(each['bytes'])}"
        for each in report["datasets"]
    ]
    return "\n".join(lines)
