"""How many requests one visitor may make: Flask-Limiter, counting in Redis where there is one.

What counts are questions: the requests of the API, the figures of frames in other sites, and those of Dash's callbacks.
Pages, files, and the arrays that a browser keeps for ever do not count, nor do health checks. One click is one question
to a person but several requests to Dash: measured in a browser, another gene takes 4 (Correlation) to 7 (Explore) of
them and opening a page 13 to 17. At 200 a minute somebody who looks at a gene every other second would have been
stopped, so callbacks are counted apart from the API, and may be ten times as many: more than anybody clicks, and little
to a program that runs wild.

When Redis is away every process counts for itself, in its memory, until it is back.
"""

from __future__ import annotations

import ipaddress
import math
import time
from typing import TYPE_CHECKING, Final

import redis
from flask import Response, request

from core.cache.redis_client import patience
from core.errors import TooManyRequests
from core.web.headers import EMBED
from core.web.middleware import CALLBACKS
from core.web.outcomes import note
from core.web.problems import of_error

if TYPE_CHECKING:
    from flask import Flask
    from flask_limiter import Limiter, RateLimitExceeded
    from limits import RateLimitItem

    from core.settings.settings import Settings

API: Final = "/api/"
# Of what a frame in another site asks for: its figure and its poster.
DRAWN: Final = (".json", ".png")
CALLBACKS_PER_QUESTION: Final = 10
# Whoever has one address of IPv6 has as many as 64 bits can tell.
IPV6_NETWORK: Final = 64
# Two servers on one Redis have one count; nothing else in it begins so.
PREFIX: Final = "masldatlas"
MEMORY: Final = "memory://"


def register(server: Flask, settings: Settings) -> None:
    """Count, and refuse what is too much with 429 and the time to come back."""
    if not settings.limited:
        return
    from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded

    rates = {"api": settings.rate_limit, "callbacks": times(settings.rate_limit, CALLBACKS_PER_QUESTION)}

    def visitor() -> str:
        return f"{counted()}:{address(request.remote_addr)}"

    uri = storage(settings)
    limiter = Limiter(
        visitor,
        application_limits=[ApplicationLimit(lambda: rates[counted() or "api"], exempt_when=lambda: not counted())],
        storage_uri=uri,
        storage_options=patience() if uri != MEMORY else {},
        in_memory_fallback_enabled=True,
        key_prefix=PREFIX,
    )
    limiter.init_app(server)

    @server.errorhandler(RateLimitExceeded)
    def too_many(error: RateLimitExceeded) -> Response:
        limit = error.limit.limit
        seconds = _seconds(limiter, limit)
        refused = refusal(limit, seconds)
        note(refused)
        answer = of_error(refused)
        answer.headers["Retry-After"] = str(seconds)
        answer.headers["Cache-Control"] = "no-store"
        return answer


def storage(settings: Settings) -> str:
    """Where it is counted: the limiter's own Redis, else that of the cache, else this process."""
    url = settings.limiter_redis or settings.cache_redis or MEMORY
    return url.replace("unix://", "redis+unix://", 1) if url.startswith("unix://") else url


def counted() -> str:
    """What a request counts as; nothing if it does not count."""
    if request.path == CALLBACKS:
        return "callbacks"
    drawn = request.path.startswith(EMBED) and request.path.endswith(DRAWN)
    return "api" if drawn or request.path.startswith(API) else ""


def address(remote: str | None) -> str:
    """Whom an address stands for: itself, or the network of an address of IPv6."""
    try:
        found = ipaddress.ip_address((remote or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, IPV6_NETWORK), strict=False).network_address)


def _seconds(limiter: Limiter, limit: RateLimitItem) -> int:
    """After how many seconds there may be more requests."""
    try:
        reset = limiter.current_limit.reset_at if limiter.current_limit else math.inf
    except (redis.RedisError, OSError):
        # Redis has gone since it said no; at the latest it is when the whole of the time is over.
        reset = math.inf
    return max(1, math.ceil(min(reset - time.time(), limit.get_expiry())))


def times(rate: str, factor: int) -> str:
    """A rate, or several, of so many times as many requests."""
    from limits import parse_many

    return ";".join(f"{it.amount * factor} per {it.multiples} {it.GRANULARITY.name}" for it in parse_many(rate))


def refusal(limit: RateLimitItem, seconds: int) -> TooManyRequests:
    """The sentence: how many there may be, and when there may be more."""
    span = f"{limit.multiples} {limit.GRANULARITY.name}{'' if limit.multiples == 1 else 's'}"
    return TooManyRequests(
        f"This is more than the {limit.amount:,} requests that one visitor may make in {span}.",
        f"Go on in {seconds:,} second{'' if seconds == 1 else 's'}.",
    )
