"""Figures of the page Differences: samples as replicates."""
