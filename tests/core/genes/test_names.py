"""Current symbols, aliases and ids from the fetched tables, and dates of spreadsheets."""

from functools import partial

import pandas as pd
import pytest

from core.atlas.catalog import Catalog
from core.errors import UnknownGene
from core.genes.aliases import explained, here, other_name, symbols_of
from core.genes.dates import meant
from core.genes.lists import look_up
from core.genes.names import NO_NAMES, Names
from core.genes.orthologs import FetchedOrthologs
from tests.core.ingest._build import counts, made
from tests.references import install_all, install_names


@pytest.fixture
def names(tmp_path):
    install_names(tmp_path)
    return Names(tmp_path)


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("SREBP1", ("SREBF1",)),
        ("srebp1", ("SREBF1",)),
        ("MRP2", ("ABCC2", "KLHL1")),
        ("ENSG00000072310", ("SREBF1",)),
        ("ENSG00000072310.17", ("SREBF1",)),
        ("FASN", ()),  # an alias of GNLY, but the current symbol of another gene
        ("NOPE", ()),
    ],
)
def test_symbols_of_an_alias(names, text, symbols):
    assert names.symbols(text, "human") == symbols
    assert NO_NAMES.symbols(text, "human") == ()
    assert names.symbols(text, "mouse") == ()


def test_current_symbols_and_ids(names):
    assert names.is_symbol("srebf1", "human")
    assert names.symbol("srebf1", "human") == "SREBF1"
    assert names.id_of("SREBF1", "human") == "ENSG00000072310"
    assert not names.is_symbol("SREBP1", "human")


def test_names_that_arrive_later_are_seen(tmp_path):
    names = Names(tmp_path)
    assert names.symbols("SREBP1", "human") == ()
    install_names(tmp_path)
    assert names.symbols("SREBP1", "human") == ("SREBF1",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("SREBP1", "SREBP1 is an alias of SREBF1."),
        ("MRP2", "MRP2 is an alias of 3 genes: ABCC2, KLHL1, SYCE1L."),
        ("albumin", "albumin is an alias of ALB."),
        ("ENSG00000072310.17", "ENSG00000072310.17 is the Ensembl id of SREBF1."),
        ("CYP2E1", ""),
    ],
)
def test_a_sentence_says_why(names, text, sentence):
    assert explained(text, names) == sentence


def test_without_fetched_names_the_small_table_offers_what_is_shared():
    assert symbols_of("NTCP", NO_NAMES) == ("SLC10A1",)
    assert symbols_of("GS", NO_NAMES) == ("GLUL", "APC")
    assert symbols_of("aSMA", NO_NAMES) == ("ACTA2",), "as papers on fibrosis spell it"
    assert symbols_of("ASMA", NO_NAMES) == ("ACTA2", "ACTA1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1-Mar", "MARCHF1 (formerly MARCH1) or MTARC1 (formerly MARC1)"),
        ("Mar-01", "MARCHF1 (formerly MARCH1) or MTARC1 (formerly MARC1)"),
        ("Sep-1", "SEPTIN1 (formerly SEPT1)"),
        ("7-Sept", "SEPTIN7 (formerly SEPT7)"),
        ("15-Sep", "SELENOF (formerly SEP15)"),
        ("1-Dec", "DELEC1 (formerly DEC1)"),
        ("2.Mar.2006", "MARCHF2 (formerly MARCH2) or MTARC2 (formerly MARC2)"),
    ],
)
def test_a_date_of_a_spreadsheet(text, words):
    assert meant(text).sentence == f"{text} is a date that a spreadsheet may have made of {words}."


@pytest.mark.parametrize("text", ["3-Jan", "31-Mar", "SEPT1", "MARCHF1", "2006-09-01", "", "mar"])
def test_no_date(text):
    assert meant(text) is None


@pytest.fixture
def atlas(atlas_of, data):
    install_all(data)
    genes = ["SREBF1", "ABCC2", "ALB", "MARCHF1", "GNLY"]
    frame = pd.DataFrame({"x": range(12)}, index=[f"c{at}" for at in range(12)])
    atlas_of(made(counts(12, 5, density=0.7), obs=frame, var=pd.DataFrame(index=genes)), name="liver", species="human")
    orthologs = FetchedOrthologs(data)
    atlas = Catalog(data, partial(other_name, orthologs.names)).get("human/liver")
    atlas.orthologs = orthologs
    return atlas


def test_a_gene_is_resolved_by_its_only_meaning(atlas):
    index = atlas.genes
    assert index.names[index.resolve("SREBP1")] == "SREBF1"
    assert index.names[index.resolve("ENSG00000072310.3")] == "SREBF1"
    assert index.other_name("SREBP1").sentence == "SREBP1 is an alias of SREBF1."
    assert index.other_name("SREBF1") is None
    assert not index.knows("SREBP1"), "the name is no gene's own"
    with pytest.raises(UnknownGene):
        index.resolve("SREBP1", other=False)


@pytest.mark.parametrize(
    ("text", "words", "suggestions"),
    [
        ("MRP2", "MRP2 is an alias of 3 genes: ABCC2, KLHL1, SYCE1L", ("ABCC2",)),
        ("1-Mar", "a date that a spreadsheet may have made of MARCHF1", ("MARCHF1",)),
        ("NTCP", "NTCP is an alias of SLC10A1, which is not in liver", ()),
        ("FASN", "was not found", None),
    ],
)
def test_what_is_not_sure_is_offered_and_never_taken(atlas, text, words, suggestions):
    with pytest.raises(UnknownGene, match="not found") as caught:
        atlas.genes.resolve(text)
    assert words in str(caught.value)
    assert suggestions is None or caught.value.suggestions == suggestions


def test_aliases_in_a_list(atlas):
    found = look_up(atlas.genes, "SREBP1, ALB MRP2 1-Mar NOPE SREBF1")
    assert found.genes == ("SREBF1", "ALB")
    assert dict(found.unknown)["MRP2"] == ("ABCC2",)
    assert dict(found.unknown)["1-Mar"] == ("MARCHF1",)
    assert found.notes[0] == "SREBP1 is an alias of SREBF1."
    assert "NOPE" in dict(found.unknown)


def test_an_alias_in_an_atlas(atlas):
    assert here(atlas, "SREBP1", atlas.orthologs) == ("SREBF1",)
    assert here(atlas, "MRP2", atlas.orthologs) == ("ABCC2",)
