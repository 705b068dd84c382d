"""Connections: so many of one address, and a request must arrive in time; with a real Waitress on loopback."""

import socket
import threading
from contextlib import ExitStack, closing

import pytest
from waitress import wasyncore
from waitress.server import create_server

from core.web import connections


@pytest.fixture
def listening(monkeypatch):
    """Serve on a free port, by steps of the test; return the port and the step."""
    sockets = {}
    server = create_server(lambda _, start: [start("200 OK", []), b"ok"][1:], map=sockets, host="127.0.0.1", port=0)
    server.channel_class = connections.Channel
    monkeypatch.setattr(connections.Channel, "most_per_address", 3)

    def step():
        for _ in range(10):
            wasyncore.loop(timeout=0.02, use_poll=True, map=sockets, count=1)

    yield server.effective_port, step, sockets
    server.task_dispatcher.shutdown()
    wasyncore.close_all(sockets)


def opened(stack, port, source="127.0.0.1"):
    made = socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(source, 0))
    return stack.enter_context(closing(made))


def is_closed(connection):
    connection.settimeout(0.2)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True


def test_one_address_has_so_many_connections(listening):
    port, step, _ = listening
    with ExitStack() as stack:
        first = [opened(stack, port) for _ in range(3)]
        step()
        fourth, other = opened(stack, port), opened(stack, port, "127.0.0.2")
        step()
        assert is_closed(fourth)
        assert not any(is_closed(each) for each in (*first, other))


def test_a_request_must_arrive_in_time(listening, monkeypatch):
    port, step, sockets = listening
    now = [100.0]
    monkeypatch.setattr(connections.time, "monotonic", lambda: now[0])
    with ExitStack() as stack:
        half, idle, drips = (opened(stack, port) for _ in range(3))
        half.sendall(b"GET / HTTP/1.1\r\nHost: local")
        drips.sendall(b"GET / HTTP/1.1\r\n")
        step()
        now[0] += connections.RECEIVING_SECONDS - 1
        drips.sendall(b"X: y\r\n")
        step()
        connections.close_late(list(sockets.values()))
        step()
        assert not is_closed(half)
        now[0] += 2
        connections.close_late(list(sockets.values()))
        step()
        assert is_closed(half)
        assert is_closed(drips), "a byte now and then is not enough"
        assert not is_closed(idle), "an idle connection has begun nothing"


def test_a_request_that_arrived_is_not_late(listening, monkeypatch):
    port, step, sockets = listening
    with ExitStack() as stack:
        connection = opened(stack, port)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        step()
        [channel] = [each for each in sockets.values() if isinstance(each, connections.Channel)]
        assert not channel.late(1e12)
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        assert threading.active_count() > 1
