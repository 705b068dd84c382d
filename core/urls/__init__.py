"""Addresses: page queries, permalinks and the specifications of figures."""
