"""Numba kernels: arrays in, arrays out. Serial and without the GIL; `core.parallel` spreads them over threads."""
