"""Enrichment and activity over HTTP and on the command line: the same bytes, and planted effects found."""

import csv
import io
import json
import shutil
from functools import partial

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.analysis.contrasts import NOT_REPLICATES
from tests.core.web.conftest import problem
from tests.factories import imported
from tests.references import install
from tests.tables import body

N_GENES, N_SAMPLES, N_CELLS = 120, 8, 25
UP = [f"UP{at}" for at in range(15)]
DOWN = [f"DOWN{at}" for at in range(12)]
GENES = [*UP, *DOWN, *(f"G{at}" for at in range(N_GENES - 27))]
SETS = {"RISES": UP[:12], "FALLS": [*DOWN[:11], "NOT_HERE"], "NEITHER": GENES[40:60], "SMALL": UP[:2]}
TF = [*(("FACTOR", gene, 1.0) for gene in UP), *(("FACTOR", gene, -1.0) for gene in DOWN),
      *(("OTHER", gene, 1.0) for gene in GENES[50:70]), ("TINY", "UP1", 1.0),
      *(("NR1H4", gene, 1.0) for gene in GENES[70:76])]  # fmt: skip
ONE = "/api/v1/datasets/human/planted"
SIDES = {"a": "MASH", "b": "Healthy", "cell_type": "Hepatocyte"}


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Return a data directory with an atlas of eight donors, of whom four express some genes more and others less."""
    data = tmp_path_factory.mktemp("meaning")
    rng = np.random.default_rng(3)
    sample = np.repeat(np.arange(N_SAMPLES), N_CELLS * 2)
    kind = np.tile(np.repeat(["Hepatocyte", "Kupffer cell"], N_CELLS), N_SAMPLES)
    sick = (sample >= N_SAMPLES // 2) & (kind == "Hepatocyte")
    mean = rng.lognormal(1, 0.4, N_GENES)[None] * rng.lognormal(0, 0.1, (N_SAMPLES, N_GENES))[sample]
    mean[np.ix_(sick, range(15))] *= 4
    mean[np.ix_(sick, range(15, 27))] /= 4
    obs = pd.DataFrame(
        {
            "CellType": pd.Categorical(kind),
            "Group": pd.Categorical(np.where(sample >= N_SAMPLES // 2, "MASH", "Healthy"), ["Healthy", "MASH"]),
            "Sample": pd.Categorical([f"d{at}" for at in sample]),
        },
        index=[f"c{at}" for at in range(len(sample))],
    )
    counts = sparse.csr_matrix(rng.poisson(mean).astype(np.float32))
    made = anndata.AnnData(counts, obs=obs, var=pd.DataFrame(index=GENES))
    made.obsm["X_umap"] = rng.normal(size=(len(obs), 2)).astype(np.float32)
    path = data / "files" / "planted.h5ad"
    path.parent.mkdir()
    made.write_h5ad(path)
    imported(data, path, species="human")
    install(data, sets={"hallmark": SETS, "go_bp": {"RISES TOO": UP[3:]}}, edges={"collectri": TF, "progeny": TF[:40]})
    return data


@pytest.fixture(scope="module")
def client(planted, make_app):
    return make_app(planted).server.test_client()


@pytest.fixture
def run(planted, run_in):
    return partial(run_in, planted)


def options(asked):
    return [part for name, value in asked.items() for part in (f"--{name.replace('_', '-')}", str(value))]


def by_set(rows, **wanted):
    return {row["set"]: row for row in rows if all(row[name] == value for name, value in wanted.items())}


def test_over_representation(client, run):
    asked = {**SIDES, "min_size": 5}
    found = client.get(f"{ONE}/enrichment", query_string=asked).json
    up, down = (by_set(found["enrichment"], direction=direction) for direction in ("up", "down"))
    assert max(up["RISES"]["p_adj"], down["FALLS"]["p_adj"]) < 1e-4
    assert min(up["NEITHER"]["p_adj"], down["RISES"]["p_adj"]) > 0.2
    assert (down["FALLS"]["n_source"], down["FALLS"]["n_set"]) == (12, 11)
    assert set(up["RISES"]["genes"].split()) == set(SETS["RISES"])
    assert "SMALL" not in up
    assert (found["n_a"], found["n_b"]) == (4, 4), "samples, not cells"
    assert found["n_genes"] + found["n_untested"] == N_GENES
    assert found["collections"][0]["n_too_small"] == 1
    assert found["collections"][0]["licence"] == "CC0"
    assert "hypergeometric" in found["methods"]
    assert f"the {found['n_up']} genes that are higher" in found["methods"]
    csv_text = client.get(f"{ONE}/enrichment", query_string={**asked, "format": "csv"}).text
    code, out, _ = run("enrichment", "human/planted", *options(asked))
    assert code == 0
    assert body(out) == body(csv_text)
    rows = list(csv.DictReader(io.StringIO(body(out))))
    assert [float(row["p"]) for row in rows] == sorted(float(row["p"]) for row in rows)


def test_ranked_enrichment_in_a_process_of_its_own(client, run):
    asked = {**SIDES, "min_size": 5, "method": "gsea", "collection": "hallmark,go_bp"}
    answer = client.get(f"{ONE}/enrichment", query_string=asked)
    found = answer.json
    rows = by_set(found["enrichment"])
    assert rows["RISES"]["nes"] > 1 > -1 > rows["FALLS"]["nes"]
    assert max(rows[name]["p"] for name in ("RISES", "FALLS", "RISES TOO")) < 0.01
    assert rows["RISES TOO"]["p"] == rows["RISES TOO"]["p_adj"]
    assert found["seed"] == 1
    code, out, err = run("enrichment", "human/planted", "--format", "json", *options(asked))
    assert code == 0
    assert json.loads(out)["enrichment"] == found["enrichment"]
    assert "testing gene sets" in err
    one = client.get(f"{ONE}/enrichment", query_string={**asked, "top": 1}).json["enrichment"]
    assert [row["collection"] for row in one] == ["hallmark", "go_bp"]


def test_activity(client, run):
    found = client.get(f"{ONE}/activity", query_string={**SIDES, "model": "ulm"}).json
    rows = {row["source"]: row for row in found["activity"]}
    assert rows["FACTOR"]["activity"] > 8
    assert rows["FACTOR"]["n_targets"] == rows["FACTOR"]["n_agreeing"] == 27
    assert abs(rows["OTHER"]["activity"]) < 4
    assert (rows["TINY"]["why"], rows["TINY"]["activity"]) == ("few targets", None)
    assert "ULM" in found["methods"]
    code, out, _ = run("activity", "human/planted", "--format", "json", "--model", "ulm", *options(SIDES))
    assert code == 0
    assert json.loads(out)["activity"] == found["activity"]
    both = client.get(f"{ONE}/activity", query_string={**SIDES, "network": "progeny"}).json
    assert both["model"] == "mlm", "few sources are fitted together"
    goals = client.get(f"{ONE}/activity", query_string={**SIDES, "source": "FACTOR"}).json["targets"]
    assert len(goals) == 27
    assert all(row["agrees"] and row["weight"] * row["log2fc"] > 0 for row in goals)
    problem(client.get(f"{ONE}/activity", query_string={**SIDES, "source": "FACTO"}), 404)
    # By an alias, or in small letters.
    known = client.get(f"{ONE}/activity", query_string={**SIDES, "source": "NR1H4"}).json
    assert "alias" not in known
    for name, said in (("FXR", "FXR is an alias of NR1H4."), ("nr1h4", None)):
        found = client.get(f"{ONE}/activity", query_string={**SIDES, "source": name}).json
        assert (found["source"], found.get("alias")) == ("NR1H4", said)
        assert found["targets"] == known["targets"]
    code, out, err = run("activity", "human/planted", "--format", "json", "--source", "FXR", *options(SIDES))
    assert (code, json.loads(out)["targets"]) == (0, known["targets"])
    assert err.strip().endswith("masldatlas: FXR is an alias of NR1H4.")


def test_markers_lists_and_files(client, run, tmp_path):
    found = client.get(f"{ONE}/enrichment", query_string={"genes": " ".join(UP), "min_size": 5}).json
    assert by_set(found["enrichment"])["RISES"]["n_genes"] == 12
    assert found["genes_of"] == "a list"
    asked = {"genes": " ".join([*UP[:6], *DOWN[:3]]), "min_size": 5, **SIDES}
    among = client.get(f"{ONE}/enrichment", query_string={**asked, "direction": "up"}).json
    assert (among["n_up"], among["n_down"], among["n_a"]) == (6, 3, 4), "each counts by its sign"
    assert among["genes_of"] == "a list among the genes that were tested"
    assert by_set(among["enrichment"])["RISES"]["n_genes"] == 6
    assert {row["direction"] for row in among["enrichment"]} == {"up"}
    code, out, _ = run("enrichment", "human/planted", "--format", "json", "--direction", "up", *options(asked))
    assert json.loads(out)["enrichment"] == among["enrichment"]
    asked = {"category": "MASH", "by": "Group", "method": "gsea", "min_size": 5}
    found = client.get(f"{ONE}/enrichment", query_string=asked).json
    assert by_set(found["enrichment"])["RISES"]["nes"] > 1
    assert found["warning"] == NOT_REPLICATES
    code, out, _ = run("enrichment", "human/planted", "--format", "json", *options(asked))
    assert json.loads(out)["enrichment"] == found["enrichment"]
    table = client.get(f"{ONE}/differences", query_string={**SIDES, "format": "csv"}).text
    path = tmp_path / "mine.csv"
    path.write_text(table, "utf-8")
    for command in ("enrichment", "activity"):
        more = ("--min-size", "5") if command == "enrichment" else ()
        code, out, err = run(command, "human/planted", "--ranking", str(path), *more)
        assert code == 0, err
        whole = client.get(
            f"{ONE}/{command}", query_string={**SIDES, "format": "csv"} | ({"min_size": 5} if more else {})
        )
        assert body(out) == body(whole.text), "the table of differences is a ranking"
        assert "the file mine.csv" in out


@pytest.mark.parametrize(
    ("command", "asked", "words"),
    [
        ("enrichment", {"a": "MASH", "b": "Healthy"}, "one cell type at a time. Name one (cell_type): Hepatocyte"),
        ("enrichment", {**SIDES, "collection": "kegg"}, "There are: hallmark, go_bp"),
        ("enrichment", {**SIDES, "min_size": 400}, "No set of hallmark has 400 to 500 tested genes"),
        ("enrichment", {"a": "MASH", "b": "Healthy", "cell_type": "Kupffer cell", "fdr": 1e-9}, "there is no list"),
        ("enrichment", {**SIDES, "seed": 3_000_000_000}, "seed="),
        ("enrichment", {"genes": "UP1", "method": "gsea", "min_size": 1}, "no statistic"),
        ("enrichment", {"genes": "UP1", "category": "MASH"}, "exclude"),
        ("enrichment", {**SIDES, "direction": "left"}, "left"),
        ("activity", {**SIDES, "network": "dorothea"}, "There are: collectri, progeny"),
        ("activity", {**SIDES, "min_targets": 100}, "has 100 targets among the"),
        ("activity", {**SIDES, "model": "viper"}, "viper"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(client, run, command, asked, words):
    answer = client.get(f"{ONE}/{command}", query_string=asked)
    said = problem(answer, answer.status_code)
    assert answer.status_code in (400, 404)
    if words not in ("seed=",):
        assert words in f"{said['detail']} {said.get('remedy', '')}"
    code, out, err = run(command, "human/planted", *options(asked))
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1


def test_without_references_it_says_what_to_run(make_app, planted, tmp_path):
    shutil.copytree(planted / "atlases", tmp_path / "atlases")
    empty = make_app(tmp_path).server.test_client()
    for command in ("enrichment", "activity"):
        said = problem(empty.get(f"{ONE}/{command}", query_string=SIDES), 404)
        assert "masldatlas references fetch" in said["remedy"]


def test_mounted_files_are_collections(planted, make_app, tmp_path):
    (tmp_path / "lab.gmt").write_text("OURS\t\t" + "\t".join(UP) + "\n")
    client = make_app(planted, gene_sets_dir=tmp_path).server.test_client()
    found = client.get(f"{ONE}/enrichment", query_string={**SIDES, "collection": "gmt:lab"}).json
    assert by_set(found["enrichment"], direction="up")["OURS"]["n_genes"] == 15
    assert found["collections"][0]["source"] == "lab.gmt"
    said = problem(client.get(f"{ONE}/enrichment", query_string={**SIDES, "collection": "gmt:no"}), 404)
    assert "gmt:lab" in said["remedy"]
