"""Names of many genes at once: as an atlas has them, or left as they are."""

import pytest

from core.atlas.gene_index import GeneIndex
from core.genes.names import Names, names_in
from core.genes.set_names import renamed
from tests.references import install_names, put


@pytest.fixture
def names(tmp_path):
    install_names(tmp_path)
    return names_in(tmp_path)


def index(*symbols, ids=None):
    return GeneIndex(symbols, ids or symbols)


def test_an_alias_and_an_id_with_a_version_are_replaced(names):
    here = index("SREBF1", "CYP2E1", "ALB")
    found = renamed(here, ["SREBP1", "srebp1", "ENSG00000130649.12", "ALB", "alb", "NOBODY"], names, "human")
    assert found.genes == {"SREBP1": "SREBF1", "srebp1": "SREBF1", "ENSG00000130649.12": "CYP2E1"}
    assert found.sentence == (
        "3 names were found by an alias, a former symbol or an id: SREBP1 as SREBF1, srebp1 as SREBF1, "
        "ENSG00000130649.12 as CYP2E1."
    )
    assert found.name("NOBODY") == "NOBODY"


def test_the_files_own_ids_count_whatever_their_version(names):
    here = index("SREBF1", "ALB", ids=["ENSG00000072310.3", "ENSG00000163631.1"])
    assert renamed(here, ["ENSG00000072310.7", "ENSG00000163631"], names, "human").genes == {
        "ENSG00000072310.7": "SREBF1", "ENSG00000163631": "ALB"
    }  # fmt: skip


def test_a_former_symbol_of_the_atlas_answers_to_the_current_one(names):
    assert renamed(index("SREBP1", "ALB"), ["SREBF1"], names, "human").genes == {"SREBF1": "SREBP1"}


def test_what_may_be_several_genes_is_left_as_it_is(names):
    # MRP2 is an alias of ABCC2 and of KLHL1; cMRP of ABCC2 alone. FASN is a symbol, and an alias of GNLY.
    here = index("ABCC2", "KLHL1", "GNLY")
    assert renamed(here, ["MRP2", "cMRP", "FASN"], names, "human").genes == {"cMRP": "ABCC2"}
    assert renamed(index("MRP2", "cMRP"), ["ABCC2"], names, "human").genes == {"ABCC2": "cMRP"}


def test_a_gene_of_the_atlas_keeps_its_name(names):
    assert renamed(index("SREBP1", "SREBF1"), ["SREBP1", "SREBF1"], names, "human").genes == {}


def test_dates_are_named_and_left_out(names):
    found = renamed(index("MARCHF1", "ALB"), ["1-Mar", "2-Sep", "3-Sep", "4-Sep", "ALB"], names, "human")
    assert list(found.dates) == ["1-Mar", "2-Sep", "3-Sep", "4-Sep"]
    assert not found.genes
    assert "1-Mar is a date that a spreadsheet may have made of MARCHF1" in found.sentence
    assert found.sentence.endswith("1 further name is a date too.")


def test_without_fetched_names_those_of_the_program_serve():
    found = renamed(index("SLC10A1", "ALB"), ["NTCP", "ENSG00000163631"], Names(None), "human")
    assert found.genes == {"NTCP": "SLC10A1", "ENSG00000163631": "ALB"}
    assert renamed(index("Slc10a1"), ["NTCP"], Names(None), "mouse").genes == {}


def test_many_are_looked_up_as_each_is(names, tmp_path):
    texts = ["SREBP1", "MRP2", "cmrp", "ENSG00000072310.9", "FASN", "NOBODY", ""]
    every = names.symbols_of_all(texts, "human")
    assert every == {text: found for text in texts if (found := names.symbols(text, "human"))}
    assert names.current(texts, "human") == {text for text in texts if names.is_symbol(text, "human")}
    before = names.stamp
    put(tmp_path, [{"gene": "NEW", "id": "", "ncbi": "", "aliases": ["NOBODY"], "type": ""}], "names_human", "names",
        "human", title="Names")  # fmt: skip
    assert names.stamp != before
    assert names.symbols_of_all(["NOBODY"], "human") == {"NOBODY": ("NEW",)}
