"""What the field calls its columns and stages."""

import pytest

from core.atlas.paths import AtlasId, name_from
from core.atlas.vocabulary import find_role, plain, stage_order


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
        ("cell_type", ["leiden", "predicted.celltype.l1", "predicted.celltype.l2"], "predicted.celltype.l2"),
        ("cell_type", ["seurat_clusters", "predicted.ann_finest_level"], "predicted.ann_finest_level"),
        ("cell_type", ["seurat_clusters", "predicted.id"], "predicted.id"),
        ("cell_type", ["predicted.celltype.l2", "cell_type"], "cell_type"),
        ("cell_type", ["predicted_doublet"], None),
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


def test_names_are_compared_plainly():
    assert plain(" Cell-Type_1 ") == "celltype1"


@pytest.mark.parametrize("text", ["../../etc/passwd", "", "...", "-x-", "ä b", "a" * 200, "a..b", "_"])
def test_any_text_gives_a_valid_name(text):
    assert AtlasId("other", name_from(text)).name
