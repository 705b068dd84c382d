"""A server that crashes is started again, a bounded number of times, and its parent passes signals on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = """
import os, signal, sys, time
from core.settings.settings import load
from core.system.logs import configure
from core.system.restart import keep_running, orphaned
configure(load())
# A shell that runs the tests in the background lets them ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
def work():
    print("pid", os.getpid(), flush=True)
    {work}
keep_running(work, {restarts}, first_wait=0.01)
print("over", flush=True)
"""
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
pytestmark = needs_fork


def started(work, restarts=3):
    command = [sys.executable, "-c", PROGRAM.format(work=work, restarts=restarts)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, start_new_session=True)


def ended(process):
    out, err = process.communicate(timeout=20)
    return process.returncode, out.splitlines(), err


@pytest.mark.parametrize(
    ("work", "code"),
    [("os.kill(os.getpid(), signal.SIGBUS)", 128 + signal.SIGBUS), ("os._exit(1)", 1)],
)
def test_a_crash_is_followed_by_so_many_tries(work, code):
    found, lines, errors = ended(started(work))
    assert found == code
    assert len({line for line in lines if line.startswith("pid")}) == 4
    assert "over" not in lines
    assert errors.count("started again") == 4
    assert "not started again" in errors


@pytest.mark.parametrize(("work", "code"), [("pass", 0), ("sys.exit(2)", 2)])
def test_an_end_that_was_meant_is_one(work, code):
    found, lines, _ = ended(started(work))
    assert found == code
    assert len([line for line in lines if line.startswith("pid")]) == 1
    assert lines.count("over") == (code == 0)


def test_without_restarts_there_is_one_process():
    process = started("pass", restarts=0)
    _, lines, _ = ended(process)
    assert lines == [f"pid {process.pid}", "over"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_reach_the_child_once(number):
    work = (
        "signal.signal(signal.{0}, lambda *_: print('told', flush=True)); print('ready', flush=True); time.sleep(0.6)"
    )
    process = started(work.format(number.name, "time.sleep(0.6)"))
    while "ready" not in process.stdout.readline():
        pass
    # As a terminal does: to the whole group of the parent.
    os.killpg(process.pid, number)
    found, lines, _ = ended(process)
    assert (found, lines.count("told")) == (0, 1)


def test_a_child_notices_that_its_parent_is_gone():
    process = started("print('ready', orphaned(), flush=True)\n    while not orphaned(): time.sleep(0.01)")
    while (line := process.stdout.readline()) and "ready" not in line:
        pass
    assert line.split() == ["ready", "False"]
    process.kill()
    start = time.monotonic()
    # The child holds the pipe: it ends with the child.
    assert "over" in process.stdout.read()
    assert time.monotonic() - start < 10
    process.communicate()
