"""Plotly figures of tables: pure functions without data access or web framework.

A figure is a plain dictionary in Plotly's JSON schema with arrays in its compact form (`packed`): it needs no further
encoding, and ``plotly.graph_objects.Figure`` takes it as it is.
"""
