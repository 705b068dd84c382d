"""The JSON API, one module a family of routes."""
