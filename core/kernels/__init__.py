"""Numba kernels: arrays in, arrays out.

Serial and without the GIL; `core.compute.executor` spreads them over threads.
"""
