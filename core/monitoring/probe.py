"""Result of the server's own health probe (`core.web.watchdog`), as the metrics report it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class Probe:
    """Result of the last probes of this process; the metrics are served by a thread that a hanging server leaves alone.

    Attributes
    ----------
    seconds : duration of the last successful probe
    succeeded : time of the last successful probe, or of the start, on the monotonic clock; None without probes
    """

    seconds: float = 0.0
    succeeded: float | None = field(default=None)

    def age(self) -> float | None:
        """Return the seconds since the last successful probe; None without probes."""
        return None if self.succeeded is None else time.monotonic() - self.succeeded


# A process serves one application.
probe = Probe()
