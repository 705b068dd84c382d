"""Views of the page Species."""
