"""Waitress: serving until told to stop, then draining the requests in flight."""

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
from core.system.logs import logger
from core.web import waitress_errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from flask import Flask

    from core.settings.settings import Settings

    # Servers, triggers and connections by file descriptor: what Waitress calls its map.
    Sockets = dict[int, Any]

# Browsers keep idle connections open, and Waitress's default of 100 connections would then refuse new visitors.
CONNECTION_LIMIT = 1_000
# A connection that stays silent for so long, in the middle of a request or between two, is closed.
SILENT_SECONDS = 60
MAX_BODY = 5 * 1024 * 1024
# More than may compute, draw or wait to (core.compute.admission, core.export.browser_queue): light requests are
# answered meanwhile.
WEB_THREADS = 40
BACKLOG = 64
# Requests of a connection that are read while one is answered: with none, a closed connection goes unnoticed.
LOOKAHEAD = 1
# Longer than any request may take, shorter than the 30 seconds that most supervisors give before they kill.
DRAIN_SECONDS = 25.0

log = logger(__name__)


def run(server: Flask, settings: Settings, started: Callable[[], None]) -> None:
    """Serve a Flask application until SIGTERM or SIGINT, then finish the requests in flight.

    Parameters
    ----------
    server
        The application.
    settings
        Where to listen, among others.
    started
        Called once the port is taken: work that must not begin where the address turns out to be in use.

    Raises
    ------
    InvalidSettings
        The address cannot be listened at.
    """
    sockets: Sockets = {}
    waitress = _listen(server, settings, sockets)
    for each in sockets.values():
        if isinstance(each, BaseWSGIServer):
            each.channel_class = waitress_errors.Channel
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    ports = {int(each.getsockname()[1]) for each in sockets.values() if isinstance(each, BaseWSGIServer)}
    log.info("serving", url=" ".join(f"http://{host}:{port}" for port in sorted(ports)), data=str(settings.data_dir))
    started()
    _loop(sockets)
    waitress.task_dispatcher.shutdown()


def _listen(server: Flask, settings: Settings, sockets: Sockets) -> Any:  # noqa: ANN401 - Waitress is untyped
    from waitress.server import create_server

    try:
        return create_server(
            server,
            map=sockets,
            host=settings.host,
            port=settings.port,
            threads=WEB_THREADS,
            connection_limit=CONNECTION_LIMIT,
            asyncore_use_poll=True,
            max_request_body_size=MAX_BODY,
            channel_timeout=SILENT_SECONDS,
            ident=None,
            # `core.web.proxies` decides whose headers are believed.
            clear_untrusted_proxy_headers=not settings.trusted_proxies,
            # A figure is not drawn for a visitor who has hung up.
            channel_request_lookahead=LOOKAHEAD,
        )
    except (OSError, ValueError) as error:
        wasyncore.close_all(sockets, ignore_all=True)
        why = (error.strerror if isinstance(error, OSError) else "") or "it is not an address of this machine"
        raise InvalidSettings(
            f"Nothing can listen at {settings.host}:{settings.port} ({why.lower()}).",
            "Choose another --host or --port.",
        ) from error


def _loop(sockets: Sockets) -> None:
    """Serve until told to stop, then until every request that has begun is answered and sent.

    Waitress by itself stops sending at the first signal, and forgets requests that still wait for a thread.
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
    while not stopped.is_set():
        wasyncore.loop(timeout=1.0, use_poll=True, map=sockets, count=1)
    # Connections that the kernel has accepted are accepted here too.
    wasyncore.loop(timeout=0.0, use_poll=True, map=sockets, count=BACKLOG)
    for each in [each for each in sockets.values() if isinstance(each, BaseWSGIServer)]:
        # Only the listening socket: its trigger still wakes the loop for the connections.
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
