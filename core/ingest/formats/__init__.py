"""File formats other than .h5ad, each turned into a temporary .h5ad that the importer reads."""
