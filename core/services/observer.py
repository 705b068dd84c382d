"""Observation of the questions that the core answers; the core itself knows of no metrics."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ServiceCall:
    """A question that was answered.

    Attributes
    ----------
    service : name of what computes
    dataset : id of the atlas
    hit : whether the answer was there, or somebody else computed it at the same time
    seconds : until the answer was there
    method : of a correlation
    n_values : genes times cells that were computed; 0 for a hit
    """

    service: str
    dataset: str
    hit: bool
    seconds: float
    method: str = ""
    n_values: int = 0


class Observer:
    """Observer that does nothing; see `core.monitoring.metrics.Metrics` for one that counts."""

    def asked(self, question: ServiceCall) -> None:
        """Note that a question was answered."""
