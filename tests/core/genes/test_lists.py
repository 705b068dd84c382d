"""Lists as people paste them: what is found, what is told of the rest, and how one name is put in another's place."""

import pytest

from core.atlas.gene_index import GeneIndex
from core.errors import InvalidQuery, UnknownGene
from core.genes.lists import MAX_SUGGESTED, canonical, joined, look_up, replaced, require, words

INDEX = GeneIndex(["ALB", "CYP2E1", "Alb", "CYP2E2", "HLA-DRA"], [f"ENSG{at}" for at in range(5)])


@pytest.mark.parametrize(
    "text",
    [
        "ALB,CYP2E1",
        "ALB\tCYP2E1\n",
        "['ALB', \"CYP2E1\"]",
        "ALB; CYP2E1 ;ALB",
        "ALB|CYP2E1",
        "{ALB}(CYP2E1)",
        "“ALB” ‘CYP2E1’",
    ],
)
def test_whatever_stands_between_them(text):
    assert words(text) == ["ALB", "CYP2E1"]
    assert look_up(INDEX, text).genes == ("ALB", "CYP2E1")


def test_case_ids_and_several_of_one_name():
    found = look_up(INDEX, "cyp2e1 ensg4 alb ALB Alb")
    assert found.genes == ("CYP2E1", "HLA-DRA", "ALB", "Alb")
    assert found.unknown == (("alb", ("ALB", "Alb")),), "it fits two"


def test_only_the_first_names_are_compared_with_every_gene():
    text = " ".join([*(f"CYP{at}" for at in range(30)), "hla-dra", "alb"])
    found = look_up(INDEX, text)
    assert found.genes == ("HLA-DRA",)
    assert len(found.unknown) == 31
    assert [bool(near) for _, near in found.unknown] == [True] * MAX_SUGGESTED + [False] * 22 + [True]


@pytest.mark.parametrize("text", ["ALB", "alb", " ALB ", "ensg0", "HLA-DRA", "hla-dra"])
def test_a_known_name_is_known(text):
    assert INDEX.knows(text)


@pytest.mark.parametrize("text", ["", " ", "AL", "ALBB", "ENSG9"])
def test_another_is_not(text):
    assert not INDEX.knows(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CYP2E, ALB", "X, ALB"),
        ("'CYP2E' CYP2E1 CYP2E-AS", "'X' CYP2E1 CYP2E-AS"),
        ("[CYP2E|CYP2E]", "[X|X]"),
        ("gmt:own/CYP2E", "gmt:own/CYP2E"),
        ("cyp2e", "cyp2e"),
    ],
)
def test_one_name_in_the_place_of_another(text, expected):
    assert replaced(text, "CYP2E", "X") == expected


def test_a_name_is_no_pattern_and_neither_is_the_other():
    assert replaced("A.B AXB", "A.B", r"\1") == r"\1 AXB"


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        (" ,; ", InvalidQuery, "contains no gene"),
        ("CYP2E", UnknownGene, '"CYP2E" was not found in this atlas. Did you mean CYP2E1'),
        ("nonsense, rubbish", UnknownGene, "None of the 2 names"),
        ("x" * 6_000, UnknownGene, f'"{"x" * 80}" was not found'),
    ],
)
def test_a_list_without_a_gene_is_refused(text, error, told):
    with pytest.raises(error) as caught:
        require(INDEX, text)
    assert told in str(caught.value)


def test_a_list_with_a_gene_tells_of_the_others():
    found = require(INDEX, "'CYP2E1', CYP2E\ncyp2e1")
    assert found.genes == ("CYP2E1",)
    assert found.unknown[0][0] == "CYP2E"
    assert "CYP2E2" in found.unknown[0][1]


NAMES = (
    *("ALB", "si:ch211-1 (1 of many)", "si:ch211-1", "HLA-A|HLA-B", "HLA-A", "A,B gene", "A", "CD3 (UCHT1)", "HLA-DRA"),
    *("gene\twith tab", "trailing ", 'odd "gene", name', "5'-x", "[lnc]1", "TBCE (ENSG1)", "TBCE (ENSG2)"),
)
ODD = GeneIndex(NAMES, [f"ENSG{at:03}" for at in range(len(NAMES))])


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_holds_separators_is_found_whole(name):
    assert look_up(ODD, name).genes == (name,)
    assert look_up(ODD, f"HLA-DRA, {name}; ALB") == look_up(ODD, f"HLA-DRA\n{name}\nALB")
    assert look_up(ODD, f"HLA-DRA, {name}; ALB").genes == tuple(dict.fromkeys(("HLA-DRA", name, "ALB")))


def test_every_list_of_names_reads_back():
    for between in (", ", " ", "\n", ","):
        found = look_up(ODD, joined(NAMES, between))
        assert found.genes == NAMES
        assert found.unknown == ()
    assert look_up(ODD, canonical(joined(NAMES))).genes == NAMES


@pytest.mark.parametrize(
    ("text", "genes"),
    [
        ('"A", "B gene"', ("A",)),
        ('c("ALB", "A,B gene")', ("ALB", "A,B gene")),
        ("ALB, si:ch211-1 ALB", ("ALB", "si:ch211-1")),
        ("ALB，HLA–DRA、A", ("ALB", "HLA-DRA", "A")),
        ("\ufeffALB\r\nHLA\u2011DRA\u200b \r\n", ("ALB", "HLA-DRA")),
        ("ALB (ENSG000), HLA-DRA (ENSG008)", ("ALB", "HLA-DRA")),
        ("TBCE (ENSG2)", ("TBCE (ENSG2)",)),
        ('"ALB HLA-A"', ("ALB", "HLA-A")),
        ("SI:CH211-1 (1 OF MANY)", ("si:ch211-1 (1 of many)",)),
    ],
)
def test_lists_with_odd_names(text, genes):
    assert look_up(ODD, text).genes == genes


def test_an_unknown_name_in_quotes_stays_whole():
    assert [name for name, _ in look_up(ODD, 'ALB, "foo (2 of many)"').unknown] == ["foo (2 of many)"]


def test_a_name_with_separators_is_put_in_the_place_of_another_in_quotes():
    assert replaced("ALB, hla", "hla", "HLA-A|HLA-B") == 'ALB, "HLA-A|HLA-B"'
