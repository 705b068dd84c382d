"""Metrics for Prometheus, visitor counts and the status log."""
