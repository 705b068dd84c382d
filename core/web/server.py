"""Waitress server that drains the requests in flight when it is stopped."""

from __future__ import annotations

import signal
import time
from threading import Event
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer
from waitress.trigger import trigger

from core.errors import InvalidSettings
from core.system import restart
from core.system.logs import logger
from core.system.threads import Threads
from core.web import connections, proxies
from core.web.dispatcher import SHARE, Dispatcher
from core.web.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from flask import Flask

    from core.settings.settings import Settings

    # Servers, triggers and connections by file descriptor; Waitress calls this its map.
    Sockets = dict[int, Any]

# Browsers keep idle connections open, and Waitress's default of 100 connections would then refuse new visitors.
CONNECTION_LIMIT = 1_000
# Seconds of inactivity after which a connection is closed, within or between requests.
SILENT_SECONDS = 60
MAX_BODY = 5 * 1024 * 1024
# More threads than admission control (core.compute.admission) and the queue of the browser
# (core.export.browser_queue) can occupy, so that light requests are always answered.
WEB_THREADS = 40
BACKLOG = 64
# Requests of a connection that are read while one is answered; with 0, a closed connection goes unnoticed.
LOOKAHEAD = 1
# Longer than any request takes, shorter than the 30 seconds after which most supervisors kill the process.
DRAIN_SECONDS = 25.0

log = logger(__name__)


def run(server: Flask, settings: Settings, started: Callable[[], None]) -> None:
    """Serve a Flask application until SIGTERM or SIGINT, then finish the requests in flight.

    Parameters
    ----------
    server
        The Flask application.
    settings
        Host, port and data directory, among others.
    started
        Called once the port is bound, for work that must not begin if the address is in use.

    Raises
    ------
    InvalidSettings
        The server cannot listen on this address, or others could reach it while its secret is the known one.
    """
    if settings.exposed:
        raise InvalidSettings(
            f"Others can reach {settings.host}, and MASLDATLAS_SECRET_KEY is the well-known default of development.",
            "Set it to at least 32 random characters, as `openssl rand -hex 32` prints, or listen on 127.0.0.1.",
        )
    sockets: Sockets = {}
    waitress = _listen(server, settings, sockets)
    bounded = settings.limited and not settings.trusted_proxies
    connections.Channel.most_per_address = connections.MOST_PER_ADDRESS if bounded else 0
    for each in sockets.values():
        if isinstance(each, BaseWSGIServer):
            each.channel_class = connections.Channel
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    ports = {int(each.getsockname()[1]) for each in sockets.values() if isinstance(each, BaseWSGIServer)}
    log.info("serving", url=" ".join(f"http://{host}:{port}" for port in sorted(ports)), data=str(settings.data_dir))
    threads = Threads()
    started()
    try:
        watchdog = Watchdog(settings.host, min(ports))
        watchdog.start(threads)
        _loop(sockets, watchdog.stop)
    finally:
        threads.close()
    waitress.task_dispatcher.shutdown()


def _listen(server: Flask, settings: Settings, sockets: Sockets) -> Any:  # noqa: ANN401 - Waitress is untyped
    from waitress.server import create_server

    def visitor(channel: connections.Channel) -> str:
        forwarded: str = channel.requests[0].headers.get("X_FORWARDED_FOR", "")
        return proxies.address(proxies.client_of(channel.addr[0], forwarded, settings.trusted_proxies))

    dispatcher = Dispatcher(SHARE if settings.limited else WEB_THREADS, visitor)
    dispatcher.set_thread_count(WEB_THREADS)
    try:
        return create_server(
            server,
            map=sockets,
            _dispatcher=dispatcher,
            host=settings.host,
            port=settings.port,
            threads=WEB_THREADS,
            connection_limit=CONNECTION_LIMIT,
            asyncore_use_poll=True,
            max_request_body_size=MAX_BODY,
            channel_timeout=SILENT_SECONDS,
            ident=None,
            # `core.web.proxies` decides which headers are trusted.
            clear_untrusted_proxy_headers=not settings.trusted_proxies,
            # Detects closed connections, so that no figure is drawn for them.
            channel_request_lookahead=LOOKAHEAD,
        )
    except (OSError, ValueError) as error:
        wasyncore.close_all(sockets, ignore_all=True)
        dispatcher.shutdown()
        why = (error.strerror if isinstance(error, OSError) else "") or "not an address of this machine"
        raise InvalidSettings(
            f"The server cannot listen on {settings.host}:{settings.port} ({why.lower()}).",
            "Choose another --host or --port.",
        ) from error


def _loop(sockets: Sockets, stopping: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT, then until every request that has begun is answered.

    Waitress alone would stop sending at the first signal, and drop requests that wait for a thread. `stopping` is
    called between the two.
    """
    stopped = Event()
    triggers = [each for each in sockets.values() if isinstance(each, trigger)]

    def stop(signal_: int, _frame: FrameType | None) -> None:
        if stopped.is_set():
            raise SystemExit(128 + signal_)
        stopped.set()
        for each in triggers:
            each.pull_trigger()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    looked = time.monotonic()
    while not stopped.is_set() and not restart.orphaned():
        wasyncore.loop(timeout=1.0, use_poll=True, map=sockets, count=1)
        if time.monotonic() - looked > 1:
            looked = time.monotonic()
            connections.close_late(list(sockets.values()))
    stopping()
    # Accept the connections that the kernel has already accepted.
    wasyncore.loop(timeout=0.0, use_poll=True, map=sockets, count=BACKLOG)
    for each in [each for each in sockets.values() if isinstance(each, BaseWSGIServer)]:
        # Close only the listening socket: the trigger must still wake the loop for open connections.
        wasyncore.dispatcher.close(each)
    deadline = time.monotonic() + DRAIN_SECONDS
    busy = True
    while busy and time.monotonic() < deadline:
        wasyncore.loop(timeout=0.1, use_poll=True, map=sockets, count=1)
        busy = any(
            each.requests or each.request or each.total_outbufs_len
            for each in sockets.values()
            if isinstance(each, HTTPChannel)
        )
    log.info("stopped", finished=not busy)
