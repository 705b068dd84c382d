"""Gene sets and networks for a species, native or translated, and their provenance."""

import numpy as np
import pytest

from core.errors import BrokenStore, NotFound
from core.genes.ortholog_relations import one_to_one
from core.genes.orthologs import FetchedOrthologs
from core.genes.reference_store import MANIFEST, directory, references, table
from core.genes.references import gene_sets, missing, network, networks
from tests.references import install_all, install_orthologs, put


@pytest.fixture
def full(tmp_path):
    install_all(tmp_path)
    return tmp_path


def test_nothing_is_there_before_the_fetch(tmp_path):
    assert gene_sets(tmp_path, "human") == []
    assert networks(tmp_path, "human") == []
    assert missing(tmp_path, ["hallmark"]) == ["hallmark"]
    with pytest.raises(NotFound, match="masldatlas references fetch collectri"):
        network(tmp_path, "collectri", "human")


def test_native_sets_are_as_they_are(full):
    [found] = gene_sets(full, "human")
    assert (found.name, found.translated) == ("hallmark", None)
    assert found.sets == {"LIPID": ("FASN", "SREBF1", "ATOH1", "GNLY"), "ONLY_HUMAN": ("GNLY", "LILRB1")}
    assert found.sentence == "Hallmark (1), native human genes."
    assert found.provenance()["licence"] == "CC0"
    assert found.provenance()["translated"] is None
    assert missing(full, ["hallmark", "reactome"]) == ["reactome"]


def test_sets_are_translated_by_1_to_1_orthologs_and_say_how_much_was_kept(full):
    [mouse] = gene_sets(full, "mouse")
    assert mouse.sets == {"LIPID": ("Fasn", "Srebf1", "Atoh1")}, "GNLY has no ortholog; a set without genes is left out"
    assert (mouse.translated.n_genes, mouse.translated.n_kept) == (5, 3)
    assert "3 of 5 genes kept" in mouse.sentence
    assert "Ensembl (1) and HCOP (1)" in mouse.sentence
    [fish] = gene_sets(full, "zebrafish")
    assert fish.sets == {"LIPID": ("fasn", "srebf1")}, "ATOH1 has three orthologs: none of them stands for it"
    assert fish.provenance()["translated"]["n_kept"] == 2
    assert gene_sets(full, "other") == []


def test_native_sets_go_before_translated_ones(full):
    put(full, [{"set": "X", "description": "", "genes": ["fasn"]}], "hallmark_fish", "gene_sets", "zebrafish",
        title="Hallmark", family="hallmark")  # fmt: skip
    [fish] = gene_sets(full, "zebrafish")
    assert (fish.sets, fish.translated) == ({"X": ("fasn",)}, None)
    assert gene_sets(full, "human")[0].sets.keys() == {"LIPID", "ONLY_HUMAN"}


def test_networks_of_factors_and_of_pathways(full):
    assert networks(full, "mouse") == ["collectri", "progeny"]
    assert network(full, "collectri", "human").edges.num_rows == 4
    mouse = network(full, "collectri", "mouse")
    assert list(zip(*(mouse.edges[name].to_pylist() for name in ("source", "target", "weight")), strict=True)) == [
        ("Srebf1", "Fasn", 1.0), ("Srebf1", "Atoh1", -1.0), ("Fasn", "Srebf1", 1.0),
    ], "a factor without an ortholog goes with its edges"  # fmt: skip
    assert (mouse.translated.n_genes, mouse.translated.n_kept) == (3, 3)
    assert np.isnan(mouse.edges["p"].to_numpy()).all()
    pathways = network(full, "progeny", "zebrafish")
    assert pathways.edges.to_pylist() == [{"source": "Androgen", "target": "fasn", "weight": 2.0, "p": 0.01}]


def test_an_update_is_seen_at_once(full):
    assert len(gene_sets(full, "human")[0].sets) == 2
    put(full, [{"set": "NEW", "description": "", "genes": ["ALB"]}], "hallmark", "gene_sets", "human", title="Hallmark")
    assert gene_sets(full, "human")[0].sets == {"NEW": ("ALB",)}
    assert len(references(full)) == 7


def test_pairs_between_mouse_and_zebrafish_go_through_human(full):
    pairs = one_to_one(full, "mouse", "zebrafish")
    assert pairs.of == {"Fasn": "fasn", "Srebf1": "srebf1"}
    assert pairs.by.startswith("through human: ")
    assert one_to_one(full, "zebrafish", "human").of["srebf1"] == "SREBF1"


OWN = (
    (("human", "GNLY"), ("mouse", "Gnly")),
    (("human", "FASN"), ("zebrafish", "fasnb")),
    (("human", "SREBF1"), ("mouse", "Srebf1")),
    (("mouse", "Onlym"), ("zebrafish", "onlyz")),
    (("mouse", "Fasn"), ("zebrafish", "extra")),
)


def test_the_table_of_the_operator_adds_pairs_and_paralogs(full):
    mouse = one_to_one(full, "human", "mouse", OWN)
    assert mouse.of == {**one_to_one(full, "human", "mouse").of, "GNLY": "Gnly"}
    # The pair that Ensembl has as well is not counted.
    assert mouse.by == "Ensembl (1) and HCOP (1) and the table of the operator (1 pair of it alone)"
    assert one_to_one(full, "mouse", "human", OWN).of["Gnly"] == "GNLY"
    # FASN has a second ortholog now, so it is 1:1 no more.
    assert "FASN" in one_to_one(full, "human", "zebrafish").of
    assert "FASN" not in one_to_one(full, "human", "zebrafish", OWN).of
    # Of two genes without a human one the row itself is the relation; Fasn has one, and goes through it.
    assert one_to_one(full, "mouse", "zebrafish", OWN).of == {"Srebf1": "srebf1", "Onlym": "onlyz"}
    # 1:1 is what the card of a gene says too.
    card = FetchedOrthologs(full, [dict(row) for row in OWN])
    first = card.relations("GNLY", "human")[0]
    assert (first.gene, first.relation, first.evidence) == ("Gnly", "1:1", "the table of the operator")
    assert {each.relation for each in card.relations("FASN", "human") if each.species == "zebrafish"} == {"1:n"}


def test_gene_sets_are_translated_by_the_table_of_the_operator_too(full):
    before, after = gene_sets(full, "mouse")[0], gene_sets(full, "mouse", OWN)[0]
    assert set(after.sets["LIPID"]) - set(before.sets["LIPID"]) == {"Gnly"}
    assert "the table of the operator" in after.sentence


def test_without_fetched_orthologs_the_small_table_serves_and_is_named(tmp_path):
    put(tmp_path, [{"set": "X", "description": "", "genes": ["ALB", "FASN"]}], "x", "gene_sets", "human", title="X")
    [mouse] = gene_sets(tmp_path, "mouse")
    assert mouse.sets == {"X": ("Alb", "Fasn")}
    assert "small table" in mouse.sentence
    install_orthologs(tmp_path)
    assert gene_sets(tmp_path, "mouse")[0].sets == {"X": ("Fasn",)}


def test_a_damaged_manifest_or_table_is_named(full):
    found = references(full)["hallmark"]
    (directory(full) / found.file).write_bytes(b"nothing")
    with pytest.raises(BrokenStore, match="masldatlas references fetch hallmark"):
        table(full, found)
    (directory(full) / MANIFEST).write_text("[{]")
    with pytest.raises(BrokenStore, match="cannot be read"):
        references(full)
