"""Execution of kernels over blocks of genes, and admission control."""
