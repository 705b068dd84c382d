"""Tasks for workers of other processes, which import them by name."""

import os
import time
from pathlib import Path


def slow_nonzeros(layer, start, stop, *, folder, seconds):
    """Count the nonzeros of a block slowly, and leave a note of the process."""
    (Path(folder) / f"{start}-{os.getpid()}").touch()
    time.sleep(seconds)
    return int(layer.gene_starts[stop] - layer.gene_starts[start])


def fails(layer, start, stop):
    """Raise what a task may raise."""
    raise ZeroDivisionError(f"block {start}")
