"""Finding genes by any of their names."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.atlas.gene_index import MAX_OPTIONS, MAX_QUERY_LENGTH, GeneIndex
from core.atlas.spelling import folded
from core.errors import InvalidQuery, UnknownGene

LIVER = GeneIndex(
    ["ALB", "Alb", "TTR", "APOA1", "MATR3 (ENSG2)", "MATR3 (ENSG3)", "HLA-A", "F9"],
    [f"ENSG{i}.4" for i in (163631, 1, 118271, 118137, 2, 3, 6, 101981)],
    [
        ["ALB", "", "TTR", "", "MATR3", "MATR3", "hla", "F9"],
        [f"ENSG{i}" for i in (163631, 1, 118271, 118137, 2, 3, 6, 101981)],
    ],
)


@pytest.mark.parametrize(
    ("text", "gene"),
    [
        ("ALB", 0), ("Alb", 1), ("ttr", 2), (" TTR ", 2), ("ENSG118137", 3), ("ensg118137", 3), ("ENSG118137.4", 3),
        ("MATR3 (ENSG3)", 5), ("matr3 (ensg2)", 4), ("HLA", 6), ("hla-a", 6),
    ],
)  # fmt: skip
def test_a_gene_has_many_names(text, gene):
    assert LIVER.resolve(text) == gene


def test_case_decides_where_it_can_and_is_asked_for_where_it_cannot():
    with pytest.raises(InvalidQuery) as caught:
        LIVER.resolve("alb")
    assert str(caught.value) == "'alb' fits 2 genes when case is ignored: ALB, Alb. Use one of these spellings."


def test_a_symbol_of_two_genes_is_never_silently_one_of_them():
    for text, how in (("MATR3", ""), ("matr3", " when case is ignored")):
        with pytest.raises(InvalidQuery) as caught:
            LIVER.resolve(text)
        assert caught.value.message == f"{text!r} fits 2 genes{how}: MATR3 (ENSG2), MATR3 (ENSG3)."


def test_a_display_name_goes_before_an_id_and_that_before_an_alias():
    index = GeneIndex(["A", "B", "C"], ["B", "X", "Y"], [["Y", "A", "Z"]])
    assert [index.resolve(text) for text in ("A", "B", "C", "X", "Y", "Z")] == [0, 1, 2, 1, 2, 2]


def test_a_symbol_of_very_many_genes_gives_a_short_message():
    index = GeneIndex([f"g{i}" for i in range(5_000)], [f"g{i}" for i in range(5_000)], [["-"] * 5_000])
    with pytest.raises(InvalidQuery) as caught:
        index.resolve("-")
    assert caught.value.message.startswith("'-' fits 5,000 genes: g0, g1, ")
    assert caught.value.message.count("g") == MAX_OPTIONS + 1


def test_an_ensembl_id_is_found_in_spite_of_its_version_and_never_guessed():
    index = GeneIndex(["CYP2E1", "ENG", "ELN"], ["ENSG00000130649.10", "ENSG00000106991", "ENSG00000049540"])
    for text in ("ENSG00000130649", "ensg00000130649.3", "ENSG00000130649.10"):
        assert index.resolve(text) == 0
    with pytest.raises(UnknownGene) as caught:
        index.resolve("ENSG00000130648")
    assert caught.value.suggestions == ()
    with pytest.raises(UnknownGene, match="It has no Ensembl ids: search by symbol"):
        GeneIndex(["ELN", "ENG", "C9"], ["ELN", "ENG", "C9"], atlas="he2020").resolve("ENSG00000130649")


def test_an_unknown_gene_comes_with_its_neighbours():
    with pytest.raises(UnknownGene) as caught:
        LIVER.resolve("APOA2")
    assert caught.value.message == '"APOA2" was not found in this atlas.'
    assert caught.value.suggestions[0] == "APOA1"
    with pytest.raises(UnknownGene, match=r"Check the species, or search by symbol or Ensembl id\."):
        LIVER.resolve("§§§§§§§§")


@pytest.mark.parametrize("text", ["", "   ", "x" * (MAX_QUERY_LENGTH + 1)])
def test_what_is_no_name(text):
    with pytest.raises(InvalidQuery, match="A gene name has 1 to 100 characters"):
        LIVER.resolve(text)


@pytest.mark.parametrize("name", ["x" * 300, " ALB", "a\nb", "<b>"])
def test_odd_names_are_found_when_spelled_exactly(name):
    assert GeneIndex([name, "y"], ["1", "2"]).resolve(name) == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("alb", [0, 1]), ("A", [0, 1, 3, 6, 4, 5]), ("apo", [3]), ("MATR3", [4, 5]), ("oa1", [3]), ("ENSG1181", [3]),
        ("f9", [7]), ("zzz", []), ("(ensg3)", [5]),
    ],
)  # fmt: skip
def test_search_finds_the_exact_then_the_beginning_then_the_inside(text, found):
    assert LIVER.search(text) == found


def test_search_for_nothing_gives_the_first_genes():
    assert LIVER.search("", 3) == LIVER.search("  ", 3) == [0, 1, 2]


NAMES = st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=8), min_size=1, max_size=12, unique=True)


@given(names=NAMES, aliases=st.lists(st.text("abAB", max_size=3), min_size=12, max_size=12))
def test_every_gene_is_found_by_its_display_name(names, aliases):
    index = GeneIndex(names, names, [aliases[: len(names)]])
    assert len(index) == len(names)
    assert [index.resolve(name) for name in names] == list(range(len(names)))


@given(
    names=NAMES,
    aliases=st.lists(st.text("abAB", max_size=3), min_size=12, max_size=12),
    text=st.text(max_size=5),
    limit=st.integers(1, 15),
)
def test_search_gives_genes_that_fit_each_once(names, aliases, text, limit):
    index = GeneIndex(names, names, [aliases[: len(names)]])
    found = index.search(text, limit)
    assert len(found) == len(set(found)) <= limit
    wanted = folded(text)
    fitting = [
        i
        for i, (name, alias) in enumerate(zip(names, aliases, strict=False))
        if wanted in folded(name) or wanted in folded(alias)
    ]
    assert set(found) <= set(fitting)
    assert len(found) == min(limit, len(fitting))
    assume(wanted)
    exact = [i for i in fitting if wanted in (folded(names[i]), folded(aliases[i]))]
    assert set(found[: len(exact)]) <= set(exact)


@given(names=NAMES, text=st.text(min_size=1, max_size=6))
def test_what_resolves_is_found_by_searching(names, text):
    index = GeneIndex(names, names)
    try:
        gene = index.resolve(text)
    except (InvalidQuery, UnknownGene):
        return
    assume(text.strip())
    assert gene in index.search(text, len(names))


CASES = GeneIndex(["ALB", "Alb", "alb", "ALBX", "HLA-DRA", "zgc:123 ", "ENSG7"], [f"ENSG{at}" for at in range(7)])


@pytest.mark.parametrize(("text", "first"), [("ALB", 0), ("Alb", 1), ("alb", 2), (" alb ", 2), ("Alb\u200b", 1)])
def test_what_is_typed_as_it_is_spelled_comes_first(text, first):
    assert CASES.search(text)[0] == CASES.resolve(text) == first
    assert set(CASES.search(text)[:3]) == {0, 1, 2}, "then those that differ in case"


@pytest.mark.parametrize(
    "text",
    ["\ufeffHLA-DRA", "HLA‐DRA", "HLA–DRA", "HLA−DRA", "hla‑dra", "HLA-DRA\u200b", " HLA-DRA\u00a0", "ＨＬＡ－ＤＲＡ"],
)
def test_marks_that_nobody_sees_and_hyphens_that_look_alike_do_not_matter(text):
    assert CASES.names[CASES.resolve(text)] == "HLA-DRA"
    assert CASES.names[CASES.search(text)[0]] == "HLA-DRA"


def test_blanks_at_the_end_of_a_name_do_not_matter_on_either_side():
    for text in ("zgc:123", "zgc:123 ", "ZGC:123\t"):
        assert CASES.resolve(text) == 5


@pytest.mark.parametrize(("text", "gene"), [("ALB (ENSG0)", 0), ("alb (ensg1)", 1), ("HLA-DRA (ENSG4)", 4)])
def test_a_symbol_with_its_id_behind_is_that_gene(text, gene):
    assert CASES.resolve(text) == gene
    assert CASES.knows(text)
    assert CASES.search(text)[0] == gene


def test_a_symbol_with_the_id_of_another_gene_is_none():
    with pytest.raises(UnknownGene):
        CASES.resolve("ALB (ENSG4)")
