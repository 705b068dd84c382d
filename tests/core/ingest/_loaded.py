"""Load, once it is imported, all that a comparison with anndata needs: what is forked later need not load it."""

from core.ingest import import_server
from tests.core.ingest import _reference  # noqa: F401 - loaded for those that are forked

import_server._load()
