"""Markers over HTTP and on the command line: the same numbers in JSON, CSV and a spreadsheet."""

import csv
import io
import math
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import openpyxl
import pytest

from core.analysis.contrasts import ComparisonParams, MarkersParams
from core.analysis.markers import COLUMNS, markers, rows_of
from core.atlas.catalog import Catalog
from core.compute.executor import Workers
from core.selection.model import Selection
from tests.core.web.conftest import problem
from tests.factories import GENES, imported, tiny
from tests.redis_servers import Server, needs_redis
from tests.tables import body, with_id

ADDRESS = "/api/v1/datasets/human/liver/markers"
COMPARE = "/api/v1/datasets/human/liver/compare"
N_CATEGORIES = 3
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def atlas(data):
    return Catalog(data).get("human/liver")


@pytest.fixture(scope="module")
def expected(atlas):
    """The rows that the service makes."""
    workers = Workers(ThreadPoolExecutor(1))

    def rows(params, category="", top=None):
        return rows_of(markers(atlas, params, workers), params.groups(atlas), category, top).to_pylist()

    yield rows
    workers.close()


def same(row, other):
    return all(
        (math.isnan(b) and a in (None, "")) or (a not in (None, "") and float(a) == b)
        if isinstance(b, float)
        else (a or "") == b
        for a, b in ((row[name], other[name]) for name in COLUMNS)
    )


def sheet_rows(answer):
    """The rows of a spreadsheet, and what its first sheet says."""
    assert answer.mimetype == XLSX
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    header, *rows = book["markers"].values
    return [dict(zip(header, row, strict=True)) for row in rows], list(book["About"].values)


@pytest.mark.parametrize("where", [[], ["Group=MASH"]])
@pytest.mark.parametrize("layer", ["expression", "counts"])
def test_every_form_has_the_rows(client, atlas, expected, where, layer):
    params = MarkersParams.of(atlas, layer=layer, selection=Selection.parse(where))
    wanted = expected(params)
    query = {"where": where, "layer": layer}
    answers = {form: client.get(ADDRESS, query_string={**query, "format": form}) for form in ("json", "csv", "xlsx")}
    assert {answer.status_code for answer in answers.values()} == {200}
    rows = answers["json"].json["markers"]
    assert list(rows[0]) == with_id(COLUMNS)
    assert body(answers["csv"].text).splitlines()[0] == ",".join(with_id(COLUMNS))
    found = [rows, list(csv.DictReader(io.StringIO(body(answers["csv"].text)))), sheet_rows(answers["xlsx"])[0]]
    for some in found:
        assert len(some) == N_CATEGORIES * len(GENES)
        assert all(same(row, other) for row, other in zip(some, wanted, strict=True))


def test_the_head_says_of_what(client, atlas):
    body = client.get(ADDRESS, query_string={"where": "Group=MASH", "top": 1}).json
    assert body["dataset"] == "human/liver"
    assert body["content_hash"] == atlas.manifest.content_hash
    assert (body["by"], body["layer"], body["selection"]) == ("CellType", "expression", "Group is MASH")
    assert (body["n_cells"], body["n_samples"]) == (30, 3)
    assert body["n_compared"] == sum(entry["n"] for entry in body["categories"])
    assert [entry["category"] for entry in body["categories"]] == ["<b>LSEC</b>", "Hepatocyte", "Kupffer cell"]
    assert "treat cells as independent" in body["warning"]


def test_the_spreadsheet_says_so_too(client, atlas):
    about = sheet_rows(client.get(ADDRESS, query_string={"format": "xlsx", "where": "Group=MASH"}))[1]
    told = {}
    for name, value in about:
        told.setdefault(name, []).append(value)
    assert told["dataset"] == ["human/liver"]
    assert told["content_hash"] == [atlas.manifest.content_hash]
    assert told["selection"] == ["Group is MASH"]
    assert told["n_cells"] == [30]
    assert len(told["categories"]) == N_CATEGORIES
    assert told["categories"][1].startswith("category: Hepatocyte; n: ")
    assert told["software"][0].startswith("MASLDatlas ")


def test_top_and_category_take_the_first_rows(client, atlas, expected):
    params = MarkersParams.of(atlas)
    for query in ({"top": 2}, {"category": "Hepatocyte"}, {"top": 3, "category": "<b>LSEC</b>"}):
        rows = client.get(ADDRESS, query_string=query).json["markers"]
        wanted = expected(params, query.get("category", ""), query.get("top"))
        assert [(row["category"], row["gene"]) for row in rows] == [(row["category"], row["gene"]) for row in wanted]


def test_csv_and_command_line_are_the_same_to_the_bit(client, data, capfd):
    from core.cli import main

    query = {"by": "Group", "where": "CellType=Hepatocyte", "top": 4, "layer": "counts", "format": "csv"}
    text = client.get(ADDRESS, query_string=query).text
    a, b = (urlencode({"where": f"CellType={name}"}) for name in ("Hepatocyte", "Kupffer cell"))
    compared = client.get(COMPARE, query_string={"a": a, "b": b, "format": "csv"}).text
    # The app of these tests logs to the console; a command does not.
    capfd.readouterr()
    arguments = ["--data-dir", str(data), "markers", "human/liver", "--by", "Group", "--layer", "counts"]
    for command, wanted in (
        ([*arguments, "--top", "4", "--where", "CellType=Hepatocyte"], text),
        (["--data-dir", str(data), "compare", "human/liver", a, b], compared),
    ):
        with pytest.raises(SystemExit) as left:
            main(command)
        assert left.value.code == 0
        assert capfd.readouterr().out == wanted


def test_a_against_b(client, atlas, expected):
    a, b = Selection.parse(["CellType=Hepatocyte"]), Selection.parse(["CellType=Kupffer cell", "Group=MASH"])
    body = client.get(COMPARE, query_string={"a": a.text(), "b": b.text()}).json
    wanted = expected(ComparisonParams.of(atlas, a, b))
    assert [row["category"] for row in body["markers"]] == ["A"] * len(GENES) + ["B"] * len(GENES)
    assert all(same(row, other) for row, other in zip(body["markers"], wanted, strict=True))
    assert (body["a"], body["b"]) == (a.words(), b.words())
    assert body["n_a"] + body["n_b"] == body["n_cells"] == body["n_compared"]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"by": "Stage"}, 404, "Stage"),
        ({"by": "score"}, 400, "holds numbers"),
        ({"category": "Hepatocytes"}, 404, "Hepatocytes"),
        ({"where": "Group=MASHED"}, 404, "MASHED"),
        ({"where": "CellType=Hepatocyte"}, 400, "has only 'Hepatocyte'"),
        ({"range": "score:1e9:"}, 400, "no cell with a category"),
        ({"top": "0"}, 400, "whole number"),
        ({"top": "1.5"}, 400, "whole number"),
        ({"layer": "nothing"}, 400, "nothing"),
        ({"format": "ods"}, 400, "ods"),
        ({"colour": "red"}, 400, "colour"),
        ({"by": ["CellType", "Group"]}, 400, "2 times"),
    ],
)
def test_what_cannot_be_asked(client, query, status, words):
    assert words in problem(client.get(ADDRESS, query_string=query), status)["detail"]


@pytest.mark.parametrize(
    ("a", "b", "status", "words"),
    [
        ("", "where=Group=MASH", 400, "'a' is missing"),
        ("where=Group=MASH", "where=Group=MASH", 400, "30 cells are both in A"),
        ("where=Group=MASH", "where=Group=Healthy&range=score:1e9:", 400, "B (Group is Healthy; score is at least"),
        ("where=Group=MASH", "colour=red", 400, "colour"),
        ("where=Group=MASHED", "where=Group=MASH", 404, "MASHED"),
    ],
)
def test_what_cannot_be_compared(client, a, b, status, words):
    assert words in problem(client.get(COMPARE, query_string={"a": a, "b": b}), status)["detail"]


def test_an_atlas_without_categories_says_so(tmp_path, make_app):
    import anndata

    plain = anndata.read_h5ad(tiny(tmp_path / "files" / "plain.h5ad"))
    plain.obs = plain.obs[["score"]]
    plain.write_h5ad(tmp_path / "files" / "plain.h5ad")
    imported(tmp_path / "data", tmp_path / "files" / "plain.h5ad", species="human")
    client = make_app(tmp_path / "data").server.test_client()
    detail = problem(client.get("/api/v1/datasets/human/plain/markers"), 400)["detail"]
    assert "no column of 2 to 100 categories" in detail


@needs_redis
def test_the_second_answer_comes_from_redis(data, make_app):
    server = Server()
    try:
        server.start()
        app = make_app(data, cache_redis=server.url).server
        first, second = (app.test_client().get(ADDRESS, query_string={"format": "csv"}) for _ in range(2))
        # Another category of the same question is no question of its own.
        third = app.test_client().get(ADDRESS, query_string={"category": "Hepatocyte", "top": 5})
        assert [each.headers["X-Cache"] for each in (first, second, third)] == ["miss", "hit", "hit"]
        assert first.data == second.data
    finally:
        server.kill()
