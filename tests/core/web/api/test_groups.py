"""Dot plots and compositions over HTTP and on the command line: the same bytes, and refused requests."""

import csv
import io
import json
from functools import partial

import anndata
import pandas as pd
import pytest

from core import __version__
from core.analysis.composition import CompositionParams, composition
from core.analysis.dotplot import DotPlotParams, dots
from core.analysis.expression import NOT_GIVEN
from core.atlas.catalog import Catalog
from core.genes.ids import with_ids
from core.selection.model import Selection
from core.urls.permalinks import read
from tests.core.web.conftest import problem
from tests.factories import N_CELLS, imported, tiny
from tests.tables import body as table_of
from tests.tables import parted

DATASET = "/api/v1/datasets/human/liver"
DOTS, SAMPLES = f"{DATASET}/dotplot", f"{DATASET}/composition"


@pytest.fixture
def atlas(data):
    return Catalog(data).get("human/liver")


@pytest.fixture
def run(data, run_in):
    """Return a function that runs a command and gives its code, output and complaints."""
    return partial(run_in, data)


def test_a_dot_plot_has_every_gene_in_every_category(client, atlas):
    body = client.get(DOTS, query_string={"genes": "ALB; glul\nALBUMINE", "where": "Group=MASH"}).json
    expected = dots(atlas, DotPlotParams.of(atlas, ["ALB", "GLUL"], selection=Selection.parse(["Group=MASH"])))
    assert body["genes"] == ["ALB", "GLUL"]
    assert body["unknown"][0]["name"] == "ALBUMINE"
    assert "ALB" in body["unknown"][0]["suggestions"]
    assert (body["by"], body["split"], body["layer"], body["unit"]) == ("CellType", "", "expression", "log1p(CP10k)")
    assert (body["n_cells"], body["selection"]) == (30, "Group is MASH")
    assert len(body["dotplot"]) == expected.num_rows
    for found, row in zip(body["dotplot"], with_ids(expected, atlas.genes).to_pylist(), strict=True):
        assert found == {name: None if value != value else value for name, value in row.items()}  # noqa: PLR0124


@pytest.mark.parametrize("split", ["", "Group"])
@pytest.mark.parametrize("layer", ["", "counts", "scaled"])
def test_dot_plots_of_both_doors_are_the_same_to_the_bit(client, run, split, layer):
    query = {"genes": 'ALB,CYP2E1,"GLUL"', "by": "Sample", "split": split, "layer": layer, "range": "score:-1:"}
    answer = client.get(DOTS, query_string={**query, "format": "csv"})
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="liver_3-genes_by_Sample.csv"'
    options = [text for name, value in query.items() for text in (f"--{name}", value)]
    assert run("dotplot", "human/liver", *options) == (0, answer.text, "")
    header = "gene,id,category,split," if split else "gene,id,category,"
    assert table_of(answer.text).startswith(f"{header}n,n_expressing,pct_expressing,mean,mean_expressing\n")


def test_a_composition_counts_every_cell_with_a_sample(client, atlas):
    body = client.get(SAMPLES, query_string={"exclude": "where=Sample=d1"}).json
    assert (body["by"], body["sample"], body["group"]) == ("CellType", "Sample", "")
    assert (body["n_samples"], body["n_samples_without_cells"], body["n_cells_without_sample"]) == (2, 1, 0)
    assert sum(row["n"] for row in body["composition"]) == body["n_cells"] == 40
    expected = composition(atlas, CompositionParams.of(atlas)).table.to_pylist()
    kept = [row for row in expected if row["sample"] != "d1" and row["category"] != NOT_GIVEN]
    assert body["composition"] == kept


@pytest.mark.parametrize("query", [{}, {"by": "Group", "sample": "CellType"}, {"where": "Group=MASH"}])
def test_compositions_of_both_doors_are_the_same_to_the_bit(client, run, query):
    answer = client.get(SAMPLES, query_string={**query, "format": "csv"})
    options = [text for name, value in query.items() for text in (f"--{name}", value)]
    assert run("composition", "human/liver", *options) == (0, answer.text, "")
    rows = list(csv.DictReader(io.StringIO(table_of(answer.text))))
    assert list(rows[0]) == ["sample", "group", "category", "n", "fraction"]


@pytest.mark.parametrize(
    ("address", "query", "status", "words"),
    [
        (DOTS, {}, 400, "genes"),
        (DOTS, {"genes": "ALBB"}, 404, "Did you mean ALB"),
        (DOTS, {"genes": "foo bar"}, 404, "None of the 2 names"),
        (DOTS, {"genes": " , "}, 400, "contains no gene"),
        (DOTS, {"genes": "ALB", "by": "score"}, 400, "holds numbers"),
        (DOTS, {"genes": "ALB", "by": "nope"}, 404, "nope"),
        (DOTS, {"genes": "ALB", "split": "CellType"}, 400, "split by itself"),
        (DOTS, {"genes": "ALB", "layer": "nope"}, 400, "nope"),
        (DOTS, {"genes": "ALB", "format": "xlsx"}, 400, "xlsx"),
        (DOTS, {"genes": "A" * 6_001}, 400, "6,000 is the limit"),
        (DOTS, {"genes": "ALB", "gene": "ALB"}, 400, "'gene'"),
        (DOTS, {"genes": "ALB", "where": "Group=MASHED"}, 404, "MASHED"),
        (SAMPLES, {"by": "Sample"}, 400, "both the samples"),
        (SAMPLES, {"sample": "score"}, 400, "holds numbers"),
        (SAMPLES, {"sample": "nope"}, 404, "nope"),
        (SAMPLES, {"genes": "ALB"}, 400, "'genes'"),
    ],
)
def test_what_cannot_be_asked(client, address, query, status, words):
    assert words in str(problem(client.get(address, query_string=query), status))


def test_a_long_list_fits(client):
    text = ", ".join(["ALB", *(f"UNKNOWN{at:05}" for at in range(400))])
    body = client.get(DOTS, query_string={"genes": text}).json
    assert len(text) > 5_000
    assert (body["genes"], len(body["unknown"])) == (["ALB"], 400)


def test_names_that_are_no_genes_are_told_on_stderr(run):
    code, out, err = run("dotplot", "human/liver", "--genes", "ALB,CYP2E9", "--format", "json")
    assert code == 0
    assert "'CYP2E9' is not a gene of this atlas and is omitted. Did you mean CYP2E1" in err
    assert json.loads(out)["unknown"][0]["name"] == "CYP2E9"
    assert len(json.loads(out)["dotplot"]) == 4


def test_an_atlas_without_samples_says_what_to_do(make_app, tmp_path):
    path = tiny(tmp_path / "bare.h5ad")
    adata = anndata.read_h5ad(path)
    adata.obs = pd.DataFrame({"CellType": adata.obs["CellType"]})
    adata.write_h5ad(path)
    imported(tmp_path / "data", path, species="human", name="bare")
    client = make_app(tmp_path / "data").server.test_client()
    said = str(problem(client.get("/api/v1/datasets/human/bare/composition"), 400))
    assert "has no column of samples; name one: sample=COLUMN." in said
    assert "It has: CellType." in said
    assert client.get("/api/v1/datasets/human/bare/dotplot", query_string={"genes": "ALB"}).json["n_cells"] == N_CELLS


@pytest.mark.parametrize(
    ("address", "query", "permalink"),
    [
        (DOTS, {"genes": "ALB,CYP2E1", "by": "Group"}, "/explore?v=1&figure=dotplot&"),
        (SAMPLES, {}, "/explore?v=1&figure=composition&"),
        (f"{DATASET}/correlations", {"gene": "ALB"}, "/correlation?v=1&figure=ranking&"),
        (f"{DATASET}/markers", {"by": "CellType"}, "/markers?v=1&figure=markers&"),
        (f"{DATASET}/score", {"genes": "ALB,GLUL"}, "/explore?v=1&figure=embedding&panel=2&"),
    ],
)
def test_every_table_says_where_it_comes_from(client, atlas, address, query, permalink):
    facts, _ = parted(client.get(address, query_string={**query, "where": "Group=MASH", "format": "csv"}).text)
    said = client.get(address, query_string={**query, "where": "Group=MASH"}).json
    manifest = atlas.manifest
    assert facts["program"] == "MASLDatlas"
    assert facts["version"] == __version__
    assert facts["dataset"] == manifest.id
    assert facts["dataset_title"] == " ".join(manifest.title.split())
    assert facts["source_sha256"] == manifest.source.sha256
    assert facts["content_hash"] == manifest.content_hash
    assert (facts["selection"], facts["n_cells"], facts["n_samples"]) == ("Group is MASH", "30", "3")
    assert facts["permalink"].startswith(permalink)
    assert facts["permalink"] == said["permalink"]
    opened = client.get(f"/api/v1/figures/{read(said['permalink']).figure}.csv?{said['permalink'].partition('?')[2]}")
    assert opened.status_code == 200, opened.text
