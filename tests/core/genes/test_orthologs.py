"""Which gene of one species is which of another."""

import csv
from itertools import permutations

import pytest

from core.errors import InvalidSettings, UnknownGene
from core.genes.ortholog_table import ORTHOLOGS, SPECIES
from core.genes.orthologs import (
    Counterparts,
    FetchedOrthologs,
    Orthologs,
    Relation,
    absence,
    built_in,
    counterparts,
    read_orthologs,
    species_of,
)
from core.services.container import Services
from core.settings.settings import load as settings
from tests.core.ingest._build import counts, made
from tests.references import install_all

ROWS = [
    {"human": "ONE", "mouse": "One", "zebrafish": "one"},
    {"human": "TWO", "mouse": "Two", "zebrafish": "twoa"},
    {"human": "TWO", "mouse": "Two", "zebrafish": "twob"},
    {"human": "S1", "mouse": "Smn", "zebrafish": ""},
    {"human": "S2", "mouse": "Smn"},
    {"mouse": "Only", "zebrafish": "only"},
    {"human": "ALONE", "mouse": "", "zebrafish": ""},
]


@pytest.fixture
def table():
    return Orthologs(ROWS)


@pytest.mark.parametrize(
    ("gene", "source", "target", "expected"),
    [
        ("ONE", "human", "mouse", ("One",)),
        ("one", "zebrafish", "human", ("ONE",)),
        ("TWO", "human", "zebrafish", ("twoa", "twob")),
        ("twob", "zebrafish", "mouse", ("Two",)),
        ("Smn", "mouse", "human", ("S1", "S2")),
        ("S2", "human", "zebrafish", ()),
        ("Only", "mouse", "human", ()),
        ("Only", "mouse", "zebrafish", ("only",)),
        ("ALONE", "human", "mouse", ()),
        ("two", "human", "mouse", ("Two",)),
        ("nothing", "human", "mouse", ()),
        ("ONE", "human", "human", ()),
        ("", "human", "mouse", ()),
    ],
)
def test_orthologs(table, gene, source, target, expected):
    assert table.of(gene, source, target) == expected


def test_what_is_known(table):
    assert table.knows("ALONE", "human")
    assert table.knows("alone", "human")
    assert not table.knows("alone", "human", exactly=True)
    assert not table.knows("ALONE", "mouse")


def test_two_spellings_of_one_name_are_two_genes():
    table = Orthologs([{"human": "AB", "mouse": "Ab"}, {"human": "ab", "mouse": "Abx"}])
    assert table.of("AB", "human", "mouse") == ("Ab",)
    assert table.of("ab", "human", "mouse") == ("Abx",)
    assert table.of("aB", "human", "mouse") == ("Ab", "Abx")


def test_the_table_that_comes_along_is_that_of_the_demo():
    table = built_in()
    assert table is built_in()
    for human, others in ORTHOLOGS.items():
        for species in ("mouse", "zebrafish"):
            assert table.of(human, "human", species) == others[species]
    assert table.of("APOA1", "human", "zebrafish") == ("apoa1a", "apoa1b")
    for source, target in permutations(SPECIES, 2):
        for human in list(ORTHOLOGS)[::17]:
            names = (human,) if source == "human" else ORTHOLOGS[human][source]
            for name in names:
                assert all(name in table.of(other, target, source) for other in table.of(name, source, target))


def written(path, text):
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_a_mounted_table_adds_to_it(tmp_path):
    path = written(
        tmp_path / "o.csv", "id,zebrafish,human,flag\n1,apoa1c,APOA1,True\n2,newa , NEW,False\n3,newb,NEW,False\n4,x\n"
    )
    table = read_orthologs(path)
    assert table.of("NEW", "human", "zebrafish") == ("newa", "newb")
    # No paralog is lost because one of the tables does not know it.
    assert table.of("APOA1", "human", "zebrafish") == ("apoa1c", "apoa1a", "apoa1b")
    assert table.of("APOA1", "human", "mouse") == ("Apoa1",)
    assert table.knows("x", "zebrafish")
    services = Services.of(settings(data_dir=tmp_path / "data", orthologs=path))
    assert services.orthologs.of("NEW", "human", "zebrafish") == ("newa", "newb")


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", "human,rat\nA,B\n", 'human,mouse\n"A,B\n', "human,mouse\n" + '"' + "x" * 200_000]
)
def test_what_is_no_table(tmp_path, text):
    with pytest.raises(InvalidSettings, match="MASLDATLAS_ORTHOLOGS") as caught:
        read_orthologs(written(tmp_path / "o.csv", text))
    assert "\n" not in str(caught.value)


def test_a_table_that_is_not_there(tmp_path):
    with pytest.raises(InvalidSettings, match="which is not a file; it must be a CSV file"):
        settings(orthologs=tmp_path / "none.csv")
    (tmp_path / "x.csv").write_bytes(b"human,mouse\n\xff,\xfe\n")
    with pytest.raises(InvalidSettings, match="cannot be read"):
        read_orthologs(tmp_path / "x.csv")


@pytest.mark.real
def test_the_flags_of_homologene(real_data):
    """Whatever the file says is one to one is found, there and back."""
    path = real_data.parent / "genesets" / "orthologs_human_mouse_zebrafish_homologene.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    table = Orthologs(rows)
    for row in rows[::7]:
        for species in ("mouse", "zebrafish"):
            if row[f"human_{species}_1to1"] == "True":
                assert row[species] in table.of(row["human"], "human", species)
                assert row["human"] in table.of(row[species], species, "human")
    mounted = read_orthologs(path)
    assert mounted.of("SAA1", "human", "mouse")[:2] == ("Saa1", "Saa2")


# ---- in an atlas ----


def atlas_with(atlas_of, genes, **request):
    import pandas as pd

    return atlas_of(made(counts(20, len(genes)), var=pd.DataFrame(index=list(genes))), **request)


def test_counterparts(atlas_of, table):
    fish = atlas_with(atlas_of, ["one", "twob", "x"], species="zebrafish")
    assert counterparts(fish, "ONE", table) == Counterparts("zebrafish", ("one",), (), known=True)
    assert counterparts(fish, "TWO", table) == Counterparts("zebrafish", ("twob",), ("twoa",), known=True)
    assert counterparts(fish, "Two", table) == Counterparts("zebrafish", ("twob",), ("twoa",), known=True)
    assert counterparts(fish, "S1", table) == Counterparts("zebrafish", (), (), known=True)
    assert counterparts(fish, "only", table) == Counterparts("zebrafish", (), (), known=False)  # its own
    assert counterparts(fish, "nothing", table) == Counterparts("zebrafish", (), (), known=False)


def test_the_species_of_an_integrated_atlas_is_that_of_its_genes(atlas_of, table):
    genes = ["ONE", "TWO", *(f"GENE{at}" for at in range(60))]
    human = atlas_with(atlas_of, genes, species="integrated", name="i")
    assert species_of(human) == "human"
    assert counterparts(human, "twoa", table).here == ("TWO",)
    odd = atlas_with(atlas_of, ["1", "2"], species="other", name="o")
    assert species_of(odd) is None
    assert counterparts(odd, "ONE", table) == Counterparts(None, (), (), known=False)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Counterparts("mouse", (), (), known=False), ""),
        (Counterparts("mouse", (), (), known=True), "X has no ortholog known here in mouse."),
        (Counterparts("mouse", (), ("Xa",), known=True), "Its known ortholog in mouse, Xa, is not in this atlas."),
        (
            Counterparts("mouse", (), ("Xa", "Xb"), known=True),
            "Its known orthologs in mouse, Xa, Xb, are not in this atlas.",
        ),
    ],
)
def test_absence_in_words(found, words):
    assert absence("X", found) == words


@pytest.fixture
def fetched(tmp_path):
    install_all(tmp_path)
    return FetchedOrthologs(tmp_path)


def test_fetched_relations_take_the_place_of_the_small_table(tmp_path):
    orthologs = FetchedOrthologs(tmp_path)
    assert orthologs.of("ALB", "human", "mouse") == ("Alb",), "the small table, until something was fetched"
    assert "small table" in orthologs.source("zebrafish")
    install_all(tmp_path)
    assert orthologs.of("ALB", "human", "mouse") == ()
    assert orthologs.of("ATOH1", "human", "zebrafish") == ("atoh1a", "atoh1b", "atoh1c")
    assert orthologs.of("CES1", "human", "mouse") == ("Ces1d", "Ces1f"), "one source of HCOP is not enough"
    assert orthologs.of("SAA1", "human", "mouse") == ("Saa1",), "low confidence, but seven sources"
    assert orthologs.source("zebrafish") == "ZFIN (1)"
    assert orthologs.knows("GNLY", "human"), "a gene without any ortholog"


def test_relations_carry_their_evidence(fetched):
    mouse, *fish = fetched.relations("ATOH1", "human")
    assert mouse == Relation(
        "mouse", "Atoh1", "ID_Atoh1", "1:1", "Ensembl: one-to-one, high confidence; HCOP: 12 sources"
    )
    assert [(each.gene, each.relation) for each in fish] == [("atoh1a", "1:n"), ("atoh1b", "1:n"), ("atoh1c", "1:n")]
    assert fish[0].evidence == "ZFIN: AA (amino acid sequence); 2 publications"
    assert fetched.relations("atoh1a", "zebrafish")[0].relation == "n:1"


def test_no_ortholog_is_an_answer(fetched):
    assert fetched.relations("CYP2E1", "human")[1] == Relation(
        "zebrafish", "", "", "none", "No zebrafish ortholog of CYP2E1 is known (ZFIN (1))."
    )
    assert [each.relation for each in fetched.relations("gnly", "human")] == ["none", "none"]
    with pytest.raises(UnknownGene, match='"NOSUCH" is not a known human gene'):
        fetched.relations("NOSUCH", "human")


def test_mouse_and_zebrafish_are_related_through_human_and_say_so(fetched):
    human, *fish = fetched.relations("Atoh1", "mouse")
    assert (human.gene, human.relation) == ("ATOH1", "1:1")
    assert [each.gene for each in fish] == ["atoh1a", "atoh1b", "atoh1c"]
    assert all(each.evidence.startswith("through human ATOH1 (Ensembl") for each in fish)
    [_, none] = fetched.relations("Cyp2e1", "mouse")
    assert none.evidence == "No zebrafish ortholog of Cyp2e1 is known (Ensembl (1) and HCOP (1), then ZFIN (1))."


def test_a_table_of_the_operator_stands_beside_the_fetched_one(tmp_path):
    install_all(tmp_path)
    orthologs = FetchedOrthologs(tmp_path, [{"human": "ALB", "zebrafish": "albx"}])
    assert orthologs.of("ALB", "human", "zebrafish") == ("albx",)
    assert orthologs.relations("ALB", "human")[1].evidence == "the table of the operator"
    both = FetchedOrthologs(tmp_path, [{"human": "FASN", "mouse": "Fasn", "zebrafish": "fasn"}])
    assert both.relations("FASN", "human")[1].evidence.endswith("2 publications; the table of the operator")
    assert "operator" not in both.relations("SREBF1", "human")[1].evidence
    assert "table of the operator" in orthologs.source("zebrafish")
