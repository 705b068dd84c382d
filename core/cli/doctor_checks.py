"""Checks of an installation, each with one or more findings and their remedies."""

from __future__ import annotations

import platform
import shutil
import subprocess
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from core import __version__
from core.atlas.catalog import Catalog
from core.atlas.manifest import SCHEMA_VERSION
from core.cache.embedded_redis import NO_SERVER, find_binary
from core.export.eps import PROGRAM, converter
from core.settings.settings import DEVELOPMENT_SECRET, browser
from core.settings.validators import OFF, is_loopback, without_password
from core.system import memory
from core.system.limits import cpu_count, memory_limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.settings.settings import Settings

Level: TypeAlias = Literal["ok", "note", "wrong"]
PACKAGES: Final = ("dash", "plotly", "numpy", "numba", "pyarrow", "redis", "waitress")
MIN_MEMORY: Final = 1 << 30
MIN_FREE: Final = 0.1
CLOCK_SECONDS: Final = 5.0
PROGRAM_SECONDS: Final = 20.0
GB: Final = 1e9
# Atlases that are named in one finding.
MAX_UNCITED = 5


@dataclass(frozen=True)
class Finding:
    """Result of a check; the attributes are also the keys of ``masldatlas doctor --json``.

    Attributes
    ----------
    level : ``ok``; ``note`` if something works but may be unintended; ``wrong`` if something fails or is dangerous
    what : name of the check
    said : result in a sentence or phrase
    remedy : what to do; empty if nothing needs to be done
    """

    level: Level
    what: str
    said: str
    remedy: str = ""


def examine(settings: Settings, strict_fault: str) -> Iterator[Finding]:
    """Run all checks; takes as long as the compilation of the kernels.

    Parameters
    ----------
    settings
        Settings of the installation.
    strict_fault
        Reason why the strict plotly.js cannot be served; empty if it can.
    """
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    yield Finding("ok", "version", f"MASLDatlas {__version__}, Python {platform.python_version()}, {packages}")
    yield from _caps()
    yield from _settings(settings)
    yield _data(settings)
    yield from _disks(settings)
    yield from _atlases(settings)
    yield from _redis(settings)
    yield _clock()
    yield _kernels()
    yield _browser()
    yield _converter()
    yield _bundle(settings, strict_fault)


def _caps() -> Iterator[Finding]:
    limit, used = memory_limit(), memory.used()
    n = cpu_count()
    message = f"{n} CPU{'' if n == 1 else 's'}, {limit / GB:.1f} GB of memory, {used / GB:.1f} GB of them in use"
    small = limit < MIN_MEMORY
    yield Finding(
        "note" if small else "ok",
        "caps",
        message,
        "Give the container 2 GB or more; with less memory, only small atlases work." if small else "",
    )


def _settings(settings: Settings) -> Iterator[Finding]:
    message = f"{settings.env}, listens on {settings.host}:{settings.port}"
    faults = list(_dangers(settings))
    if not faults:
        yield Finding("ok", "settings", message)
    yield from faults


def _dangers(settings: Settings) -> Iterator[Finding]:
    """Yield valid settings that may be dangerous."""

    def found(level: Level, message: str, remedy: str) -> Finding:
        return Finding(level, "settings", message, remedy)

    reachable = not is_loopback(settings.host)
    if reachable and settings.secret_key.get_secret_value() == DEVELOPMENT_SECRET:
        yield found(
            "wrong",
            f"{settings.host} is reachable by others, and the secret key is the public default",
            "Set MASLDATLAS_SECRET_KEY (openssl rand -hex 32) and MASLDATLAS_ENV=production.",
        )
    elif reachable and not settings.production:
        yield found("note", "a development server is reachable by others", "Set MASLDATLAS_ENV=production.")
    if not settings.production:
        return
    if not settings.allowed_hosts:
        yield found(
            "note",
            "only loopback names are answered: visitors who use the name of this server get 400",
            "Set MASLDATLAS_ALLOWED_HOSTS to that name.",
        )
    if settings.rate_limit == OFF:
        yield found("note", "requests are not limited", "Set MASLDATLAS_RATE_LIMIT=200/minute.")
    elif not settings.trusted_proxies:
        yield found(
            "note",
            "no proxy is trusted: behind a proxy, all visitors share its address and one rate limit",
            "Set MASLDATLAS_TRUSTED_PROXIES to the number of proxies; without a proxy, keep 0.",
        )
    if settings.limiter_redis is None or settings.limiter_redis == settings.cache_redis:
        yield found(
            "note",
            "requests are counted in the cache, which may evict the counts, or separately in each process",
            "Set MASLDATLAS_LIMITER_REDIS to a separate Redis.",
        )
    if not settings.secure_mode:
        yield found("note", "versions are shown to visitors", "Set MASLDATLAS_SECURE_MODE=true.")
    if settings.log_level == "DEBUG":
        yield found("note", "the log level is DEBUG", "Set MASLDATLAS_LOG_LEVEL=INFO.")
    if any(origin.startswith("http://") for origin in settings.embed_allowed_origins):
        yield found(
            "note",
            "a site without TLS may embed views",
            "Write its origin with https:// in MASLDATLAS_EMBED_ALLOWED_ORIGINS.",
        )


def _data(settings: Settings) -> Finding:
    data = settings.data_dir
    if not data.is_dir():
        return Finding("note", "data", f"{data} does not exist yet; the server creates the directory")
    try:
        with tempfile.TemporaryFile(dir=data):
            return Finding("ok", "data", f"{data} is writable")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        remedy = "Nothing can be imported; use --no-imports to serve the existing atlases."
        return Finding("note", "data", f"{data} is not writable ({reason})", remedy)


def _disks(settings: Settings) -> Iterator[Finding]:
    for name, directory in (("data", settings.data_dir), ("temporary files", Path(tempfile.gettempdir()))):
        if not directory.exists():
            continue
        usage = shutil.disk_usage(directory)
        full = usage.free < MIN_FREE * usage.total
        message = f"{usage.free / GB:.1f} of {usage.total / GB:.1f} GB free for {name}"
        yield Finding(
            "wrong" if full else "ok", "disk", message, "Free disk space, or use a larger disk." if full else ""
        )


def _atlases(settings: Settings) -> Iterator[Finding]:
    catalog = Catalog(settings.data_dir)
    manifests = catalog.manifests()
    cells = sum(manifest.n_cells for manifest in manifests)
    if manifests:
        size = sum(manifest.bytes for manifest in manifests) / GB
        yield Finding("ok", "atlases", f"{len(manifests):,} with {cells:,} cells, {size:.1f} GB")
    else:
        yield Finding("note", "atlases", "no atlases", "Import one with: masldatlas import FILE.h5ad")
    if old := [manifest for manifest in manifests if manifest.schema_version != SCHEMA_VERSION]:
        size = sum(manifest.bytes for manifest in old) / GB
        names = ", ".join(manifest.id for manifest in old[:MAX_UNCITED])
        more = f" and {len(old) - MAX_UNCITED:,} more" if len(old) > MAX_UNCITED else ""
        yield Finding(
            "note",
            "store",
            f"version 1, read more slowly and {size:.1f} GB instead of about a third: {names}{more}",
            "Run: masldatlas datasets upgrade",
        )
    uncited = [str(manifest.id) for manifest in manifests if not manifest.citation]
    if uncited:
        message = f"no citation, so methods texts cite none: {', '.join(uncited[:MAX_UNCITED])}"
        more = f" and {len(uncited) - MAX_UNCITED:,} more" if len(uncited) > MAX_UNCITED else ""
        yield Finding("note", "citation", f"{message}{more}", "Import again with: --replace --citation TEXT")
    for name, error in sorted(catalog.broken().items()):
        yield Finding("wrong", "atlases", f"{name}: {error.message}", error.remedy)
    for state in catalog.imports():
        if state.phase == "failed":
            yield Finding(
                "wrong", "imports", f"{state.id}: {state.error}", "Correct the file, or remove it from datasets/."
            )


def _redis(settings: Settings) -> Iterator[Finding]:
    if not settings.correlation_cache:
        yield Finding(
            "note", "cache", "turned off: every result is computed anew", "Unset MASLDATLAS_CORRELATION_CACHE."
        )
    elif settings.cache_redis is None:
        binary = find_binary()
        if binary is None:
            yield Finding("wrong", "cache", NO_SERVER, "Install redis-server, or set MASLDATLAS_CACHE_REDIS.")
        else:
            yield Finding("ok", "cache", f"embedded, {binary}")
    else:
        yield _server("cache", settings.cache_redis, "allkeys-lru")
    if settings.limiter_redis is not None:
        yield _server("limiter", settings.limiter_redis, "noeviction")


def _server(name: str, url: str, expected_policy: str) -> Finding:
    """Check that a Redis responds, has the expected eviction policy and the same time."""
    import redis

    from core.cache.redis_client import connect

    shown = without_password(url)
    try:
        with closing(connect(url)) as client:
            status: Any = client.info()
            clock: Any = client.time()
    except (redis.RedisError, OSError) as error:
        remedy = f"Start the Redis server, or correct MASLDATLAS_{name.upper()}_REDIS."
        return Finding("wrong", name, f"{shown} does not respond ({type(error).__name__})", remedy)
    difference = abs(clock[0] - time.time())
    message = f"{shown}, Redis {status.get('redis_version')}, {status.get('used_memory', 0) / GB:.2f} GB used"
    if difference > CLOCK_SECONDS:
        remedy = "Synchronize both clocks by NTP."
        return Finding("wrong", name, f"{message}; its clock differs by {difference:,.0f} s", remedy)
    policy = status.get("maxmemory_policy")
    if policy != expected_policy:
        remedy = f"Set maxmemory-policy to {expected_policy}."
        return Finding("note", name, f"{message}; maxmemory-policy is {policy}", remedy)
    return Finding("ok", name, message)


def _clock() -> Finding:
    """Check that no source file has a modification time in the future."""
    newest = max(path.stat().st_mtime for path in Path(__file__).parents[1].rglob("*.py"))
    now = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    if newest > time.time() + CLOCK_SECONDS:
        return Finding(
            "wrong", "clock", f"{now} is earlier than the files of this program", "Synchronize the clock by NTP."
        )
    return Finding("ok", "clock", now)


def _kernels() -> Finding:
    start = time.perf_counter()
    try:
        from core.kernels.warm_up import warm_up

        warm_up()
    except Exception as error:  # noqa: BLE001 - any error of numba is a finding
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Finding(
            "wrong", "kernels", f"compilation fails: {reason}", "Set NUMBA_CACHE_DIR to a separate directory."
        )
    return Finding("ok", "kernels", f"compiled in {time.perf_counter() - start:.1f} s")


def _browser() -> Finding:
    path = browser()
    if path is None:
        remedy = "Install Chromium, or set BROWSER_PATH to its path; CSV and JSON need no browser."
        return Finding("note", "browser", "not found: no SVG, PNG or PDF", remedy)
    output = _output_of(str(path), "--version")
    if not output:
        return Finding("wrong", "browser", f"{path} does not start", "Set BROWSER_PATH to another Chromium or Chrome.")
    return Finding("ok", "browser", f"{path}, {output}")


def _converter() -> Finding:
    path = converter()
    if path is None:
        return Finding("note", PROGRAM, "not installed: no EPS", "Install poppler-utils, if EPS is needed.")
    return Finding("ok", PROGRAM, path)


def _bundle(settings: Settings, fault: str) -> Finding:
    if not fault:
        return Finding("ok", "plotly.js", "strict bundle, works without eval")
    if settings.production:
        return Finding("wrong", "plotly.js", f"{fault} Maps cannot be drawn in production.", "Run `make strict`.")
    return Finding("note", "plotly.js", f"{fault} Development allows eval.", "Run `make strict` before production.")


def _output_of(*command: str) -> str:
    """Return the output of a program; empty if the program fails."""
    try:
        done = subprocess.run(  # noqa: S603 - found on PATH, arguments as a list
            command, capture_output=True, text=True, check=True, timeout=PROGRAM_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
