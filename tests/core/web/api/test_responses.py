"""`respond`: a table with its provenance as JSON, CSV or spreadsheet, with cache status and timing in headers."""

import io

import openpyxl
import pyarrow as pa
import pytest

from core.services.memoized import Answer
from core.web.api.responses import XLSX, respond
from tests.tables import parted

TABLE = pa.table({"gene": ["ALB", "GLUL"], "mean": [1.5, float("nan")]})
HEAD = {"dataset": "human/liver", "permalink": None}
FILENAME = "liver_äß"


def response_of(form, *, cached=True, hit=False):
    answer = Answer(TABLE, cached, hit, 12.345, lambda: HEAD)
    return respond(answer, TABLE, "genes", form, FILENAME, timing="means")


def test_json():
    response = response_of("json")
    assert response.mimetype == "application/json"
    assert response.json == {**HEAD, "genes": [{"gene": "ALB", "mean": 1.5}, {"gene": "GLUL", "mean": None}]}
    assert "Content-Disposition" not in response.headers


def test_csv():
    response = response_of("csv")
    assert response.mimetype == "text/csv"
    provenance, table = parted(response.get_data(as_text=True))
    assert provenance["dataset"] == "human/liver"
    assert table.splitlines()[0] == "gene,mean"
    assert "filename*=UTF-8''liver_%C3%A4%C3%9F.csv" in response.headers["Content-Disposition"]


def test_spreadsheet():
    response = response_of("xlsx")
    assert response.mimetype == XLSX
    book = openpyxl.load_workbook(io.BytesIO(response.data))
    assert [cell.value for cell in book["genes"][2]][:2] == ["ALB", 1.5]
    assert response.headers["Content-Disposition"].endswith(".xlsx")


@pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
@pytest.mark.parametrize(("hit", "status"), [(True, "hit"), (False, "miss")])
def test_cache_status_and_timing(form, hit, status):
    headers = response_of(form, hit=hit).headers
    assert (headers["X-Cache"], headers["Server-Timing"]) == (status, "means;dur=12.3")


def test_results_that_are_never_cached_have_no_cache_status():
    assert not {"X-Cache", "Server-Timing"} & set(response_of("json", cached=False).headers.keys())
