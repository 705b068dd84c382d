"""``masldatlas references`` and ``masldatlas orthologs``."""

import csv
import io
import json
from functools import partial

import pytest

from core.genes.reference_store import references
from tests.references import install_all
from tests.tables import body, parted


@pytest.fixture
def run(tmp_path, run_in):
    return partial(run_in, tmp_path)


def rows(answer):
    code, out, err = answer
    assert code == 0, err
    return list(csv.DictReader(io.StringIO(body(out))))


def test_status_add_and_remove(run, tmp_path):
    code, out, err = run("references")
    assert code == 0
    assert "not fetched" in out
    assert "Run: masldatlas references fetch" in err
    (tmp_path / "kegg.gmt").write_text("A\t\tFASN\n")
    code, _, err = run("references", "add", tmp_path / "kegg.gmt", "--species", "human", "--licence", "KEGG")
    assert (code, err.strip()) == (0, "Added kegg: 1 sets, 1 genes, human.")
    _, out, _ = run("references", "status")
    assert "KEGG" in out.splitlines()[1]
    assert run("references", "remove", "kegg")[0] == 0
    assert references(tmp_path) == {}
    code, _, err = run("references", "remove", "kegg")
    assert (code, "There is no reference 'kegg'" in err) == (2, True)


def test_a_fetch_without_an_index_is_one_sentence(run):
    code, out, err = run("references", "fetch", "hallmark")
    assert (code, out) == (2, "")
    sentence = err.splitlines()[-1]
    assert sentence.startswith("masldatlas: pegasuspy 1.10.2 cannot be downloaded: pip reaches no package index")
    code, _, err = run("references", "fetch", "nothing")
    assert (code, "There is no reference 'nothing' to fetch" in err) == (2, True)


def test_orthologs(run, tmp_path):
    install_all(tmp_path)
    answer = run("orthologs", "ATOH1", "--species", "human")
    assert list(rows(answer)[0]) == ["species", "gene", "id", "relation", "evidence"]
    assert [row["gene"] for row in rows(answer) if row["species"] == "zebrafish"] == ["atoh1a", "atoh1b", "atoh1c"]
    assert json.loads(parted(answer[1])[0]["sources"])["zebrafish"] == "ZFIN (1)"
    fish = rows(run("orthologs", "CYP2E1"))[1]
    assert (fish["gene"], fish["relation"]) == ("", "none")
    assert fish["evidence"] == "No zebrafish ortholog of CYP2E1 is known (ZFIN (1))."
    through = rows(run("orthologs", "fasn", "--species", "zebrafish"))[1]
    assert (through["gene"], through["evidence"][:18]) == ("Fasn", "through human FASN")


def test_orthologs_of_an_alias(run, tmp_path):
    install_all(tmp_path)
    code, out, err = run("orthologs", "SREBP1", "--format", "json")
    assert (code, err.strip()) == (0, "masldatlas: SREBP1 is an alias of SREBF1.")
    assert json.loads(out)["gene"] == "SREBF1"
    code, _, err = run("orthologs", "MRP2")
    assert (code, err.count("\n")) == (2, 1)
    assert "MRP2 is an alias of 3 genes: ABCC2, KLHL1, SYCE1L." in err


def test_orthologs_of_no_gene(run):
    code, _, err = run("orthologs", "NOSUCH")
    assert (code, "masldatlas references fetch" in err) == (2, True)
