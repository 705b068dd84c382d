"""Properties of child processes that only they can set."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Final

# To the kernel, of two processes that take too much memory, a web server and its child, the child is the one to end.
FIRST_TO_GO: Final = "500"
SET_DEATH_SIGNAL: Final = 1


def end_with_parent() -> None:
    """Let this process end with the thread that started it, and before others when memory runs out; on Linux only."""
    if sys.platform == "linux":
        import ctypes

        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO, encoding="ascii")
        ctypes.CDLL(None).prctl(SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
