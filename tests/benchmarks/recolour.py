"""The rows of ``make bench`` that are about maps: the cost of a first look and of another colour, and a cell's card."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from app import create_app
from core.analysis import raster
from core.atlas.catalog import Catalog
from core.settings.settings import load
from core.system.logs import configure
from tests.benchmarks.rows import Row, one, timed
from tests.e2e._large import GENES, RADIUS, import_large

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.atlas.store import Atlas

COMPRESSED = {"Accept-Encoding": "br"}
PIXELS = 500


def bench(atlas: Atlas, data: Path) -> list[Row]:
    """All rows; half a million cells are made for them, in seconds."""
    rows = _points(atlas, _client(data))
    with tempfile.TemporaryDirectory() as scratch:
        large = Path(scratch) / "data"
        found = Catalog(large).get(import_large(Path(scratch), large))
        return rows + _pixels(found, _client(large))


def _client(data: Path) -> FlaskClient:
    settings = load(data_dir=data, log_level="ERROR")
    configure(settings)
    return create_app(settings).server.test_client()


def _points(atlas: Atlas, client: FlaskClient) -> list[Row]:
    """Every cell is sent: its place once, then a number for each colour."""
    share = atlas.layer().stats.n_nonzero / atlas.n_cells
    middling = max(range(0, len(atlas.genes), 50), key=lambda at: share[at] if share[at] < 0.5 else 0)
    densest = int(share.argmax())
    base = f"/arrays/{atlas.id}/{atlas.manifest.content_hash}"
    by_gene = f"{base}/gene/expression?" + urlencode({"gene": atlas.genes.names[middling]})
    by_densest = f"{base}/gene/expression?" + urlencode({"gene": atlas.genes.names[densest]})
    by_type = f"{base}/column?" + urlencode({"name": atlas.manifest.roles["cell_type"]})
    places = f"{base}/embedding/{atlas.manifest.embeddings[0].key}"
    cells = f"{atlas.n_cells:,} cells"
    return [
        *_rows(f"{cells}, first look: places and a gene", client, [places, by_gene]),
        *_rows(f"{cells}, recolour by a gene ({100 * share[middling]:.0f} % nonzero)", client, [by_gene], budget=20),
        *_rows(f"{cells}, recolour by a gene ({100 * share[densest]:.0f} % nonzero)", client, [by_densest], budget=20),
        *_rows(f"{cells}, recolour by the cell type", client, [by_type], budget=20),
        _card(atlas, client),
    ]


def _card(atlas: Atlas, client: FlaskClient) -> Row:
    """Another cell each time, so that none is remembered."""
    turn = iter(range(0, atlas.n_cells, 997))

    def params() -> None:
        answer = client.get(f"/api/v1/datasets/{atlas.id}/cells/{next(turn)}")
        assert answer.status_code == 200, answer.text

    return timed(f"a cell's own card, {atlas.layer().info.n_nonzero:,} nonzeros searched", params, budget="≤ 150 ms")


def _pixels(atlas: Atlas, client: FlaskClient) -> list[Row]:
    """The server draws, and sends what the cells of each pixel have in common."""
    raster.warm()
    key = atlas.manifest.embeddings[0].key
    base = f"/arrays/{atlas.id}/{atlas.manifest.content_hash}/raster/{key}"

    def asked(window: str, **what: str) -> list[str]:
        return [f"{base}?{window}&{urlencode({'w': PIXELS, 'h': PIXELS, **what})}"]

    marker, other = GENES[:2]
    reach = 1.4 * RADIUS
    whole = f"x={-reach},{reach}&y={-reach},{reach}"
    # The first cell type, which is the largest, fills the window.
    near = f"x={RADIUS - 2},{RADIUS + 2}&y=-2,2"
    cells = f"{atlas.n_cells:,} cells as {PIXELS} x {PIXELS} pixels"
    return [
        *_rows(f"{cells}, first look: a gene", client, asked(whole, gene=marker), prepare=raster.placed.cache_clear),
        *_rows(f"{cells}, recolour by a gene", client, asked(whole, gene=marker), budget=100),
        *_rows(f"{cells}, recolour by the cell type", client, asked(whole, column="cell_type"), budget=100),
        *_rows(f"{cells}, recolour by a number", client, asked(whole, column="pct_mito"), budget=100),
        *_rows(f"{cells}, recolour by two genes", client, asked(whole, gene=marker, gene_b=other), budget=100),
        *_rows(f"{cells}, zoomed in", client, asked(near, gene=marker), budget=100),
    ]


def _rows(
    what: str, client: FlaskClient, addresses: list[str], *, budget: int = 0, prepare: Callable[[], None] = lambda: None
) -> list[Row]:
    """What the addresses send, compressed as for a browser, and the time they take the server, compression included."""

    def params() -> int:
        answers = [client.get(address, headers=COMPRESSED) for address in addresses]
        assert all(answer.status_code == 200 for answer in answers), answers[-1].text
        return sum(len(answer.data) for answer in answers)

    return [
        one(f"{what}: compressed", params() / 1e3, "kB", "≤ 250 kB" if budget == 20 else ""),
        timed(f"{what}: server", params, budget=f"≤ {budget} ms" if budget else "", prepare=prepare),
    ]
