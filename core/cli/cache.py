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
    """Look into the cache of computed answers, or empty it."""


@cache.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def info(context: Context, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Say which server it is, how full it is, and what it holds of which atlas."""
    settings = context.settings
    with _client(settings) as (client, where):
        facts = _facts(client, where, settings)
    click.echo(orjson.dumps(facts, option=orjson.OPT_INDENT_2).decode() if as_json else _words(facts))


@cache.command("flush")
@click.argument("dataset", metavar="[DATASET]", required=False)
@click.pass_obj
def flush_(context: Context, dataset: str | None) -> None:
    """Delete what is cached for DATASET (<species>/<name>), or for all; print how many entries there were."""
    settings = context.settings
    content_hash = Catalog(settings.data_dir).manifest(dataset).content_hash if dataset else None
    with _client(settings) as (client, _):
        n = flush(client, content_hash)
    click.echo(f"Deleted {n:,} {'entry' if n == 1 else 'entries'}{f' of {dataset}' if dataset else ''}.")


@contextmanager
def _client(settings: Settings) -> Generator[tuple[redis.Redis, str]]:
    """The server of the settings, or that of an app that runs on the same data directory; with it, its address."""
    import redis

    from core.cache.redis_client import connect, running

    if not settings.correlation_cache:
        raise AtlasError("The cache is turned off.", "Unset MASLDATLAS_CORRELATION_CACHE to turn it on.")
    url = settings.cache_redis
    if url is None:
        where = running(settings.data_dir)
        if where is None:
            raise AtlasError(
                f"There is no cache: no dashboard runs on {settings.data_dir}, and MASLDATLAS_CACHE_REDIS is not set.",
                "Start one with: masldatlas serve",
            )
        url = where.url
    shown = without_password(url)
    with closing(connect(url)) as client:
        try:
            yield client, shown
        except (redis.RedisError, OSError) as error:
            raise AtlasError(
                f"The cache at {shown} does not answer as it should ({type(error).__name__}).",
                "Check MASLDATLAS_CACHE_REDIS, and that the server runs.",
            ) from error


def _facts(client: redis.Redis, where: str, settings: Settings) -> dict[str, Any]:
    told: Any = client.info()
    names = {manifest.content_hash: manifest.id for manifest in Catalog(settings.data_dir).manifests()}
    found = sorted((names.get(digest, UNKNOWN), digest, held) for digest, held in census(client).items())
    counted = shared_counters(client)
    return {
        "server": "external" if settings.cache_redis else "embedded",
        "address": where,
        "software": str(told.get("server_name", "redis")),
        "version": str(told.get("valkey_version", told.get("redis_version", ""))),
        "used_bytes": int(told.get("used_memory", 0)),
        "max_bytes": int(told.get("maxmemory", 0)),
        "entries": sum(held.entries for _, _, held in found),
        "datasets": [
            {"dataset": name, "content_hash": digest, "entries": held.entries, "bytes": held.bytes}
            for name, digest, held in found
        ],
        "counters": counted,
    }


def _words(facts: dict[str, Any]) -> str:
    most = human_bytes(facts["max_bytes"]) if facts["max_bytes"] else "no limit"
    lines = [
        f"server   {facts['server']}, {facts['software']} {facts['version']}, {facts['address']}",
        f"memory   {human_bytes(facts['used_bytes'])} of {most}",
        f"entries  {facts['entries']:,}",
    ]
    counted = facts["counters"]
    if counted:
        asked = counted.get("hits", 0) + counted.get("misses", 0)
        lines.append(f"hits     {counted.get('hits', 0):,} of {asked:,}")
    width = max((len(each["dataset"]) for each in facts["datasets"]), default=0)
    lines += [
        f"  {each['dataset']:<{width}}  {each['entries']:>7,}  {human_bytes(each['bytes'])}"
        for each in facts["datasets"]
    ]
    return "\n".join(lines)
