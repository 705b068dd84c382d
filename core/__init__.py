"""Everything about the atlases that is true without a browser."""

__version__ = "0.1.0"
