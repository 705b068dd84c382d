"""The JSON API, with one module for each group of routes."""
