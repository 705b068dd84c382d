"""Logs: one form for all loggers, a request id in each line, and no secret in any."""

import json
import logging
import subprocess
import sys
import threading
import warnings

import dash
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from werkzeug._internal import _log as werkzeug_log

from core.settings.settings import load
from core.system import logs

SECRET = 'a-"quoted"-\\secret-ü-0123456789-0123456789'
LIBRARIES = ("dash", "dash.dash", "flask.app", "waitress", "werkzeug", *logs._VERBOSE)


@pytest.fixture(autouse=True)
def _as_it_was():
    """Leave the global state of logging as it was found."""
    loggers = [logging.getLogger(), *map(logging.getLogger, LIBRARIES)]
    before = [(logger, list(logger.handlers), logger.level, logger.propagate) for logger in loggers]
    yield
    logs.end_request()
    logging.captureWarnings(False)
    structlog.reset_defaults()
    for logger, handlers, level, propagate in before:
        logger.handlers[:] = handlers
        logger.setLevel(level)
        logger.propagate = propagate


@pytest.fixture
def written(capsys):
    """Return what was written since, one JSON object a line; nothing may be on stdout."""

    def read():
        out, err = capsys.readouterr()
        assert not out
        return [json.loads(line) for line in err.splitlines()]

    return read


def production(**overrides):
    return load(env="production", secret_key=SECRET, **overrides)


def test_json_lines_in_production(written):
    logs.configure(production())
    logs.logger("core.atlas.store").info("atlas opened", atlas="human/demo", n_cells=700)
    [line] = written()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "atlas opened",
        "level": "info",
        "logger": "core.atlas.store",
        "atlas": "human/demo",
        "n_cells": 700,
    }


def test_a_readable_console_in_development(capsys):
    logs.configure(load())
    logs.logger("core.atlas.store").info("atlas opened", n_cells=700)
    out, err = capsys.readouterr()
    assert not out
    assert "atlas opened" in err
    assert "n_cells=700" in err
    assert "\x1b" not in err, "no colours where nobody looks"


def test_configuring_twice_writes_once(written):
    logs.configure(load())
    logs.configure(production())
    logs.configure(production())
    logs.logger("a").info("once")
    logging.getLogger("b").info("twice")
    assert [line["event"] for line in written()] == ["once", "twice"]


def test_handlers_of_others_stay(written):
    other = logging.NullHandler()
    logging.getLogger().addHandler(other)
    logs.configure(production())
    logs.configure(production())
    assert other in logging.getLogger().handlers


def test_a_logger_made_before_follows(written):
    early = logs.logger("early")
    logs.configure(load())
    early.info("as text")
    logs.configure(production())
    with pytest.raises(json.JSONDecodeError):
        written()
    early.info("as JSON")
    assert [line["event"] for line in written()] == ["as JSON"]


def test_levels(written):
    logs.configure(production(log_level="WARNING"))
    logs.logger("a").info("no")
    logs.logger("a").warning("yes")
    logging.getLogger("b").info("no")
    logging.getLogger("b").warning("yes")
    loud = logging.getLogger("dash.dash")
    loud.setLevel(logging.INFO)  # as Dash does
    loud.info("no")
    assert [line["logger"] for line in written()] == ["a", "b"]


def test_debug_is_ours_not_theirs(written):
    logs.configure(production(log_level="DEBUG"))
    logs.logger("core.atlas.store").debug("ours")
    logging.getLogger("numba.core.ssa").debug("theirs")
    assert [line["event"] for line in written()] == ["ours"]


def test_the_web_stack_writes_the_same_way(written):
    logs.configure(production())
    app = dash.Dash("dashboard")
    app.logger.info("from %s", "dash", extra={"port": 8050})
    app.server.logger.warning("from flask")
    logging.getLogger("waitress.queue").warning("from waitress")
    werkzeug_log("info", "from werkzeug")
    lines = written()
    assert [line["event"] for line in lines] == ["from dash", "from flask", "from waitress", "from werkzeug"]
    assert lines[0]["port"] == 8050


def test_the_web_stack_stays_quiet(written):
    logs.configure(production(log_level="ERROR"))
    app = dash.Dash("dashboard")
    app.logger.info("from dash")
    app.server.logger.warning("from flask")
    werkzeug_log("info", "from werkzeug")
    assert not written()


def test_handlers_brought_before_are_taken_off(written):
    logging.getLogger("waitress").addHandler(logging.StreamHandler(sys.stdout))
    logging.getLogger("waitress").propagate = False
    logs.configure(production())
    logging.getLogger("waitress").warning("once")
    assert len(written()) == 1


def test_request_id(written):
    logs.configure(production())
    assert logs.start_request("abc-1") == "abc-1"
    structlog.contextvars.bind_contextvars(atlas="human/demo")
    logs.logger("a").info("ours")
    logging.getLogger("b").info("theirs")
    made = logs.start_request()
    logs.logger("a").info("next")
    logs.end_request()
    logs.logger("a").info("none")
    ours, theirs, following, none = written()
    assert ours["request_id"] == theirs["request_id"] == "abc-1"
    assert ours["atlas"] == "human/demo"
    assert following["request_id"] == made
    assert "atlas" not in following
    assert "request_id" not in none


@pytest.mark.parametrize("proposed", [None, "", "a b", "a\nb", "x" * 65, "é", '"'])
def test_a_request_id_that_is_not_one_is_replaced(proposed):
    made = logs.start_request(proposed)
    assert made != proposed
    assert len(made) == 32
    assert made != logs.start_request(proposed)


def test_threads_do_not_share_a_request(written):
    logs.configure(production())
    logs.start_request("mine")
    thread = threading.Thread(target=lambda: logs.logger("a").info("elsewhere"))
    thread.start()
    thread.join()
    assert "request_id" not in written()[0]


@pytest.mark.parametrize("env", ["development", "production"])
def test_no_secret_in_any_line(capsys, env):
    settings = load(env=env, secret_key=SECRET, cache_redis="redis://user:p%40ss-word@cache:6379/0")
    logs.configure(settings)
    log = logs.logger("a")
    log.info("started", settings=settings, key=SECRET, url=settings.cache_redis, nested={"k": [SECRET]})
    log.info(f"key {SECRET}", other="amqp://guest:hunter22@broker//", password="p@ss-word", name="\udcff" + SECRET)
    logging.getLogger("redis").warning("cannot reach %s", settings.cache_redis)
    try:
        raise RuntimeError(SECRET)
    except RuntimeError:
        log.exception("failed")
        logging.getLogger("b").exception("failed")
    out, err = capsys.readouterr()
    for secret in ("0123456789-0123456789", "ss-word", "hunter22"):
        assert secret not in out + err
    assert err.count("RuntimeError: ***") == 2
    assert "redis://***@cache:6379/0" in err


def test_a_short_secret_blots_nothing(capsys):
    logs.configure(load(secret_key="a"))
    logs.logger("x").info("a banana")
    assert "a banana" in capsys.readouterr().err


def test_an_exception_is_one_line(written):
    logs.configure(production())
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        logs.logger("a").exception("failed")
        logging.getLogger("b").exception("failed")
    for line in written():
        assert line["level"] == "error"
        assert "ZeroDivisionError" in line["exception"]


def test_values_that_json_does_not_know(written):
    logs.configure(production())
    logs.logger("a").info("odd", nan=float("nan"), big=2**70, path="\udcff.h5ad", set={1}, keys={1: 2})
    [line] = written()
    assert line["event"] == "odd"
    assert line["nan"] is None
    assert line["big"] == str(2**70)
    assert line["path"] == "'\\udcff.h5ad'"
    assert line["set"] == "{1}"
    assert line["keys"] == {"1": 2}


@given(event=st.text(), value=st.recursive(st.one_of(st.text(), st.integers(), st.floats()), st.lists, max_leaves=5))
def test_any_event_is_one_line_of_json(event, value):
    line = logs._dumps({"event": event, "value": value}, default=repr)
    assert len(line.split("\n")) == 1
    assert set(json.loads(line)) == {"event", "value"}


def test_warnings_are_lines_in_production(written):
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        logs.configure(production())
        warnings.warn("careful", UserWarning, stacklevel=1)
        logging.captureWarnings(False)
    [line] = written()
    assert line["logger"] == "py.warnings"
    assert "careful" in line["event"]


def test_stdout_stays_clean_in_a_process():
    code = (
        "from core.system import logs; from core.settings.settings import load; logs.configure(load());"
        "logs.logger('a').info('hello'); import logging; logging.getLogger('b').warning('there')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert not done.stdout
    assert "hello" in done.stderr
    assert "there" in done.stderr
