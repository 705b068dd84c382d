"""Views of the explore page."""
