"""Common behaviour of the operator's scripts, the export of metrics, and the health check of the image."""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.redis_servers import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
OPERATOR = ["secrets", "deploy-prod-ultra", "backup", "restore", "status", "flush-cache", "export-metrics", "smoke"]


@pytest.mark.parametrize("script", OPERATOR)
def test_help_and_misuse(run, root, script):
    told = run(script, "--help")
    assert told.returncode == 0
    assert told.stdout.startswith(f"usage: deploy/scripts/{script}.sh")
    assert "Exit code 0" in told.stdout
    wrong = run(script, "--nonsense")
    assert wrong.returncode == 2
    assert wrong.stderr == f"{script}: --nonsense is not an option (see --help)\n"
    assert not (root / "calls").exists(), "nothing was asked of the engine"


class Prometheus(BaseHTTPRequestHandler):
    """Answers as Prometheus does: a range of two points, or its error."""

    def do_GET(self):
        wrong = "nonsense" in self.path
        told = {"status": "error", "error": "parse error"} if wrong else {
            "data": {"result": [{"metric": {"__name__": "up", "job": 'a"b,c'}, "values": [[0, "1"], [60, "NaN"]]}]}
        }  # fmt: skip
        self.send_response(400 if wrong else 503 if "busy" in self.path else 200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def prometheus():
    server = HTTPServer(("127.0.0.1", 0), Prometheus)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_metrics_as_csv(run, root, prometheus):
    url = f"http://127.0.0.1:{prometheus}"
    done = run("export-metrics", "--query", "up", "-o", root / "m.csv", PROMETHEUS_URL=url)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{root / 'm.csv'}: 2 values\n"
    assert (root / "m.csv").read_text().splitlines() == [
        "time,query,series,value",
        '1970-01-01T00:00:00Z,up,"up{job=""a""b,c""}",1',
        '1970-01-01T00:01:00Z,up,"up{job=""a""b,c""}",NaN',
    ]
    wrong = run("export-metrics", "--query", "nonsense(", "-o", root / "n.csv", PROMETHEUS_URL=url)
    assert wrong.returncode == 1
    assert "nonsense(: parse error" in wrong.stderr
    assert not (root / "n.csv").exists()
    gone = run("export-metrics", PROMETHEUS_URL=f"http://127.0.0.1:{free_port()}")
    assert gone.returncode == 1
    assert "does not answer" in gone.stderr


@pytest.mark.parametrize(
    "options",
    [["--since", "24"], ["--since", "h"], ["--since", "1h2"], ["--step", "0"], ["--since", "7d", "--step", "5"]],
)
def test_ranges_that_are_none(run, options):
    assert run("export-metrics", *options).returncode == 2


def test_the_health_check(prometheus):
    def code(*arguments):
        command = [sys.executable, "-I", "-S", str(DEPLOY / "healthcheck.py"), *map(str, arguments)]
        return subprocess.run(command, check=False, capture_output=True, timeout=20).returncode

    assert code(prometheus) == 0
    assert code(prometheus, "/busy") == 1
    assert code(free_port()) == 1
