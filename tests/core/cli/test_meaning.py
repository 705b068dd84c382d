"""``masldatlas enrichment`` of a ranking in a file: its genes are found by other names, and the verb is understood."""

import csv
import io
import json

import pytest

from tests.factories import DOWN, UP, cohort, imported
from tests.references import install, put
from tests.tables import body


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Return a data directory with human/cohort, a set of the genes that are up, and another name of one of them."""
    data = tmp_path_factory.mktemp("meaning")
    path = data / "files" / "cohort.h5ad"
    path.parent.mkdir()
    cohort().write_h5ad(path)
    imported(data, path, species="human")
    sets = {"RISING": [*UP[:3], "OLD3"], "OTHER": ["gene00", "gene01", "gene02"]}
    edges = [("FACTOR", gene, 1.0) for gene in (*UP[:3], "OLD3", *DOWN)]
    install(data, sets={"hallmark": sets}, edges={"collectri": edges})
    rows = [{"gene": UP[3], "id": "ENSG00000000003", "ncbi": "", "aliases": ["OLD3", "OLDER3"], "type": ""}]
    put(data, rows, "names_human", "names", "human", title="Names")
    return data


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "ranking.csv"
    ups = [f"{gene},{9 - at},0.001,2" for at, gene in enumerate((*UP[:3], "ENSG00000000003.12"))]
    path.write_text("\n".join(["gene,stat,p_adj,log2fc", *ups, *(f"gene{at:02},{-at / 50},0.9,0" for at in range(30))]))
    return path


ASKED = ("human/cohort", "--by", "Group", "--a", "MASH", "--b", "Healthy", "--min-size", "2")


def test_a_set_is_found_by_another_name_and_says_so(run):
    code, out, err = run("enrichment", *ASKED, "--cell-type", "Hepatocyte", "--format", "json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    [row] = [row for row in answer["enrichment"] if (row["set"], row["direction"]) == ("RISING", "up")]
    assert (row["n_set"], row["n_genes"]) == (4, 4)
    assert answer["collections"][0]["renamed"] == {"OLD3": UP[3]}
    assert f"1 name was found by an alias, a former symbol or an id: OLD3 as {UP[3]}." in answer["methods"]
    assert answer["software"].keys() == {"MASLDatlas", "numpy", "scipy"}


def test_a_list_says_which_name_was_another(run):
    code, out, err = run(
        "enrichment", *ASKED, "--cell-type", "Hepatocyte", "--genes", f"{UP[0]} {UP[1]} OLDER3 1-Mar NOBODY",
        "--format", "json",
    )  # fmt: skip
    assert code == 0
    assert f"OLDER3 is an alias of {UP[3]}." in err
    assert "1-Mar is a date" in err
    assert "'NOBODY' is not a gene of this atlas" in err
    answer = json.loads(out)
    assert answer["genes"] == [UP[0], UP[1], UP[3]]
    assert f"OLDER3 is an alias of {UP[3]}." in answer["aliases"]
    assert [each["name"] for each in answer["unknown"]] == ["1-Mar", "NOBODY"]


def test_a_target_is_found_by_another_name_and_says_so(run):
    asked = ("activity", *ASKED[:-2], "--cell-type", "Hepatocyte", "--model", "ulm", "--format", "json")
    code, out, err = run(*asked)
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert (answer["activity"][0]["source"], answer["activity"][0]["n_targets"]) == ("FACTOR", 6)
    assert f"OLD3 as {UP[3]}." in answer["methods"]
    assert UP[3] in [row["gene"] for row in json.loads(run(*asked, "--source", "FACTOR")[1])["targets"]]


def test_a_ranking_in_a_file_may_have_ids_with_versions(run, file):
    code, out, err = run("enrich", *ASKED, "--ranking", str(file))
    assert code == 0
    assert f"ENSG00000000003.12 as {UP[3]}" in err
    [row] = [
        row for row in csv.DictReader(io.StringIO(body(out))) if (row["set"], row["direction"]) == ("RISING", "up")
    ]
    assert row["genes"].split() == list(UP)
    gsea = run("enrichment", *ASKED, "--ranking", str(file), "--method", "gsea", "--format", "json")
    assert json.loads(gsea[1])["software"].keys() == {"MASLDatlas", "numpy", "scipy", "gseapy"}
