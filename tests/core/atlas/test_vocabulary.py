"""What the field calls its columns, stages and species."""

import pytest

from core.atlas.paths import AtlasId, name_from
from core.atlas.vocabulary import find_role, guess_species, plain, stage_order


@pytest.mark.parametrize(
    ("role", "columns", "found"),
    [
        ("cell_type", ["leiden", "Cell Type"], "Cell Type"),
        ("cell_type", ["louvain", "leiden"], "leiden"),
        ("cell_type", ["cell_type_ontology_term_id", "celltype_broad"], "celltype_broad"),
        ("cell_type", ["cell_type_ontology_term_id"], None),
        ("cell_type", ["n_genes"], None),
        ("group", ["Disease.Status", "sex"], "Disease.Status"),
        ("group", ["condition", "Group"], "Group"),
        ("sample", ["orig.ident", "donor_id"], "donor_id"),
        ("sample", ["SampleID"], "SampleID"),
        ("sample", [], None),
    ],
)
def test_roles_by_name(role, columns, found):
    assert find_role(role, columns) == found


@pytest.mark.parametrize(
    ("categories", "ordered"),
    [
        (["MASH", "Healthy", "MASL"], ["Healthy", "MASL", "MASH"]),
        (["cirrhotic", "healthy"], ["healthy", "cirrhotic"]),
        (["NASH", "Control", "NAFL", "HCC"], ["Control", "NAFL", "NASH", "HCC"]),
        (["F4", "F0", "F2", "F3", "F1"], ["F0", "F1", "F2", "F3", "F4"]),
        (["control", "stim"], None),
        (["Healthy"], None),
        ([], None),
    ],
)
def test_stages_have_an_order(categories, ordered):
    assert stage_order(categories) == ordered


@pytest.mark.parametrize(
    ("organisms", "genes", "species"),
    [
        (["Homo sapiens"], [], "human"),
        (["NCBITaxon:10090"], [], "mouse"),
        (["Danio rerio"], ["ALB"] * 60, "zebrafish"),
        (["Homo sapiens", "Mus musculus"], [], "integrated"),
        (["Sus scrofa"], [], "other"),
        ([], ["ENSG00000163631"], "human"),
        ([], ["ENSMUSG00000029368.3"], "mouse"),
        ([], ["ENSDARG00000000001"], "zebrafish"),
        ([], ["ENSRNOG00000000001"], "other"),
        ([], [f"GENE{i}" for i in range(60)], "human"),
        ([], [f"Gene{i}" for i in range(60)], "mouse"),
        ([], [f"gene{i}a" for i in range(60)], "zebrafish"),
        ([], [str(i) for i in range(60)], "other"),
        ([], ["ALB"] * 10, "other"),
        ([], [], "other"),
    ],
)
def test_species_are_told_or_guessed(organisms, genes, species):
    assert guess_species(organisms, genes) == species


def test_names_are_compared_plainly():
    assert plain(" Cell-Type_1 ") == "celltype1"


@pytest.mark.parametrize("text", ["../../etc/passwd", "", "...", "-x-", "ä b", "a" * 200, "a..b", "_"])
def test_any_text_gives_a_valid_name(text):
    assert AtlasId("other", name_from(text)).name
