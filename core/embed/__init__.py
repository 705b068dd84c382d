"""Embedded figures for other websites: options of the address, payload, controls and preview image."""
