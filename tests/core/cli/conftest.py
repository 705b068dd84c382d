"""Commands on the data directory of a test module."""

from functools import partial

import pytest


@pytest.fixture(autouse=True)
def _handlers(handlers_as_before):
    """Take back what commands do to signal handlers."""


@pytest.fixture
def run(data, run_in):
    """Return a function that runs a command on `data`: exit code, stdout and stderr."""
    return partial(run_in, data)
