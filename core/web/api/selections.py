"""``/api/v1/datasets/<species>/<name>/selection.h5ad``: the selected cells as a file for scanpy."""

from __future__ import annotations

import os
import tempfile
from typing import IO, TYPE_CHECKING

from flask import Blueprint, Response

from core.export.selection_size import name_of
from core.web.api.parameters import SELECTION, attachment, only, selection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.services.container import Services

HDF5 = "application/x-hdf5"
PIECE = 1 << 20


def blueprint(services: Services) -> Blueprint:
    """Create the blueprint of the route."""
    routes = Blueprint("selections", __name__, url_prefix="/api/v1/datasets/<species>/<name>")

    @routes.get("/selection.h5ad")
    def h5ad(species: str, name: str) -> Response:
        from core.export.selection_h5ad import write_selection

        only(many=SELECTION)
        atlas, cells = services.catalog.get(f"{species}/{name}"), selection()
        scratch = services.settings.data_dir / "cache"
        scratch.mkdir(parents=True, exist_ok=True)
        # Without a name on the disk, so that it is gone whatever happens to this process.
        out = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - the response closes it
        try:
            write_selection(atlas, cells, out, services.settings.export_values)
        except BaseException:
            out.close()
            raise
        response = Response(_pieces(out), mimetype=HDF5)
        # A client that leaves, or asks for the head alone, reads no piece.
        response.call_on_close(out.close)
        response.content_length = out.seek(0, os.SEEK_END)
        response.headers["Content-Disposition"] = attachment(name_of(atlas, cells))
        return response

    return routes


def _pieces(out: IO[bytes]) -> Iterator[bytes]:
    with out:
        out.seek(0)
        while piece := out.read(PIECE):
            yield piece
