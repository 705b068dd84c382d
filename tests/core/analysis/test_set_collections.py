"""Collections of gene sets for an atlas: native, translated and said so, mounted, missing."""

from types import SimpleNamespace

import pytest

from core.analysis import set_collections
from core.analysis.set_collections import collections, files, named
from core.atlas.gene_index import GeneIndex
from core.errors import NotFound
from core.genes.gene_set_library import GeneSets
from tests.references import SETS, install_all


@pytest.fixture
def find(tmp_path, monkeypatch):
    install_all(tmp_path)
    (tmp_path / "genesets").mkdir()
    (tmp_path / "genesets" / "lab.gmt").write_text("OURS\t\tFASN\tALB\nMORE\t\tALB\n")

    def find(species, *names, genes=()):
        monkeypatch.setattr(set_collections, "species_of", lambda _: species)
        atlas = SimpleNamespace(genes=GeneIndex(genes, genes), manifest=SimpleNamespace(content_hash=str(genes)))
        return collections(atlas, tmp_path, GeneSets(tmp_path / "genesets"), names)

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


def test_genes_are_called_as_in_the_atlas_and_said_so(find, tmp_path):
    (tmp_path / "genesets" / "lab.gmt").write_text("OURS\t\tSREBP1\tFASN\tENSG00000163631.4\nMORE\t\t1-Mar\tSREBF1\n")
    [lab] = find("human", "gmt:lab", genes=("SREBF1", "FASN", "ALB"))
    assert lab.sets == {"OURS": ("SREBF1", "FASN", "ALB"), "MORE": ("1-Mar", "SREBF1")}
    assert "2 names were found by an alias" in lab.described.sentence
    assert "SREBP1 as SREBF1" in lab.described.sentence
    assert "1-Mar is a date that a spreadsheet may have made of" in lab.described.sentence
    about = lab.described.provenance()
    assert about["renamed"] == {"SREBP1": "SREBF1", "ENSG00000163631.4": "ALB"}
    assert (about["n_renamed"], about["dates"]) == (2, ["1-Mar"])
    [old] = find("human", "hallmark", genes=("SREBP1", "FASN"))
    assert old.sets["LIPID"] == ("FASN", "SREBP1", "ATOH1", "GNLY")


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
