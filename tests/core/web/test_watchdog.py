"""The watchdog ends a server that does not answer its own probe, whatever holds it."""

import http.server
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.monitoring.probe import probe
from core.system.threads import Threads
from core.web import watchdog
from core.web.watchdog import Watchdog
from tests.redis_servers import until

ROOT = Path(__file__).parents[3]
PROGRAM = """
import socket, time
from core.system.threads import Threads
from core.web.watchdog import Watchdog
listening = socket.create_server(("127.0.0.1", 0))  # takes connections, and never answers
Watchdog("127.0.0.1", listening.getsockname()[1], interval=0.05, seconds=0.5).start(Threads())
print("started", flush=True)
{work}
"""
WORK = {
    "the loop waits for ever": "time.sleep(60)",
    # A regular expression holds the interpreter: no Python thread runs any more.
    "the interpreter is held": "import re; re.match('(a*)*b', 'a' * 40)",
}


@pytest.mark.parametrize("what", WORK)
def test_a_server_that_hangs_is_ended(what):
    command = [sys.executable, "-c", PROGRAM.format(work=WORK[what])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (1, "started\n")
    assert "Timeout" in done.stderr
    assert 'File "<string>"' in done.stderr, "it says where each thread was"


class Answering(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self):
        assert self.path == "/healthz"
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def timer(monkeypatch):
    """Replace the timer, which would end the tests."""
    calls = []
    monkeypatch.setattr(watchdog.faulthandler, "dump_traceback_later", lambda seconds, **more: calls.append(seconds))
    monkeypatch.setattr(watchdog.faulthandler, "cancel_dump_traceback_later", lambda: calls.append("off"))
    monkeypatch.setattr(probe, "succeeded", None)
    return calls


def test_each_answer_postpones_the_end(timer):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    threads = Threads()
    assert probe.age() is None
    Watchdog("0.0.0.0", server.server_port, interval=0.01, seconds=7).start(threads)
    until(lambda: len(timer) > 3, "three answers")
    assert set(timer) == {7}
    assert 0 <= probe.age() < 5
    assert probe.seconds > 0
    threads.close()
    server.shutdown()
    thread.join()
    server.server_close()
    assert timer[-1] == "off"


def test_an_answer_of_another_kind_postpones_nothing(timer, monkeypatch):
    monkeypatch.setattr(Answering, "status", 503)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    assert Watchdog("127.0.0.1", server.server_port)._fault() == "status 503"
    server.shutdown()
    thread.join()
    server.server_close()
    assert Watchdog("127.0.0.1", server.server_port)._fault()
    assert timer == []
