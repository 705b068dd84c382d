"""Correlations over HTTP and on the command line: the same numbers, also under load and when Redis goes."""

import csv
import io
import json
import math
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.analysis.correlation import COLUMNS, CorrelationParams, correlates
from core.atlas.catalog import Catalog
from core.cli import main
from core.compute.executor import Workers
from core.selection.model import Selection
from tests.core.tables.test_columns import read
from tests.core.web.conftest import problem
from tests.factories import GENES
from tests.redis_servers import Server, needs_redis
from tests.tables import body, with_id

ADDRESS = "/api/v1/datasets/human/liver/correlations"


@pytest.fixture(scope="module")
def expected(data):
    """The table that the service makes, by gene, method, drop_zeros and selection."""
    atlas = Catalog(data).get("human/liver")
    workers = Workers(ThreadPoolExecutor(1))

    def table(gene, method="spearman", where=(), **more):
        params = CorrelationParams.of(atlas, gene, method, selection=Selection.parse(where), **more)
        return correlates(atlas, params, workers)

    yield table
    workers.close()


def same(row, other):
    return all(
        (math.isnan(b) and a in (None, "")) or (a is not None and a != "" and float(a) == b)
        if isinstance(b, float)
        else str(a) == str(b)
        for a, b in ((row[name], other[name]) for name in COLUMNS)
    )


def test_json_has_the_table(client, expected):
    body = client.get(ADDRESS, query_string={"gene": "ALB", "where": ["Group=MASH", "CellType=Hepatocyte"]}).json
    rows = expected("ALB", where=["Group=MASH", "CellType=Hepatocyte"]).to_pylist()
    assert body["gene"] == "ALB"
    assert body["selection"] == "CellType is Hepatocyte; Group is MASH"
    assert len(body["correlations"]) == len(GENES) - 1
    assert all(same(found, row) for found, row in zip(body["correlations"], rows, strict=True))


def test_columns_of_bytes_hold_what_json_holds(client):
    query = {"gene": "ALB", "method": "pearson"}
    rows = client.get(ADDRESS, query_string=query).json["correlations"]
    answer = client.get(ADDRESS, query_string={**query, "format": "columns"}, headers={"Accept-Encoding": "br, gzip"})
    assert answer.mimetype == "application/vnd.masldatlas.columns"
    assert "Content-Encoding" not in answer.headers
    facts, found = read(answer.data)
    assert facts["dataset"] == "human/liver"
    assert list(found) == list(rows[0])
    for name, values in found.items():
        given = [None if isinstance(value, float) and math.isnan(value) else value for value in values]
        assert given == [row[name] for row in rows]


@pytest.mark.parametrize("method", ["spearman", "pearson"])
@pytest.mark.parametrize("drop_zeros", ["true", "false"])
def test_csv_and_command_line_are_the_same_to_the_bit(client, data, capfd, method, drop_zeros):
    query = {"gene": "CYP2E1", "method": method, "drop_zeros": drop_zeros, "format": "csv", "where": "Group=MASH"}
    answer = client.get(ADDRESS, query_string=query)
    assert answer.mimetype == "text/csv"
    arguments = ["--data-dir", str(data), "correlate", "human/liver", "CYP2E1", "--method", method]
    arguments += ["--where", "Group=MASH", *(["--drop-zeros"] if drop_zeros == "true" else [])]
    # The app of these tests logs to the console; a command does not.
    capfd.readouterr()
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 0
    assert capfd.readouterr().out == answer.text
    assert body(answer.text).splitlines()[0] == ",".join(with_id(COLUMNS))


def test_where_means_or_within_a_column_and_and_between(client):
    def n(*where):
        return client.get(ADDRESS, query_string={"gene": "ALB", "where": list(where), "top": 1}).json["n_cells"]

    assert n("Group=MASH") + n("Group=Healthy") == n("Group=MASH", "Group=Healthy") == 60
    assert n("Group=MASH", "Sample=d1") < min(n("Group=MASH"), n("Sample=d1"))


def test_top_takes_the_first_rows(client, expected):
    found = client.get(ADDRESS, query_string={"gene": "ALB", "top": 3}).json["correlations"]
    assert [row["gene"] for row in found] == expected("ALB")["gene"].to_pylist()[:3]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({}, 400, "gene"),
        ({"gene": "ALBB"}, 404, "ALBB"),
        ({"gene": "ALB", "method": "kendall"}, 400, "kendall"),
        ({"gene": "ALB", "drop_zeros": "perhaps"}, 400, "neither true nor false"),
        ({"gene": "ALB", "where": "Group"}, 400, "not a filter"),
        ({"gene": "ALB", "where": "Group=MASHED"}, 404, "MASHED"),
        ({"gene": "ALB", "where": "Stage=1"}, 404, "Stage"),
        ({"gene": "ALB", "range": "score:9:1"}, 400, "ends before it starts"),
        ({"gene": "ALB", "range": "score:1e9:"}, 400, "contains no cell"),
        ({"gene": "ALB", "exclude": "exclude=" * 490}, 400, "Exclusions are nested"),
        ({"gene": "ALB", "top": "0"}, 400, "whole number"),
        ({"gene": "ALB", "layer": "nothing"}, 400, "nothing"),
        ({"gene": "ALB", "format": "xlsx"}, 400, "xlsx"),
        ({"gene": "ALB", "colour": "red"}, 400, "colour"),
        ({"gene": ["ALB", "GLUL"]}, 400, "2 times"),
    ],
)
def test_what_cannot_be_asked(client, query, status, words):
    assert words in problem(client.get(ADDRESS, query_string=query), status)["detail"]


def test_by_adds_a_stratum(data, capfd):
    with pytest.raises(SystemExit) as left:
        main(["--data-dir", str(data), "correlate", "human/liver", "ALB", "--by", "Group", "--top", "2"])
    rows = list(csv.DictReader(io.StringIO(body(capfd.readouterr().out))))
    assert left.value.code == 0
    assert [row["stratum"] for row in rows] == ["Healthy", "Healthy", "MASH", "MASH"]
    assert rows[0]["n"] == "30"


def test_a_top_beyond_64_bits_is_every_row(data, capfd):
    for more in ([], ["--by", "Group"]):
        printed = []
        for top in ([], ["--top", "9" * 20]):
            with pytest.raises(SystemExit) as left:
                main(["--data-dir", str(data), "correlate", "human/liver", "ALB", *more, *top])
            assert left.value.code == 0
            printed.append(capfd.readouterr().out)
        assert printed[0] == printed[1]


def test_where_no_level_holds_enough_cells_one_line_says_so(data, capfd):
    values = Catalog(data).get("human/liver").column("score").values
    second = sorted(values[values == values])[-2]  # noqa: PLR0124 - one is NaN
    with pytest.raises(SystemExit) as left:
        main(
            ["--data-dir", str(data), "correlate", "human/liver", "ALB", "--by", "Group", "--range", f"score:{second}:"]
        )
    said = capfd.readouterr()
    assert (left.value.code, said.out) == (2, "")
    assert said.err.splitlines() == [
        "masldatlas: No category of Group contains enough of the selected cells. Select more cells."
    ]


def test_json_of_the_command_line(data, capfd):
    with pytest.raises(SystemExit):
        main(["--data-dir", str(data), "correlate", "human/liver", "ALB", "--format", "json", "--top", "1"])
    body = json.loads(capfd.readouterr().out)
    assert body["method"] == "spearman"
    assert len(body["correlations"]) == 1


def test_an_unknown_gene_is_one_line_and_exit_2(data, capfd):
    with pytest.raises(SystemExit) as left:
        main(["--data-dir", str(data), "correlate", "human/liver", "CYP2E9"])
    said = capfd.readouterr()
    assert left.value.code == 2
    assert said.out == ""
    assert "CYP2E1" in said.err
    assert len(said.err.strip().splitlines()) == 1


@needs_redis
def test_the_second_answer_comes_from_redis(data, make_app):
    with _killed(Server()) as server:
        server.start()
        app = make_app(data, cache_redis=server.url).server
        first, second = (app.test_client().get(ADDRESS, query_string={"gene": "ALB"}) for _ in range(2))
        assert (first.headers["X-Cache"], second.headers["X-Cache"]) == ("miss", "hit")
        assert first.data == second.data


class _killed:
    """Kill a server at the end."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        return self.server

    def __exit__(self, *_):
        self.server.kill()
