"""Progress of a long computation of a page, and what cancels it."""

import pytest

from callbacks.shared.progress import QUIET, cancel, look
from core.compute import watch
from core.compute.watch import Watch, watching
from core.errors import Cancelled

HIDDEN = {"hidden": True, "step": "", "done": "0"}


def test_what_is_short_shows_no_progress_and_what_is_long_does():
    with watching(Watch(), "mine"):
        watch.report("Hepatocyte", 0.25)
        assert look(QUIET - 1, "mine") == HIDDEN
        assert look(QUIET, "other") == HIDDEN
        assert look(QUIET, "mine") == {"hidden": False, "step": "Hepatocyte (25 %)", "done": "0.25"}
    assert look(QUIET, "mine") == HIDDEN
    assert look(QUIET, None) == HIDDEN


def test_the_button_ends_what_runs_under_the_token_of_the_page():
    cancel(1, "nobody")
    with watching(Watch(), "mine"):
        watch.report("one", 0.0)
        cancel(1, "mine")
        with pytest.raises(Cancelled):
            watch.report("two", 0.5)
    # Without a watch nobody is told, and nothing ends.
    watch.report("three", 1.0)
