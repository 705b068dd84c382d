"""Imports in tests need not survive a power cut."""

import os

import pytest


@pytest.fixture(autouse=True, scope="package")
def _no_waiting_for_the_disk():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield
