"""Threads have one module that starts them, a name, and an owner that ends them in reverse order."""

import ast
import threading
from pathlib import Path
from threading import Event

import pytest
from structlog.testing import capture_logs

from core.system.threads import Threads, pool

ROOT = Path(__file__).parents[3]
STARTERS = {"Thread", "Timer", "ThreadPoolExecutor", "ThreadPool"}


def names():
    return {thread.name for thread in threading.enumerate()}


def test_a_thread_has_a_name_and_ends_with_its_owner():
    threads, stopped, began = Threads(), Event(), Event()
    threads.start("waiting", lambda: began.set() or stopped.wait(), stopped.set)
    assert began.wait(5)
    assert "waiting" in names()
    threads.close()
    assert stopped.is_set()
    assert "waiting" not in names()


def test_the_last_is_ended_first_and_each_once():
    ended = []

    def first():
        ended.append("first")

    threads = Threads()
    threads.on_close(first)
    threads.on_close(lambda: ended.append("second"))
    threads.on_close(first)
    threads.close()
    threads.close()
    assert ended == ["second", "first"]


def test_an_error_of_one_does_not_spare_the_others():
    ended, threads = [], Threads()
    threads.on_close(lambda: ended.append("first"))
    threads.on_close(lambda: 1 / 0)
    threads.on_close(lambda: ended.append("third"))
    with pytest.raises(ZeroDivisionError):
        threads.close()
    assert ended == ["third", "first"]


def test_an_owner_that_was_closed_may_start_again():
    threads = Threads()
    for _ in range(2):
        stopped = Event()
        threads.start("again", stopped.wait, stopped.set)
        assert "again" in names()
        threads.close()
        assert "again" not in names()


def test_a_thread_that_does_not_end_is_reported_and_left():
    threads, end = Threads(), Event()
    stuck = threads.start("stuck", end.wait, lambda: None, patience=0.05)
    with capture_logs() as logs:
        threads.close()
    end.set()
    stuck.join(5)
    assert [(line["event"], line["thread"]) for line in logs] == [("a thread does not end", "stuck")]


def test_the_threads_of_a_pool_have_its_name():
    with pool("counting", 2) as executor:
        assert executor.submit(lambda: threading.current_thread().name).result().startswith("counting")
    assert not {name for name in names() if name.startswith("counting")}


def starters(path):
    """Name the calls in a module that start threads."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in STARTERS:
                yield called


def test_no_other_module_starts_threads():
    modules = [
        *(path for room in ("core", "callbacks", "pages") for path in (ROOT / room).rglob("*.py")),
        ROOT / "app.py",
    ]
    found = {str(path.relative_to(ROOT)) for path in modules if list(starters(path))}
    assert found == {"core/system/threads.py"}
