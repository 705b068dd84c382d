"""Callbacks and helpers that several pages share."""
