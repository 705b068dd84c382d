"""Requests whose client has disconnected: their computation ends, and they count as closed by the client."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Thread

import flask
import pytest
from waitress.server import create_server

from core.atlas.catalog import Catalog
from core.compute.executor import Workers
from core.web import abandonment
from tests.core.web.conftest import imported, tiny
from tests.redis_servers import until


@pytest.fixture
def atlas(tmp_path):
    data = tmp_path / "data"
    source = tiny(data.parent / "liver.h5ad", n_cells=50, genes=[f"G{at}" for at in range(80)])
    imported(data, source, species="human", name="liver")
    return Catalog(data).get("human/liver")


def test_a_closed_tab_ends_its_blocks(atlas):
    begun, statuses = [], []
    workers = Workers(ThreadPoolExecutor(2))
    app = flask.Flask("abandonment")
    abandonment.register(app)

    def task(_layer, start, _stop):
        begun.append(start)
        time.sleep(0.05)
        return 1

    @app.get("/slow")
    def slow():
        return str(sum(workers.over_genes(task, atlas, "expression", 40)))

    @app.after_request
    def note(response):
        statuses.append(response.status_code)
        return response

    sockets = {}
    server = create_server(app, map=sockets, host="127.0.0.1", port=0, threads=2, channel_request_lookahead=1)
    serving = Thread(target=server.run, daemon=True)
    serving.start()
    try:
        with closing(socket.create_connection(("127.0.0.1", server.effective_port))) as client:
            client.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
            until(lambda: len(begun) > 2, "blocks")
        until(lambda: statuses, "the end")
        assert statuses == [499]
        assert len(begun) < 20
        n_begun = len(begun)
        time.sleep(0.2)
        assert len(begun) == n_begun
        # Whoever stays is answered.
        with closing(socket.create_connection(("127.0.0.1", server.effective_port))) as client:
            client.sendall(b"GET /slow HTTP/1.0\r\nHost: localhost\r\n\r\n")
            answer = b"".join(iter(lambda: client.recv(4096), b""))
        assert answer.endswith(b"40")
    finally:
        server.close()
        workers.close()
