"""From an .h5ad file to an atlas store: the only package that imports anndata or scanpy."""
