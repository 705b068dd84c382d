"""Rate limit per visitor, by Flask-Limiter, counted in Redis if available.

Requests count by what they cost the server (`core.web.request_costs`). Static files and health checks are free. One
click causes several callbacks: measured in a browser, selecting a gene causes 4 (Correlation) to 7 (Explore) and
opening a page 13 to 17. At 200 requests per minute, a visitor who selects a gene every other second would reach the
limit. Pages with their callbacks and arrays are therefore counted separately from the API, with ten times its limit,
which no person reaches and which still stops a runaway script.

While Redis is unavailable, each process counts in memory.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Final

import redis
from flask import Response, request

from core.cache.redis_client import patience
from core.compute.admission import visitor as visitor_of_thread
from core.errors import TooManyRequests
from core.web import dispatcher
from core.web.outcomes import note
from core.web.problems import of_error
from core.web.proxies import address
from core.web.request_costs import category, cost

if TYPE_CHECKING:
    from flask import Flask
    from flask_limiter import Limiter, RateLimitExceeded
    from limits import RateLimitItem

    from core.settings.settings import Settings

PAGES_PER_API: Final = 10
# Prefix of all keys; servers that share a Redis share their counts.
PREFIX: Final = "masldatlas"
MEMORY: Final = "memory://"


def register(server: Flask, settings: Settings) -> None:
    """Count requests, and answer those beyond the rate limit with 429 and Retry-After; name visitors to the queues."""
    if not settings.limited:
        return
    from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded
    from limits import parse_many

    rates = {"api": settings.rate_limit, "pages": times(settings.rate_limit, PAGES_PER_API)}
    # What costs more than a whole limit is allowed once.
    most = {name: min(limit.amount for limit in parse_many(rate)) for name, rate in rates.items()}

    @server.before_request
    def begin() -> None:
        visitor_of_thread.set(address(request.remote_addr))

    @server.teardown_request
    def end(_: BaseException | None) -> None:
        visitor_of_thread.set("")

    def visitor() -> str:
        return f"{category()}:{address(request.remote_addr)}"

    uri = storage(settings)
    limiter = Limiter(
        visitor,
        application_limits=[
            ApplicationLimit(
                lambda: rates[category() or "api"],
                exempt_when=lambda: not category(),
                cost=lambda: min(cost(), most[category() or "api"]),
            )
        ],
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
        dispatcher.refused.note(address(request.remote_addr), 1)
        answer = of_error(refused)
        answer.headers["Retry-After"] = str(seconds)
        answer.headers["Cache-Control"] = "no-store"
        return answer


def storage(settings: Settings) -> str:
    """Return the URL of the storage: the Redis of the limiter, else that of the cache, else memory."""
    url = settings.limiter_redis or settings.cache_redis or MEMORY
    return url.replace("unix://", "redis+unix://", 1) if url.startswith("unix://") else url


def _seconds(limiter: Limiter, limit: RateLimitItem) -> int:
    """Return the seconds until the limit is reset."""
    try:
        reset = limiter.current_limit.reset_at if limiter.current_limit else math.inf
    except (redis.RedisError, OSError):
        # Redis became unavailable after it refused the request; the limit expires after its full period at the latest.
        reset = math.inf
    return max(1, math.ceil(min(reset - time.time(), limit.get_expiry())))


def times(rate: str, factor: int) -> str:
    """Multiply the number of requests of one or several rates."""
    from limits import parse_many

    return ";".join(
        f"{limit.amount * factor} per {limit.multiples} {limit.GRANULARITY.name}" for limit in parse_many(rate)
    )


def refusal(limit: RateLimitItem, seconds: int) -> TooManyRequests:
    """Create the error that states the rate limit and the time to wait."""
    period = limit.GRANULARITY.name if limit.multiples == 1 else f"{limit.multiples} {limit.GRANULARITY.name}s"
    return TooManyRequests(
        f"Rate limit reached: {limit.amount:,} request{'' if limit.amount == 1 else 's'} per {period}.",
        f"Try again in {seconds:,} second{'' if seconds == 1 else 's'}.",
    )
