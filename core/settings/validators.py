"""Validators of settings: each takes a text, and returns a value or raises ValueError."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

OFF: Final = "off"
_UNITS: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE | re.ASCII)
_RATE = re.compile(
    r"[1-9]\d*\s*(?:/|\bper\b)\s*(?:[1-9]\d*\s*)?(?:second|minute|hour|day|month|year)s?", re.IGNORECASE | re.ASCII
)
_HOSTNAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*\.?", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE | re.ASCII)
_USER = re.compile(r"""://[^\s/"'<>]*@""")
_PASSWORD = re.compile(r"""([?&]password=)[^\s&"'<>]*""", re.IGNORECASE)
_SEGMENT = re.compile(r"[a-z0-9~-][a-z0-9._~-]*", re.IGNORECASE | re.ASCII)
_HEADER = re.compile(r"[a-z][a-z0-9-]{0,63}", re.IGNORECASE | re.ASCII)
_LONGEST_SHOWN: Final = 60
# First parts of the paths that the program serves itself; those that begin with an underscore are Dash's.
RESERVED: Final = (
    *("api", "arrays", "assets", "correlation", "documentation", "embed", "explore", "healthz", "markers", "oembed"),
    *("readyz", "static", "vendor"),
)


def without_password(text: str) -> str:
    """Return a text as it may be shown or logged: in a URL, user name and password become ``***``."""
    return _PASSWORD.sub(r"\1***", _USER.sub("://***@", text))


def show(value: object) -> str:
    """Return a value as it may be shown: on one line, not too long, and without a password."""
    text = without_password(repr(str(value) if isinstance(value, Path) else value))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def _url(value: str) -> SplitResult:
    """Split a URL, where spaces and control characters are errors rather than dropped."""
    if re.search(r"[\s\x00-\x1f\x7f]", value):
        raise ValueError("has a space in it")
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises where the port is no number
    except ValueError:
        raise ValueError("has a malformed host or port") from None
    return parts


def _is_host(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return len(value) <= 253 and _HOSTNAME.fullmatch(value) is not None  # noqa: PLR2004 - DNS's own limit
    return True


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.rstrip(".").lower() == "localhost"


def _absolute(value: Path) -> Path:
    try:
        return value.expanduser().absolute()
    except RuntimeError:
        raise ValueError(f"is {show(value)}, and there is no such home directory") from None


def directory(value: Path) -> Path:
    """Make a path absolute; it need not exist, but may not be a file."""
    path = _absolute(value)
    try:
        obstructed = path.exists() and not path.is_dir()
    except OSError as error:
        raise ValueError(f"is {show(path)}, which cannot be reached ({error.strerror})") from None
    if obstructed:
        raise ValueError(f"is {show(path)}, which is not a directory")
    return path


def file(value: Path) -> Path:
    """Make a path absolute; there must be a file."""
    path = _absolute(value)
    try:
        is_there = path.is_file()
    except OSError as error:
        raise ValueError(f"is {show(path)}, which cannot be reached ({error.strerror})") from None
    if not is_there:
        raise ValueError(f"is {show(path)}, which is not a file")
    return path


def host(value: str) -> str:
    """Accept an address or a host name."""
    if not _is_host(value):
        raise ValueError(f"is {show(value)}")
    return value


def words(value: object) -> object:
    """Split a text at commas and blanks."""
    return tuple(part for part in re.split(r"[\s,]+", value) if part) if isinstance(value, str) else value


def hosts(values: tuple[str, ...]) -> tuple[str, ...]:
    """Accept names and addresses without a port, in lower case; drop repeated ones."""
    names = [value.strip("[]").rstrip(".").lower() for value in values]
    for name in names:
        if not _is_host(name):
            raise ValueError(f"holds {show(name)}")
    return tuple(dict.fromkeys(names))


def lower(value: object) -> object:
    """Put a text in lower case, without blanks around it."""
    return value.strip().lower() if isinstance(value, str) else value


def upper(value: object) -> object:
    """Put a text in upper case, without blanks around it."""
    return value.strip().upper() if isinstance(value, str) else value


def size(value: object) -> object:
    """Read ``512MB``, ``1.5 GiB`` or a plain number of bytes; units are powers of 1024, as Redis has them."""
    if not isinstance(value, str):
        return value
    found = _SIZE.fullmatch(value.strip())
    if found is None:
        raise ValueError(f"is {show(value)}")
    number, unit = found.groups()
    return int(float(number) * _UNITS[unit.upper()]) if "." in number else int(number) * _UNITS[unit.upper()]


def rate(value: str) -> str:
    """Accept one or several rates, or `OFF`."""
    if value.strip().lower() == OFF:
        return OFF
    if not all(_RATE.fullmatch(part.strip()) for part in re.split("[;,|]", value)):
        raise ValueError(f"is {show(value)}")
    return value


def redis(value: str) -> str:
    """Check a Redis URL; its value is never shown, since it may carry a password."""
    parts = _url(value)
    match parts.scheme:
        case "redis" | "rediss":
            if not parts.hostname:
                raise ValueError("names no host")
            if re.fullmatch(r"/?\d*", parts.path) is None:
                raise ValueError("names a database that is not a number")
        case "unix":
            if parts.hostname or not parts.path.startswith("/") or parts.path == "/":
                raise ValueError("names no absolute path of a socket")
        case _:
            raise ValueError("does not begin with redis://, rediss:// or unix://")
    return value


def scheduler(value: str) -> str:
    """Accept the address of a Dask scheduler."""
    parts = _url(value)
    if parts.scheme != "tcp" or not parts.hostname or not parts.port or value.count("/") != 2 or "@" in value:  # noqa: PLR2004
        raise ValueError(f"is {show(value)}")
    return value


def _origin(value: str) -> str:
    """Return one web origin in its canonical form: lower case, nothing but scheme, host and port."""
    try:
        parts = _url(value)
    except ValueError as error:
        raise ValueError(f"holds {show(value)}, which {error}") from None
    if parts.scheme not in {"http", "https"}:
        raise ValueError(f"holds {show(value)}, which does not begin with https:// or http://")
    if not _is_host(parts.hostname or ""):
        raise ValueError(f"holds {show(value)}, which names no host")
    if ":" in (parts.hostname or ""):
        raise ValueError(f"holds {show(value)}, an IPv6 address, which a browser does not take in a policy")
    for what, there in (
        ("a user name", parts.username is not None),
        ("a path", parts.path),
        ("a query", "?" in value),
        ("a fragment", "#" in value),
    ):
        if there:
            raise ValueError(f"holds {show(value)}, which has {what}")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def contact(value: str) -> str:
    """Return an address for reports as a URI; a bare e-mail address becomes one."""
    if _EMAIL.fullmatch(value.removeprefix("mailto:")):
        return f"mailto:{value.removeprefix('mailto:')}"
    try:
        parts = _url(value)
    except ValueError as error:
        raise ValueError(f"is {show(value)}, which {error}") from None
    if parts.scheme != "https" or not _is_host(parts.hostname or "") or parts.username is not None:
        raise ValueError(f"is {show(value)}")
    return value


def unique(values: tuple[str, ...]) -> tuple[str, ...]:
    """Normalise origins and drop repeated ones."""
    return tuple(dict.fromkeys(_origin(value) for value in values))


def url_prefix(value: str) -> str:
    """Accept the path below which a proxy serves this program; return it with a slash at both ends."""
    parts = [part for part in value.strip().split("/") if part]
    if not value.strip().startswith("/") or not all(_SEGMENT.fullmatch(part) for part in parts):
        raise ValueError(f"is {show(value)}")
    if parts and (parts[0] in RESERVED or parts[0].startswith("_")):
        raise ValueError(f"is {show(value)}, and /{parts[0]} is a path of the program itself")
    return f"/{'/'.join(parts)}/" if parts else "/"


def header_name(value: str) -> str:
    """Accept the name of an HTTP header; proxies drop names with an underscore."""
    if _HEADER.fullmatch(value) is None:
        raise ValueError(f"is {show(value)}")
    return value
