"""Collections of gene sets for an atlas: native, translated and said so, mounted, missing."""

from types import SimpleNamespace

import pytest

from core.analysis import set_collections
from core.analysis.set_collections import collections, files, named
from core.errors import NotFound
from core.genes.gene_set_library import GeneSets
from tests.references import SETS, install_all


@pytest.fixture
def find(tmp_path, monkeypatch):
    install_all(tmp_path)
    (tmp_path / "genesets").mkdir()
    (tmp_path / "genesets" / "lab.gmt").write_text("OURS\t\tFASN\tALB\nMORE\t\tALB\n")

    def find(species, *names):
        monkeypatch.setattr(set_collections, "species_of", lambda _: species)
        return collections(SimpleNamespace(), tmp_path, GeneSets(tmp_path / "genesets"), names)

    return find


def test_native_sets_are_used_as_they_are(find):
    [hallmark] = find("human")
    assert hallmark.name == "hallmark"
    assert hallmark.sets == SETS
    assert "native human genes" in hallmark.described.sentence
    assert hallmark.described.provenance()["translated"] is None


def test_a_translation_is_said_with_what_it_kept(find):
    [hallmark] = find("zebrafish", "hallmark")
    # ATOH1 has three orthologs, GNLY none.
    assert hallmark.sets == {"LIPID": ("fasn", "srebf1")}
    assert "2 of 5 genes" in hallmark.described.sentence
    assert "human" in hallmark.described.sentence
    assert hallmark.described.provenance()["translated"]["n_kept"] == 2


def test_mounted_files_and_all(find, tmp_path):
    [lab] = find(None, "gmt:lab")
    assert lab.sets == {"OURS": ("FASN", "ALB"), "MORE": ("ALB",)}
    assert [each.name for each in find("mouse", "all", "gmt:lab", "hallmark")] == ["hallmark", "gmt:lab"]
    assert files(GeneSets(tmp_path / "genesets")) == ["gmt:lab"]
    assert named(" hallmark, ,go_bp ") == ["hallmark", "go_bp"]


def test_a_question_changes_with_the_data(find, tmp_path):
    [before] = find("human", "gmt:lab")
    (tmp_path / "genesets" / "lab.gmt").write_text("OURS\t\tFASN\n")
    [after] = find("human", "gmt:lab")
    assert before.described != after.described


def test_what_is_missing_says_what_there_is(find):
    with pytest.raises(NotFound, match=r"'kegg' for human\. There are: hallmark, gmt:lab\."):
        find("human", "kegg")
    with pytest.raises(NotFound, match="gmt:lab"):
        find("human", "gmt:other")
