"""Import of an .h5ad file into an atlas store: the only package that imports anndata or scanpy."""
