"""Callbacks of the export and embed dialogs."""
