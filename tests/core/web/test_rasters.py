"""Rasters over HTTP: the planes of core.analysis.raster, unchanged and cached permanently."""

import numpy as np
import pytest

from core.analysis.expression import expression_of
from core.analysis.gene_set_scores import ScoreParams
from core.analysis.raster import Scale, Window, by_category, by_value, placed
from core.atlas.catalog import Catalog
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.services.memoized import answer
from tests.core.web.conftest import problem

VIEW = {"x": "-2,2", "y": "-1.5,2.5", "w": "40", "h": "20"}
WINDOW = Window.of((-2, 2), (-1.5, 2.5), 40, 20)
KINDS = {"u1": "u1", "u2": "<u2"}


@pytest.fixture(scope="session")
def atlas(data):
    return Catalog(data).get("human/liver")


@pytest.fixture
def get(client, atlas):
    base = f"/arrays/human/liver/{atlas.manifest.content_hash}/raster"
    return lambda key="X_umap", **query: client.get(f"{base}/{key}", query_string={**VIEW, **query})


def planes_of(answer):
    """Take an answer apart as a browser does."""
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    width, height = int(answer.headers["X-Width"]), int(answer.headers["X-Height"])
    planes, at = {}, 0
    for part in answer.headers["X-Planes"].split(","):
        name, kind = part.split(":")
        plane = np.frombuffer(answer.data, KINDS[kind], width * height, at)
        planes[name], at = plane.reshape(height, width), at + plane.nbytes
    assert at == len(answer.data)
    return planes


def same(found, wanted):
    assert list(found) == list(wanted)
    for name, plane in wanted.items():
        np.testing.assert_array_equal(found[name], plane, err_msg=name)


def everything(atlas):
    return np.ones(atlas.n_cells, dtype=bool)


def test_a_categorical_column(get, atlas):
    answer = get(column="CellType")
    assert answer.headers["X-Planes"] == "count:u2,code:u2,share:u1,outside:u1"
    assert "X-Low" not in answer.headers
    found = planes_of(answer)
    same(found, by_category(placed(atlas, "X_umap", (0, 1)), WINDOW, everything(atlas), atlas.categorical("CellType")))
    assert found["count"].sum() > 30
    assert found["outside"].sum() == 0


def test_a_numeric_column(get, atlas):
    answer = get(column="score")
    assert answer.headers["X-Planes"] == "count:u2,value:u2,outside:u1"
    values = atlas.column("score").values
    same(planes_of(answer), by_value(placed(atlas, "X_umap", (0, 1)), WINDOW, everything(atlas), [Scale.of(values)]))
    assert float(answer.headers["X-Low"]) == np.nanmin(values)
    assert float(answer.headers["X-High"]) == np.nanmax(values)


@pytest.mark.parametrize("layer", ["", "counts", "scaled"])
def test_one_gene_and_two(get, atlas, layer):
    more = {"layer": layer} if layer else {}
    scales = [Scale.of(expression_of(atlas, gene, layer).values, with_zero=True) for gene in ("ALB", "GLUL")]
    places = placed(atlas, "X_umap", (0, 1))
    one = get(gene="ALB", **more)
    same(planes_of(one), by_value(places, WINDOW, everything(atlas), scales[:1]))
    two = get(gene="ALB", gene_b="GLUL", **more)
    assert two.headers["X-Planes"] == "count:u2,value:u2,value_b:u2,outside:u1"
    same(planes_of(two), by_value(places, WINDOW, everything(atlas), scales))
    for response, suffix, scale in ((one, "", scales[0]), (two, "", scales[0]), (two, "-B", scales[1])):
        ends = float(response.headers[f"X-Low{suffix}"]), float(response.headers[f"X-High{suffix}"])
        assert ends == (scale.low, scale.high)
    if layer == "scaled":
        assert scales[0].low < 0


@pytest.mark.parametrize("method", ["", "ulm", "mean_z"])
@pytest.mark.parametrize("layer", ["", "scaled"])
def test_a_gene_set(get, server, atlas, method, layer):
    more = {name: value for name, value in (("method", method), ("layer", layer)) if value}
    response = get(genes="glul, CYP2E1;CYP2E1 nosuchgene", **more)
    services = server.extensions["masldatlas"]
    params = ScoreParams.of(atlas, ["CYP2E1", "GLUL"], method, layer)
    scale = Scale.of(answer(services, atlas, params).value["score"].to_numpy())
    assert scale.low < 0 < scale.high
    same(planes_of(response), by_value(placed(atlas, "X_umap", (0, 1)), WINDOW, everything(atlas), [scale]))
    assert (float(response.headers["X-Low"]), float(response.headers["X-High"])) == (scale.low, scale.high)


def test_a_mounted_set_is_not_kept_for_ever(tmp_path, data, make_app, atlas):
    (tmp_path / "zones.gmt").write_text("PERICENTRAL\tcentral vein\tCYP2E1\tGLUL\n")
    client = make_app(data, gene_sets_dir=tmp_path).server.test_client()
    base = f"/arrays/human/liver/{atlas.manifest.content_hash}/raster/X_umap"
    answer = client.get(base, query_string={**VIEW, "genes": "gmt:PERICENTRAL"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.data == client.get(base, query_string={**VIEW, "genes": "CYP2E1,GLUL"}).data


def test_the_scale_is_that_of_the_whole_atlas(get, atlas):
    """So that colours stay what they are while one zooms and selects."""
    values = expression_of(atlas, "ALB").values
    for query in ({"x": "0,0.1"}, {"where": "CellType=Kupffer cell"}, {"range": "score:100:"}):
        answer = get(gene="ALB", **query)
        assert (float(answer.headers["X-Low"]), float(answer.headers["X-High"])) == (0.0, float(values.max()))


def test_nothing_but_cells(get, atlas):
    answer = get(where="Group=MASH")
    assert answer.headers["X-Planes"] == "count:u2,outside:u1"
    chosen = mask_of(atlas, Selection.parse(["Group=MASH"]))
    same(planes_of(answer), by_value(placed(atlas, "X_umap", (0, 1)), WINDOW, chosen, ()))


@pytest.mark.parametrize("axes", [("0,1", (0, 1)), ("1,0", (1, 0))])
def test_axes(get, atlas, axes):
    found = planes_of(get(column="Group", axes=axes[0]))
    same(found, by_category(placed(atlas, "X_umap", axes[1]), WINDOW, everything(atlas), atlas.categorical("Group")))


def test_selection_facet_and_hidden_categories_leave_the_others_outside(get, atlas):
    places, column = placed(atlas, "X_umap", (0, 1)), atlas.categorical("CellType")
    chosen = mask_of(atlas, Selection.parse(["Group=MASH"], ["score:-1:"]))
    mash = {"where": "Group=MASH", "range": "score:-1:"}
    same(planes_of(get(column="CellType", **mash)), by_category(places, WINDOW, chosen, column))
    d2 = mask_of(atlas, Selection.parse(["Sample=d2"]))
    faceted = planes_of(get(column="CellType", **mash, facet="Sample", level="d2"))
    same(faceted, by_category(places, WINDOW, chosen & d2, column))
    hidden = mask_of(atlas, Selection.parse(["CellType=Kupffer cell", "CellType="]))
    found = planes_of(get(column="CellType", hide=["Kupffer cell", ""]))
    same(found, by_category(places, WINDOW, ~hidden, column))
    assert found["outside"].sum() > 0
    not_given = planes_of(get(gene="ALB", facet="CellType", level=""))
    assert not_given["count"].sum() == 1
    nobody = planes_of(get(gene="ALB", range="score:1000:"))
    assert nobody["count"].sum() == 0
    assert (nobody["value"] == 65_535).all()
    assert nobody["outside"].sum() > 30


def test_sizes_are_brought_within_bounds(get):
    assert planes_of(get(column="Group", w="1", h="99999"))["count"].shape == (1_200, 16)
    default = planes_of(get(column="Group", w=None, h=None))["count"]
    assert default.shape == (500, 500)


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"column": "CellType", "gene": "ALB"}, 400, "column and gene"),
        ({"gene_b": "ALB"}, 400, "Unknown parameter 'gene_b'"),
        ({"hide": "Kupffer cell"}, 400, "Unknown parameter 'hide'"),
        ({"genes": "nosuch"}, 404, '"nosuch" was not found'),
        ({"genes": " , "}, 400, "contains no gene"),
        ({"genes": "ALB", "method": "magic"}, 400, "not a score"),
        ({"genes": "ALB", "gene_b": "GLUL"}, 400, "Unknown parameter 'gene_b'"),
        ({"column": ""}, 400, "'column' is missing"),
        ({"gene": ""}, 400, "'gene' is missing"),
        ({"gene": "ALB", "gene_b": ""}, 400, "'gene_b' is missing"),
        ({"gene": "ALB", "hide": "Kupffer cell"}, 400, "Unknown parameter 'hide'"),
        ({"gene": "ALB", "colour": "red"}, 400, "Unknown parameter 'colour'"),
        ({"gene": "ALB", "x": None}, 400, "'x' is missing"),
        ({"gene": "ALB", "x": "1"}, 400, "must be two numbers"),
        ({"gene": "ALB", "y": "1,2,3"}, 400, "must be two numbers"),
        ({"gene": "ALB", "y": "a,b"}, 400, "must be two numbers"),
        ({"gene": "ALB", "y": "nan,1"}, 400, "must be two numbers"),
        ({"gene": "ALB", "y": "-inf,inf"}, 400, "must be two numbers"),
        ({"gene": "ALB", "y": "2,1"}, 400, "smaller number first"),
        ({"gene": "ALB", "y": "1,1"}, 400, "smaller number first"),
        ({"gene": "ALB", "y": "1,1.00000000001"}, 400, "Zoom less"),
        ({"gene": "ALB", "w": "0"}, 400, "w='0'"),
        ({"gene": "ALB", "h": "-5"}, 400, "h='-5'"),
        ({"gene": "ALB", "h": "many"}, 400, "h='many'"),
        ({"gene": "ALB", "axes": "0,7"}, 400, "2 axes"),
        ({"gene": "ALB", "level": "d1"}, 400, "'facet' is missing"),
        ({"gene": "ALB", "facet": "Sample", "level": "d9"}, 404, "no category 'd9'"),
        ({"gene": "ALB", "facet": "score", "level": "1"}, 400, "numbers, not categories"),
        ({"gene": "ALB", "layer": "nope"}, 400, "no layer"),
        ({"gene": "NOSUCH"}, 404, "NOSUCH"),
        ({"column": "nope"}, 404, "nope"),
        ({"column": "CellType", "hide": "nope"}, 404, "no category 'nope'"),
        ({"column": "score", "hide": "1"}, 400, "numbers, not categories"),
        ({"column": "CellType", "where": "x"}, 400, "not a filter"),
    ],
)
def test_what_is_refused(get, query, status, words):
    body = problem(get(**query), status)
    assert words in f"{body['detail']} {body.get('remedy', '')}"


def test_another_embedding_or_content(get, client, atlas):
    problem(get("X_tsne", gene="ALB"), 400)
    wrong = atlas.manifest.content_hash[::-1]
    problem(client.get(f"/arrays/human/liver/{wrong}/raster/X_umap", query_string={**VIEW, "gene": "ALB"}), 410)
    problem(client.get(f"/arrays/human/nope/{wrong}/raster/X_umap", query_string={**VIEW, "gene": "ALB"}), 404)
