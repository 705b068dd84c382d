"""Interface through which services report their calls; keeps the core independent of metrics."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ServiceCall:
    """One call of `core.services.memoized.answer`.

    Attributes
    ----------
    service : name of the analysis
    dataset : id of the atlas
    hit : cache hit, or a result shared with a concurrent identical request
    seconds : time until the result was available
    method : correlation method; empty for other analyses
    n_values : genes times cells read by a correlation; 0 for a cache hit
    """

    service: str
    dataset: str
    hit: bool
    seconds: float
    method: str = ""
    n_values: int = 0


class Observer:
    """Observer that ignores all calls; `core.monitoring.metrics.Metrics` counts them."""

    def record(self, call: ServiceCall) -> None:
        """Record a call."""
