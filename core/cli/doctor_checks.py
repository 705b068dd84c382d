"""What is right and what is wrong with an installation: one finding a line, each wrong one with a way out."""

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
LEAST_MEMORY: Final = 1 << 30
LEAST_ROOM: Final = 0.1
CLOCK_SECONDS: Final = 5.0
PROGRAM_SECONDS: Final = 20.0
GB: Final = 1e9


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    level : ``ok``; ``note``, what works but may not be meant; ``wrong``, what does not work or is dangerous
    what : the thing, in a word
    said : how it is
    remedy : what to do about it; empty where nothing is to be done
    """

    level: Level
    what: str
    said: str
    remedy: str = ""


def examine(settings: Settings, strict_fault: str) -> Iterator[Finding]:
    """Look at everything, one after the other; takes as long as the kernels take to compile.

    Parameters
    ----------
    settings
        Of the installation.
    strict_fault
        Why the strict plotly.js cannot be served; empty if it can.
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
    said = f"{n} processor{'' if n == 1 else 's'}, {limit / GB:.1f} GB of memory, {used / GB:.1f} GB of it taken"
    small = limit < LEAST_MEMORY
    yield Finding(
        "note" if small else "ok",
        "caps",
        said,
        "Give the container 2 GB or more: smaller atlases only." if small else "",
    )


def _settings(settings: Settings) -> Iterator[Finding]:
    said = f"{settings.env}, listens at {settings.host}:{settings.port}"
    faults = list(_dangers(settings))
    if not faults:
        yield Finding("ok", "settings", said)
    yield from faults


def _dangers(settings: Settings) -> Iterator[Finding]:
    """Settings that do what they say, and may hurt."""

    def found(level: Level, said: str, remedy: str) -> Finding:
        return Finding(level, "settings", said, remedy)

    reachable = not is_loopback(settings.host)
    if reachable and settings.secret_key.get_secret_value() == DEVELOPMENT_SECRET:
        yield found(
            "wrong",
            f"others can reach {settings.host}, and the secret is the one that everybody knows",
            "Set MASLDATLAS_SECRET_KEY (openssl rand -hex 32) and MASLDATLAS_ENV=production.",
        )
    elif reachable and not settings.production:
        yield found("note", "others can reach a server in development", "Set MASLDATLAS_ENV=production.")
    if not settings.production:
        return
    if settings.rate_limit == OFF:
        yield found("note", "a visitor may ask as often as he likes", "Set MASLDATLAS_RATE_LIMIT=200/minute.")
    elif not settings.trusted_proxies:
        yield found(
            "note",
            "no proxy is trusted: behind one, all visitors share its address and so one limit",
            "Set MASLDATLAS_TRUSTED_PROXIES to the number of proxies in front, or leave it if there is none.",
        )
    if settings.limiter_redis is None or settings.limiter_redis == settings.cache_redis:
        yield found(
            "note",
            "requests are counted in the cache, which forgets what it likes, or in each process by itself",
            "Set MASLDATLAS_LIMITER_REDIS to a Redis of its own.",
        )
    if not settings.secure_mode:
        yield found("note", "versions are told to visitors", "Set MASLDATLAS_SECURE_MODE=true.")
    if settings.log_level == "DEBUG":
        yield found("note", "every step is logged", "Set MASLDATLAS_LOG_LEVEL=INFO.")
    if any(origin.startswith("http://") for origin in settings.embed_allowed_origins):
        yield found(
            "note", "a site without TLS may embed views", "Name it with https:// in MASLDATLAS_EMBED_ALLOWED_ORIGINS."
        )


def _data(settings: Settings) -> Finding:
    data = settings.data_dir
    if not data.is_dir():
        return Finding("note", "data", f"{data} is not there yet; the server makes it")
    try:
        with tempfile.TemporaryFile(dir=data):
            return Finding("ok", "data", f"{data} can be written to")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        remedy = "Nothing can be imported there; --no-imports serves what is in it."
        return Finding("note", "data", f"{data} cannot be written to ({why})", remedy)


def _disks(settings: Settings) -> Iterator[Finding]:
    for name, place in (("data", settings.data_dir), ("temporary files", Path(tempfile.gettempdir()))):
        if not place.exists():
            continue
        usage = shutil.disk_usage(place)
        full = usage.free < LEAST_ROOM * usage.total
        said = f"{usage.free / GB:.1f} of {usage.total / GB:.1f} GB left for {name}"
        yield Finding("wrong" if full else "ok", "disk", said, "Make room, or choose a larger disk." if full else "")


def _atlases(settings: Settings) -> Iterator[Finding]:
    catalog = Catalog(settings.data_dir)
    manifests = catalog.manifests()
    cells = sum(manifest.n_cells for manifest in manifests)
    if manifests:
        yield Finding("ok", "atlases", f"{len(manifests):,} with {cells:,} cells")
    else:
        yield Finding("note", "atlases", "there are none", "Import one: masldatlas import FILE.h5ad")
    for name, error in sorted(catalog.broken().items()):
        yield Finding("wrong", "atlases", f"{name}: {error.message}", error.remedy)
    for state in catalog.imports():
        if state.phase == "failed":
            yield Finding(
                "wrong", "imports", f"{state.id}: {state.error}", "Correct the file, or take it out of datasets/."
            )


def _redis(settings: Settings) -> Iterator[Finding]:
    if not settings.correlation_cache:
        yield Finding("note", "cache", "turned off: every answer is computed", "Unset MASLDATLAS_CORRELATION_CACHE.")
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


def _server(what: str, url: str, wanted: str) -> Finding:
    """Whether a Redis answers, forgets what it should, and has the same time."""
    import redis

    from core.cache.redis_client import connect

    shown = without_password(url)
    try:
        with closing(connect(url)) as client:
            told: Any = client.info()
            clock: Any = client.time()
    except (redis.RedisError, OSError) as error:
        remedy = f"Start it, or correct MASLDATLAS_{what.upper()}_REDIS."
        return Finding("wrong", what, f"{shown} does not answer ({type(error).__name__})", remedy)
    away = abs(clock[0] - time.time())
    said = f"{shown}, Redis {told.get('redis_version')}, {told.get('used_memory', 0) / GB:.2f} GB used"
    if away > CLOCK_SECONDS:
        return Finding("wrong", what, f"{said}; its clock differs by {away:,.0f} s", "Set both clocks by NTP.")
    policy = told.get("maxmemory_policy")
    if policy != wanted:
        return Finding("note", what, f"{said}; maxmemory-policy is {policy}", f"Set it to {wanted}.")
    return Finding("ok", what, said)


def _clock() -> Finding:
    """Nothing on this machine can have been written in the future."""
    newest = max(path.stat().st_mtime for path in Path(__file__).parents[1].rglob("*.py"))
    now = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    if newest > time.time() + CLOCK_SECONDS:
        return Finding("wrong", "clock", f"it says {now}, before this program was written", "Set the clock by NTP.")
    return Finding("ok", "clock", now)


def _kernels() -> Finding:
    start = time.perf_counter()
    try:
        from core.kernels.warm_up import warm_up

        warm_up()
    except Exception as error:  # noqa: BLE001 - whatever numba raises, it is what is wrong
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Finding(
            "wrong", "kernels", f"they do not compile: {why}", "Set NUMBA_CACHE_DIR to a directory of its own."
        )
    return Finding("ok", "kernels", f"compiled, in {time.perf_counter() - start:.1f} s")


def _browser() -> Finding:
    path = browser()
    if path is None:
        remedy = "Install chromium, or name it in BROWSER_PATH; CSV and JSON need none."
        return Finding("note", "browser", "there is none: no SVG, PNG or PDF", remedy)
    said = _told(str(path), "--version")
    return (
        Finding("ok", "browser", f"{path}, {said}") if said else Finding("wrong", "browser", f"{path} does not start")
    )


def _converter() -> Finding:
    path = converter()
    if path is None:
        return Finding("note", PROGRAM, "not installed: no EPS", "Install poppler-utils; PDF needs none.")
    return Finding("ok", PROGRAM, path)


def _bundle(settings: Settings, fault: str) -> Finding:
    if not fault:
        return Finding("ok", "plotly.js", "the strict bundle, without eval")
    if settings.production:
        return Finding("wrong", "plotly.js", f"{fault} No map can be drawn in production.", "Run `make strict`.")
    return Finding("note", "plotly.js", f"{fault} Development allows eval.", "Run `make strict` before production.")


def _told(*command: str) -> str:
    """What a program says; nothing if it cannot."""
    try:
        done = subprocess.run(  # noqa: S603 - found on PATH, arguments as a list
            command, capture_output=True, text=True, check=True, timeout=PROGRAM_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
