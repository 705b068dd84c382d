"""Views of the markers page."""
