"""The browser that draws: what goes wrong with it is said, and the next figure begins anew."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from core.errors import Unavailable
from core.export import browser as module
from core.export.browser import Browser, shared
from core.settings.settings import browser

FIGURE = {"data": [{"type": "scatter", "x": [1], "y": [1]}], "layout": {"width": 100, "height": 80}}
needs_browser = pytest.mark.skipif(browser() is None, reason="neither Chromium nor Chrome is installed here")


def test_no_browser_is_said(monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chromium")
    assert browser() is None
    with pytest.raises(Unavailable, match="CSV and JSON need no browser"):
        shared()


def test_a_program_that_is_no_browser_is_said(tmp_path):
    path = tmp_path / "chromium"
    path.write_text("#!/bin/sh\nexit 3\n", "ascii")
    path.chmod(0o700)
    made = Browser(path, 10)
    with pytest.raises(Unavailable, match="BROWSER_PATH"):
        made.draw(FIGURE, "svg")
    made.close()


@needs_browser
@pytest.mark.slow(representative=True)
def test_one_that_takes_too_long_is_given_up_and_the_next_begins_anew(monkeypatch):
    made = Browser(Path(str(browser())))
    assert b"<svg" in made.draw(FIGURE, "svg")
    slow = made._kaleido

    async def sleep(*_):
        await asyncio.sleep(30)

    monkeypatch.setattr(slow, "calc_fig", sleep)
    made._seconds = 0.2
    with pytest.raises(Unavailable, match=r"within 0\.2 seconds"):
        made.draw(FIGURE, "pdf")
    made._seconds = module.TIME
    assert made.draw(FIGURE, "png").startswith(b"\x89PNG")
    assert made._kaleido is not slow
    made.close()


@needs_browser
def test_nothing_of_a_closed_one_goes_on():
    made = Browser(Path(str(browser())))
    made.draw(FIGURE, "svg")
    # As choreographer's watchdog does where the browser ended by itself.
    late = asyncio.run_coroutine_threadsafe(asyncio.sleep(60), made._loop)
    made.close()
    assert late.cancelled()


def test_a_figure_that_was_rendered_is_remembered(monkeypatch):
    """By its content and its options; the other figures take their turns."""
    made, rendered = Browser(Path("/nowhere")), []

    def render(figure, form, scale, caller):
        rendered.append((form, scale))
        return b"x" * 1000

    monkeypatch.setattr(made, "_render", render)
    wide = {**FIGURE, "layout": {"width": 101, "height": 80}}
    array = {**FIGURE, "data": [{"type": "scatter", "x": np.arange(3.0)}]}
    for _ in range(3):
        for figure, form, scale in (
            (FIGURE, "svg", 1),
            (FIGURE, "pdf", 1),
            (FIGURE, "svg", 2),
            (wide, "svg", 1),
            (array, "svg", 1),
        ):
            assert made.draw(figure, form, scale) == b"x" * 1000
    assert len(rendered) == 5
    monkeypatch.setattr(made, "_render", lambda *_: b"x" * module.REMEMBERED_BYTES)
    assert len(made.draw(FIGURE, "png")) == module.REMEMBERED_BYTES
    assert made._remembered.currsize == 5000, "what is very large is not"
