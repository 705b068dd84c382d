"""Atlases, analyses and their interfaces: the program without its pages and callbacks."""

__version__ = "0.1.0"
