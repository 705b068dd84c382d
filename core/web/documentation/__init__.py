"""Chapters of the documentation; those on command line, API and settings are generated."""
