"""The page of one atlas: what is known of it, what is not, and what can be downloaded; and its small map."""

import io
import json
from functools import partial
from urllib.parse import urlsplit

import h5py
import numpy as np
import pytest
from PIL import Image

from app import create_app
from callbacks.atlas.parts import article
from callbacks.home.cards import atlas_card
from callbacks.home.examples import examples
from callbacks.home.snapshot import Shown
from callbacks.shell import carried, viewed
from core.atlas.manifest import Manifest
from core.errors import InvalidInput
from core.services.container import Services
from core.settings.settings import load
from core.views import atlas_page, small_map
from tests import layouts
from tests.factories import imported, tiny
from tests.layouts import parts

text = partial(layouts.text, between=" ")

ABSTRACT = "Cells of <b>livers</b>."
MOST = 10**9


def links(node):
    return [each.href for each in parts(node) if getattr(each, "href", None)]


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    place = tmp_path_factory.mktemp("about")
    uns = {"title": "A liver", "citation": "He 2020. https://doi.org/10.1000/182.", "description": ABSTRACT}
    imported(place / "data", tiny(place / "liver.h5ad", uns=uns), species="human")
    imported(place / "data", tiny(place / "bare.h5ad", seed=1), species="mouse", simulated=True)
    return Services.of(load(data_dir=place / "data"))


def page_of(services, name="human/liver", most=MOST, *, with_versions=True):
    atlas, problems = atlas_page.resolve(services, f"?atlas={name}")
    assert problems == []
    return atlas_page.compute(atlas), article(atlas_page.compute(atlas), most, with_versions=with_versions)


def test_everything_that_is_known_is_there(services):
    page, shown = page_of(services)
    manifest, words = page.manifest, text(shown)
    assert (manifest.abstract, manifest.doi) == (ABSTRACT, "10.1000/182")
    for known in (
        *("A liver", "human/liver", ABSTRACT, "He 2020.", manifest.source.sha256, manifest.content_hash),
        *("liver.h5ad", manifest.layers[0].rule, "Cell type is CellType", "scanpy", "Hepatocyte", "(not given)"),
        "Lineage (by name)",
    ):
        assert known in words
    assert "60 cells, 10 genes, 3 samples of 20 cells or more (median 20)." in words
    assert "SIMULATED" not in words
    assert "https://doi.org/10.1000/182" in links(shown)
    [copy] = [each for each in parts(shown) if "data-copy" in each.to_plotly_json()["props"]]
    assert copy.to_plotly_json()["props"]["data-copy"] == manifest.citation
    assert "Software" not in text(page_of(services, with_versions=False)[1])


def test_the_numbers_are_those_of_the_columns(services):
    page, _ = page_of(services)
    types, _, samples = page.counts
    column = page.atlas.categorical("CellType")
    assert dict(types.rows)["Hepatocyte"] == int((column.codes == column.categories.index("Hepatocyte")).sum())
    assert types.rows[-1] == ("", 1)
    assert sum(n for _, n in types.rows) == 60
    assert samples.sizes == (20, 20.0)
    assert atlas_page.Counts("Sample", "s", (("a", 0), ("", 3))).sizes[0] == 0


def test_what_is_not_known_is_said_with_how_to_add_it(services):
    page, shown = page_of(services, "mouse/bare")
    words = text(shown)
    assert (page.manifest.abstract, page.doi) == ("", "")
    assert "--replace --abstract TEXT" in words
    assert "--replace --citation TEXT --doi DOI" in words
    assert "zonation, zone, layer or eta" in words
    assert "not from any patient or animal" in words


def test_every_download_is_answered(services):
    server = create_app(load(data_dir=services.settings.data_dir)).server
    page, shown = page_of(services)
    found = [href for href in links(shown) if href.startswith(("/api/", "/embed/"))]
    assert len(found) == 5
    # The markers are found and not computed, which would compile a kernel.
    assert server.url_map.bind("").match(urlsplit(page.files["Markers of every cell type (CSV)"]).path)
    for href in found:
        if "/markers" not in href:
            with server.test_client().get(href) as answer:
                assert answer.status_code == 200, answer.text
    assert page.h5ad in found
    too_large = page_of(services, most=1)[1]
    assert page.h5ad not in links(too_large)
    assert "masldatlas extract" in text(too_large)


def test_the_file_of_all_cells_says_where_they_come_from(services):
    client = create_app(load(data_dir=services.settings.data_dir)).server.test_client()
    with client.get(page_of(services)[0].h5ad) as answer, h5py.File(io.BytesIO(answer.data)) as file:
        assert file["uns/doi"][()].decode() == "10.1000/182"
        assert file["uns/abstract"][()].decode() == ABSTRACT


def test_the_menu_of_atlases_stays_on_the_page(services):
    view = viewed("/atlas", "?atlas=human/liver")
    here, there = (services.catalog.manifest(name) for name in ("human/liver", "mouse/bare"))
    assert carried(view, here, there).address == "/atlas?atlas=mouse%2Fbare"


def test_the_doi_of_the_command_wins_and_another_text_is_refused(tmp_path):
    file = tiny(tmp_path / "liver.h5ad", uns={"doi": "doi:10.1000/182"})
    imported(tmp_path / "data", file, species="human", doi="https://doi.org/10.1000/183", abstract="Short.")
    services = Services.of(load(data_dir=tmp_path / "data"))
    manifest = services.catalog.manifest("human/liver")
    assert (manifest.doi, manifest.abstract) == ("10.1000/183", "Short.")
    with pytest.raises(InvalidInput, match="'none' is not a DOI"):
        imported(tmp_path / "data", file, species="human", doi="none", replace=True)


def test_a_manifest_from_before_keeps_its_hash(services):
    manifest = services.catalog.manifest("mouse/bare")
    old = json.loads(manifest.to_json())
    del old["abstract"], old["doi"]
    assert Manifest.model_validate(old).sealed().content_hash == manifest.content_hash
    assert manifest.model_copy(update={"doi": "10.1000/1"}).sealed().content_hash != manifest.content_hash


def test_the_small_map_has_the_colours_of_the_cell_types(services):
    atlas = services.catalog.get("human/liver")
    image = Image.open(io.BytesIO(small_map.png(atlas))).convert("RGBA")
    assert image.size == small_map.SIZE
    pixels = np.asarray(image)
    assert 0 < (pixels[..., 3] > 0).mean() < 0.9
    assert len(np.unique(pixels[pixels[..., 3] == 255][:, :3], axis=0)) >= 4
    assert small_map.png(atlas) is small_map.png(atlas), "it is drawn once"
    client = create_app(load(data_dir=services.settings.data_dir)).server.test_client()
    [picture] = [each for each in parts(atlas_card(Shown(atlas.manifest))) if getattr(each, "alt", None)]
    assert picture.alt == "Map of the cells of A liver, coloured by cell type"
    address = picture.to_plotly_json()["props"]["data-src"]
    answer = client.get(address)
    assert (answer.mimetype, answer.data) == ("image/png", small_map.png(atlas))
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(address.replace(atlas.manifest.content_hash, "0" * 32)).status_code == 410


def test_an_atlas_without_a_map_has_no_picture(services):
    manifest = services.catalog.manifest("human/liver").model_copy(update={"embeddings": ()})
    assert not [each for each in parts(atlas_card(Shown(manifest))) if getattr(each, "alt", None)]


def test_examples_are_genes_that_are_there(services, tmp_path):
    assert [text(each) for each in examples(services.catalog)] == ["Try: ", "CYP2E1"]
    assert examples(Services.of(load(data_dir=tmp_path / "none")).catalog) == []
