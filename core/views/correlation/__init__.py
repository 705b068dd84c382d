"""Views of the correlation page."""
