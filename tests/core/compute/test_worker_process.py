"""Tasks in processes of their own: result, progress, and every way in which they end.

The tasks are functions of this module, which the worker would refuse: the tests let it import from ``tests``.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from core.compute import worker_process
from core.compute.admission import admission
from core.compute.watch import Watch, watch_of, watching
from core.compute.worker import decode, encode
from core.compute.worker_process import Task, run
from core.errors import Cancelled, InvalidQuery, Unavailable

CANCEL_SECONDS = 1.0


def doubled(arguments, report):
    report("doubling", 0.5)
    return {"twice": 2 * arguments["x"], "names": arguments["names"]}


def refuses(_arguments, _report):
    raise InvalidQuery("The list is empty.", "Give a gene.")


def fails(_arguments, _report):
    raise ZeroDivisionError("division by zero")


def has_no_memory(_arguments, _report):
    raise MemoryError


def dies(arguments, _report):
    os.kill(os.getpid(), int(arguments["signal"]))
    time.sleep(60)
    return {}


def leaves(_arguments, _report):
    os._exit(7)


def sleeps(_arguments, report):
    report("sleeping", 0.1)
    time.sleep(60)
    return {}


def hears_nothing(_arguments, report):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    report("deaf", 0.1)
    time.sleep(60)
    return {}


@pytest.fixture(autouse=True)
def tasks_of_tests(monkeypatch):
    """Let the worker take tasks of this module."""
    code = "import sys, core.compute.worker as w; w.OURS = 'tests.'; w.main(int(sys.argv[1]), sys.argv[2])"
    monkeypatch.setattr(worker_process, "PROGRAM", ("-c", code))


def task(name, **options):
    return Task(f"{__name__}:{name}", "The test", **options)


def gone(before):
    """Tell whether no process of a task is left."""
    return not worker_process._running and admission().running == before


def test_arrays_go_there_and_back():
    seen = []
    with watching(Watch(report=lambda step, done: seen.append((step, done)))):
        found = run(task("doubled"), {"x": np.arange(6.0).reshape(2, 3), "names": np.array(["ALB", "β"])})
    np.testing.assert_array_equal(found["twice"], 2 * np.arange(6.0).reshape(2, 3))
    assert found["names"].tolist() == ["ALB", "β"]
    assert seen == [("doubling", 0.5)]


def test_nothing_is_pickled():
    with pytest.raises(ValueError, match="allow_pickle"):
        decode(encode({"x": np.array([object()], dtype=object)}))


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "words"),
    [
        ("refuses", {}, InvalidQuery, "The list is empty. Give a gene."),
        ("fails", {}, Unavailable, "The test failed: ZeroDivisionError: division by zero."),
        ("has_no_memory", {}, Unavailable, "The test ran out of memory."),
        ("dies", {"signal": np.array(signal.SIGSEGV)}, Unavailable, "The test crashed (SIGSEGV)."),
        ("dies", {"signal": np.array(signal.SIGKILL)}, Unavailable, "The test ran out of memory."),
        ("leaves", {}, Unavailable, "The test crashed (exit code 7)."),
    ],
)
def test_an_end_is_one_sentence(name, arguments, kind, words):
    before = admission().running
    with pytest.raises(kind) as caught:
        run(task(name), arguments)
    assert str(caught.value).startswith(words)
    assert len(str(caught.value).splitlines()) == 1
    assert gone(before)


def test_a_limit_ends_it():
    before, start = admission().running, time.monotonic()
    with pytest.raises(Unavailable, match=r"The test took longer than 0\.5 s and was ended\."):
        run(task("sleeps", limit=0.5), {})
    assert time.monotonic() - start < 0.5 + CANCEL_SECONDS
    assert gone(before)


@pytest.mark.parametrize("name", ["sleeps", "hears_nothing"])
def test_cancel_ends_it_within_a_second(name):
    before, errors = admission().running, []

    def compute():
        with watching(Watch(), token="mine"):
            try:
                run(task(name), {})
            except Cancelled as error:
                errors.append(str(error))

    thread = Thread(target=compute)
    thread.start()
    end = time.monotonic() + 10
    while (watch := watch_of("mine")) is None or watch.look()[1] == 0:
        assert time.monotonic() < end
        time.sleep(0.01)
    start = time.monotonic()
    watch.cancel()
    thread.join(10)
    assert time.monotonic() - start < CANCEL_SECONDS
    assert errors == ["The test was cancelled."]
    assert watch_of("mine") is None
    assert gone(before)


def test_a_closed_tab_ends_it():
    with pytest.raises(Cancelled), watching(Watch(patience=0.3)):
        run(task("sleeps"), {})
    with pytest.raises(Cancelled), watching(Watch(is_gone=lambda: True)):
        run(task("sleeps"), {})
    assert not worker_process._running


def test_a_new_computation_of_a_page_ends_the_earlier_one():
    first, second = Watch(), Watch()
    with watching(first, "page"):
        with watching(second, "page"):
            assert first.is_cancelled
            assert watch_of("page") is second
        assert watch_of("page") is None
    assert not second.is_cancelled


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_it_ends_with_its_owner():
    root = Path(__file__).parents[3]
    code = (
        "import subprocess, sys, time\n"
        "work = 'from core.system.child_process import end_with_parent as end; import time\\n'\n"
        "work += 'end(); print(1, flush=True); time.sleep(60)'\n"
        "child = subprocess.Popen([sys.executable, '-c', work], stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, text=True)
    child = int(owner.stdout.readline())
    owner.kill()
    owner.wait()
    end = time.monotonic() + 5
    while Path(f"/proc/{child}").exists() and "State:\tZ" not in Path(f"/proc/{child}/status").read_text():
        assert time.monotonic() < end
        time.sleep(0.05)
    owner.stdout.close()


def test_only_our_own_functions_are_tasks(monkeypatch):
    monkeypatch.undo()
    with pytest.raises(Unavailable, match="is not a task of this program"):
        run(Task("os:getcwd", "The test"), {})
