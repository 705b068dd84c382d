"""Settings of an operator: one frozen object, read once from the environment.

This is the only module that reads the environment. Nothing is read on import: :func:`load` does it when asked, and
other modules are handed the :class:`Settings`.
"""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias, cast

import platformdirs
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_serializer,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from core.errors import InvalidSettings
from core.kernels import source_digest
from core.settings import validators
from core.settings.files import from_files
from core.settings.validators import OFF, is_loopback, without_password

PREFIX: Final = "MASLDATLAS_"
TEST_PREFIX: Final = "MASLDATLAS_TEST_"
DEVELOPMENT_SECRET: Final = "masldatlas-development-secret-that-anybody-may-know"  # noqa: S105 - it is no secret
SHORTEST_SECRET: Final = 32
# The settings that are URLs of Redis, and so may hold a password.
REDIS: Final = ("cache_redis", "limiter_redis")
# A browser draws that many points smoothly, and hovers over them.
RASTER_ABOVE: Final = 200_000
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


ARENAS: Final = "MALLOC_ARENA_MAX"
ALLOCATORS: Final[Mapping[str, str]] = {ARENAS: "2", "ARROW_DEFAULT_MEMORY_POOL": "system"}
_M_ARENA_MAX: Final = -8

Level: TypeAlias = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
Origins: TypeAlias = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(validators.words), AfterValidator(validators.unique)
]
Hosts: TypeAlias = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(validators.words), AfterValidator(validators.hosts)
]


class Settings(BaseSettings):
    """Settings of an operator, checked.

    Each field is the variable ``MASLDATLAS_<FIELD>``, or a file that ``MASLDATLAS_<FIELD>_FILE`` names; an empty
    variable counts as not set. The title of a field is its meaning, for the documentation; the description is what an
    error says the value must be. Make one with :func:`load`, which turns every problem into one sentence.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        validate_default=True,
        hide_input_in_errors=True,
    )

    data_dir: Annotated[Path, AfterValidator(validators.directory)] = Field(
        default_factory=lambda: platformdirs.user_data_path("masldatlas", appauthor=False),
        title="Directory where atlases, the cache of compiled kernels and downloads are kept",
        description="a directory that this user may write to, such as /srv/masldatlas",
    )
    gene_sets_dir: Annotated[Path, AfterValidator(validators.directory)] | None = Field(
        None,
        title="Directory with `.gmt` files whose sets can be scored, as `gmt:FILE/NAME`",
        description="a directory of .gmt files; unset for `genesets` in the data directory",
    )
    orthologs: Annotated[Path, AfterValidator(validators.file)] | None = Field(
        None,
        title="Table of orthologs, with a row for each pair of paralogs, beside the small table that is included",
        description="a CSV file with the columns human, mouse and zebrafish",
    )
    host: Annotated[str, AfterValidator(validators.host)] = Field(
        "127.0.0.1",
        title="Address to listen on",
        description="an address or host name to listen on, such as 127.0.0.1 or 0.0.0.0",
    )
    port: int = Field(
        8050,
        ge=0,
        le=65535,
        title="Port to listen on",
        description="a whole number from 0 to 65535, such as 8050 (0 takes any free port)",
    )
    allowed_hosts: Hosts = Field(
        (),
        title="Host names under which visitors reach the dashboard; requests for any other name get 400, so that no "
        "web page can read the atlases of a server on its visitor's machine. Loopback names and `MASLDATLAS_HOST` are "
        "always allowed",
        description="names without a port, separated by commas or spaces, such as masld.example.org",
    )
    restarts: int = Field(
        5,
        ge=0,
        le=1000,
        title="How often within ten minutes `masldatlas serve` starts its server again after it crashed or hung; 0 "
        "where a supervisor such as Docker does that",
        description="a whole number from 0 to 1000, such as 5",
    )
    url_prefix: Annotated[str, AfterValidator(validators.url_prefix)] = Field(
        "/",
        title="Path below which a reverse proxy serves the program, whether it strips the path or not. The "
        "`X-Forwarded-Prefix` of a trusted proxy must name the same",
        description="a path such as /atlas/, which is no path of the program itself, or / for none",
    )
    threads: int | None = Field(
        None,
        ge=1,
        le=1024,
        title="Number of threads that compute; unset for the CPU quota of the container",
        description="a whole number from 1 to 1024, or unset for what the container may use",
    )
    references_fetch: bool = Field(
        default=True,
        title="Fetch reference data (gene sets, gene names, orthologs) in the background when the server starts "
        "without any; without a network nothing happens",
        description="true or false",
    )
    import_timeout: float = Field(
        120,
        ge=1,
        le=86400,
        allow_inf_nan=False,
        title="Seconds without progress after which an import is ended: some damaged files hold it up for ever",
        description="a number of seconds from 1 to 86400, such as 120",
    )
    env: Annotated[Literal["development", "production"], BeforeValidator(validators.lower)] = Field(
        "development", title="`production` requires a secret key and logs JSON", description="development or production"
    )
    secure_mode: bool = Field(default=False, title="Hide version numbers from visitors", description="true or false")
    log_level: Annotated[Level, BeforeValidator(validators.upper)] = Field(
        "INFO", title="Least severe messages that are logged", description="DEBUG, INFO, WARNING, ERROR or CRITICAL"
    )
    cache_redis: Annotated[str, AfterValidator(validators.redis)] | None = Field(
        None,
        title="Redis that caches answers, whose state `/readyz` shows; unset for an embedded server",
        description="a URL such as redis://localhost:6379/0, rediss://… or unix:///run/redis.sock",
    )
    cache_size: Annotated[int, BeforeValidator(validators.size)] = Field(
        512 << 20,
        ge=1 << 20,
        lt=1 << 63,
        title="Memory of the embedded Redis; no single answer takes more than an eighth of it",
        description="a size of 1MB or more, such as 512MB, 4GB or a number of bytes",
    )
    raster_above: int = Field(
        RASTER_ABOVE,
        ge=1,
        lt=1 << 63,
        title="Number of cells above which maps are drawn by the server (datashader), which aggregates anew on zoom",
        description="a number of cells, 1 or more, such as 200000",
    )
    export_values: int = Field(
        50_000_000,
        ge=1,
        lt=1 << 63,
        title="Number of values (nonzeros of cells and genes, over all layers) of a selection that may be downloaded "
        "as `.h5ad`",
        description="a number of values, 1 or more, such as 50000000",
    )
    correlation_cache: bool = Field(default=True, title="Cache computed answers", description="true or false")
    preload_datasets: bool = Field(
        default=False,
        title="Before `/readyz` says ready, read the atlases that fit into 40 % of the memory, and compute what their "
        "pages ask first",
        description="true or false",
    )
    metrics_enabled: bool = Field(
        default=False,
        title="Serve metrics for Prometheus on a port of their own, at the address of `MASLDATLAS_HOST`",
        description="true or false",
    )
    metrics_port: int = Field(
        9100,
        ge=0,
        le=65535,
        title="Port of the metrics",
        description="a whole number from 0 to 65535, such as 9100 (0 takes any free port)",
    )
    monitoring_enabled: bool = Field(
        default=False,
        title="Log memory, mapped atlases, threads and cache at regular intervals",
        description="true or false",
    )
    monitoring_interval: float = Field(
        15,
        ge=1,
        le=86400,
        allow_inf_nan=False,
        title="Seconds between these lines of the log; the metrics look at the mapped files at most as often",
        description="a number of seconds from 1 to 86400, such as 15",
    )
    rate_limit: Annotated[str, AfterValidator(validators.rate)] = Field(
        "200/minute",
        title="Requests to the API, frames and oEmbed that one network address may make; pages, their callbacks and "
        "arrays may be ten times as many. What computes or draws counts as several. Beyond it the answer is 429, and "
        "pages wait and continue by themselves. In development on a loopback address there is a limit only if one is "
        "set",
        description="requests per time, such as 200/minute, several as in 10/second;200/minute, or off",
    )
    limiter_redis: Annotated[str, AfterValidator(validators.redis)] | None = Field(
        None,
        title="Redis that counts requests for the rate limit; it should evict nothing",
        description="a URL such as redis://localhost:6379/1; unset for CACHE_REDIS, or else the memory of the process",
    )
    embed_allowed_origins: Origins = Field(
        (),
        title="Sites that may frame `/embed/…`",
        description="origins such as https://lab.example.org or http://localhost:80, separated by commas or spaces",
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=16,
        title="Number of reverse proxies in front whose `X-Forwarded-…` headers are believed",
        description="the number of reverse proxies in front, one behind the other, from 0 to 16",
    )
    access_header: Annotated[str, AfterValidator(validators.header_name)] = Field(
        "X-Masldatlas-Access",
        title="Header in which a trusted proxy sends `MASLDATLAS_ACCESS_VALUE` for those who may see private atlases",
        description="the name of a header, such as X-Masldatlas-Access",
    )
    access_value: SecretStr | None = Field(
        None,
        title="Secret in that header. Unset, nobody sees private atlases over HTTP; it needs "
        "`MASLDATLAS_TRUSTED_PROXIES`",
        description="at least 32 random characters, such as `openssl rand -hex 32` prints, beside TRUSTED_PROXIES of 1 "
        "or more",
    )
    security_contact: Annotated[str, AfterValidator(validators.contact)] | None = Field(
        None,
        title="Contact named in `/.well-known/security.txt`",
        description="an address such as security@lab.example.org or https://lab.example.org/security",
    )
    secret_key: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET),
        title="Secret that signs cached answers; all replicas share it",
        description="at least 32 random characters in production, such as `openssl rand -hex 32` prints",
    )
    dask_scheduler: Annotated[str, AfterValidator(validators.scheduler)] | None = Field(
        None,
        title="Dask cluster that sees the same disk and computes instead of threads; needs the extra `cluster`",
        description="an address such as tcp://localhost:8786",
    )

    @field_validator("secret_key")
    @classmethod
    def _secret(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        """Refuse, in production, a secret that others know or may guess."""
        secret = value.get_secret_value()
        if info.data.get("env") == "production":
            if secret == DEVELOPMENT_SECRET:
                raise ValueError("is missing or the well-known default")
            if len(secret.strip()) < SHORTEST_SECRET:
                raise ValueError("is too short")
        return value

    @field_validator("access_value")
    @classmethod
    def _access(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        """Refuse a secret that can be guessed, and one that no trusted proxy could send."""
        if value is None:
            return None
        if not value.get_secret_value().isascii() or len(value.get_secret_value().strip()) < SHORTEST_SECRET:
            raise ValueError("is too short or not ASCII")
        if not info.data.get("trusted_proxies"):
            raise ValueError("is set without a trusted proxy that could send it")
        return value

    @field_serializer(*REDIS)
    def _without_password(self, value: str | None) -> str | None:
        return None if value is None else without_password(value)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Show every field but the passwords, in ``repr`` and ``str``."""
        for name, value in super().__repr_args__():
            yield name, without_password(value) if name in REDIS and value else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings passes it by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the overrides, then the environment, and nothing else."""
        return init_settings, env_settings

    @property
    def gene_sets(self) -> Path:
        """Directory of .gmt files, which need not exist."""
        return self.gene_sets_dir or self.data_dir / "genesets"

    @property
    def base_path(self) -> str:
        """Path below which the program is served, without a slash at its end; empty for the root."""
        return self.url_prefix.rstrip("/")

    @property
    def production(self) -> bool:
        """True in a public deployment."""
        return self.env == "production"

    @property
    def local(self) -> bool:
        """True in development, on this machine alone."""
        return not self.production and is_loopback(self.host)

    @property
    def exposed(self) -> bool:
        """True when others can reach the server, and know its secret."""
        return not is_loopback(self.host) and self.secret_key.get_secret_value() == DEVELOPMENT_SECRET

    @property
    def limited(self) -> bool:
        """True when a visitor's requests are limited: always but for a lone developer who has set no rate."""
        return self.rate_limit != OFF and ("rate_limit" in self.model_fields_set or not self.local)


def variable(field: str) -> str:
    """Return the environment variable of a field, e.g. ``MASLDATLAS_PORT`` of ``port``."""
    return f"{PREFIX}{field.upper()}"


def load(**overrides: object) -> Settings:
    """Read the environment, once.

    Parameters
    ----------
    **overrides
        Fields that win over the environment, from the options of a command or from a test. ``None`` is "not given".

    Raises
    ------
    InvalidSettings
        One sentence on the first problem, and how many more there are: a variable that begins with ``MASLDATLAS_`` and
        is not a setting, or a value that is malformed. Variables of the tests, ``MASLDATLAS_TEST_*``, are ignored.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    named = {name for name in os.environ if name.upper().startswith(PREFIX)}
    named = {name for name in named if not name.upper().startswith(TEST_PREFIX)}
    filed, problems, understood = from_files({name: os.environ[name] for name in named}, PREFIX, Settings.model_fields)
    given = filed | given
    named -= understood
    problems += [problem for name in sorted(named | set(map(variable, given))) if (problem := _unknown(name))]
    settings = None
    try:
        settings = Settings(**{name: value for name, value in given.items() if name in Settings.model_fields})  # pyright: ignore[reportArgumentType] - checked by pydantic
    except ValidationError as error:
        problems += _malformed(error)
    # Raised outside the handler: pydantic's error, which holds every value, must not travel along as its context.
    if problems or settings is None:
        more = f" ({len(problems) - 1} more to correct)" if len(problems) > 1 else ""
        raise InvalidSettings(f"{problems[0]}{more}.")
    return settings


def _unknown(name: str) -> str:
    """Describe what is wrong with the name of a variable, without the full stop; empty for a setting."""
    field = name[len(PREFIX) :].lower()
    if field in Settings.model_fields:
        return ""
    near = get_close_matches(field, Settings.model_fields, n=len(Settings.model_fields), cutoff=0.45)
    if near:
        # Nearest first; of these, one with the same words in another order.
        nearest = max(near, key=lambda known: len(set(known.split("_")) & set(field.split("_"))))
        return f"{name} is not a setting; the nearest one is {variable(nearest)}"
    every = ", ".join(map(variable, Settings.model_fields))
    return f"{name} is not a setting; those that are: {every}"


def _malformed(error: ValidationError) -> list[str]:
    """Return one sentence a field, without the full stop, in the order of the fields."""
    found: dict[str, str] = {}
    for detail in error.errors(include_url=False):
        field = str(detail["loc"][0])
        own = detail.get("ctx", {}).get("error")
        secret = field in {"secret_key", "access_value", *REDIS}
        wrong = str(own) if own is not None else "is malformed" if secret else f"is {validators.show(detail['input'])}"
        found.setdefault(field, f"{variable(field)} {wrong}; it must be {Settings.model_fields[field].description}")
    return list(found.values())


def child_environment(settings: Settings) -> dict[str, str]:
    """Return the environment for a process of ours, in which :func:`load` gives the same settings.

    Options of the command line are settings too, and a child process would not see them otherwise.
    """
    passed = {name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)}
    passed |= {name: value for name, value in os.environ.items() if name.upper().startswith(TEST_PREFIX)}
    for field in settings.model_fields_set:
        value = cast("object", getattr(settings, field))
        if value is None:
            continue
        passed[variable(field)] = _TO_TEXT.get(type(value), str)(value)
    return passed


_TO_TEXT: Final[Mapping[type, Callable[[Any], str]]] = {
    tuple: ",".join,
    SecretStr: lambda secret: secret.get_secret_value(),
}


def browser() -> Path | None:
    """Return the Chromium or Chrome that draws figures for paper: ``BROWSER_PATH``, else one on the path; else None."""
    named = os.environ.get("BROWSER_PATH", "")
    if named:
        return Path(named) if os.access(named, os.X_OK) and Path(named).is_file() else None
    return next((Path(found) for name in BROWSERS if (found := shutil.which(name))), None)


def use_few_arenas() -> None:
    """Make this process and its children give memory back; call before threads start and before Arrow is imported.

    The allocators of the C library and of Arrow keep what is free, each thread its own: with 40 threads that was 200 MB
    after five rounds of one load. The C library reads its variable before Python runs, hence `mallopt`; no second start
    of the interpreter is needed.
    """
    for name, value in ALLOCATORS.items():
        os.environ.setdefault(name, value)
    with suppress(AttributeError, OSError, ValueError):
        # Only glibc has it; its number is part of the interface.
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, int(os.environ[ARENAS]))


def use_numba_cache(settings: Settings) -> Path:
    """Keep Numba's compiled kernels beside the data, unless ``NUMBA_CACHE_DIR`` says where; call before importing it.

    The package's own directory may be read-only, and a container may have no home: Numba then compiles nothing. Each
    version of the kernels has a directory of its own.
    """
    default = settings.data_dir / "cache" / "numba" / source_digest()
    return Path(os.environ.setdefault("NUMBA_CACHE_DIR", str(default)))
